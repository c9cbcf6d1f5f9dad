//! Ordered maps in a region: [`Tree`].

use landbridge::region::{Branch, Tree};
use landbridge::{KernelValue, Region, Shared, kernel};

/// Entries above one another that a range walk remembers at most: a region's trees are balanced, and none is as deep.
pub const DEPTH: usize = 48;

/// The value of this item's `key`, or `none`, in about log n steps: as [`linked::map::lookup`](crate::linked::map::lookup).
#[kernel]
pub fn lookup<K: KernelValue + PartialOrd, V: KernelValue>(region: &Region, tree: Tree<K, V>, none: V, key: &K) -> V {
    let mut at = tree.root;
    while let Some(p) = at {
        let entry = &region[p];
        if *key < entry.key {
            at = entry.left;
        } else if *key > entry.key {
            at = entry.right;
        } else {
            return entry.value;
        }
    }
    none
}

/// How many keys lie from this item's `from` (inclusive) to `to` (exclusive): depth-first, with a stack of the item's own,
/// about log n steps and one for each key that is counted, as
/// [`linked::map::count_range`](crate::linked::map::count_range).
#[kernel]
pub fn count_range<K: KernelValue + PartialOrd, V: KernelValue>(
    region: &Region,
    tree: Tree<K, V>,
    from: &K,
    to: &K,
) -> u32 {
    let mut stack: [Option<Shared<Branch<K, V>>>; DEPTH] = [None; DEPTH];
    let mut waiting = 0;
    let mut count = 0;
    let mut at = tree.root;
    loop {
        let Some(p) = at else {
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            at = stack[waiting];
            continue;
        };
        let entry = &region[p];
        if entry.key < *from {
            at = entry.right;
        } else if entry.key >= *to {
            at = entry.left;
        } else {
            count += 1;
            stack[waiting] = entry.right;
            waiting += 1;
            at = entry.left;
        }
    }
    count
}
