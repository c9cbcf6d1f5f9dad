//! All nodes of one type as a slice, for kernels whose work-items change one node each.

use std::ops::{Deref, DerefMut};

use super::{Region, Shared};
use crate::types::KernelValue;

/// Copies of all nodes of one type, side by side, which go back to the region when this is dropped. From [`Region::gather`].
pub struct Gathered<'r, T: KernelValue> {
    region: &'r mut Region,
    handles: Vec<Shared<T>>,
    nodes: Vec<T>,
}

impl Region {
    /// All nodes of a type as one slice, in the order of [`Region::iter`], for a kernel that changes each: a work-item has its
    /// node alone, and cannot follow a handle to another's, as the region is borrowed. What was changed is in the region when
    /// this is dropped.
    ///
    /// ```
    /// # use landbridge_core::Region;
    /// let mut region = Region::new();
    /// let handles = [1.5_f32, 2.5].map(|value| region.push(value));
    /// let mut all = region.gather::<f32>();
    /// all.iter_mut().for_each(|value| *value *= 2.0); // or `device.run(scale(2.0, &mut all[..]))`
    /// assert_eq!(all.handles(), handles);
    /// drop(all);
    /// assert_eq!(region[handles[1]], 5.0);
    /// ```
    pub fn gather<T: KernelValue>(&mut self) -> Gathered<'_, T> {
        let (handles, nodes) = self.iter::<T>().map(|(handle, node)| (handle, *node)).unzip();
        Gathered { region: self, handles, nodes }
    }
}

impl<T: KernelValue> Gathered<'_, T> {
    /// The nodes' handles, in the same order.
    pub fn handles(&self) -> &[Shared<T>] {
        &self.handles
    }
}

impl<T: KernelValue> Deref for Gathered<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.nodes
    }
}

impl<T: KernelValue> DerefMut for Gathered<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.nodes
    }
}

impl<T: KernelValue> Drop for Gathered<'_, T> {
    fn drop(&mut self) {
        for ((_, place), node) in self.region.iter_mut::<T>().zip(&self.nodes) {
            *place = *node;
        }
    }
}
