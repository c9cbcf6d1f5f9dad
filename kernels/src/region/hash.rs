//! A hash table with chains in a region: a slice of buckets, each the head of a list of entries.

use landbridge::{KernelType, KernelValue, Region, Shared, kernel};

use crate::linked::hash::bucket;

/// One entry, and those behind it in its bucket.
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Entry<V> {
    /// What it is found by.
    pub key: u32,
    /// What it holds.
    pub value: V,
    /// The next entry of the same bucket.
    pub next: Option<Shared<Entry<V>>>,
}

/// A table in a [`Region`]: where its buckets are. Plain data itself, and all its copies are the same table.
///
/// ```
/// # extern crate landbridge_core as landbridge;
/// use landbridge::Region;
/// use landbridge_kernels::region::hash::Table;
///
/// let mut region = Region::new();
/// let table = Table::new(&mut region, 100);
/// assert_eq!(table.insert(&mut region, 7, 'a' as u32), None);
/// assert_eq!(table.insert(&mut region, 7, 'b' as u32), Some('a' as u32));
/// ```
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Table<V> {
    /// The heads of the chains.
    pub buckets: Shared<[Option<Shared<Entry<V>>>]>,
}

impl<V: KernelValue> Table<V> {
    /// An empty table with so many buckets: at least one; the number need not be a power of two.
    ///
    /// # Panics
    /// If there are to be none, or the region is full.
    pub fn new(region: &mut Region, buckets: usize) -> Self {
        assert!(buckets > 0, "a hash table has at least one bucket");
        Self { buckets: region.push_slice(&vec![None; buckets]) }
    }

    /// Puts a pair into the table; a key that is there gets the new value, and the old one is returned.
    ///
    /// # Panics
    /// If it is not the table's region, or the region is full.
    pub fn insert(&self, region: &mut Region, key: u32, value: V) -> Option<V> {
        let place = bucket(key, region[self.buckets].len());
        let head = region[self.buckets][place];
        let mut at = head;
        while let Some(p) = at {
            let entry = &mut region[p];
            if entry.key == key {
                return Some(std::mem::replace(&mut entry.value, value));
            }
            at = entry.next;
        }
        let entry = region.push(Entry { key, value, next: head });
        region[self.buckets][place] = Some(entry);
        None
    }
}

/// The value of this item's `key`, or `none`, in one step for each entry of the bucket: as
/// [`linked::hash::lookup`](crate::linked::hash::lookup).
#[kernel]
pub fn lookup<V: KernelValue>(region: &Region, table: Table<V>, none: V, key: &u32) -> V {
    let buckets = &region[table.buckets];
    let mut at = buckets[bucket(*key, buckets.len())];
    while let Some(p) = at {
        let entry = &region[p];
        if entry.key == *key {
            return entry.value;
        }
        at = entry.next;
    }
    none
}
