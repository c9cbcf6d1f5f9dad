//! Copy and remap: threads copy the bytes to pages on the node, which then take the old ones' addresses.
//!
//! Each thread makes pages for a piece, copies it, and frees the old pages, so that hardly more memory is in use at any
//! time than before. Then one `mremap` a range puts the new pages in place: the old mapping is replaced in one step, and at
//! no time is an address of it free for another thread's `mmap`. Between freeing and replacing, the range reads as zeros;
//! that is why it takes an exclusive span, of which nobody sees anything until the move returns.
//!
//! # Why not `UFFDIO_MOVE`
//! Since Linux 6.8 a userfaultfd can move pages from one place of a process to another. It would leave mappings undivided and
//! their flags as they are, so locked memory and processes with many mappings could be served too. It is not used: it frees
//! the old pages no faster, which is what takes the time with 4K pages (1 GiB: 68-75 ms to free and 19-23 ms to move, beside
//! 80-114 ms for the `mremap` that does both); a page that is still shared since a fork refuses in the middle of the range;
//! while a range is registered, whatever touches it by mistake hangs instead of reading zeros; and containers' sandboxes
//! forbid the system call more often than not. What it would win is kept small by `remap_from` and the budget of mappings.

mod area;
mod guards;
mod spare;
mod swap;

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::kernel::{self, Job};
use super::maps::{Mapping, Maps};
use super::options::MoveOptions;
use super::origin::{Origin, Run};
use super::pages::{self, up};
use super::policy;
use super::reason::Refusal;
use super::report::MoveReport;
use super::sys::{self, Policy};
use super::work;

use area::{Area, Likeness};
pub(super) use spare::Spare;

/// One thread copies this much at a time: enough for its calls not to matter, little enough to keep all threads busy.
const PIECE: usize = 8 << 20;

/// Mappings that one range may cost while it moves: its two ends, the new pages, and old ones that are kept.
const MAPPINGS: usize = 4;

/// What a remapping needs to know of the move.
pub(super) struct Remap<'a> {
    pub(super) maps: &'a Maps,
    pub(super) job: &'a Job,
    pub(super) options: &'a MoveOptions,
    pub(super) spare: &'a Spare,
    /// The calling thread's stack.
    pub(super) stack: Range<usize>,
}

/// New pages that a remapping will need.
pub(super) struct Wanted {
    pub(super) bytes: usize,
    pub(super) huge: bool,
    /// For `madvise`.
    pub(super) advice: Option<std::ffi::c_int>,
}

/// What is needed for the pieces of exclusive ranges (sorted, apart) that may be remapped.
pub(super) fn wanted(exclusive: &[Range<usize>], maps: &Maps, options: &MoveOptions) -> Vec<Wanted> {
    let stack = sys::own_stack();
    let parts = exclusive.iter().flat_map(|range| maps.parts(range));
    let allowed = parts.filter(|(pages, mapping)| guards::refusal(mapping, pages, &stack).is_none());
    let whole = allowed.map(|(pages, mapping)| (mapping.whole(&pages), mapping));
    let large = whole.filter(|(pages, _)| !guards::is_small(pages, options));
    let wanted = |(pages, mapping): (Range<usize>, &Mapping)| Wanted {
        bytes: pages.len(),
        huge: mapping.huge_bytes > 0,
        advice: likeness(mapping).advice,
    };
    large.map(wanted).collect()
}

/// A range of one mapping, on its way.
struct Moving<'a> {
    range: Range<usize>,
    node: u32,
    mapping: &'a Mapping,
    area: Area,
    /// The area's pages exist, and are on the node.
    ready: bool,
    /// The old pages are kept.
    parks: bool,
    likeness: Likeness,
}

