//! A structure rebuilt as one run of bytes.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::how::Target;
use super::map::LinkMap;
use super::storage::Storage;
use super::table::{Address, Table};
use crate::types::Ty;

/// A linked structure as one run of bytes, with pointers for a [`Target`]. See the [module's docs](super) for what lies where.
pub struct Image<'a> {
    pub(super) bytes: Storage,
    pub(super) len: u64,
    pub(super) root: u64,
    pub(super) target: Target,
    pub(super) map: &'a LinkMap,
    /// The nodes, if they were kept.
    pub(super) table: Option<Table>,
    /// The nodes' addresses are good for this long.
    pub(super) borrow: PhantomData<&'a mut ()>,
}

/// A node of an image.
#[derive(Clone, Copy, Debug)]
pub struct NodeAt {
    /// Where it is on the host.
    pub host: *const u8,
    /// Where it is in the image, in bytes from its start.
    pub place: u64,
    /// What it is; `None` for types that were not made from a description.
    pub ty: Option<Ty>,
    /// Whether it was reached through an `Arc` or a reference, so that nobody may write to it.
    pub shared: bool,
}

impl<'a> Image<'a> {
    /// The bytes. Padding and gaps between nodes may be uninitialised.
    pub fn bytes(&self) -> &[MaybeUninit<u8>] {
        self.bytes.bytes(self.len as usize)
    }

    /// The bytes, for what a device made of them: to be followed by [`Self::write_back`].
    ///
    /// # Safety
    /// Only plain fields are written, and with valid values of their types: links are never made again.
    pub unsafe fn bytes_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        self.bytes.bytes_mut(self.len as usize)
    }

    /// Place of the root, in bytes; of several, of the first. 8 if it has no bytes.
    pub fn root(&self) -> u64 {
        self.root
    }

    /// What its pointers are made for.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Number of nodes with links or behind links of their own (elements of a `Vec` without links are not counted), or
    /// `None` if they were not kept.
    pub fn node_count(&self) -> Option<usize> {
        self.table.as_ref().map(|table| table.nodes.len())
    }

    /// The nodes in structure order, breadth-first: the root first, then what its links lead to, and so on. Empty if they were
    /// not kept.
    pub fn nodes(&self) -> impl Iterator<Item = NodeAt> {
        self.table.iter().flat_map(|table| table.stretches().map(move |(run, nodes)| (table, run, nodes))).flat_map(
            |(table, run, nodes)| {
                let ty = self.map.kinds[run.kind].ty;
                table.nodes[nodes].iter().zip(0_u64..).map(move |(&host, number): (&Address, u64)| NodeAt {
                    host,
                    place: run.place + number * run.stride,
                    ty,
                    shared: run.shared,
                })
            },
        )
    }
}
