//! The pages that a structure lies on, for devices that reach the host's memory once they are near.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::ops::Range;

use super::gather::Crew;
use super::how::{FlattenError, Root};
use super::map::LinkMap;
use super::table::Table;
use super::walk::find;

/// Pages of a word in the set of pages, and words of a part of it: a part is 128 MiB of pages of 4 KiB.
const WORD: usize = 64;
const PART: usize = 512;

/// The distinct pages of a structure, nodes and all that they own, as ranges of addresses: ascending, merged, on whole pages.
///
/// # Errors
/// [`FlattenError::NoMemory`] if there is none for a list of the nodes.
///
/// # Panics
/// If `page` is not a power of two.
///
/// # Safety
/// As [`super::flatten`]'s.
pub unsafe fn pages(
    map: &LinkMap,
    root: Root,
    page: usize,
    crew: &dyn Crew,
) -> Result<Vec<Range<usize>>, FlattenError> {
    assert!(page.is_power_of_two(), "a page of {page} bytes");
    // SAFETY: passed on.
    let table = unsafe { find(map, root, crew)? };
    Ok(of_table(map, &table, page))
}

/// The pages of known nodes.
pub(super) fn of_table(map: &LinkMap, table: &Table, page: usize) -> Vec<Range<usize>> {
    let mut set = PageSet::new(page);
    for (run, nodes) in table.stretches() {
        let size = map.kinds[run.kind].size;
        for node in &table.nodes[nodes] {
            set.add(node.addr(), size);
        }
    }
    for block in &table.blocks {
        set.add(block.data.addr(), block.count * map.kinds[block.kind].size);
    }
    set.ranges()
}

/// A set of page numbers: bits, in parts by the numbers' upper halves, so that far-apart heaps cost little.
struct PageSet {
    shift: u32,
    parts: Vec<Box<[u64; PART]>>,
    /// Which part has pages from `number * WORD * PART` on.
    numbers: BTreeMap<usize, usize>,
    /// The part used last, and its number.
    last: Option<(usize, usize)>,
}

impl PageSet {
    fn new(page: usize) -> Self {
        PageSet { shift: page.trailing_zeros(), parts: Vec::new(), numbers: BTreeMap::new(), last: None }
    }

    /// Adds the pages of some bytes.
    fn add(&mut self, address: usize, bytes: usize) {
        if bytes == 0 {
            return;
        }
        let last = (address + (bytes - 1)) >> self.shift;
        for page in (address >> self.shift)..=last {
            let part = self.part(page / (WORD * PART));
            self.parts[part][page / WORD % PART] |= 1 << (page % WORD);
        }
    }

    fn part(&mut self, number: usize) -> usize {
        if let Some((known, part)) = self.last
            && known == number
        {
            return part;
        }
        let part = *self.numbers.entry(number).or_insert_with(|| {
            self.parts.push(Box::new([0; PART]));
            self.parts.len() - 1
        });
        self.last = Some((number, part));
        part
    }

    /// The pages' addresses, merged.
    fn ranges(&self) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (number, part) in &self.numbers {
            for (word, &bits) in self.parts[*part].iter().enumerate() {
                let mut bits = bits;
                while bits != 0 {
                    let page = (number * PART + word) * WORD + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let start = page << self.shift;
                    let end = start.saturating_add(1 << self.shift);
                    match ranges.last_mut() {
                        Some(range) if range.end == start => range.end = end,
                        _ => ranges.push(start..end),
                    }
                }
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_merged_and_distinct() {
        let mut set = PageSet::new(4096);
        for (address, bytes) in [(8192, 1), (4095, 2), (1 << 40, 4096 * 3), (12287, 1), (20480, 0), ((1 << 40) - 1, 1)]
        {
            set.add(address, bytes);
        }
        assert_eq!(set.ranges(), [0..12288, (1 << 40) - 4096..(1 << 40) + 3 * 4096]);
    }
}
