//! Every node of a structure a work-item: handles for parameters `#[node] n: &Node`.
#![allow(unsafe_code)]

use std::marker::PhantomData;

use super::gather::Alone;
use super::how::Root;
use super::kept::Kept;
use super::map::LinkMap;
use super::reached::reached;
use super::table::Address;
use crate::types::{KernelNode, NodeWithin, OwnedAlone, Ty, TypeInfo};

/// What [`nodes`] takes: a borrow of a structure.
#[diagnostic::on_unimplemented(
    message = "`nodes` cannot lend the nodes of `{Self}`",
    label = "not a borrow of a structure that may be lent so",
    note = "`nodes(&mut ..)` takes structures that own all of their nodes alone: `Box`, `Vec`, `Box<[T]>` and `Option` of those \
            all the way; `nodes(&..)` also those with `Arc`"
)]
pub trait NodeSource<T> {
    /// Its nodes.
    type Nodes;
    /// Walks the structure.
    fn into_nodes(self) -> Self::Nodes;
}

/// The nodes of a structure, one for each work-item of a kernel: `device.collect(depth(nodes(&tree)))`.
///
/// The structure is a node, or anything that leads to nodes: `Option<Box<Node>>`, `Vec<Node>`, a struct that holds them. Every
/// distinct node of the type `T` that its links lead to is one work-item, in structure order: breadth-first, which is a
/// list's own order; the elements of a `Vec` in theirs. The kernel's parameter `#[node] n: &Node` says which type, or
/// `nodes::<Node, _>(&list)` does.
///
/// `nodes(&structure)` gives [`Nodes`]. The walk is done once, here, without recursion; the result may be used for several
/// launches (`&all`), and tells which node is which work-item.
///
/// `nodes(&mut structure)` gives [`NodesMut`], for parameters `#[node] n: &mut NodeMut`: each work-item may change the
/// plain fields of its own node. `NodeMut` is the node's view, which the derive makes where it is asked to
/// (`#[kernel_type(view = NodeMut)]`): links are hidden in it, since they lead to other work-items' nodes. The structure has to own
/// its nodes alone ([`OwnedAlone`]).
///
/// # Panics
/// If nothing in the structure can be a `T`, or if there is no memory for a list of the nodes.
pub fn nodes<T: KernelNode, S: NodeSource<T>>(structure: S) -> S::Nodes {
    structure.into_nodes()
}

/// The nodes of a structure that is borrowed for `'a`. See [`nodes`].
#[derive(Debug)]
pub struct Nodes<'a, T> {
    /// Of the table, before which it is dropped.
    pub(crate) kept: Kept,
    /// Never changes. A vector, since a box would promise rustc that nobody else reads it.
    pub(crate) table: Vec<&'a T>,
}

