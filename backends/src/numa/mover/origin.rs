//! Where pages were, so that they can go back.

use std::ops::Range;

use super::pages;
use super::sys::Policy;

/// Where the pages of a move were before it, and what policies their mappings had. Keep it to let them return
/// ([`return_home`](super::return_home)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// By address.
    runs: Vec<Run>,
    /// What mappings had before they were told to keep their pages on the node.
    policies: Vec<(Range<usize>, Policy)>,
}

/// Neighbouring pages that were on the same node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) pages: Range<usize>,
    pub(crate) node: u32,
}

impl Origin {
    /// Bytes of pages that were elsewhere.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.runs.iter().map(|run| run.pages.len() as u64).sum()
    }

    /// Whether there is nothing to undo.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.policies.is_empty()
    }

    /// Remembers that pages were on `node`.
    pub(crate) fn was(&mut self, pages: Range<usize>, node: u32) {
        match self.runs.last_mut() {
            Some(last) if last.node == node && last.pages.end == pages.start => last.pages.end = pages.end,
            _ => self.runs.push(Run { pages, node }),
        }
    }

    /// Its runs.
    pub(crate) fn into_runs(self) -> Vec<Run> {
        self.runs
    }

    /// Remembers the policy of a range.
    pub(crate) fn had(&mut self, pages: Range<usize>, policy: Policy) {
        self.policies.push((pages, policy));
    }

    /// Takes in what another part of the same move found.
    pub(crate) fn extend(&mut self, other: Self) {
        self.runs.extend(other.runs);
        self.policies.extend(other.policies);
    }

    /// Sorts the runs and joins neighbours.
    pub(crate) fn settle(&mut self) {
        self.runs.sort_unstable_by_key(|run| run.pages.start);
        let mut joined = Self::default();
        for run in self.runs.drain(..) {
            joined.was(run.pages, run.node);
        }
        self.runs = joined.runs;
    }

    /// The parts of its runs that lie in these pages (sorted, apart).
    pub(crate) fn runs_in(&self, pages: &[Range<usize>]) -> Vec<Run> {
        let cut = |run: &Run| {
            let node = run.node;
            pages::within(pages, &run.pages).map(move |pages| Run { pages, node })
        };
        self.runs.iter().flat_map(cut).collect()
    }

    /// The policies of ranges that lie in these pages (sorted, apart).
    pub(crate) fn policies_in(&self, pages: &[Range<usize>]) -> Vec<(Range<usize>, Policy)> {
        let cut = |(range, policy): &(Range<usize>, Policy)| {
            let policy = policy.clone();
            pages::within(pages, range).map(move |range| (range, policy.clone()))
        };
        self.policies.iter().flat_map(cut).collect()
    }
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "lists of ranges, some of one")]
mod tests {
    use super::*;

    #[test]
    fn runs_join_and_are_cut() {
        let mut origin = Origin::default();
        origin.was(30..40, 0);
        origin.was(10..20, 0);
        origin.was(20..30, 0);
        origin.was(40..50, 2);
        origin.settle();
        assert_eq!(origin.bytes(), 40);
        let parts: Vec<_> = origin.runs_in(&[15..25, 35..45]).into_iter().map(|run| (run.pages, run.node)).collect();
        assert_eq!(parts, [(15..25, 0), (35..40, 0), (40..45, 2)]);
    }

    #[test]
    fn policies_are_cut() {
        let mut origin = Origin::default();
        assert!(origin.is_empty());
        origin.had(0..100, Policy::prefer(3));
        assert_eq!(origin.policies_in(&[50..60]), [(50..60, Policy::prefer(3))]);
        assert_eq!(origin.policies_in(&[100..200]), []);
        assert!(!origin.is_empty() && origin.bytes() == 0);
    }
}
