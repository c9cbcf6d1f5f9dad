//! Cooperative kernels: a work-item that is a group of lanes with memory in common.
//!
//! A `#[kernel(group = 256)]` is written for one group. Everything in it is done once, but for *phases*: a phase runs a closure
//! for each element of an array ([`Group::each`]), or for each lane ([`Group::lanes`]), in any order and on devices at the
//! same time; it ends when all are done. The closure is a `Fn` that is given its own element: whatever else it names it can only
//! read, or update through atomics, so that the borrow checker proves every phase free of races. On the host a phase is a
//! plain loop.
//!
//! ```
//! # extern crate landbridge_core as landbridge;
//! use landbridge::{Group, kernel};
//!
//! #[kernel(group = 256)]
//! fn block_sum(g: &Group<256>, x: &[f32; 256], out: &mut f32) {
//!     let mut s = g.shared::<f32, 256>(0.0);
//!     g.each(&mut s, |i, s| *s = x[i]);
//!     let mut half = 128;
//!     while half > 0 {
//!         let (low, high) = s.split_at_mut(half);
//!         g.each(low, |i, s| *s += high[i]);
//!         half /= 2;
//!     }
//!     *out = s[0];
//! }
//! # fn main() {
//! let (x, mut out) = (vec![1.0_f32; 1024], vec![0.0_f32; 4]);
//! let call = block_sum(&x, &mut out); // four groups of 256
//! # drop(call);
//! # }
//! ```
//!
//! # Roles
//! Those of any kernel, where a work-item is a group: `&[T; N]` and `&mut [T; N]` are the group's `N` elements, `&T` and
//! `&mut T` its one, `#[rows]` its row, slices and atomics are seen by all groups, values are the same for all. The number of
//! groups follows from the arguments; where nothing gives it, the call takes it first, in the place of the `Group`. A slice whose length
//! is no multiple of `N` is an error of the launch, as for every kernel with chunks: pass the rest to a kernel of its own, or take the
//! whole as `&[T]` and have the last group look at its length.

use crate::types::KernelValue;
use crate::{KernelType, kernel_fn};

/// A group of `N` lanes, which runs a cooperative kernel.
#[derive(Clone, Copy, Debug, KernelType)]
pub struct Group<const N: usize> {
    /// The group's number in the launch.
    pub id: usize,
}

/// What a device does side by side: [`crate::lower`] makes a phase of a call.
#[doc(hidden)]
#[kernel_fn]
#[inline(always)]
pub fn phase(lanes: usize, count: usize, mut f: impl FnMut(usize)) {
    let _ = lanes;
    for item in 0..count {
        f(item);
    }
}

#[kernel_fn]
impl<const N: usize> Group<N> {
    /// For what the macro makes of a kernel.
    #[doc(hidden)]
    #[inline(always)]
    pub fn numbered(id: usize) -> Group<N> {
        Group { id }
    }

    /// Memory of the group, `L` elements of this value: workgroup memory on a device, an array on the host.
    #[inline(always)]
    pub fn shared<T: KernelValue, const L: usize>(&self, value: T) -> [T; L] {
        [value; L]
    }

    /// One value for each lane, for [`Self::each`]: lane `i` of each phase sees element `i`.
    #[inline(always)]
    pub fn private<T: KernelValue>(&self, value: T) -> [T; N] {
        [value; N]
    }

    /// A phase: `f` is called with each element and its number. Lane `i % N` has element `i`.
    #[inline(always)]
    pub fn each<T: KernelValue>(&self, items: &mut [T], f: impl Fn(usize, &mut T)) {
        phase(N, items.len(), |i| f(i, &mut items[i]));
    }

    /// A phase over the elements of two slices, as many as the shorter one has.
    #[inline(always)]
    pub fn each2<T: KernelValue, U: KernelValue>(&self, a: &mut [T], b: &mut [U], f: impl Fn(usize, &mut T, &mut U)) {
        let count = a.len().min(b.len());
        phase(N, count, |i| f(i, &mut a[i], &mut b[i]));
    }

    /// A phase: `f` is called with the number of each lane. It changes atomics only.
    #[inline(always)]
    pub fn lanes(&self, f: impl Fn(usize)) {
        phase(N, N, f);
    }
}
