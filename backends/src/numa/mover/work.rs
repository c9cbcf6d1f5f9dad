//! A move cut into pieces of similar effort, shared out among threads.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::maps::{Mapping, Maps};
use super::pages::up;
use super::report::MoveReport;
use super::sys;

/// As many pages as one `move_pages` is asked to move: fewer cost more each, more bring nothing.
pub(crate) const BATCH: usize = 4096;

/// Below this, starting a thread costs more than it saves.
const BYTES_A_THREAD: usize = 1 << 20;

/// Pages that one thread moves at a time: all to the same node.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    pub(crate) node: u32,
    pub(crate) parts: Vec<Part>,
}

/// Neighbouring pages of one mapping.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) pages: Range<usize>,
    pub(crate) grain: Grain,
    pub(crate) kind: Kind,
}

/// What a mapping consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grain {
    /// Ordinary pages.
    Small,
    /// Huge pages of this many bytes only: one address for each.
    Huge(usize),
    /// Both: which where, nobody says. One address for each place of a huge page first, then the rest page by page.
    Mixed,
}

/// What decides why a page can't move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) file: bool,
    pub(crate) shared: bool,
    pub(crate) readable: bool,
}

/// A page or a huge page, named by one address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    /// Whether a huge page may begin here whose other pages have entries of their own.
    pub(crate) head: bool,
}

impl Grain {
    /// What the mapping consists of in these pages.
    fn of(mapping: &Mapping) -> Self {
        let huge = sys::huge_size();
        if mapping.page_bytes > sys::page_size() as u64 {
            return Self::Huge(mapping.page_bytes as usize);
        }
        let places = (mapping.range.end & !(huge - 1)).saturating_sub(up(mapping.range.start, huge));
        match mapping.huge_bytes {
            0 => Self::Small,
            bytes if bytes == places as u64 => Self::Huge(huge),
            _ => Self::Mixed,
        }
    }
}

impl Part {
    /// Pages of one mapping.
    pub(crate) fn new(pages: Range<usize>, mapping: &Mapping) -> Self {
        let kind = Kind { file: mapping.file, shared: !mapping.private, readable: mapping.read };
        Self { pages, grain: Grain::of(mapping), kind }
    }

    /// Its pages without those that may be part of a huge page which sticks out.
    pub(crate) fn whole(&self) -> Range<usize> {
        let unit = match self.grain {
            Grain::Small => return self.pages.clone(),
            Grain::Huge(unit) => unit,
            Grain::Mixed => sys::huge_size(),
        };
        let start = up(self.pages.start, unit);
        start..(self.pages.end & !(unit - 1)).max(start)
    }

    /// Its pages: one entry for each.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry> + use<> {
        let (Range { start, end }, grain, kind) = (self.pages.clone(), self.grain, self.kind);
        let (page, huge) = (sys::page_size(), sys::huge_size());
        let mut next = start;
        std::iter::from_fn(move || {
            let start = next;
            let unit = match grain {
                // A mapping of huge pages has ordinary ones before its first and after its last place for one.
                Grain::Huge(unit) => unit,
                Grain::Small | Grain::Mixed => page,
            };
            next = end.min((start & !(unit - 1)).saturating_add(unit));
            let head = grain == Grain::Mixed && start.is_multiple_of(huge);
            (start < end).then_some(Entry { start, end: next, kind, head })
        })
    }

    fn count(&self) -> usize {
        let unit = match self.grain {
            Grain::Huge(unit) => unit,
            Grain::Small | Grain::Mixed => sys::page_size(),
        };
        self.pages.len().div_ceil(unit)
    }

    /// Splits off the first pages: at most `entries` and about `bytes`, ending where a huge page may.
    fn split(&mut self, entries: usize, bytes: usize) -> Self {
        let unit = match self.grain {
            Grain::Huge(unit) => unit,
            Grain::Small => sys::page_size(),
            Grain::Mixed => sys::huge_size(),
        };
        let bytes = bytes.min(entries.saturating_mul(unit)).max(unit);
        let middle = (self.pages.start.saturating_add(bytes) & !(unit - 1)).clamp(self.pages.start, self.pages.end);
        let middle = if middle == self.pages.start { self.pages.end.min(middle + unit) } else { middle };
        let first = Self { pages: self.pages.start..middle, ..self.clone() };
        self.pages.start = middle;
        first
    }
}

/// Cuts the edges off a part of huge pages that no huge page can cover.
fn even(part: Part, mapping: &Mapping) -> Vec<Part> {
    let Grain::Huge(unit) = part.grain else { return vec![part] };
    let first = up(mapping.range.start, unit);
    let last = mapping.range.end & !(unit - 1);
    let Range { start, end } = part.pages;
    let piece = |start: usize, end: usize, grain| Part { pages: start..end, grain, ..part.clone() };
    let pieces = [
        piece(start, end.min(first), Grain::Small),
        piece(start.max(first), end.min(last), part.grain),
        piece(start.max(last).max(first), end, Grain::Small),
    ];
    pieces.into_iter().filter(|piece| piece.pages.start < piece.pages.end).collect()
}

/// The pages of a part of a mapping: one entry for each.
pub(crate) fn entries(pages: Range<usize>, mapping: &Mapping) -> Vec<Entry> {
    even(Part::new(pages, mapping), mapping).iter().flat_map(Part::entries).collect()
}

