//! An ordered map: a binary search tree.

use landbridge::{KernelType, KernelValue, kernel};

/// A tree: this node and those below it. The empty tree is a `None`.
///
/// All keys on the left are smaller than the node's, all on the right larger.
#[derive(KernelType)]
pub struct Node<K, V> {
    /// What it is found by.
    pub key: K,
    /// What it holds.
    pub value: V,
    /// The smaller keys.
    pub left: Option<Box<Node<K, V>>>,
    /// The larger keys.
    pub right: Option<Box<Node<K, V>>>,
}

/// Nodes above one another that a range walk remembers at most.
pub const DEPTH: usize = 48;

impl<K: Ord, V> Node<K, V> {
    /// A balanced tree of these pairs; of equal keys the first one stays. Sorts them: n log n comparisons.
    pub fn tree(pairs: impl IntoIterator<Item = (K, V)>) -> Option<Box<Self>> {
        let mut pairs: Vec<(K, V)> = pairs.into_iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs.dedup_by(|b, a| a.0 == b.0);
        let count = pairs.len();
        Self::of_sorted(&mut pairs.into_iter(), count)
    }

    /// A balanced tree of the next `count` pairs.
    fn of_sorted(pairs: &mut impl Iterator<Item = (K, V)>, count: usize) -> Option<Box<Self>> {
        if count == 0 {
            return None;
        }
        let left = Self::of_sorted(pairs, count / 2);
        let (key, value) = pairs.next()?;
        let right = Self::of_sorted(pairs, count - count / 2 - 1);
        Some(Box::new(Node { key, value, left, right }))
    }
}

/// The value of this item's `key`, or `none`: as many steps as the tree is deep, log n where it is balanced.
#[kernel]
pub fn lookup<K: KernelValue + PartialOrd, V: KernelValue>(root: Option<&Node<K, V>>, none: V, key: &K) -> V {
    let mut at = root;
    while let Some(node) = at {
        if *key < node.key {
            at = node.left.as_deref();
        } else if *key > node.key {
            at = node.right.as_deref();
        } else {
            return node.value;
        }
    }
    none
}

/// How many keys lie from this item's `from` (inclusive) to `to` (exclusive): depth-first, with a stack of the item's own;
/// as many steps as the tree is deep, and one for each key that is counted.
///
/// # Errors
/// The launch fails with an index out of bounds where the tree is so lopsided that more than [`DEPTH`] nodes wait.
#[kernel]
pub fn count_range<K: KernelValue + PartialOrd, V: KernelValue>(root: Option<&Node<K, V>>, from: &K, to: &K) -> u32 {
    let mut stack: [Option<&Node<K, V>>; DEPTH] = [None; DEPTH];
    let mut waiting = 0;
    let mut count = 0;
    let mut at = root;
    loop {
        let Some(node) = at else {
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            at = stack[waiting];
            continue;
        };
        if node.key < *from {
            at = node.right.as_deref();
        } else if node.key >= *to {
            at = node.left.as_deref();
        } else {
            count += 1;
            stack[waiting] = node.right.as_deref();
            waiting += 1;
            at = node.left.as_deref();
        }
    }
    count
}
