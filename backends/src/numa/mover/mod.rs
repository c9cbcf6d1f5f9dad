//! Moves pages between memory nodes; their addresses and contents stay.
//!
//! [`migrate`] takes spans of ordinary memory, whatever they are part of, and moves the pages under them. Three methods
//! ([`Method`]) do it:
//!
//! - `move_pages`: the kernel moves each page (a huge page by one address), in batches, on several threads.
//! - `mbind`: the kernel moves what a policy wants elsewhere.
//! - copy and remap: threads copy the bytes to pages on the node, which then take the old ones' addresses; several times
//!   as fast, but only for whole pages of ordinary memory that the caller has to itself, and only where
//!   [`MoveOptions::allow_remap`] says that no device and no kernel interface holds them.
//!
//! What cannot move is no error: it stays where it is, and [`MoveReport`] says how many bytes and why. The report's
//! [`Origin`] lets pages return ([`return_home`]).
//!
//! A page is the unit: moving one byte moves its page, with the bytes of neighbours on it. They keep their addresses too.

mod kernel;
mod maps;
mod moves;
mod options;
mod origin;
mod pages;
mod policy;
mod prepared;
mod reason;
mod remap;
mod report;
mod residency;
mod sys;
mod there;
mod work;

use std::ops::Range;
use std::time::Instant;

pub use moves::Moves;
pub use options::{Keep, Method, MoveOptions};
pub use origin::Origin;
pub use pages::MoveSpan;
pub use prepared::Prepared;
pub use reason::{Reason, Refusal};
pub use report::MoveReport;
pub use residency::Residency;

use kernel::Job;
use maps::{LazyMaps, Maps};
use origin::Run;
use pages::Pages;
use remap::Spare;
pub(super) use sys::page_size;
pub(super) use there::{Look, elsewhere};

/// Moves the pages under `spans` to a node, as [`Mover::migrate`] does, and holds on to nothing.
#[must_use]
pub fn migrate(spans: &[MoveSpan<'_>], node: u32, options: &MoveOptions) -> MoveReport {
    Mover::new(options.clone().spare(0)).migrate(spans, node)
}

/// Moves the pages under `spans` to where they were, as [`Mover::return_home`] does, and holds on to nothing.
#[must_use]
pub fn return_home(spans: &[MoveSpan<'_>], origin: &Origin, options: &MoveOptions) -> MoveReport {
    Mover::new(options.clone().spare(0)).return_home(spans, origin)
}

/// Moves pages, and may hold on to spare ones ([`MoveOptions::spare`], [`Self::prepare`]) that make the next move faster.
#[derive(Debug, Default)]
pub struct Mover {
    options: MoveOptions,
    spare: Spare,
}

impl Mover {
    /// A mover that moves so.
    #[must_use]
    pub fn new(options: MoveOptions) -> Self {
        let spare = Spare::new(options.spare);
        Self { options, spare }
    }

    /// How it moves.
    #[must_use]
    pub fn options(&self) -> &MoveOptions {
        &self.options
    }

    /// Moves the pages under `spans` to a node.
    ///
    /// Spans may overlap, and need not begin or end with pages; those that share pages share the move.
    #[must_use]
    pub fn migrate(&self, spans: &[MoveSpan<'_>], node: u32) -> MoveReport {
        self.moves().migrate(spans, node)
    }

    /// Several moves in a row, which together look once what the process has mapped.
    #[must_use]
    pub fn moves(&self) -> Moves<'_> {
        Moves::new(self)
    }

    /// Does ahead of time what [`Self::migrate`] does before the first page moves: looks what the spans' memory is, and,
    /// where it may be copied and remapped, makes the new pages. [`Prepared::migrate`] does the rest.
    #[must_use]
    pub fn prepare<'a>(&'a self, spans: &[MoveSpan<'a>], node: u32) -> Prepared<'a> {
        let prepared = Prepared::new(self, Pages::under(spans), node, LazyMaps::default());
        prepared.make_pages();
        prepared
    }

    /// Moves the pages under `spans` to where they were before a move, and gives their mappings the policies back that
    /// they had. What `origin` has not seen stays where it is.
    #[must_use]
    pub fn return_home(&self, spans: &[MoveSpan<'_>], origin: &Origin) -> MoveReport {
        self.moves().return_home(spans, origin)
    }

    /// Makes pages on a node ahead of a remapping, for which there is no need to make them then. Answers how many bytes it
    /// made: a little more than asked, or none where the node has no room. Huge pages serve memory that has some.
    pub fn make_spare(&self, node: u32, bytes: usize, huge: bool) -> usize {
        self.spare.prepare(node, bytes, huge)
    }

    /// Bytes of spare pages.
    #[must_use]
    pub fn spare(&self) -> usize {
        self.spare.bytes()
    }

    /// Frees all spare pages.
    pub fn release(&self) {
        self.spare.clear();
    }
}

fn bytes(runs: &[Run]) -> usize {
    runs.iter().map(|run| run.pages.len()).sum()
}

/// The kernel moves each run to its node.
fn by_kernel(runs: &[Run], maps: &LazyMaps, job: &Job, options: &MoveOptions, report: &mut MoveReport) {
    if runs.is_empty() {
        return;
    }
    let maps: &Maps = maps.get();
    let mut nodes: Vec<u32> = runs.iter().map(|run| run.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let mut chunks = Vec::new();
    for node in nodes {
        let there = runs.iter().filter(|run| run.node == node);
        let ranges: Vec<Range<usize>> = there.map(|run| run.pages.clone()).collect();
        let (parts, holes) = work::parts(&ranges, maps);
        if holes > 0 {
            report.stays(holes, Reason::Unmapped);
        }
        chunks.extend(work::chunks(parts, node, options.threads));
    }
    let work = |chunk: &work::Chunk, report: &mut MoveReport| kernel::move_chunk(chunk, job, report);
    report.extend(work::share(&chunks, bytes(runs), options.threads, work));
}

fn finish(mut report: MoveReport, asked: u64, begin: Instant) -> MoveReport {
    report.asked = asked;
    report.origin.settle();
    report.duration = begin.elapsed();
    report
}
