//! The fast loop for lists: one node waits, and what it leads to, by its only link, waits next. So addresses go from node to
//! node and not through the queue, which would put a store and a load into the time from one node to the next.
#![allow(unsafe_code)]

use super::how::{FlattenError, Target};
use super::loops::copy;
use super::table::Address;
use super::uniform::{Nodes, fit};
use super::walk::Walk;

/// Nodes between two looks at whether there is room, at least.
const CHUNK: usize = 256;
/// And at most.
const VISIT: usize = 1 << 16;
/// A list whose next node is further away, in bytes, waits for memory at every node.
const SCATTERED: usize = 2 << 20;

/// Visits nodes from `at` on: to the list's end, or some thousand nodes. Where nodes are kept `at` moves on with them;
/// otherwise the last node found takes the place of that at `at` in the queue, unless it was the list's last.
///
/// # Safety
/// The node at `at` and all that its link leads to are alive, unchanged and of `nodes`' kind, whose only link is a box of that
/// kind. It is the last of its run, which is the last one and has the number `run`, and `walk.next` is where that continues.
pub(super) unsafe fn visit(
    walk: &mut Walk<'_, '_>,
    nodes: Nodes<'_>,
    at: &mut usize,
    run: usize,
) -> Result<(), FlattenError> {
    let place = nodes.place(*at);
    let most = fit(walk, place, nodes.stride)?.min(VISIT);
    let mut room = most;
    if let Some(image) = &mut walk.image {
        let node = walk.table.nodes[*at];
        // SAFETY: the node's link, which is a pointer.
        let child = unsafe { node.add(nodes.offsets[0]).cast::<Address>().read() };
        image.small_pages(child.addr().abs_diff(node.addr()) > SCATTERED);
        image.reserve(place + CHUNK.min(most) as u64 * nodes.stride)?;
        room = most.min(((image.capacity() - place) / nodes.stride) as usize);
    }
    let mut queue = std::ptr::null_mut();
    if walk.keep {
        walk.table.nodes.reserve(room)?;
        queue = walk.table.nodes.start().wrapping_add(walk.table.nodes.len());
    }
    let image = walk.image.as_ref().map(|image| image.start().wrapping_add(place as usize));
    let mut chain =
        Chain { node: walk.table.nodes[*at], to: image.unwrap_or(std::ptr::null_mut()), next: walk.next, queue, room };
    let (offset, stride) = (nodes.offsets[0], nodes.stride);
    // SAFETY: the nodes are as the caller promises; there is room for as many nodes in the image, unless there is none, and
    // in the queue, if they are kept. What the loop put there is initialised.
    unsafe {
        let walked = select(image.is_some(), nodes.kind.size);
        walked(&mut chain, offset, &Steady { size: nodes.kind.size, stride, target: walk.target });
        let visited = room - chain.room;
        let found = visited - usize::from(chain.node.is_null());
        walk.next = place + (found + 1) as u64 * stride;
        if walk.keep {
            let len = walk.table.nodes.len();
            walk.table.nodes.set_len(len + found);
            *at += visited;
        } else if chain.node.is_null() {
            *at += 1;
        } else {
            walk.table.nodes[*at] = chain.node;
        }
        if !walk.keep {
            // Of the run's nodes only that at `at` is of use still.
            walk.table.runs[run].place += found as u64 * stride;
        }
    }
    walk.check()
}

/// Where the walk is.
struct Chain {
    /// The node to visit; null behind the last.
    node: Address,
    /// Where it goes.
    to: *mut u8,
    /// Place of its child.
    next: u64,
    /// Where its child goes; null: nowhere.
    queue: *mut Address,
    /// Nodes that there is room for.
    room: usize,
}

/// What the loop need not look up.
struct Steady {
    /// Of a node, in bytes.
    size: usize,
    /// Distance of nodes in the image, in bytes.
    stride: u64,
    target: Target,
}

type Loop = unsafe fn(&mut Chain, usize, &Steady);

/// The loop for a size; without an image, sizes are all the same to it.
fn select(image: bool, size: usize) -> Loop {
    match size / 8 {
        _ if !image => run::<false, 0>,
        2 => run::<true, 2>,
        3 => run::<true, 3>,
        4 => run::<true, 4>,
        5 => run::<true, 5>,
        6 => run::<true, 6>,
        8 => run::<true, 8>,
        _ => run::<true, 0>,
    }
}

/// The loop. `WORDS`: words of 64 bits of a node; 0: any.
///
/// # Safety
/// - `chain.node` and all that follow it are alive and unchanged, with a link at `offset`.
/// - There is room for `chain.room` nodes at `chain.to`, with an image, and for their addresses at `chain.queue`, unless that is
///   null.
unsafe fn run<const IMAGE: bool, const WORDS: usize>(chain: &mut Chain, offset: usize, steady: &Steady) {
    let Chain { mut node, mut to, mut next, mut queue, mut room } = *chain;
    let Steady { size, stride, target } = *steady;
    // SAFETY: as the caller promises. What is read of a node is its pointer, at the offset where it has that; what is written
    // are the node's bytes at its place, and then its pointer there. Nodes with pointers are aligned for words of 64 bits,
    // and so are their places and sizes.
    unsafe {
        while room > 0 && !node.is_null() {
            let child = node.add(offset).cast::<Address>().read();
            if IMAGE {
                copy::<WORDS>(node, to, size);
                let pointer = if child.is_null() { 0 } else { target.pointer(next) };
                to.add(offset).cast::<u64>().write(pointer);
                to = to.wrapping_add(stride as usize);
            }
            if !queue.is_null() && !child.is_null() {
                queue.write(child);
                queue = queue.wrapping_add(1);
            }
            next += stride;
            room -= 1;
            node = child;
        }
    }
    (chain.node, chain.room) = (node, room);
}
