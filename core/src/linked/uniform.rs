//! The fast loop: nodes of one kind whose links are all boxes of one kind. Lists and trees spend their walk here.
#![allow(unsafe_code)]

use super::chain;
use super::how::{FlattenError, Target};
use super::loops::{Steady, select};
use super::map::{Kind, NodeMap};
use super::split;
use super::table::{Address, Run};
use super::walk::Walk;

/// Nodes between two looks at whether there is room.
const CHUNK: usize = 256;
/// Nodes between two returns to the queue, which may drop those behind.
const VISIT: usize = 1 << 16;

/// Nodes of one run, and what their links are.
#[derive(Clone, Copy)]
pub(super) struct Nodes<'m> {
    pub(super) run: Run,
    pub(super) kind: &'m NodeMap,
    /// Of the links, in bytes.
    pub(super) offsets: &'m [usize],
    /// Distance of children in the image, in bytes.
    pub(super) stride: u64,
}

impl Nodes<'_> {
    /// Place of the node of that number.
    pub(super) fn place(&self, number: usize) -> u64 {
        self.run.place + (number - self.run.first) as u64 * self.run.stride
    }
}

/// Visits nodes of a run from `at` on, which moves on: to the run's end, or some thousand nodes.
///
/// # Safety
/// As [`Walk`]'s visits: `at` and all nodes after it in the run are alive, unchanged and of `kind`, whose links are boxes of
/// `target` at `offsets` and nothing else.
pub(super) unsafe fn visit<'m>(
    walk: &mut Walk<'m, '_>,
    kind: &'m NodeMap,
    offsets: &'m [usize],
    target: Kind,
    at: &mut usize,
    number: usize,
) -> Result<(), FlattenError> {
    let run = walk.table.runs[number];
    let child = &walk.kinds[target];
    walk.next = walk.next.next_multiple_of(child.align.max(8) as u64);
    let nodes = Nodes { run, kind, offsets, stride: child.stride() as u64 };
    walk.table.open(target, walk.next, nodes.stride, run.shared);
    // Whether children continue the very run that they are found in, so that its end moves.
    let own = walk.table.runs.len() == number + 1;
    let end = if own { usize::MAX } else { walk.table.end(number) };
    if own && offsets.len() == 1 && *at + 1 == walk.table.nodes.len() && run.stride == nodes.stride {
        // SAFETY: passed on: the last run is this one, and children at `walk.next` continue it.
        return unsafe { chain::visit(walk, nodes, at, number) };
    }
    // SAFETY: passed on; the last run is one that children at `walk.next` continue.
    unsafe {
        if split::worth_it(walk, end.min(walk.table.nodes.len()) - *at) {
            return split::visit(walk, nodes, at, end.min(walk.table.nodes.len()));
        }
        let leave = *at + VISIT;
        while *at < end.min(leave).min(walk.table.nodes.len()) {
            few(walk, nodes, at, end)?;
        }
    }
    Ok(())
}

/// How many nodes from `place` on the limit allows.
///
/// # Errors
/// If that is none.
pub(super) fn fit(walk: &Walk<'_, '_>, place: u64, distance: u64) -> Result<usize, FlattenError> {
    match walk.limit.saturating_sub(place) / distance {
        0 => Err(FlattenError::TooLarge { bytes: walk.next.max(place + distance), limit: walk.limit }),
        fit => Ok(usize::try_from(fit).unwrap_or(usize::MAX)),
    }
}

/// Visits up to [`CHUNK`] nodes on this thread.
///
/// # Safety
/// As [`visit`]'s, and the last run is one that children at `walk.next` continue.
unsafe fn few(walk: &mut Walk<'_, '_>, nodes: Nodes<'_>, at: &mut usize, end: usize) -> Result<(), FlattenError> {
    let (place, distance) = (nodes.place(*at), nodes.run.stride);
    let count = end.saturating_sub(*at).min(CHUNK).min(fit(walk, place, distance)?);
    walk.table.nodes.reserve(count * nodes.offsets.len())?;
    if let Some(image) = &mut walk.image {
        image.reserve(place + count as u64 * distance)?;
    }
    let queue = walk.table.nodes.start();
    let mut chunk = Chunk {
        nodes: queue,
        out: queue,
        len: walk.table.nodes.len(),
        at: *at,
        stop: *at + count,
        // Up to there and further there is room now; without an image nothing is written.
        to: walk.image.as_ref().map_or(std::ptr::null_mut(), |image| image.start().wrapping_add(place as usize)),
        next: walk.next,
    };
    // SAFETY: the nodes are as the caller promises; there is room in the queue for a child of each link of `count` nodes, and
    // in the image for as many nodes, unless there is none. Entries below `len` are initialised, all of them by pushes or
    // by the chunk itself.
    unsafe {
        chunk.visit::<false>(nodes, walk.image.is_some(), walk.target);
        walk.table.nodes.set_len(chunk.len);
    }
    *at = chunk.at;
    walk.next = chunk.next;
    walk.check()
}

/// Some nodes to visit.
pub(super) struct Chunk {
    /// The queue. Its entries before `stop` are filled, or are filled by this chunk before it gets there.
    pub(super) nodes: *mut Address,
    /// Where children go, from number `len` on: the queue itself, or memory of its own.
    pub(super) out: *mut Address,
    pub(super) len: usize,
    /// The next node to visit.
    pub(super) at: usize,
    pub(super) stop: usize,
    /// Where the node at `at` goes.
    pub(super) to: *mut u8,
    /// Place of the next child.
    pub(super) next: u64,
}

impl Chunk {
    /// Visits the nodes until `stop`, or until none is left. `SPLIT`: children do not go to the queue itself.
    ///
    /// # Safety
    /// - Nodes from `at` on are alive, unchanged and as `nodes` says. The queue is filled up to `stop`, or (unless `SPLIT`) up
    ///   to `len` and `out` is the queue.
    /// - `out` has room for all their children from number `len` on.
    /// - With an image, `to` has room for all nodes up to `stop`, at their distance.
    pub(super) unsafe fn visit<const SPLIT: bool>(&mut self, nodes: Nodes<'_>, image: bool, target: Target) {
        let (shift, base) = match target {
            Target::Words => (2, 0),
            Target::Address(base) => (0, base),
        };
        let distance = nodes.run.stride as usize;
        let steady = Steady { distance, size: nodes.kind.size, stride: nodes.stride, shift, base };
        let run = select::<SPLIT>(image, nodes.kind.size, nodes.offsets);
        // SAFETY: passed on; the loop was chosen for this size and these links.
        unsafe { run(self, nodes.offsets, &steady) }
    }
}