impl<'a, T: KernelNode> Nodes<'a, T> {
    fn new(table: Vec<&'a T>) -> Self {
        let root = Root { data: table.as_ptr().cast_mut().cast(), count: table.len(), exclusive: false };
        // SAFETY: the table is references to nodes that are borrowed for 'a; it is on the heap, so that it stays where it is,
        // and as long as this is alive nobody gets more than a shared borrow of it.
        let kept = unsafe { Kept::new(LinkMap::of(<&'static T::Erased as TypeInfo>::DESC), root) };
        Nodes { table, kept }
    }
}

impl<T: KernelNode> Clone for Nodes<'_, T> {
    fn clone(&self) -> Self {
        Nodes::new(self.table.clone())
    }
}

impl<'a, T> Nodes<'a, T> {
    /// How many there are: the work-items of a launch.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The nodes in the order of the work-items, to be paired with what `collect` gives.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a T> + DoubleEndedIterator {
        self.table.iter().copied()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: NodeWithin<'a>, R: KernelNode> NodeSource<T> for &'a R {
    type Nodes = Nodes<'a, T>;

    fn into_nodes(self) -> Nodes<'a, T> {
        let root = Root { data: std::ptr::from_ref(self).cast_mut().cast(), count: 1, exclusive: false };
        // SAFETY: the structure is borrowed for 'a.
        let table = unsafe { table::<T>(root, <R::Erased as TypeInfo>::DESC) };
        // SAFETY: each is the address of a node in the structure, aligned and borrowed for 'a: of a `T` but for its lifetimes,
        // since `table` has compared types. All lifetimes in the structure outlive 'a, and `T` has no other but 'a, to which
        // they may be shortened (`NodeWithin`).
        Nodes::new(table.into_iter().map(|node| unsafe { &*node.cast::<T>() }).collect())
    }
}

/// The nodes of a structure that is borrowed exclusively for `'a`. See [`nodes`].
#[derive(Debug)]
pub struct NodesMut<'a, T> {
    root: Root,
    ty: Ty,
    /// Addresses of `T`s.
    table: Vec<Address>,
    /// Whether the nodes are known to be those of the table.
    fresh: bool,
    borrow: PhantomData<&'a mut T>,
}

// SAFETY: it stands for exclusive borrows of all the nodes, and of a structure that leads to them: `KernelNode`s, all of them
// `Send` and `Sync`.
unsafe impl<T: Send> Send for NodesMut<'_, T> {}
// SAFETY: as above; through `&NodesMut` nothing is read but the number of nodes.
unsafe impl<T: Sync> Sync for NodesMut<'_, T> {}

impl<T> NodesMut<'_, T> {
    /// How many there are: the work-items of a launch.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }
}

impl<T: KernelNode + TypeInfo> NodesMut<'_, T> {
    /// The nodes in the order of the work-items, to be paired with what `collect` gives.
    pub fn iter(&mut self) -> impl ExactSizeIterator<Item = &T> + DoubleEndedIterator {
        self.refresh();
        // SAFETY: each is the address of a node of a structure that is borrowed exclusively; nobody writes to it as long as
        // `self` is borrowed.
        self.table.iter().map(|node| unsafe { &*node.cast::<T>() })
    }

    /// The nodes for one launch. Code that does not keep to what kernels may do could exchange the contents of two views
    /// meanwhile, and with them what they own; so nothing that was known of the structure is believed afterwards.
    pub(crate) fn lend(&mut self) -> &[Address] {
        self.refresh();
        self.fresh = false;
        &self.table
    }

    /// The same, where there will be one launch only.
    pub(crate) fn give(mut self) -> Vec<Address> {
        self.refresh();
        self.table
    }

    fn refresh(&mut self) {
        if !self.fresh {
            // SAFETY: the structure is borrowed exclusively for 'a, and nobody uses it while `self` is borrowed.
            self.table = unsafe { table::<T>(self.root, self.ty) };
            self.fresh = true;
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: KernelNode + TypeInfo, R: OwnedAlone + TypeInfo> NodeSource<T> for &'a mut R {
    type Nodes = NodesMut<'a, T>;

    fn into_nodes(self) -> NodesMut<'a, T> {
        let root = Root { data: std::ptr::from_mut(self).cast(), count: 1, exclusive: true };
        // SAFETY: the structure is borrowed exclusively for 'a.
        let table = unsafe { table::<T>(root, R::DESC) };
        NodesMut { root, ty: R::DESC, table, fresh: true, borrow: PhantomData }
    }
}

/// Addresses of the nodes of a structure.
///
/// # Panics
/// As [`nodes`].
///
/// # Safety
/// The root is a value of the type that is described, and borrowed.
unsafe fn table<T: KernelNode>(root: Root, ty: Ty) -> Vec<Address> {
    const { assert!(size_of::<T>() > 0, "values without a size have no address that tells them apart") };
    let wanted = <T::Erased as TypeInfo>::DESC;
    // SAFETY: passed on; the derive vouches for the description.
    let reached = unsafe { reached(LinkMap::of(ty), root, (wanted.id)(), &Alone) };
    match reached {
        Ok(Some(table)) => table,
        Ok(None) => panic!("no link of `{ty}` leads to a `{wanted}`"),
        Err(error) => panic!("{error}"),
    }
}
