//! Ordered maps in a region: balanced binary trees (AVL).

mod balance;
mod range;

use std::fmt;
use std::mem;
use std::ops::RangeBounds;

pub use range::Range;

use super::{Region, Shared};
use crate::KernelType;

/// One entry of a [`Tree`]: kernels follow these.
#[derive(KernelType, Clone, Copy, Debug)]
#[kernel_type(crate = crate)]
pub struct Branch<K, V> {
    /// The entry's key: changing it breaks the order.
    pub key: K,
    /// The entry's value.
    pub value: V,
    /// Entries with smaller keys.
    pub left: Option<Shared<Branch<K, V>>>,
    /// Entries with larger keys.
    pub right: Option<Shared<Branch<K, V>>>,
    /// Levels from here down, this one included.
    height: u32,
}

/// A handle of an entry, or none.
type Branches<K, V> = Option<Shared<Branch<K, V>>>;

/// An ordered map in a [`Region`]: its root and its length, plain data itself (to be kept in nodes, saved with the region,
/// or passed to kernels). All methods take the region, and panic if it is not the tree's.
///
/// A copy of a `Tree` speaks of the same entries; after a change through one of them the others are out of date.
///
/// ```
/// use landbridge_core::region::{Region, Tree};
///
/// let mut region = Region::new();
/// let mut tree = Tree::new();
/// for key in [5, 1, 9, 3] {
///     tree.insert(&mut region, key, f64::from(key) / 2.0);
/// }
/// assert_eq!(tree.get(&region, &9), Some(&4.5));
/// assert_eq!(tree.remove(&mut region, &3), Some(1.5));
/// assert!(tree.range(&region, 1..9).map(|(&key, _)| key).eq([1, 5]));
/// ```
#[derive(KernelType)]
#[kernel_type(crate = crate)]
pub struct Tree<K, V> {
    /// Where lookups begin.
    pub root: Option<Shared<Branch<K, V>>>,
    /// How many entries there are.
    pub length: u32,
}

impl<K, V> Clone for Tree<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Tree<K, V> {}

impl<K, V> Default for Tree<K, V> {
    fn default() -> Self {
        Self { root: None, length: 0 }
    }
}

impl<K, V> fmt::Debug for Tree<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tree({:?}, {} entries)", self.root, self.length)
    }
}

impl<K: KernelType + Ord, V: KernelType> Tree<K, V> {
    /// An empty tree, of any region.
    pub fn new() -> Self {
        Self::default()
    }

    /// A tree of entries that come in order: faster than inserting them one by one, and in memory in order.
    ///
    /// # Panics
    /// If the keys do not ascend, if there are fewer entries than the iterator says, or if the region is full. Entries that
    /// were made by then stay in the region.
    pub fn from_sorted<I>(region: &mut Region, entries: I) -> Self
    where
        I: IntoIterator<Item = (K, V), IntoIter: ExactSizeIterator>,
    {
        let mut entries = entries.into_iter();
        let length = entries.len();
        let mut last = None;
        let root = balance::build(region, &mut entries, length, &mut last);
        Self { root, length: length as u32 }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The handle of the entry with this key.
    pub fn find(&self, region: &Region, key: &K) -> Option<Shared<Branch<K, V>>> {
        let mut next = self.root;
        for _ in 0..balance::MOST_LEVELS {
            let entry = next?;
            let branch = &region[entry];
            next = match key.cmp(&branch.key) {
                std::cmp::Ordering::Less => branch.left,
                std::cmp::Ordering::Greater => branch.right,
                std::cmp::Ordering::Equal => return Some(entry),
            };
        }
        balance::no_tree()
    }

    /// The value of a key.
    pub fn get<'r>(&self, region: &'r Region, key: &K) -> Option<&'r V> {
        self.find(region, key).map(|entry| &region[entry].value)
    }

    /// The value of a key, exclusively.
    pub fn get_mut<'r>(&self, region: &'r mut Region, key: &K) -> Option<&'r mut V> {
        self.find(region, key).map(|entry| &mut region[entry].value)
    }

    /// Whether there is such an entry.
    pub fn contains_key(&self, region: &Region, key: &K) -> bool {
        self.find(region, key).is_some()
    }

    /// Adds an entry. If the key is there already, its value is replaced and the old one returned.
    ///
    /// # Panics
    /// If the region is full; the tree is unchanged then.
    pub fn insert(&mut self, region: &mut Region, key: K, value: V) -> Option<V> {
        let mut path = balance::Path::new();
        let mut next = self.root;
        while let Some(entry) = next {
            let branch = &mut region[entry];
            next = match key.cmp(&branch.key) {
                std::cmp::Ordering::Less => path.go_left(entry, branch),
                std::cmp::Ordering::Greater => path.go_right(entry, branch),
                std::cmp::Ordering::Equal => return Some(mem::replace(&mut branch.value, value)),
            };
        }
        let entry = region.push(Branch { key, value, left: None, right: None, height: 1 });
        self.root = path.rebalance(region, Some(entry));
        self.length = self.length.saturating_add(1);
        None
    }

    /// Takes the entry of a key out.
    pub fn remove(&mut self, region: &mut Region, key: &K) -> Option<V> {
        let mut path = balance::Path::new();
        let mut next = self.root;
        let entry = loop {
            let entry = next?;
            let branch = &region[entry];
            next = match key.cmp(&branch.key) {
                std::cmp::Ordering::Less => path.go_left(entry, branch),
                std::cmp::Ordering::Greater => path.go_right(entry, branch),
                std::cmp::Ordering::Equal => break entry,
            };
        };
        self.root = path.remove(region, entry);
        self.length = self.length.saturating_sub(1);
        region.remove(entry).ok().map(|branch| branch.value)
    }

    /// The entries in order of their keys.
    pub fn iter<'r>(&self, region: &'r Region) -> Range<'r, K, V, std::ops::RangeFull> {
        self.range(region, ..)
    }

    /// The entries whose keys lie in a range, in order.
    pub fn range<'r, R: RangeBounds<K>>(&self, region: &'r Region, range: R) -> Range<'r, K, V, R> {
        Range::new(region, self, range)
    }

    /// Calls `edit` for each entry in order. (An iterator of `&mut V` could give one of them twice, as links are data that
    /// anybody may edit.)
    pub fn for_each_mut(&self, region: &mut Region, mut edit: impl FnMut(&K, &mut V)) {
        let entries: Vec<_> = self.iter(region).entries().collect();
        for entry in entries {
            let branch = &mut region[entry];
            edit(&branch.key, &mut branch.value);
        }
    }

    /// Levels of the tree: 0 if it is empty.
    ///
    /// # Panics
    /// If the entries were never a tree's, as in a file that somebody made up.
    pub fn height(&self, region: &Region) -> usize {
        balance::height(region, self.root) as usize
    }
}
