//! Entries in order.

use std::iter::FusedIterator;
use std::ops::{Bound, RangeBounds};

use super::{Branch, Branches, Tree};
use crate::region::tree::balance;
use crate::region::{Region, Shared};
use crate::types::KernelType;

/// The entries of a [`Tree`] whose keys lie in a range: what [`Tree::range`] gives.
pub struct Range<'r, K: 'static, V: 'static, R> {
    region: &'r Region,
    range: R,
    /// Entries that are still to come, the next one last; their right subtrees come after each.
    waiting: Vec<Shared<Branch<K, V>>>,
    /// How many there may still be: walks end, however links were edited.
    left: u32,
}

impl<'r, K: KernelType + Ord, V: KernelType, R: RangeBounds<K>> Range<'r, K, V, R> {
    pub(super) fn new(region: &'r Region, tree: &Tree<K, V>, range: R) -> Self {
        let mut new = Self { region, range, waiting: vec![], left: tree.length };
        new.descend(tree.root);
        new
    }

    /// Down to the first entry of a subtree that lies in the range.
    fn descend(&mut self, mut next: Branches<K, V>) {
        for _ in 0..balance::MOST_LEVELS {
            let Some(entry) = next else { return };
            let branch = &self.region[entry];
            let begun = match self.range.start_bound() {
                Bound::Included(start) => branch.key >= *start,
                Bound::Excluded(start) => branch.key > *start,
                Bound::Unbounded => true,
            };
            next = if begun {
                self.waiting.push(entry);
                branch.left
            } else {
                branch.right
            };
        }
        balance::no_tree()
    }

    fn advance(&mut self) -> Option<Shared<Branch<K, V>>> {
        self.left = self.left.checked_sub(1)?;
        let entry = self.waiting.pop()?;
        let branch = &self.region[entry];
        let ended = match self.range.end_bound() {
            Bound::Included(end) => branch.key > *end,
            Bound::Excluded(end) => branch.key >= *end,
            Bound::Unbounded => false,
        };
        if ended {
            self.left = 0;
            return None;
        }
        self.descend(branch.right);
        Some(entry)
    }

    /// The handles of these entries.
    pub fn entries(mut self) -> impl Iterator<Item = Shared<Branch<K, V>>> {
        std::iter::from_fn(move || self.advance())
    }
}

impl<'r, K: KernelType + Ord, V: KernelType, R: RangeBounds<K>> Iterator for Range<'r, K, V, R> {
    type Item = (&'r K, &'r V);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.advance()?;
        let branch = &self.region[entry];
        Some((&branch.key, &branch.value))
    }
}

impl<K: KernelType + Ord, V: KernelType, R: RangeBounds<K>> FusedIterator for Range<'_, K, V, R> {}
