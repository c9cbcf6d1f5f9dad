//! Every node of a structure a work-item: handles for parameters `#[node] n: &Node`.
#![allow(unsafe_code)]

use super::gather::Alone;
use super::how::Root;
use super::map::LinkMap;
use super::reached::reached;
use crate::types::{KernelNode, Ty, TypeInfo};

/// What [`nodes`] takes: a borrow of a structure.
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
/// # Panics
/// If nothing in the structure can be a `T`, or if there is no memory for a list of the nodes.
pub fn nodes<T: KernelNode + TypeInfo, S: NodeSource<T>>(structure: S) -> S::Nodes {
    structure.into_nodes()
}

/// The nodes of a structure that is borrowed for `'a`. See [`nodes`].
#[derive(Clone, Debug)]
pub struct Nodes<'a, T> {
    pub(crate) table: Vec<&'a T>,
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

/// Types without lifetimes: by its description alone a node with another lifetime would look the same.
impl<'a, T: KernelNode + TypeInfo, R: KernelNode + TypeInfo> NodeSource<T> for &'a R {
    type Nodes = Nodes<'a, T>;

    fn into_nodes(self) -> Nodes<'a, T> {
        let root = Root { data: std::ptr::from_ref(self).cast_mut().cast(), count: 1, exclusive: false };
        // SAFETY: the structure is borrowed for 'a.
        let table = unsafe { table::<T>(root, R::DESC) };
        // SAFETY: each is the address of a `T` in the structure, aligned and borrowed for 'a: `table` has compared types, and
        // types without lifetimes are known by their ids.
        Nodes { table: table.into_iter().map(|node| unsafe { &*node }).collect() }
    }
}

/// Addresses of the nodes of a structure.
///
/// # Panics
/// As [`nodes`].
///
/// # Safety
/// The root is a value of the type that is described, and borrowed.
unsafe fn table<T: KernelNode + TypeInfo>(root: Root, ty: Ty) -> Vec<*mut T> {
    const { assert!(size_of::<T>() > 0, "values without a size have no address that tells them apart") };
    // SAFETY: passed on; the derive vouches for the description.
    let reached = unsafe { reached(LinkMap::of(ty), root, (T::DESC.id)(), &Alone) };
    match reached {
        Ok(Some(table)) => table.into_iter().map(<*mut u8>::cast).collect(),
        Ok(None) => panic!("no link of `{ty}` leads to a `{}`", T::DESC),
        Err(error) => panic!("{error}"),
    }
}
