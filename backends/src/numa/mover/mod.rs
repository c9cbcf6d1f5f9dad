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

#![allow(dead_code, reason = "the way by copy and remap is on its way")]

mod kernel;
mod maps;
mod options;
mod origin;
mod pages;
mod policy;
mod reason;
mod report;
mod residency;
mod sys;
mod work;

use std::ops::Range;
use std::time::Instant;

pub use options::{Keep, Method, MoveOptions};
pub use origin::Origin;
pub use pages::MoveSpan;
pub use reason::{Reason, Refusal};
pub use report::MoveReport;
pub use residency::Residency;

use kernel::Job;
use maps::Maps;
use origin::Run;
use pages::Pages;

/// Moves the pages under `spans` to a node.
///
/// Spans may overlap, and need not begin or end with pages; those that share pages share the move.
#[must_use]
pub fn migrate(spans: &[MoveSpan<'_>], node: u32, options: &MoveOptions) -> MoveReport {
    let begin = Instant::now();
    let pages = Pages::under(spans);
    let maps = Maps::read().unwrap_or_default();
    let mut report = MoveReport::default();
    let keep = policy::wanted(options.keep);
    if keep && options.method != Method::Mbind {
        policy::keep(&pages.all, node, &maps, &mut report);
    }
    let runs: Vec<Run> = pages.all.iter().map(|pages| Run { pages: pages.clone(), node }).collect();
    carry_out(&runs, &maps, &Job::new(options.method, keep), options, &mut report);
    finish(report, &pages, begin)
}

/// Moves the pages under `spans` to where they were before a move, and gives their mappings the policies back that they
/// had. What `origin` has not seen stays where it is.
#[must_use]
pub fn return_home(spans: &[MoveSpan<'_>], origin: &Origin, options: &MoveOptions) -> MoveReport {
    let begin = Instant::now();
    let mut pages = Pages::under(spans);
    policy::restore(origin, &pages.all);
    let maps = Maps::read().unwrap_or_default();
    let runs = origin.runs_in(&pages.all);
    let mut report = MoveReport::default();
    carry_out(&runs, &maps, &Job::new(options.method, false), options, &mut report);
    pages.all = runs.into_iter().map(|run| run.pages).collect();
    finish(report, &pages, begin)
}

/// Moves each run to its node.
fn carry_out(runs: &[Run], maps: &Maps, job: &Job, options: &MoveOptions, report: &mut MoveReport) {
    let mut chunks = Vec::new();
    let mut nodes: Vec<u32> = runs.iter().map(|run| run.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    for node in nodes {
        let ranges: Vec<Range<usize>> =
            runs.iter().filter(|run| run.node == node).map(|run| run.pages.clone()).collect();
        let (parts, holes) = work::parts(&ranges, maps);
        if holes > 0 {
            report.stays(holes, Reason::Unmapped);
        }
        chunks.extend(work::chunks(parts, node, options.threads));
    }
    let bytes = runs.iter().map(|run| run.pages.len()).sum();
    let work = |chunk: &work::Chunk, report: &mut MoveReport| kernel::move_chunk(chunk, job, report);
    report.extend(work::share(&chunks, bytes, options.threads, work));
}

fn finish(mut report: MoveReport, pages: &Pages, begin: Instant) -> MoveReport {
    report.asked = pages.bytes();
    report.origin.settle();
    report.duration = begin.elapsed();
    report
}
