//! Which pages of host memory to import for which byte ranges. Pure arithmetic.

use std::ops::Range;

/// Bytes of host memory that a kernel uses, as addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostBytes {
    /// First byte's address and the address behind the last.
    pub(crate) range: Range<usize>,
    /// The kernel may write there.
    pub(crate) writable: bool,
}

/// Whole pages to import as one buffer, and which ranges lie in them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageGroup {
    /// Addresses, both ends multiples of the page size.
    pub(crate) pages: Range<usize>,
    /// Some member is written, so the group is bound read-write.
    pub(crate) writable: bool,
    /// Indices into the ranges that were given.
    pub(crate) members: Vec<usize>,
}

/// Rounds outwards to whole pages. `None` when the address space ends first.
pub(crate) fn outward(range: &Range<usize>, page: usize) -> Option<Range<usize>> {
    debug_assert!(page.is_power_of_two());
    let end = range.end.checked_add(page - 1)? & !(page - 1);
    Some((range.start & !(page - 1))..end)
}

/// Groups ranges that share pages, because a driver may refuse to import a page twice.
///
/// Ranges that are read stay apart from ranges that are written, even on one page: WebGPU refuses
/// one buffer that is bound both ways in a dispatch, and a shared borrow must be bound read-only.
/// Empty ranges belong to no group.
pub(crate) fn group(ranges: &[HostBytes], page: usize) -> Option<Vec<PageGroup>> {
    let mut groups = Vec::new();
    for writable in [false, true] {
        let mut spans = Vec::new();
        for (index, bytes) in ranges.iter().enumerate() {
            if bytes.writable == writable && !bytes.range.is_empty() {
                spans.push((outward(&bytes.range, page)?, index));
            }
        }
        spans.sort_by_key(|(pages, _)| pages.start);
        merge_sorted(spans, writable, &mut groups);
    }
    Some(groups)
}

fn merge_sorted(spans: Vec<(Range<usize>, usize)>, writable: bool, groups: &mut Vec<PageGroup>) {
    let first = groups.len();
    for (pages, index) in spans {
        match groups[first..].last_mut() {
            Some(last) if pages.start < last.pages.end => {
                last.pages.end = last.pages.end.max(pages.end);
                last.members.push(index);
            }
            _ => groups.push(PageGroup { pages, writable, members: vec![index] }),
        }
    }
}

/// The part of a written range that covers whole 32-bit words of memory.
///
/// A device writes whole words. A word that also holds a neighbour's bytes must not be written
/// in place: another thread may be using them. Empty when the range fills no word.
pub(crate) fn whole_words(range: &Range<usize>) -> Range<usize> {
    let start = range.start.next_multiple_of(4);
    let end = range.end & !3;
    if start < end { start..end } else { start..start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(range: Range<usize>) -> HostBytes {
        HostBytes { range, writable: false }
    }

    fn write(range: Range<usize>) -> HostBytes {
        HostBytes { range, writable: true }
    }

    #[test]
    fn ranges_are_rounded_outwards() {
        assert_eq!(outward(&(4096..8192), 4096), Some(4096..8192));
        assert_eq!(outward(&(4097..8193), 4096), Some(4096..12288));
        assert_eq!(outward(&(16..17), 4096), Some(0..4096));
        assert_eq!(outward(&(usize::MAX - 5..usize::MAX), 4096), None);
    }

    #[test]
    fn ranges_on_one_page_are_imported_once() {
        let ranges = [read(8192..8200), read(16..5000), read(4200..4300)];
        let groups = group(&ranges, 4096).expect("no overflow");
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].pages, 0..8192);
        assert_eq!(groups[0].members, [1, 2]);
        assert_eq!(groups[1].pages, 8192..12288);
    }

    #[test]
    fn reading_and_writing_stay_apart() {
        let ranges = [read(16..32), write(32..64), write(100..200)];
        let groups = group(&ranges, 4096).expect("no overflow");
        assert_eq!(groups.len(), 2);
        assert!(!groups[0].writable && groups[1].writable);
        assert_eq!(groups[1].members, [1, 2]);
    }

    #[test]
    fn empty_ranges_need_no_pages() {
        assert_eq!(group(&[read(16..16)], 4096), Some(vec![]));
    }

    #[test]
    fn shared_words_are_left_out() {
        assert_eq!(whole_words(&(4..12)), 4..12);
        assert_eq!(whole_words(&(5..14)), 8..12);
        assert!(whole_words(&(5..7)).is_empty());
        assert!(whole_words(&(6..10)).is_empty());
    }
}
