//! What handles may lead to: single nodes and slices.
#![allow(unsafe_code)]

use super::kinds::SLICE;
use crate::types::KernelType;

/// What a [`Shared`](super::Shared) may lead to: a `T` or a `[T]` of kernel data.
pub trait Stored: sealed::Stored {}
impl<S: sealed::Stored + ?Sized> Stored for S {}

pub(super) mod sealed {
    use super::KernelType;

    /// # Safety
    /// `at` and `at_mut` of a valid, aligned address of `count` (singles: one) elements make a pointer to exactly these.
    #[allow(unreachable_pub)] // sealed: named by nobody else
    pub unsafe trait Stored: 'static {
        type Element: KernelType;
        /// What is added to the element's tag.
        const BIT: u32;
        fn at(start: *mut u8, count: u32) -> *mut Self;
    }
}

// SAFETY: one element: a pointer to it.
unsafe impl<T: KernelType> sealed::Stored for T {
    type Element = T;
    const BIT: u32 = 0;

    #[inline]
    fn at(start: *mut u8, _: u32) -> *mut T {
        start.cast()
    }
}

// SAFETY: `count` elements: a pointer to that many.
unsafe impl<T: KernelType> sealed::Stored for [T] {
    type Element = T;
    const BIT: u32 = SLICE;

    #[inline]
    fn at(start: *mut u8, count: u32) -> *mut [T] {
        std::ptr::slice_from_raw_parts_mut(start.cast(), count as usize)
    }
}
