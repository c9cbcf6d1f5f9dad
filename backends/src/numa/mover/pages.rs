//! From spans of bytes to ranges of whole pages.

use std::marker::PhantomData;
use std::ops::Range;

use super::sys;

/// Bytes whose pages are to move, borrowed until they have.
///
/// A shared span may be read by others meanwhile, and only the kernel moves its pages. An exclusive span may also be
/// copied elsewhere and swapped in, for nobody looks.
#[derive(Clone, Debug)]
pub struct MoveSpan<'a> {
    bytes: Range<usize>,
    exclusive: bool,
    borrow: PhantomData<&'a ()>,
}

impl<'a> MoveSpan<'a> {
    /// Bytes that others may read meanwhile.
    pub fn shared<T>(values: &'a [T]) -> Self {
        Self { bytes: bytes_of(values), exclusive: false, borrow: PhantomData }
    }

    /// Bytes that nobody else looks at meanwhile.
    pub fn exclusive<T>(values: &'a mut [T]) -> Self {
        Self { bytes: bytes_of(values), exclusive: true, borrow: PhantomData }
    }

    /// Bytes by their addresses, which others may use meanwhile: also pages of a linked structure. Moving memory that is
    /// not mapped is reported, not an error.
    #[must_use]
    pub fn at(bytes: Range<usize>) -> Self {
        Self { bytes, exclusive: false, borrow: PhantomData }
    }

    /// Bytes by their addresses, which nobody else uses meanwhile.
    ///
    /// # Safety
    /// As long as a mover has this span, no other code reads or writes these bytes, and they stay mapped: the caller
    /// stands where the owner of a `&mut [u8]` over them would.
    #[allow(unsafe_code, reason = "declares an obligation; the body does nothing with the bytes")]
    #[must_use]
    pub unsafe fn exclusive_at(bytes: Range<usize>) -> Self {
        Self { bytes, exclusive: true, borrow: PhantomData }
    }

    /// The addresses.
    #[must_use]
    pub fn bytes(&self) -> Range<usize> {
        self.bytes.clone()
    }

    /// Whether nobody else looks at the bytes meanwhile.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.exclusive
    }
}

fn bytes_of<T>(values: &[T]) -> Range<usize> {
    let start = values.as_ptr().addr();
    start..start + size_of_val(values)
}

/// The whole pages under a set of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pages {
    /// Every page that holds a byte of a span: sorted, apart from each other.
    pub(crate) all: Vec<Range<usize>>,
    /// Those of them of which every byte belongs to exclusive spans: sorted, apart from each other.
    pub(crate) exclusive: Vec<Range<usize>>,
}

impl Pages {
    /// The pages under these spans.
    pub(crate) fn under(spans: &[MoveSpan<'_>]) -> Self {
        let page = sys::page_size();
        let full = spans.iter().filter(|span| !span.bytes.is_empty());
        let all = full.clone().map(|span| span.bytes.start & !(page - 1)..up(span.bytes.end, page)).collect();
        // Neighbouring exclusive spans fill the page between them together.
        let owned = merged(full.filter(|span| span.exclusive).map(MoveSpan::bytes).collect());
        let exclusive = owned.into_iter().map(|bytes| up(bytes.start, page)..bytes.end & !(page - 1));
        Self { all: merged(all), exclusive: exclusive.filter(|pages| !pages.is_empty()).collect() }
    }

    /// Their bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.all.iter().map(|range| range.len() as u64).sum()
    }
}

/// The next multiple of `unit`, a power of two; the last one below the end of the address space.
pub(crate) fn up(address: usize, unit: usize) -> usize {
    address.saturating_add(unit - 1) & !(unit - 1)
}

/// Sorts ranges and joins those that touch or overlap.
pub(crate) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// The parts of `ranges` (sorted, apart) inside `window`.
pub(crate) fn within<'a>(
    ranges: &'a [Range<usize>],
    window: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let (start, end) = (window.start, window.end);
    let first = ranges.partition_point(|range| range.end <= start);
    let reach = ranges[first..].iter().take_while(move |range| range.start < end);
    reach.map(move |range| range.start.max(start)..range.end.min(end)).filter(|range| !range.is_empty())
}

/// What `ranges` leave of `window` (sorted, apart).
pub(crate) fn without(window: &Range<usize>, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut rest = Vec::new();
    let mut start = window.start;
    for taken in within(ranges, window) {
        if start < taken.start {
            rest.push(start..taken.start);
        }
        start = taken.end;
    }
    if start < window.end {
        rest.push(start..window.end);
    }
    rest
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "lists of ranges, some of one")]
mod tests {
    use super::*;

    fn spans(spans: &[(usize, usize, bool)]) -> Vec<MoveSpan<'static>> {
        let span = |&(start, end, exclusive)| MoveSpan { bytes: start..end, exclusive, borrow: PhantomData };
        spans.iter().map(span).collect()
    }

    #[test]
    fn ends_in_the_middle_of_pages_belong_to_all_but_not_to_the_exclusive() {
        let page = sys::page_size();
        let pages = Pages::under(&spans(&[(page + 1, 5 * page - 1, true)]));
        assert_eq!(pages.all, [page..5 * page]);
        assert_eq!(pages.exclusive, [2 * page..4 * page]);
        assert_eq!(pages.bytes(), 4 * page as u64);
    }

    #[test]
    fn neighbours_fill_the_page_between_them_only_if_both_are_exclusive() {
        let page = sys::page_size();
        let middle = page + page / 2;
        let both = Pages::under(&spans(&[(middle, 3 * page, true), (0, middle, true)]));
        assert_eq!(both.exclusive, [0..3 * page]);
        let one = Pages::under(&spans(&[(0, middle, true), (middle, 3 * page, false)]));
        assert_eq!(one.exclusive, [0..page]);
        assert_eq!(one.all, [0..3 * page]);
    }

    #[test]
    fn no_bytes_have_no_pages_and_one_byte_has_one() {
        let page = sys::page_size();
        assert_eq!(Pages::under(&spans(&[(page + 3, page + 3, true)])), Pages::default());
        assert_eq!(Pages::under(&spans(&[(page + 3, page + 4, true)])).all, [page..2 * page]);
        assert_eq!(Pages::under(&spans(&[(page + 3, page + 4, true)])).exclusive, []);
    }

    #[test]
    fn many_small_spans_become_few_ranges() {
        let small: Vec<(usize, usize, bool)> = (0..10_000).map(|i| (i * 100, i * 100 + 8, i % 2 == 0)).collect();
        assert_eq!(Pages::under(&spans(&small)).all, [0..up(9_999 * 100 + 8, sys::page_size())]);
    }

    #[test]
    fn windows_cut_and_leave_the_rest() {
        let ranges = [10..20, 30..40, 50..60];
        assert_eq!(within(&ranges, &(15..55)).collect::<Vec<_>>(), [15..20, 30..40, 50..55]);
        assert_eq!(without(&(15..55), &ranges), [20..30, 40..50]);
        assert_eq!(without(&(20..30), &ranges), [20..30]);
        assert_eq!(without(&(10..20), &ranges), []);
    }
}
