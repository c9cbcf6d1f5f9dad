//! Policies of mappings: they keep pages on a node, and `mbind` moves by them.

use std::ops::Range;

use super::kernel;
use super::maps::{self, Maps};
use super::options::Keep;
use super::origin::Origin;
use super::report::MoveReport;
use super::sys::{self, Policy};
use super::work::Chunk;

/// A policy on less than this is not worth the mappings that it costs.
const KEEP_FROM: usize = 64 << 10;

/// Whether policies are wanted on this machine, now.
pub(crate) fn wanted(keep: Keep) -> bool {
    match keep {
        Keep::Always => true,
        Keep::Never => false,
        Keep::WhereBalanced => kernel::balanced(),
    }
}

/// How many mappings may still be made: an eighth of the limit is left to the program.
pub(crate) fn budget(count: usize) -> usize {
    let limit = maps::limit();
    (limit - limit / 8).saturating_sub(count)
}

/// Tells the mappings of these pages (sorted, apart) to keep them on `node`; their own memory only, for a policy on shared
/// memory would bind other processes too.
pub(crate) fn keep(ranges: &[Range<usize>], node: u32, maps: &Maps, report: &mut MoveReport) {
    let mut budget = budget(maps.count());
    for range in ranges {
        for (pages, mapping) in maps.parts(range) {
            // A policy that begins inside a huge page splits it.
            let pages = mapping.whole(&pages);
            if pages.len() < KEEP_FROM || budget < 2 || !mapping.private || !mapping.is_anonymous() {
                continue;
            }
            budget -= 2;
            keep_part(&pages, node, report);
        }
    }
}

/// The bytes that such mappings keep on `node` already; `None` if some of these pages may still need a policy.
pub(crate) fn kept(ranges: &[Range<usize>], node: u32) -> Option<u64> {
    let (page, huge) = (sys::page_size(), sys::huge_size());
    let large = || ranges.iter().filter(|range| range.len() >= KEEP_FROM);
    let is_kept = |range: &Range<usize>| {
        // Huge pages that stick out at the ends have none.
        let edge = if range.len() > 4 * huge { huge } else { 0 };
        let places = [range.start + edge, range.start + range.len() / 2, range.end - edge - page];
        places.iter().all(|address| sys::policy_at(*address).is_ok_and(|policy| policy.prefers(node)))
    };
    large().all(is_kept).then(|| large().map(|range| range.len() as u64).sum())
}

fn keep_part(pages: &Range<usize>, node: u32, report: &mut MoveReport) {
    let Ok(before) = sys::policy_at(pages.start) else { return };
    if before.prefers(node) {
        report.kept += pages.len() as u64;
    } else if sys::bind(pages, &Policy::prefer(node), false).is_ok() {
        report.kept += pages.len() as u64;
        report.origin.had(pages.clone(), before);
    }
}

/// Moves a chunk's pages by a policy, as far as the kernel does; whether it did is for the caller to ask. The policy
/// stays if `keep`.
pub(crate) fn bind_chunk(chunk: &Chunk, keep: bool, report: &mut MoveReport) {
    let wanted = Policy::prefer(chunk.node);
    for part in chunk.parts.iter().filter(|part| !part.kind.shared) {
        let pages = part.whole();
        let Ok(before) = sys::policy_at(pages.start) else { continue };
        // Under the right policy already, `mbind` still moves.
        let bound = !pages.is_empty() && sys::bind(&pages, &wanted, true).is_ok();
        if bound && keep {
            report.kept += pages.len() as u64;
            if before != wanted {
                report.origin.had(pages, before);
            }
        } else if before != wanted && !pages.is_empty() {
            // Also after an error: the policy is set before the first page moves.
            let _ = sys::bind(&pages, &before, false);
        }
    }
}

/// Gives mappings in these pages (sorted, apart) the policies back that they had.
pub(crate) fn restore(origin: &Origin, pages: &[Range<usize>]) {
    for (range, policy) in origin.policies_in(pages) {
        // Memory that was unmapped since has no policy any more.
        let _ = sys::bind(&range, &policy, false);
    }
}
