//! The ways from the root, and rotations on the way back: the heights of siblings differ by one at most.

use super::{Branch, Branches};
use crate::region::{Region, Shared};
use crate::types::KernelType;

/// More levels than any tree has that fits a region: heights grow by 1.44 times the logarithm.
pub(super) const MOST_LEVELS: usize = 64;

/// Someone edited the links.
#[cold]
#[track_caller]
pub(super) fn no_tree() -> ! {
    panic!("the entries are linked to no balanced tree: their links were edited, or the tree is an outdated copy")
}

/// An entry and which way led on from it.
type Step<K, V> = (Shared<Branch<K, V>>, Side);

/// The entries between the root and a place, and which way led on.
pub(super) struct Path<K, V> {
    steps: [Option<Step<K, V>>; MOST_LEVELS],
    length: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

impl<K: KernelType, V: KernelType> Path<K, V> {
    pub(super) fn new() -> Self {
        Self { steps: [None; MOST_LEVELS], length: 0 }
    }

    pub(super) fn go_left(&mut self, entry: Shared<Branch<K, V>>, branch: &Branch<K, V>) -> Branches<K, V> {
        self.push(entry, Side::Left);
        branch.left
    }

    pub(super) fn go_right(&mut self, entry: Shared<Branch<K, V>>, branch: &Branch<K, V>) -> Branches<K, V> {
        self.push(entry, Side::Right);
        branch.right
    }

    fn push(&mut self, entry: Shared<Branch<K, V>>, side: Side) {
        let Some(step) = self.steps.get_mut(self.length) else { no_tree() };
        *step = Some((entry, side));
        self.length += 1;
    }

    /// Puts `child` where the path ends and mends the heights up to the root, which it returns.
    pub(super) fn rebalance(self, region: &mut Region, mut child: Branches<K, V>) -> Branches<K, V> {
        for step in self.steps[..self.length].iter().rev() {
            let &Some((entry, side)) = step else { continue };
            let branch = &mut region[entry];
            match side {
                Side::Left => branch.left = child,
                Side::Right => branch.right = child,
            }
            child = Some(balanced(region, entry));
        }
        child
    }

    /// Takes out the entry that the path ends at, and returns the root. The entry keeps its links.
    pub(super) fn remove(mut self, region: &mut Region, entry: Shared<Branch<K, V>>) -> Branches<K, V> {
        let &Branch { left, right, .. } = &region[entry];
        let (Some(_), Some(mut successor)) = (left, right) else {
            return self.rebalance(region, left.or(right));
        };
        // The next larger entry has no left child; it takes the place of the one that goes.
        let place = self.length;
        self.push(entry, Side::Right);
        while let Some(smaller) = region[successor].left {
            self.push(successor, Side::Left);
            successor = smaller;
        }
        let child = std::mem::replace(&mut region[successor].left, left);
        debug_assert!(child.is_none());
        let child = region[successor].right;
        self.steps[place] = Some((successor, Side::Right));
        self.rebalance(region, child)
    }
}

/// The height that an entry says it has; one that no tree has is of a file that somebody made up.
pub(super) fn height<K: KernelType, V: KernelType>(region: &Region, entry: Branches<K, V>) -> u32 {
    match entry.map_or(0, |entry| region[entry].height) {
        height if height as usize <= MOST_LEVELS => height,
        _ => no_tree(),
    }
}

/// Sets the height of an entry whose children are right.
fn measure<K: KernelType, V: KernelType>(region: &mut Region, entry: Shared<Branch<K, V>>) {
    let &Branch { left, right, .. } = &region[entry];
    region[entry].height = 1 + height(region, left).max(height(region, right));
}

/// The entry that is to stand where `entry` stands, whose children are balanced and differ by two levels at most.
fn balanced<K: KernelType, V: KernelType>(region: &mut Region, entry: Shared<Branch<K, V>>) -> Shared<Branch<K, V>> {
    let &Branch { left, right, .. } = &region[entry];
    let (l, r) = (height(region, left), height(region, right));
    match (left, right) {
        (Some(child), _) if l > r + 1 => {
            let &Branch { left: outer, right: inner, .. } = &region[child];
            if height(region, inner) > height(region, outer) {
                region[entry].left = Some(rotate(region, child, Side::Left));
            }
            rotate(region, entry, Side::Right)
        }
        (_, Some(child)) if r > l + 1 => {
            let &Branch { left: inner, right: outer, .. } = &region[child];
            if height(region, inner) > height(region, outer) {
                region[entry].right = Some(rotate(region, child, Side::Right));
            }
            rotate(region, entry, Side::Left)
        }
        _ => {
            region[entry].height = 1 + l.max(r);
            entry
        }
    }
}

/// Rotates an entry down to one side; returns its child of the other side, which now stands above it.
fn rotate<K: KernelType, V: KernelType>(
    region: &mut Region,
    entry: Shared<Branch<K, V>>,
    down: Side,
) -> Shared<Branch<K, V>> {
    let &Branch { left, right, .. } = &region[entry];
    let above = if down == Side::Right { left } else { right };
    let Some(above) = above else { no_tree() };
    if down == Side::Right {
        let inner = region[above].right.replace(entry);
        region[entry].left = inner;
    } else {
        let inner = region[above].left.replace(entry);
        region[entry].right = inner;
    }
    measure(region, entry);
    measure(region, above);
    above
}

/// A tree of the next `count` entries. Its depth is the logarithm of their number, so recursion is harmless.
pub(super) fn build<K: KernelType + Ord, V: KernelType>(
    region: &mut Region,
    entries: &mut impl Iterator<Item = (K, V)>,
    count: usize,
    last: &mut Branches<K, V>,
) -> Branches<K, V> {
    if count == 0 {
        return None;
    }
    let left = build(region, entries, count / 2, last);
    let (key, value) = entries.next().expect("the iterator has as many entries as it says");
    if let Some(last) = *last {
        assert!(region[last].key < key, "the keys of a sorted tree ascend");
    }
    let entry = region.push(Branch { key, value, left, right: None, height: 1 });
    *last = Some(entry);
    region[entry].right = build(region, entries, count - count / 2 - 1, last);
    measure(region, entry);
    Some(entry)
}
