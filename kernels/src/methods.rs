//! The common operations as methods.

use landbridge::{Device, KernelValue, ResidentMut, Result, Scope};

use crate::operator::Operator;
use crate::scan::Kind;
use crate::sort::Key;
use crate::{gather, reduce, scan, select, sort};

/// Ready-made operations on slices, as methods of [`Device`]. Each is described where its function is, such as [`sort::sort`].
///
/// # Errors
/// As the functions.
#[allow(clippy::missing_errors_doc, reason = "said above")]
pub trait Primitives {
    /// [`sort::sort`]
    fn sort<K: Key>(&self, t: &mut [K]) -> Result<()>;
    /// [`sort::sort_pairs`]
    fn sort_pairs<K: Key, V: KernelValue>(&self, keys: &mut [K], values: &mut [V]) -> Result<()>;
    /// [`sort::order`]
    fn order<K: Key>(&self, keys: &[K]) -> Result<Vec<u32>>;
    /// [`reduce::reduce`]
    fn fold<T: KernelValue, O: Operator<T>>(&self, op: O, t: &[T]) -> Result<T>;
    /// [`scan::scan`], each element included
    fn scan<T: KernelValue, O: Operator<T>>(&self, op: O, t: &mut [T]) -> Result<()>;
    /// [`scan::scan`], without the element itself
    fn exclusive_scan<T: KernelValue, O: Operator<T>>(&self, op: O, t: &mut [T]) -> Result<()>;
    /// [`select::compact`]
    fn compact<T: KernelValue>(&self, t: &[T], marks: &[bool]) -> Result<Vec<T>>;
    /// [`select::unique`]
    fn unique<T: KernelValue + PartialEq>(&self, t: &[T]) -> Result<Vec<T>>;
    /// [`gather::gather`]
    fn gather<T: KernelValue>(&self, values: &[T], indices: &[u32]) -> Result<Vec<T>>;
    /// [`gather::scatter`]
    fn scatter<T: KernelValue>(&self, values: &[T], indices: &[u32], out: &mut [T]) -> Result<()>;
}

impl Primitives for Device {
    fn sort<K: Key>(&self, t: &mut [K]) -> Result<()> {
        sort::sort(self, t)
    }
    fn sort_pairs<K: Key, V: KernelValue>(&self, keys: &mut [K], values: &mut [V]) -> Result<()> {
        sort::sort_pairs(self, keys, values)
    }
    fn order<K: Key>(&self, keys: &[K]) -> Result<Vec<u32>> {
        sort::order(self, keys)
    }
    fn fold<T: KernelValue, O: Operator<T>>(&self, op: O, t: &[T]) -> Result<T> {
        reduce::reduce(self, op, t)
    }
    fn scan<T: KernelValue, O: Operator<T>>(&self, op: O, t: &mut [T]) -> Result<()> {
        scan::scan(self, op, Kind::Inclusive, t)
    }
    fn exclusive_scan<T: KernelValue, O: Operator<T>>(&self, op: O, t: &mut [T]) -> Result<()> {
        scan::scan(self, op, Kind::Exclusive, t)
    }
    fn compact<T: KernelValue>(&self, t: &[T], marks: &[bool]) -> Result<Vec<T>> {
        select::compact(self, t, marks)
    }
    fn unique<T: KernelValue + PartialEq>(&self, t: &[T]) -> Result<Vec<T>> {
        select::unique(self, t)
    }
    fn gather<T: KernelValue>(&self, values: &[T], indices: &[u32]) -> Result<Vec<T>> {
        gather::gather(self, values, indices)
    }
    fn scatter<T: KernelValue>(&self, values: &[T], indices: &[u32], out: &mut [T]) -> Result<()> {
        gather::scatter(self, values, indices, out)
    }
}

/// Ready-made operations on data that stays on a scope's device, as methods of [`Scope`].
///
/// # Errors
/// As the functions.
#[allow(clippy::missing_errors_doc, reason = "said above")]
pub trait ScopePrimitives<'scope> {
    /// [`reduce::reduce_resident`]
    fn fold<T: KernelValue, O: Operator<T>>(&self, op: O, t: &ResidentMut<'scope, T>) -> Result<T>;
    /// [`scan::scan_resident`], each element included
    fn scan<T: KernelValue, O: Operator<T>>(
        &self,
        op: O,
        t: &mut ResidentMut<'scope, T>,
        scratch: &mut ResidentMut<'scope, T>,
    ) -> Result<T>;
}

impl<'scope> ScopePrimitives<'scope> for Scope<'scope, '_> {
    fn fold<T: KernelValue, O: Operator<T>>(&self, op: O, t: &ResidentMut<'scope, T>) -> Result<T> {
        reduce::reduce_resident(self, op, t)
    }
    fn scan<T: KernelValue, O: Operator<T>>(
        &self,
        op: O,
        t: &mut ResidentMut<'scope, T>,
        scratch: &mut ResidentMut<'scope, T>,
    ) -> Result<T> {
        scan::scan_resident(self, op, Kind::Inclusive, t, scratch)
    }
}
