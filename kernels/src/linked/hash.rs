//! A hash table with chains: a slice of buckets, each the head of a list of entries.

use landbridge::{KernelType, KernelValue, kernel, kernel_fn};

/// One entry, and those behind it in its bucket.
#[derive(KernelType)]
pub struct Entry<V> {
    /// What it is found by.
    pub key: u32,
    /// What it holds.
    pub value: V,
    /// The next entry of the same bucket.
    pub next: Option<Box<Entry<V>>>,
}

/// The buckets of a table: as many as seem good, at least one; the number need not be a power of two.
pub type Buckets<V> = [Option<Box<Entry<V>>>];

/// The bucket of a key: multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
#[kernel_fn]
pub fn bucket(key: u32, buckets: usize) -> usize {
    let mixed = key.wrapping_mul(0x9e37_79b1);
    (mixed ^ (mixed >> 15)) as usize % buckets
}

/// Puts a pair into the table; a key that is there gets the new value, and the old one is returned.
///
/// # Panics
/// If there are no buckets.
pub fn insert<V>(buckets: &mut Buckets<V>, key: u32, value: V) -> Option<V> {
    let count = buckets.len();
    let head = &mut buckets[bucket(key, count)];
    let mut at = head.as_deref_mut();
    while let Some(entry) = at {
        if entry.key == key {
            return Some(std::mem::replace(&mut entry.value, value));
        }
        at = entry.next.as_deref_mut();
    }
    let next = head.take();
    *head = Some(Box::new(Entry { key, value, next }));
    None
}

/// The value of this item's `key`, or `none`: one step for each entry of the bucket.
///
/// # Errors
/// The launch fails with a panic (a remainder by zero) where there are no buckets.
#[kernel]
pub fn lookup<V: KernelValue>(buckets: &[Option<Box<Entry<V>>>], none: V, key: &u32) -> V {
    let mut at = buckets[bucket(*key, buckets.len())].as_deref();
    while let Some(entry) = at {
        if entry.key == *key {
            return entry.value;
        }
        at = entry.next.as_deref();
    }
    none
}
