//! The fast loop on several threads, where many nodes wait: each thread takes a piece of those that wait, as if its children
//! came first; then all know how many come before theirs, and move them there. So the order of nodes is that of one thread.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::OnceLock;

use super::gather::each_once;
use super::how::{FlattenError, Target};
use super::queue::Queue;
use super::table::Address;
use super::uniform::{Chunk, Nodes};
use super::walk::{RESERVED, Walk};

/// Nodes that have to wait for each thread to be worth waking.
const PIECE: usize = 1 << 13;
/// Nodes that wait at most while pieces are made: bounds the memory for children.
const MOST: usize = 1 << 20;

/// Whether several threads are of use for that many nodes.
pub(super) fn worth_it(walk: &Walk<'_, '_>, waiting: usize) -> bool {
    waiting >= 2 * PIECE && walk.crew.pieces() > 1
}

/// What a thread found in its piece: its children, by places that begin at [`RESERVED`].
struct Found {
    children: Queue,
    /// Behind the last child's place.
    next: u64,
}

/// Memory that threads share, each its own part.
#[derive(Clone, Copy)]
struct Parts<T>(*mut T);
// SAFETY: each thread touches the part of its own piece only.
unsafe impl<T> Sync for Parts<T> {}

impl<T> Parts<T> {
    fn at(self, number: usize) -> *mut T {
        self.0.wrapping_add(number)
    }
}

/// Visits nodes from `at`, which moves on, up to `end`, or many of them.
///
/// # Safety
/// As [`super::uniform::visit`]'s; the last run is one that children at `walk.next` continue.
pub(super) unsafe fn visit(
    walk: &mut Walk<'_, '_>,
    nodes: Nodes<'_>,
    at: &mut usize,
    end: usize,
) -> Result<(), FlattenError> {
    let all = *at..end.min(*at + MOST);
    let pieces = walk.crew.pieces().min(all.len() / PIECE).max(1);
    let piece = |number: usize| all.start + all.len() * number / pieces..all.start + all.len() * (number + 1) / pieces;
    if let Some(image) = &mut walk.image {
        image.reserve(nodes.place(all.end))?;
    }
    let image = walk.image.as_ref().map(|image| Parts(image.start()));
    let queue = Parts(walk.table.nodes.start());
    let found: Vec<OnceLock<Result<Found, FlattenError>>> = (0..pieces).map(|_| OnceLock::new()).collect();
    let target = walk.target;
    each_once(walk.crew, pieces, &|number| {
        // SAFETY: the queue is filled up to `all.end`, the nodes are as the caller promises, and there is room in the image
        // for all of them; this piece's places are its own.
        let mine = unsafe { look(nodes, queue, piece(number), image, target) };
        let _ = found[number].set(mine);
    });
    let found: Vec<_> = found.into_iter().filter_map(OnceLock::into_inner).collect::<Result<_, _>>()?;
    // SAFETY: passed on.
    unsafe { place(walk, nodes, &found, piece)? };
    *at = all.end;
    walk.check()
}

/// Visits the nodes of a piece.
///
/// # Safety
/// As [`Chunk::visit`]'s of a queue filled up to the piece's end; `image` has room for the nodes.
unsafe fn look(
    nodes: Nodes<'_>,
    queue: Parts<Address>,
    piece: Range<usize>,
    image: Option<Parts<u8>>,
    target: Target,
) -> Result<Found, FlattenError> {
    let mut children = Queue::default();
    children.reserve(piece.len() * nodes.offsets.len())?;
    let mut chunk = Chunk {
        nodes: queue.at(0),
        out: children.start(),
        len: 0,
        at: piece.start,
        stop: piece.end,
        to: image.map_or(std::ptr::null_mut(), |image| image.at(nodes.place(piece.start) as usize)),
        next: RESERVED,
    };
    // Places relative to the piece's first child; the address of the image is added when they are known.
    let target = if target == Target::Words { target } else { Target::Address(0) };
    // SAFETY: passed on; `children` has room for a child of each link.
    unsafe {
        chunk.visit::<true>(nodes, image.is_some(), target);
        children.set_len(chunk.len);
    }
    Ok(Found { children, next: chunk.next })
}

/// Puts what all threads found behind each other: children into the queue, and their places into the nodes.
///
/// # Safety
/// As [`visit`]'s, and `found` is what [`look`] answered for each piece.
unsafe fn place(
    walk: &mut Walk<'_, '_>,
    nodes: Nodes<'_>,
    found: &[Found],
    piece: impl Fn(usize) -> Range<usize> + Sync,
) -> Result<(), FlattenError> {
    let mut len = walk.table.nodes.len();
    let total: usize = found.iter().map(|found| found.children.len()).sum();
    walk.table.nodes.reserve(total)?;
    let mut starts = Vec::with_capacity(found.len());
    for found in found {
        starts.push((len, walk.next));
        len += found.children.len();
        walk.next += found.next - RESERVED;
    }
    let queue = Parts(walk.table.nodes.start());
    let image = walk.image.as_ref().map(|image| Parts(image.start()));
    let target = walk.target;
    each_once(walk.crew, found.len(), &|number| {
        let (at, next) = starts[number];
        let children = &found[number].children;
        // Pointers count up with their places, by the same steps for every target; wrapping makes it right for any.
        let more = target.pointer(next).wrapping_sub(match target {
            Target::Words => target.pointer(RESERVED),
            Target::Address(_) => RESERVED,
        });
        // SAFETY: the queue has room for all children, of which these are this thread's alone; so are its piece's nodes in the
        // image, whose links `look` has written.
        unsafe {
            std::ptr::copy_nonoverlapping(children.as_ptr(), queue.at(at), children.len());
            let Some(image) = image else { return };
            for node in piece(number) {
                let node = image.at(nodes.place(node) as usize);
                for &offset in nodes.offsets {
                    let link = node.add(offset).cast::<u64>();
                    let pointer = link.read();
                    link.write(if pointer == 0 { 0 } else { pointer.wrapping_add(more) });
                }
            }
        }
    });
    // SAFETY: all pieces were copied there, in room that was made.
    unsafe { walk.table.nodes.set_len(len) };
    Ok(())
}
