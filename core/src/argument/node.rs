//! A node of a linked structure for each work-item.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use super::{Access, Argument, ArgumentView, Form, Shape, span};
use crate::ir::Role;
use crate::tally::Tables;
use crate::types::{KernelNode, TypeInfo};

/// `#[node] n: &T`: this work-item's node. To devices it is an element of a slice of references.
#[derive(Debug)]
pub struct NodeItem<'k, T> {
    data: *const [&'k T],
    /// What `data` points to, if nobody else keeps it.
    _owned: Option<Vec<&'k T>>,
}

// SAFETY: it stands for a `&[&T]`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for NodeItem<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for NodeItem<'_, T> {}

impl<'k, T> NodeItem<'k, T> {
    /// These nodes, in a list that somebody else keeps.
    pub fn over(table: &'k [&'k T]) -> Self {
        NodeItem { data: table, _owned: None }
    }

    /// These nodes.
    pub fn owning(table: Vec<&'k T>) -> Self {
        NodeItem { data: &raw const table[..], _owned: Some(table) }
    }
}

// SAFETY: shared views of borrowed nodes; `describe` gives the list's own pointer and length.
unsafe impl<'k, T: KernelNode> Argument for NodeItem<'k, T> {
    type View = &'k T;
    type Local = Self;
    const FORM: Form = Form { role: Role::Item { exclusive: false }, ty: <&'static T::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Items(self.data.len())
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        // SAFETY: the caller keeps `range` inside the shape, which is the list's length.
        let start = unsafe { self.data.cast::<&'k T>().add(range.start) };
        NodeItem { data: std::ptr::slice_from_raw_parts(start, range.len()), _owned: None }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k T {
        // SAFETY: the caller keeps `item` inside the shape; the list is borrowed for 'k, or owned by the argument that this
        // is a part of, which lives as long as the launch.
        unsafe { *self.data.cast::<&'k T>().add(item) }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    /// Nothing: the host's own code reads nodes where they are.
    #[inline(always)]
    unsafe fn relocate(&mut self, _: *mut MaybeUninit<u8>) {}

    fn describe(&self) -> ArgumentView {
        span::<&'k T>(self.data, Access::Read, Some(1))
    }
}