impl Remap<'_> {
    /// Moves what may be remapped of `runs`, where `exclusive` says who has it. Answers what is left to the kernel.
    pub(super) fn move_runs(&self, runs: &[Run], exclusive: &[Range<usize>], report: &mut MoveReport) -> Vec<Run> {
        let mut budget = policy::budget(self.maps.count());
        let mut left = Vec::new();
        for run in runs {
            let mut done = Vec::new();
            let candidates: Vec<Range<usize>> = pages::within(exclusive, &run.pages).collect();
            let others = run.pages.len() - candidates.iter().map(ExactSizeIterator::len).sum::<usize>();
            let why = if candidates.is_empty() { Refusal::NotExclusive } else { Refusal::SharedPage };
            report.refused(others, why);
            for candidate in &candidates {
                for (pages, mapping) in self.maps.parts(candidate) {
                    match self.consider(&pages, mapping, run.node, &mut budget, report) {
                        Ok(moved) => done.extend(moved),
                        Err(refusal) => report.refused(pages.len(), refusal),
                    }
                }
            }
            let rest = pages::without(&run.pages, &pages::merged(done));
            left.extend(rest.into_iter().map(|pages| Run { pages, node: run.node }));
        }
        left
    }

    /// Moves pages of one mapping if they may be; answers those that are done with.
    fn consider(
        &self,
        pages: &Range<usize>,
        mapping: &Mapping,
        node: u32,
        budget: &mut usize,
        report: &mut MoveReport,
    ) -> Result<Vec<Range<usize>>, Refusal> {
        if let Some(refusal) = guards::refusal(mapping, pages, &self.stack) {
            return Err(refusal);
        }
        let range = mapping.whole(pages);
        if guards::is_small(&range, self.options) {
            return Err(Refusal::Small);
        }
        if *budget < MAPPINGS {
            return Err(Refusal::ManyMappings);
        }
        let moving = self.prepare(range.clone(), mapping, node)?;
        *budget -= MAPPINGS - 1;
        report.refused(pages.len() - range.len(), Refusal::SharedPage);
        Ok(self.move_range(moving, report))
    }

    /// Finds the new pages' place.
    fn prepare<'a>(&self, range: Range<usize>, mapping: &'a Mapping, node: u32) -> Result<Moving<'a>, Refusal> {
        let likeness = likeness(mapping);
        let parks = self.spare.wants(range.len());
        if let Some(area) = self.spare.take(node, &range, mapping.huge_bytes > 0, likeness.advice) {
            return Ok(Moving { range, node, mapping, area, ready: true, parks, likeness });
        }
        let (total, free) = kernel::memory(node.try_into().unwrap_or(i32::MAX));
        if free < range.len() as u64 + total / 128 {
            return Err(Refusal::NodeFull);
        }
        let area = Area::reserve(&range, likeness).map_err(|_| Refusal::NoMemory)?;
        area.prefer(node).map_err(|_| Refusal::NodeFull)?;
        Ok(Moving { range, node, mapping, area, ready: false, parks, likeness })
    }

    /// Copies piece by piece on all threads, then puts the new pages in place.
    fn move_range(&self, moving: Moving<'_>, report: &mut MoveReport) -> Vec<Range<usize>> {
        let copied = Mutex::new(Vec::new());
        let work = |piece: &Range<usize>, report: &mut MoveReport| match self.copy_piece(&moving, piece) {
            Ok(was) => lock(&copied).push(Piece { pages: piece.clone(), was }),
            Err(refusal) => report.refused(piece.len(), refusal),
        };
        let pieces = pieces(&moving.range);
        report.extend(work::share(&pieces, moving.range.len(), self.options.threads, work));
        self.place(moving, std::mem::take(&mut *lock(&copied)), report)
    }

    /// Makes pages for a piece, copies it, and frees the old ones. Answers where they were.
    fn copy_piece(&self, moving: &Moving<'_>, piece: &Range<usize>) -> Result<Vec<Run>, Refusal> {
        let was = self.presence(moving, piece)?;
        // A page that was just made, and so zeroed, is filled while caches have it.
        let step = if moving.ready { PIECE } else { sys::huge_size() };
        for part in cut(piece, step) {
            let start = moving.area.place_of(part.start, &moving.range);
            let new = start..start + part.len();
            if !moving.ready {
                moving.area.populate(&new).map_err(|_| Refusal::NoMemory)?;
                // A full node lets others help out.
                if !all_on(&new, moving.node) {
                    return Err(Refusal::NodeFull);
                }
            }
            copy(&part, &new);
        }
        if !moving.parks {
            free(moving, piece);
        }
        Ok(was)
    }

    /// Where the pages of a piece are that are elsewhere; all of them must exist, and some be elsewhere.
    fn presence(&self, moving: &Moving<'_>, piece: &Range<usize>) -> Result<Vec<Run>, Refusal> {
        if let Some(node) = kernel::only_node() {
            // Where there is no choice, it need not be asked for page by page.
            let there = if node == moving.node { Refusal::AlreadyThere } else { Refusal::NodeFull };
            let again = if self.options.again { Ok(Vec::new()) } else { Err(there) };
            return if sys::all_present(piece) { again } else { Err(Refusal::NotPresent) };
        }
        let entries = work::entries(piece.clone(), moving.mapping);
        let nodes = kernel::where_are(entries.clone(), self.job).map_err(|_| Refusal::Refused)?;
        let nodes: Option<Vec<u32>> = nodes.into_iter().map(|node| u32::try_from(node).ok()).collect();
        let nodes = nodes.ok_or(Refusal::NotPresent)?;
        if !self.options.again && nodes.iter().all(|node| *node == moving.node) {
            return Err(Refusal::AlreadyThere);
        }
        let mut was = Origin::default();
        for (entry, node) in entries.iter().zip(nodes).filter(|(_, node)| *node != moving.node) {
            was.was(entry.start..entry.end, node);
        }
        Ok(was.into_runs())
    }

    /// Puts the copied pieces in place, and accounts for them.
    fn place(&self, moving: Moving<'_>, mut copied: Vec<Piece>, report: &mut MoveReport) -> Vec<Range<usize>> {
        let Moving { range, node, mut area, parks, likeness, mapping, .. } = moving;
        let before = sys::policy_at(range.start).unwrap_or_else(|_| Policy::none());
        let policy = if self.job.keep { Policy::prefer(node) } else { before };
        copied.sort_unstable_by_key(|piece| piece.pages.start);
        let mut done = Vec::new();
        for run in pages::merged(copied.iter().map(|piece| piece.pages.clone()).collect()) {
            // What is not put in place is unmapped with its area.
            let skipped = run.start - range.start - (range.len() - area.range().len());
            drop(area.split_front(skipped));
            let new = area.split_front(run.len());
            let parked = if parks { park(&run, likeness) } else { None };
            if put(new, &run).is_err() {
                report.refused(run.len(), Refusal::Refused);
                continue;
            }
            let _ = sys::bind(&run, &policy, false); // else it has the policy by which its pages were made
            let inside = copied.iter().filter(|piece| run.contains(&piece.pages.start));
            let was: Vec<Run> = inside.flat_map(|piece| piece.was.iter().cloned()).collect();
            report.remapped(&run, &was, self.options.again);
            if let Some((area, node)) = parked.zip(only_node(&run, &was, node)) {
                self.spare.put(node, area, mapping.huge_bytes > 0, likeness.advice);
            }
            done.push(run);
        }
        done
    }
}

