//! A smaller program that still differs.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::scratch::{Candidate, Place, Scratch, Verdict};

/// Programs that are tried at once.
const BATCH: usize = 24;

/// Cuts statements and values away as long as the program differs in that place.
pub(crate) fn shrink(from: &Candidate, place: Place, time: Duration, optimised: bool) -> Candidate {
    let scratch = Scratch::new("shrink", optimised);
    let begin = Instant::now();
    let mut best = from.clone();
    let mut tried = HashSet::new();
    while begin.elapsed() < time {
        let mut cuts = best.program.tree.cuts();
        cuts.retain(|tree| tried.insert(tree.source()));
        if cuts.is_empty() {
            break;
        }
        // The largest cuts, and some of all sizes.
        let rest = cuts.split_off(cuts.len().min(BATCH / 3));
        let step = rest.len().div_ceil(BATCH - BATCH / 3).max(1);
        for (k, tree) in rest.into_iter().enumerate() {
            if k % step == 0 {
                cuts.push(tree);
            } else {
                tried.remove(&tree.source());
            }
        }
        let candidates: Vec<Candidate> = cuts
            .into_iter()
            .map(|tree| {
                let mut candidate = from.clone();
                candidate.program.tree = tree;
                candidate
            })
            .collect();
        let _refused = scratch.build(&candidates);
        scratch.take();
        let found = scratch.run(place);
        let smaller =
            candidates.into_iter().enumerate().filter(|(k, _)| matches!(found.get(k), Some(Verdict::Differs(_))));
        if let Some((_, smallest)) = smaller.min_by_key(|(_, candidate)| candidate.program.tree.size()) {
            best = smallest;
        }
    }
    best
}
