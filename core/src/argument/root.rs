//! The root of a linked structure, which all work-items read.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;

use super::{Access, Argument, ArgumentView, Form, Shape, span_kept};
use crate::ir::Role;
use crate::linked::{Kept, Linked};
use crate::tally::Tables;
use crate::types::{KernelNode, TypeInfo};

/// `#[uniform] root: &T`: an ordinary linked structure.
#[derive(Clone, Copy, Debug)]
pub struct Root<'k, T> {
    data: *const T,
    /// What is known of the structure.
    kept: Option<NonNull<Kept>>,
    borrow: PhantomData<&'k T>,
}

// SAFETY: it stands for a `&T`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for Root<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Root<'_, T> {}

impl<'k, T> Root<'k, T> {
    /// What the reference leads to.
    pub fn new(root: &'k T) -> Self {
        Root { data: root, kept: None, borrow: PhantomData }
    }

    /// What the handle borrows, with what it keeps.
    pub fn kept(handle: &'k Linked<'_, T>) -> Self {
        let (root, kept) = handle.parts();
        Root { data: root, kept: Some(kept.into()), borrow: PhantomData }
    }
}

// SAFETY: shared views of one borrowed value; `describe` gives the value's own address, and what its handle keeps, which is
// borrowed as long.
unsafe impl<'k, T: KernelNode> Argument for Root<'k, T> {
    type View = &'k T;
    type Local = Self;
    const FORM: Form = Form { role: Role::Root { nullable: false }, ty: <T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Any
    }

    #[inline(always)]
    unsafe fn part(&self, _: Range<usize>) -> Self {
        Root { ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> &'k T {
        // SAFETY: made from a `&'k T` in `new`, and never pointed elsewhere.
        unsafe { &*self.data }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    /// Nothing: the host's own code reads the structure where it is, and a node's address is part of what it sees.
    #[inline(always)]
    unsafe fn relocate(&mut self, _: *mut MaybeUninit<u8>) {}

    fn describe(&self) -> ArgumentView {
        span_kept::<T>(std::ptr::slice_from_raw_parts(self.data, 1), Access::Read, None, self.kept)
    }
}

/// `head: Option<&T>`: an ordinary linked structure, or none.
#[derive(Clone, Copy, Debug)]
pub struct NullableRoot<'k, T> {
    /// Null for `None`.
    data: *const T,
    /// What is known of the structure.
    kept: Option<NonNull<Kept>>,
    borrow: PhantomData<&'k T>,
}

// SAFETY: it stands for an `Option<&T>`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for NullableRoot<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for NullableRoot<'_, T> {}

impl<'k, T> NullableRoot<'k, T> {
    /// What the reference leads to, if there is one.
    pub fn new(root: Option<&'k T>) -> Self {
        root.map(Root::new).into()
    }
}

impl<'k, T> From<Option<Root<'k, T>>> for NullableRoot<'k, T> {
    fn from(root: Option<Root<'k, T>>) -> Self {
        match root {
            Some(Root { data, kept, borrow }) => NullableRoot { data, kept, borrow },
            None => NullableRoot { data: std::ptr::null(), kept: None, borrow: PhantomData },
        }
    }
}

// SAFETY: as `Root`; for `None` no elements at a dangling address.
unsafe impl<'k, T: KernelNode> Argument for NullableRoot<'k, T> {
    type View = Option<&'k T>;
    type Local = Self;
    const FORM: Form = Form { role: Role::Root { nullable: true }, ty: <T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Any
    }

    #[inline(always)]
    unsafe fn part(&self, _: Range<usize>) -> Self {
        NullableRoot { ..*self }
    }

    #[inline(always)]
    unsafe fn view(&mut self, _: usize) -> Option<&'k T> {
        // SAFETY: null, or made from a `&'k T` in `new`.
        unsafe { self.data.as_ref() }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    #[inline(always)]
    unsafe fn relocate(&mut self, _: *mut MaybeUninit<u8>) {}

    fn describe(&self) -> ArgumentView {
        let data = match self.data.is_null() {
            false => std::ptr::slice_from_raw_parts(self.data, 1),
            true => std::ptr::slice_from_raw_parts(std::ptr::dangling(), 0),
        };
        span_kept(data, Access::Read, None, self.kept)
    }
}
