//! The root of a linked structure, which all work-items read; atomics in its nodes they update, if it is borrowed exclusively.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;

use super::{Access, Argument, ArgumentView, Form, Shape, Span, span_kept};
use crate::ir::Role;
use crate::linked::{Atomics, Kept, Linked};
use crate::tally::Tables;
use crate::types::{KernelNode, TypeInfo};

/// `#[uniform] root: &T`: an ordinary linked structure.
#[derive(Debug)]
pub struct Root<'k, T> {
    data: *const T,
    /// It was borrowed exclusively: nobody but the launch sees its atomics. (So an argument is never copied.)
    exclusive: bool,
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
        Root { data: root, exclusive: false, kept: None, borrow: PhantomData }
    }

    /// The same, borrowed exclusively: kernels may update atomics in its nodes.
    pub fn exclusive(root: &'k mut T) -> Self {
        Root { data: std::ptr::from_mut(root).cast_const(), exclusive: true, kept: None, borrow: PhantomData }
    }

    /// What the handle borrows, with what it keeps.
    pub fn kept(handle: &'k Linked<'_, T>) -> Self {
        let (root, kept) = handle.parts();
        Root { data: root, exclusive: false, kept: Some(kept.into()), borrow: PhantomData }
    }
}

/// What a launch does to a structure, and whether it may: others must not change its atomics meanwhile.
fn access<T: KernelNode>(exclusive: bool) -> Option<Access> {
    match (Atomics::of(<T::Erased as TypeInfo>::DESC), exclusive) {
        (Atomics::None, _) => Some(Access::Read),
        (Atomics::Owned, true) => Some(Access::ReadWrite),
        (Atomics::Owned, false) | (Atomics::Shared, _) => None,
    }
}

#[inline(always)]
fn shape_of<T: KernelNode>(exclusive: bool) -> Shape {
    if access::<T>(exclusive).is_some() { Shape::Any } else { Shape::SharedAtomics }
}

fn described<T: KernelNode>(data: *const [T], exclusive: bool, kept: Option<NonNull<Kept>>) -> ArgumentView {
    let mut view = span_kept(data, access::<T>(exclusive).unwrap_or(Access::Read), None, kept);
    if let ArgumentView::Span(span @ Span { access: Access::ReadWrite, .. }) = &mut view {
        // The host's own code updates it where it is, and of other devices' copies plain fields and atomics come back, as those of structures.
        span.links = Some(<T::Erased as TypeInfo>::DESC);
    }
    view
}

// SAFETY: shared views of one borrowed value; `describe` gives the value's own address, and what its handle keeps, which is
// borrowed as long. Nobody writes it while it is borrowed, atomics aside: of these there are none (a shape that fits no launch
// refuses them), or the structure is borrowed exclusively and owns them alone, and then work-items alone update them.
unsafe impl<'k, T: KernelNode> Argument for Root<'k, T> {
    type View = &'k T;
    type Local = Self;
    const FORM: Form = Form { role: Role::Root { nullable: false }, ty: <T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        shape_of::<T>(self.exclusive)
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
        described(std::ptr::slice_from_raw_parts(self.data, 1), self.exclusive, self.kept)
    }
}

/// `head: Option<&T>`: an ordinary linked structure, or none.
#[derive(Debug)]
pub struct NullableRoot<'k, T> {
    /// Null for `None`.
    data: *const T,
    /// As in [`Root`]; nothing is nobody else's.
    exclusive: bool,
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
            Some(Root { data, exclusive, kept, borrow }) => NullableRoot { data, exclusive, kept, borrow },
            None => NullableRoot { data: std::ptr::null(), exclusive: true, kept: None, borrow: PhantomData },
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
        shape_of::<T>(self.exclusive)
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
        described(data, self.exclusive, self.kept)
    }
}
