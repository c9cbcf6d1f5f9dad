//! A node of a linked structure for each work-item.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;

use super::{Access, Argument, ArgumentView, Form, Shape, Span, span_kept};
use crate::ir::Role;
use crate::linked::{Kept, Nodes, NodesMut};
use crate::tally::Tables;
use crate::types::{KernelNode, NodeView, Tagged, TypeInfo};

/// `#[node] n: &T`: this work-item's node. To devices it is an element of a slice of references.
#[derive(Debug)]
pub struct NodeItem<'k, T> {
    data: *const [&'k T],
    /// What `data` points to, if nobody else keeps it.
    _owned: Option<Vec<&'k T>>,
    /// What is known of the nodes, by whoever keeps the list.
    kept: Option<NonNull<Kept>>,
}

// SAFETY: it stands for a `&[&T]`, which is Send if T is Sync.
unsafe impl<T: Sync> Send for NodeItem<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for NodeItem<'_, T> {}

impl<'k, T> NodeItem<'k, T> {
    /// These nodes, in a list that somebody else keeps.
    pub fn over(table: &'k [&'k T]) -> Self {
        NodeItem { data: table, _owned: None, kept: None }
    }

    /// These nodes, with what is known of them.
    pub(crate) fn kept(nodes: &'k Nodes<'_, T>) -> Self {
        NodeItem { data: &raw const *nodes.table, _owned: None, kept: Some((&nodes.kept).into()) }
    }

    /// These nodes.
    pub fn owning(table: Vec<&'k T>) -> Self {
        NodeItem { data: &raw const table[..], _owned: Some(table), kept: None }
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
        NodeItem { data: std::ptr::slice_from_raw_parts(start, range.len()), _owned: None, kept: None }
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
        span_kept::<&'k T>(self.data, Access::Read, Some(1), self.kept)
    }
}

/// `#[node] n: &mut V`: a view of this work-item's node, which is its alone. To devices that copy it is an element of a slice of
/// the nodes' bytes: see [`Gathered`](crate::launch::Gathered).
pub struct NodeItemMut<'k, V> {
    /// Addresses of nodes that `V` is the view of.
    data: *const [*mut u8],
    /// What `data` points to, if nobody else keeps it.
    _owned: Option<Vec<*mut u8>>,
    borrow: PhantomData<&'k mut V>,
}

// SAFETY: it stands for exclusive borrows of all the nodes, which `V`s are seen of.
unsafe impl<V: Send> Send for NodeItemMut<'_, V> {}
// SAFETY: shared access reads only pointers; views are handed out under the contract of `Argument`.
unsafe impl<V: Send> Sync for NodeItemMut<'_, V> {}

impl<'k, V: NodeView<'k, Node: KernelNode + TypeInfo>> NodeItemMut<'k, V> {
    /// These nodes, for one launch.
    pub(crate) fn over(nodes: &'k mut NodesMut<'_, V::Node>) -> Self {
        const { V::SAME_LAYOUT };
        NodeItemMut { data: nodes.lend(), _owned: None, borrow: PhantomData }
    }

    /// These nodes.
    pub(crate) fn owning(nodes: NodesMut<'k, V::Node>) -> Self {
        const { V::SAME_LAYOUT };
        let table = nodes.give();
        NodeItemMut { data: &raw const table[..], _owned: Some(table), borrow: PhantomData }
    }
}

// SAFETY: views are of distinct nodes, which are borrowed exclusively for 'k with all that owns them: `NodesMut` has walked the
// structure for this launch. Through a view no link is followed, by the contract of `NodeView`, so none leads to
// another's node.
unsafe impl<'k, V: NodeView<'k, Node: KernelNode> + KernelNode> Argument for NodeItemMut<'k, V> {
    type View = &'k mut V;
    type Local = Self;
    const FORM: Form = Form { role: Role::Item { exclusive: true }, ty: <V::Erased as TypeInfo>::DESC };

    #[inline(always)]
    fn shape(&self) -> Shape {
        Shape::Items(self.data.len())
    }

    #[inline(always)]
    unsafe fn part(&self, range: Range<usize>) -> Self {
        // SAFETY: the caller keeps `range` inside the shape, which is the list's length.
        let start = unsafe { self.data.cast::<*mut u8>().add(range.start) };
        let data = std::ptr::slice_from_raw_parts(start, range.len());
        NodeItemMut { data, _owned: None, borrow: PhantomData }
    }

    #[inline(always)]
    unsafe fn view(&mut self, item: usize) -> &'k mut V {
        // SAFETY: the caller keeps `item` inside the shape and takes it once; nodes are distinct and borrowed exclusively for
        // 'k, and a node may be seen as its view, whose layout was compared when this was made.
        unsafe { &mut *(*self.data.cast::<*mut u8>().add(item)).cast::<V>() }
    }

    #[inline(always)]
    unsafe fn into_local(self, _: &mut Tables<'_>) -> Self {
        self
    }

    /// Nothing: the host's own code works on nodes where they are.
    #[inline(always)]
    unsafe fn relocate(&mut self, _: *mut MaybeUninit<u8>) {}

    fn describe(&self) -> ArgumentView {
        ArgumentView::Span(Span {
            data: self.data.cast_mut().cast(),
            elements: self.data.len(),
            element_size: size_of::<*mut u8>(),
            access: Access::ReadWrite,
            per_item: Some(1),
            links: Some(<&'static <V::Node as Tagged>::Erased as TypeInfo>::DESC),
            nodes: Some(<V::Erased as TypeInfo>::DESC),
            kept: None,
        })
    }
}
