//! The nodes of a structure in the order in which they were found.
#![allow(unsafe_code)]

use super::map::Kind;
use super::queue::Queue;

/// Address of a node, with the right to read it (and, in structures borrowed exclusively, to write it).
pub(crate) type Address = *mut u8;

/// The nodes found so far. It is the walk's queue, too: those behind the walk's position are still to be visited.
#[derive(Default)]
pub(crate) struct Table {
    /// One for each node, in structure order (but see [`Self::forget`]).
    pub(crate) nodes: Queue,
    /// What the nodes are: stretches of one kind whose places follow each other.
    pub(crate) runs: Vec<Run>,
    /// Bytes without links: elements of `Vec`s.
    pub(crate) blocks: Vec<Block>,
}

/// Nodes of one kind, the same distance apart in the image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Number of the first node.
    pub(crate) first: usize,
    /// What they are.
    pub(crate) kind: Kind,
    /// Place of the first, in bytes.
    pub(crate) place: u64,
    /// Distance of their places, in bytes.
    pub(crate) stride: u64,
    /// Reached through an `Arc` or a reference: never written.
    pub(crate) shared: bool,
}

/// Elements without links, one after the other.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    /// The first element.
    pub(crate) data: Address,
    /// Elements.
    pub(crate) count: usize,
    /// What they are.
    pub(crate) kind: Kind,
    /// Place of the first, in bytes.
    pub(crate) place: u64,
    /// As in [`Run::shared`].
    pub(crate) shared: bool,
}

// SAFETY: the addresses are followed under the contract of `flatten` only, whose borrow any thread may use: nodes are `Send`
// and `Sync`. What writes to nodes says so, and takes the table's holder exclusively.
unsafe impl Send for Table {}
// SAFETY: as above.
unsafe impl Sync for Table {}

impl Table {
    /// End of the run of that number: one past its last node.
    #[inline(always)]
    pub(crate) fn end(&self, run: usize) -> usize {
        self.runs.get(run + 1).map_or(self.nodes.len(), |next| next.first)
    }

    /// Makes the last run one that a node of this kind at `place` continues.
    #[inline(always)]
    pub(crate) fn open(&mut self, kind: Kind, place: u64, stride: u64, shared: bool) {
        if let Some(run) = self.runs.last_mut() {
            let nodes = self.nodes.len() - run.first;
            let same = run.kind == kind && run.stride == stride && run.shared == shared;
            if same && run.place + nodes as u64 * stride == place {
                return;
            }
            if nodes == 0 {
                *run = Run { first: self.nodes.len(), kind, place, stride, shared };
                return;
            }
        }
        self.runs.push(Run { first: self.nodes.len(), kind, place, stride, shared });
    }

    /// Drops all nodes before `node`, which the run of that number holds or ends with. They are numbered anew from 0.
    pub(crate) fn forget(&mut self, node: usize, run: usize) {
        self.nodes.drop_first(node);
        self.runs.drain(..run);
        if let Some(run) = self.runs.first_mut() {
            run.place += (node - run.first) as u64 * run.stride;
            run.first = node;
        }
        for run in &mut self.runs {
            run.first -= node;
        }
    }

    /// Runs that have nodes, with the numbers of their nodes.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = (&Run, std::ops::Range<usize>)> {
        self.runs.iter().enumerate().map(|(number, run)| (run, run.first..self.end(number)))
    }
}
