//! The memory of an argument before it has a role.
//!
//! Raw pointers, not references: inside a scope two calls over the same data may exist at once, of which one writes. They are
//! launched one after the other, but a reference in the second would be wrong as soon as the first has run.

use std::marker::PhantomData;

/// Elements that a launch reads, borrowed for `'k`.
#[derive(Debug)]
pub struct Elements<'k, T> {
    pub(crate) data: *const [T],
    borrow: PhantomData<&'k [T]>,
}

/// Elements that a launch reads and writes, borrowed exclusively for `'k`.
#[derive(Debug)]
pub struct ElementsMut<'k, T> {
    pub(crate) data: *mut [T],
    borrow: PhantomData<&'k mut [T]>,
}

impl<'k, T> Elements<'k, T> {
    /// Elements of a handle, whose scope keeps them borrowed for `'k` and launches one call at a time.
    pub(crate) fn of_handle(data: *const [T]) -> Self {
        Elements { data, borrow: PhantomData }
    }
}

impl<'k, T> From<&'k [T]> for Elements<'k, T> {
    #[inline(always)]
    fn from(data: &'k [T]) -> Self {
        Elements { data, borrow: PhantomData }
    }
}

impl<'k, T> ElementsMut<'k, T> {
    /// As [`Elements::of_handle`].
    pub(crate) fn of_handle(data: *mut [T]) -> Self {
        ElementsMut { data, borrow: PhantomData }
    }

    /// The same memory as elements of another type.
    pub(crate) fn cast<U>(self) -> ElementsMut<'k, U> {
        const { assert!(size_of::<T>() == size_of::<U>() && align_of::<T>() == align_of::<U>()) };
        let data = std::ptr::slice_from_raw_parts_mut(self.data.cast(), self.data.len());
        ElementsMut { data, borrow: PhantomData }
    }
}

impl<'k, T> From<&'k mut [T]> for ElementsMut<'k, T> {
    #[inline(always)]
    fn from(data: &'k mut [T]) -> Self {
        ElementsMut { data, borrow: PhantomData }
    }
}