/// Pages that were copied, and where those were that were elsewhere.
struct Piece {
    pages: Range<usize>,
    was: Vec<Run>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The node that all pages were on, if it was one: `was` has those that were not on `node`.
fn only_node(pages: &Range<usize>, was: &[Run], node: u32) -> Option<u32> {
    let elsewhere: usize = was.iter().map(|run| run.pages.len()).sum();
    let only = was.first().map_or(node, |run| run.node);
    let all = elsewhere == pages.len() || was.is_empty();
    (all && was.iter().all(|run| run.node == only)).then_some(only)
}

/// Whether new pages of ours are all on a node.
fn all_on(pages: &Range<usize>, node: u32) -> bool {
    if let Some(only) = kernel::only_node() {
        return only == node;
    }
    let mapping = Mapping { range: pages.clone(), read: true, private: true, ..Mapping::default() };
    let nodes = kernel::where_are(work::entries(pages.clone(), &mapping), &Job::default());
    nodes.is_ok_and(|nodes| nodes.into_iter().all(|is| u32::try_from(is) == Ok(node)))
}

#[allow(unsafe_code)]
fn copy(part: &Range<usize>, new: &Range<usize>) {
    // SAFETY: `part` is whole pages of an exclusive span in private, anonymous, readable and writable memory; `new` is as
    // long, in an area of ours. No other thread has the same piece.
    unsafe { area::copy(part.start, new.start, part.len()) };
}

#[allow(unsafe_code)]
fn free(moving: &Moving<'_>, piece: &Range<usize>) {
    let first = first_block(&moving.range);
    // SAFETY: `piece` is whole pages of an exclusive span in private, anonymous and writable memory; it has been copied, and
    // nobody needs the old content.
    // The first block stays: it bears the mark, and goes when the new pages come.
    unsafe { area::free(&(piece.start.max(first.end).min(piece.end)..piece.end)) };
}

#[allow(unsafe_code)]
fn park(run: &Range<usize>, likeness: Likeness) -> Option<Area> {
    // SAFETY: whole pages of an exclusive span in private anonymous memory, whose content has been copied. Where the
    // kernel cannot do it (before Linux 5.7), the pages stay, and are freed when new ones come.
    unsafe { area::park(run, likeness, area::empty) }.ok()
}

#[allow(unsafe_code)]
fn put(new: Area, run: &Range<usize>) -> Result<(), sys::Errno> {
    // SAFETY: `new` is a copy of `run`, which is whole pages of an exclusive span in private, anonymous, writable memory.
    unsafe { swap::swap(new, run, area::replace) }
}

/// What a mapping's new pages are to be like.
fn likeness(mapping: &Mapping) -> Likeness {
    let advice = match () {
        () if mapping.has("nh") => Some(libc::MADV_NOHUGEPAGE),
        () if mapping.has("hg") => Some(libc::MADV_HUGEPAGE),
        () => None,
    };
    Likeness { advice, unreserved: mapping.has("nr") }
}

/// The pages before the first place for a huge page behind the start.
fn first_block(range: &Range<usize>) -> Range<usize> {
    range.start..up(range.start + 1, sys::huge_size()).min(range.end)
}

/// Cuts a range where huge pages may begin.
fn pieces(range: &Range<usize>) -> Vec<Range<usize>> {
    cut(range, PIECE.max(sys::huge_size()))
}

/// The range in parts that end at multiples of `unit`.
fn cut(range: &Range<usize>, unit: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    while start < range.end {
        let end = up(start + 1, unit).min(range.end);
        parts.push(start..end);
        start = end;
    }
    parts
}
