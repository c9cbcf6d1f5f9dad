//! The fast loop: nodes of one kind whose links are all boxes of one kind. Lists and trees spend their walk here.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use super::chain;
use super::how::{FlattenError, Target};
use super::map::{Kind, NodeMap};
use super::node::prefetch;
use super::split;
use super::table::{Address, Run};
use super::walk::{AHEAD, Walk};

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

/// What a chunk's loop need not look up.
struct Steady {
    /// Distance of nodes in the image, in bytes.
    distance: usize,
    /// Of a node, in bytes.
    size: usize,
    /// Distance of children, in bytes.
    stride: u64,
    /// How a place becomes a pointer.
    shift: u32,
    base: u64,
}

type Loop = unsafe fn(&mut Chunk, &[usize], &Steady);

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
        let run = select::<SPLIT>(image, nodes.kind.size, nodes.offsets.len());
        // SAFETY: passed on; the loop was chosen for this size and number of links.
        unsafe { run(self, nodes.offsets, &steady) }
    }
}

/// The loop for a size and number of links; without an image, sizes are all the same to it.
fn select<const SPLIT: bool>(image: bool, size: usize, links: usize) -> Loop {
    macro_rules! sizes {
        ($($words:literal)*) => {
            match (size / 8, links) {
                _ if !image => run::<SPLIT, false, 0, 0>,
                $(($words, 1) => run::<SPLIT, true, $words, 1>, ($words, 2) => run::<SPLIT, true, $words, 2>,)*
                (_, 1) => run::<SPLIT, true, 0, 1>,
                (_, 2) => run::<SPLIT, true, 0, 2>,
                _ => run::<SPLIT, true, 0, 0>,
            }
        };
    }
    sizes!(1 2 3 4 5 6 8)
}

/// The loop. `WORDS`: words of 64 bits of a node, `LINKS`: how many it has; 0: any.
///
/// # Safety
/// As [`Chunk::visit`]'s.
unsafe fn run<const SPLIT: bool, const IMAGE: bool, const WORDS: usize, const LINKS: usize>(
    chunk: &mut Chunk,
    offsets: &[usize],
    steady: &Steady,
) {
    let Chunk { nodes, out, mut len, mut at, stop, mut to, mut next } = *chunk;
    let Steady { distance, size, stride, shift, base } = *steady;
    let offsets = if LINKS == 0 { offsets } else { &offsets[..LINKS] };
    // SAFETY: the caller promises entries below `stop`, or below `len` of the queue that this loop itself fills, and room for
    // what is written. What is read of a node are its pointers, at offsets where it has them; what is written are the node's
    // bytes at its place, and then its pointers there. Nodes with pointers are aligned for words of 64 bits, and so are
    // their places and sizes.
    unsafe {
        loop {
            let known = if SPLIT { stop } else { len };
            if at >= stop.min(known) {
                break;
            }
            let from = nodes.add(at).read();
            if at + AHEAD < known {
                prefetch(nodes.add(at + AHEAD).read(), size);
            }
            if IMAGE {
                copy::<WORDS>(from, to, size);
            }
            for &offset in offsets {
                let child = from.add(offset).cast::<Address>().read();
                // Without branches: whether a link is null is anybody's guess, in trees.
                let there = !child.is_null();
                out.wrapping_add(len).write(child);
                len += usize::from(there);
                if IMAGE {
                    let pointer = base.wrapping_add(next >> shift);
                    to.add(offset).cast::<u64>().write(if there { pointer } else { 0 });
                }
                next += stride * u64::from(there);
            }
            to = to.wrapping_add(distance);
            at += 1;
        }
    }
    (chunk.len, chunk.at, chunk.next) = (len, at, next);
}

/// Copies a node, by words if their number is known.
///
/// # Safety
/// `size` bytes, of `WORDS` words unless that is 0, lie at `from` and may be written at `to`; both are aligned for words then.
#[inline(always)]
pub(super) unsafe fn copy<const WORDS: usize>(from: Address, to: *mut u8, size: usize) {
    // SAFETY: passed on; words of `MaybeUninit` may be padding.
    unsafe {
        if WORDS == 0 {
            std::ptr::copy_nonoverlapping(from, to, size);
        } else {
            let words = from.cast::<[MaybeUninit<u64>; WORDS]>().read();
            to.cast::<[MaybeUninit<u64>; WORDS]>().write(words);
        }
    }
}
