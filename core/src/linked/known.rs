//! Places of nodes that several links may lead to, by kind and address.
//!
//! Each kind has a table by page of 4 KiB, and each page a block with an entry for each place where such a node may begin:
//! nodes that are neighbours have entries that are. Of a structure allocated in order all entries are found in the cache.
#![allow(unsafe_code)]

use std::collections::HashMap;

use super::how::FlattenError;
use super::map::{Kind, NodeMap};
use super::node;
use super::storage::Storage;

/// Bytes of what is called a page here, as a power of two. No value lies on page 0.
const PAGE: u32 = 12;
/// Entry of a place that has none of its own.
const FAR: u32 = u32::MAX;

/// Places by kind and address.
pub(crate) struct Known {
    kinds: Vec<Places>,
}

/// Places of one kind's nodes by address.
struct Places {
    /// A node begins in one granule of memory, and no other of its kind begins there: they would overlap.
    granule: u32,
    /// What places are multiples of, as a power of two.
    unit: u32,
    /// An open hash table from page to block; its length is a power of two, or 0.
    pages: Vec<Page>,
    used: usize,
    /// Blocks side by side: 0, or one more than a place in units.
    entries: Storage,
    blocks: usize,
    /// Places beyond those that an entry can hold.
    far: HashMap<usize, u64>,
}

#[derive(Clone, Copy)]
struct Page {
    number: usize,
    block: usize,
}

const EMPTY: Page = Page { number: 0, block: 0 };

impl Known {
    /// For nodes of these kinds; none is known.
    pub(crate) fn new(kinds: &[NodeMap]) -> Self {
        Known { kinds: kinds.iter().map(|kind| Places::new(kind.size, kind.align)).collect() }
    }

    /// Where a node is, if it is known.
    pub(crate) fn get(&self, address: usize, kind: Kind) -> Option<u64> {
        self.kinds[kind].get(address)
    }

    /// Remembers a node; the first place stays. Nothing happens for what is null.
    ///
    /// # Errors
    /// [`FlattenError::NoMemory`].
    pub(crate) fn insert(&mut self, address: usize, kind: Kind, place: u64) -> Result<(), FlattenError> {
        self.kinds[kind].insert(address, place)
    }

    /// Asks for the memory that [`Self::get`] will read.
    #[inline(always)]
    pub(crate) fn prefetch(&self, address: usize, kind: Kind) {
        let places = &self.kinds[kind];
        if let Some(entry) = places.entry(address) {
            node::prefetch(places.entries.start().wrapping_add(entry * 4), 4);
        }
    }
}

impl Places {
    fn new(size: usize, align: usize) -> Self {
        // Nodes without a size stand behind the counts of an `Arc`, 16 bytes apart.
        let granule = if size == 0 { 3 } else { size.ilog2().min(PAGE) };
        Places {
            granule,
            unit: align.trailing_zeros(),
            pages: Vec::new(),
            used: 0,
            entries: Storage::new(u64::MAX),
            blocks: 0,
            far: HashMap::new(),
        }
    }

    /// Entries of a page.
    fn block(&self) -> usize {
        1 << (PAGE - self.granule)
    }

    /// The entry's number, if there is a block for the page.
    #[inline(always)]
    fn entry(&self, address: usize) -> Option<usize> {
        let number = address >> PAGE;
        if self.pages.is_empty() || number == 0 {
            return None;
        }
        let page = self.pages[self.find(number)];
        (page.number != 0).then(|| page.block * self.block() + ((address >> self.granule) & (self.block() - 1)))
    }

    #[inline(always)]
    fn get(&self, address: usize) -> Option<u64> {
        let entry = self.entry(address)?;
        // SAFETY: an entry that has a number is in a block, all of which are initialised.
        match unsafe { self.entries.start().cast::<u32>().add(entry).read() } {
            0 => None,
            FAR => self.far.get(&address).copied(),
            more => Some(u64::from(more - 1) << self.unit),
        }
    }

    fn insert(&mut self, address: usize, place: u64) -> Result<(), FlattenError> {
        if address >> PAGE == 0 {
            return Ok(()); // null is no node
        }
        let entry = match self.entry(address) {
            Some(entry) => entry,
            None => self.add(address)?,
        };
        let wanted = (place >> self.unit) + 1;
        // SAFETY: as in `get`.
        unsafe {
            let entry = self.entries.start().cast::<u32>().add(entry);
            if entry.read() != 0 {
                return Ok(());
            }
            entry.write(u32::try_from(wanted).unwrap_or(FAR));
            if entry.read() == FAR {
                self.far.insert(address, place);
            }
        }
        Ok(())
    }

    /// Makes a block for the page of an address. The number of the address's entry.
    #[cold]
    fn add(&mut self, address: usize) -> Result<usize, FlattenError> {
        if (self.used + 1) * 2 > self.pages.len() {
            self.grow();
        }
        let bytes = self.block() * 4;
        let first = self.blocks * bytes;
        self.entries.reserve((first + bytes) as u64)?;
        self.entries.bytes_mut(first + bytes)[first..].fill(std::mem::MaybeUninit::new(0));
        let number = address >> PAGE;
        let at = self.find(number);
        self.pages[at] = Page { number, block: self.blocks };
        self.used += 1;
        self.blocks += 1;
        Ok((self.blocks - 1) * self.block() + ((address >> self.granule) & (self.block() - 1)))
    }

    /// The slot that holds a page, or the empty one where it belongs.
    #[inline(always)]
    fn find(&self, number: usize) -> usize {
        let mask = self.pages.len() - 1;
        // Multiplying by the golden ratio spreads numbers, which are close to each other.
        let mut at = ((number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        loop {
            let page = self.pages[at].number;
            if page == 0 || page == number {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let larger = vec![EMPTY; (self.pages.len() * 2).max(16)];
        for page in std::mem::replace(&mut self.pages, larger) {
            if page.number != 0 {
                let at = self.find(page.number);
                self.pages[at] = page;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nodes side by side, far apart and on the ends of pages; places near, far and beyond an entry.
    #[test]
    fn what_was_inserted_first_is_found() {
        for (size, align) in [(0, 1), (1, 1), (3, 1), (8, 8), (24, 8), (40, 8), (96, 32), (4096, 16), (10_000, 4)] {
            let mut places = Places::new(size, align);
            let step = size.max(16);
            assert_eq!(places.get(1 << 20), None);
            let address = |number: usize| (1 << 20) + (number / 100 * 7 + 1) * 1_000_000 * align + number * step;
            let place = |number: u64| number * number * number * 1000 * align as u64;
            for number in 0..500 {
                places.insert(address(number), place(number as u64)).expect("memory");
                places.insert(address(number), 16 * align as u64).expect("memory");
            }
            assert!(!places.far.is_empty(), "{size}");
            for number in 0..500 {
                assert_eq!(places.get(address(number)), Some(place(number as u64)), "{size} {number}");
            }
            assert_eq!(places.get(1 << 20), None);
        }
    }

    #[test]
    fn null_is_no_node() {
        let mut places = Places::new(24, 8);
        for address in [0, 16] {
            places.insert(address, 64).expect("nothing to do");
            assert_eq!(places.get(address), None);
        }
        assert_eq!(places.blocks, 0);
    }
}