/// Cuts `ranges` (sorted, apart) at their mappings. The second result is what is not mapped, in bytes.
pub(crate) fn parts(ranges: &[Range<usize>], maps: &Maps) -> (Vec<Part>, usize) {
    let mut parts = Vec::new();
    let mut holes = 0;
    for range in ranges {
        holes += range.len();
        for (pages, mapping) in maps.parts(range) {
            holes -= pages.len();
            parts.extend(even(Part::new(pages, mapping), mapping));
        }
    }
    (parts, holes)
}

/// Packs parts into chunks: about [`BATCH`] entries each, and not more bytes than keep all threads busy.
pub(crate) fn chunks(parts: Vec<Part>, node: u32, threads: NonZeroUsize) -> Vec<Chunk> {
    let total: usize = parts.iter().map(|part| part.pages.len()).sum();
    let most = (total / (threads.get() * 4)).max(BYTES_A_THREAD);
    let mut chunks: Vec<Chunk> = Vec::new();
    let (mut entries, mut bytes) = (0, 0);
    for mut part in parts {
        while !part.pages.is_empty() {
            if chunks.is_empty() || entries >= BATCH || bytes >= most {
                chunks.push(Chunk { node, parts: Vec::new() });
                (entries, bytes) = (0, 0);
            }
            let first = part.split(BATCH - entries, most - bytes);
            entries += first.count();
            bytes += first.pages.len();
            if let Some(chunk) = chunks.last_mut() {
                chunk.parts.push(first);
            }
        }
    }
    chunks
}

/// Runs `work` over all items on up to `threads` threads, and adds up what they report.
pub(crate) fn share<T: Sync>(
    items: &[T],
    bytes: usize,
    threads: NonZeroUsize,
    work: impl Fn(&T, &mut MoveReport) + Sync,
) -> MoveReport {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut report = MoveReport::default();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item, &mut report);
        }
        report
    };
    let helpers = threads.get().min(items.len()).min(bytes / BYTES_A_THREAD).saturating_sub(1);
    thread::scope(|scope| {
        // A thread that does not start leaves its share to the others.
        let start = |_| thread::Builder::new().name("landbridge-move".into()).spawn_scoped(scope, run).ok();
        let helpers: Vec<_> = (0..helpers).filter_map(start).collect();
        let mut report = run();
        for helper in helpers {
            match helper.join() {
                Ok(part) => report.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        report
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(range: Range<usize>, huge_bytes: u64) -> Mapping {
        Mapping { range, huge_bytes, page_bytes: sys::page_size() as u64, ..Mapping::default() }
    }

    #[test]
    fn huge_mappings_have_one_entry_a_huge_page_and_small_edges() {
        let (page, huge) = (sys::page_size(), sys::huge_size());
        let map = mapping(huge - page..3 * huge + page, 2 * huge as u64);
        let pieces = even(Part::new(huge - page..2 * huge + page, &map), &map);
        let lengths: Vec<_> = pieces.iter().flat_map(Part::entries).map(|entry| entry.end - entry.start).collect();
        assert_eq!(lengths, [page, huge, page]);
        assert!(pieces.iter().flat_map(Part::entries).all(|entry| !entry.head));
    }

    #[test]
    fn mixed_mappings_have_heads() {
        let (page, huge) = (sys::page_size(), sys::huge_size());
        let map = mapping(0..4 * huge, huge as u64);
        let part = Part::new(huge - page..2 * huge + 2 * page, &map);
        assert_eq!(part.grain, Grain::Mixed);
        let heads: Vec<_> = part.entries().filter(|entry| entry.head).map(|entry| entry.start).collect();
        assert_eq!(heads, [huge, 2 * huge]);
        assert_eq!(part.entries().count(), 1 + huge / page + 2);
    }

    #[test]
    fn chunks_cover_everything_once_and_are_not_too_big() {
        let (page, huge) = (sys::page_size(), sys::huge_size());
        let small = mapping(0..40 * huge, 0);
        let mixed = mapping(64 * huge..80 * huge, huge as u64);
        let mut parts: Vec<Part> = (0..5000).map(|i| Part::new(2 * i * page..(2 * i + 1) * page, &small)).collect();
        parts.push(Part::new(30 * huge..39 * huge + page, &small));
        parts.push(Part::new(64 * huge..75 * huge + page, &mixed));
        let bytes: usize = parts.iter().map(|part| part.pages.len()).sum();
        let chunks = chunks(parts.clone(), 1, NonZeroUsize::MIN);
        let pages: Vec<Range<usize>> =
            chunks.iter().flat_map(|chunk| &chunk.parts).map(|part| part.pages.clone()).collect();
        assert_eq!(pages.iter().map(ExactSizeIterator::len).sum::<usize>(), bytes);
        assert!(pages.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let entries = |chunk: &Chunk| chunk.parts.iter().map(Part::count).sum::<usize>();
        assert!(chunks.iter().all(|chunk| entries(chunk) <= BATCH + huge / page));
        assert!(chunks.len() < 12, "small spans share chunks: {}", chunks.len());
    }

    #[test]
    fn many_threads_do_each_item_once() {
        let items: Vec<usize> = (0..1000).collect();
        let threads = NonZeroUsize::new(4).unwrap();
        let report = share(&items, usize::MAX, threads, |item, report| report.already_there += *item as u64);
        assert_eq!(report.already_there, 499_500);
    }
}
