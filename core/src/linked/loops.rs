//! The fast loop itself, made for the size of nodes and the places of their links where those are usual ones.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use super::node::prefetch;
use super::table::Address;
use super::uniform::Chunk;
use super::walk::AHEAD;

/// What the loop need not look up.
pub(super) struct Steady {
    /// Distance of nodes in the image, in bytes.
    pub(super) distance: usize,
    /// Of a node, in bytes.
    pub(super) size: usize,
    /// Distance of children, in bytes.
    pub(super) stride: u64,
    /// How a place becomes a pointer.
    pub(super) shift: u32,
    pub(super) base: u64,
}

/// A loop over a chunk, whose nodes have links at these offsets.
pub(super) type Loop = unsafe fn(&mut Chunk, &[usize], &Steady);

/// The loop for nodes of a size with links at these offsets; without an image, sizes are all the same to it. `SPLIT`: children
/// do not go to the queue itself.
pub(super) fn select<const SPLIT: bool>(image: bool, size: usize, offsets: &[usize]) -> Loop {
    let words = size / 8;
    if !image || words > 8 {
        return if image { run::<SPLIT, true, 0, 0> } else { run::<SPLIT, false, 0, 0> };
    }
    let links = offsets.iter().fold(0, |links, offset| links | 1 << (offset / 8));
    macro_rules! loops {
        ($(($words:literal: $($links:literal)*))*) => {
            match (words, links) {
                $($(($words, $links) => run::<SPLIT, true, $words, $links>,)*)*
                $(($words, _) => run::<SPLIT, true, $words, 0>,)*
                _ => run::<SPLIT, true, 0, 0>,
            }
        };
    }
    // Two links in up to 4 words: binary trees.
    loops!((1:) (2: 0b11) (3: 0b011 0b101 0b110) (4: 0b0011 0b0101 0b0110 0b1001 0b1010 0b1100) (5:) (6:) (8:))
}

/// The loop. `WORDS`: words of 64 bits of a node, 0: any; `LINKS`: a bit for each of them that is a link, 0: at `offsets`.
///
/// # Safety
/// As [`Chunk::visit`]'s.
unsafe fn run<const SPLIT: bool, const IMAGE: bool, const WORDS: usize, const LINKS: usize>(
    chunk: &mut Chunk,
    offsets: &[usize],
    steady: &Steady,
) {
    let Chunk { nodes, out, len, mut at, stop, to, next } = *chunk;
    let pointer = steady.base.wrapping_add(next >> steady.shift);
    let mut state = State { out, len, to, pointer, step: steady.stride >> steady.shift };
    // SAFETY: the caller promises entries below `stop`, or below `len` of the queue that this loop itself fills, and room for
    // what is written.
    unsafe {
        loop {
            let known = if SPLIT { stop } else { state.len };
            // More become known meanwhile, but not less.
            let far = stop.min(known.saturating_sub(AHEAD));
            while at < far {
                prefetch(nodes.add(at + AHEAD).read(), steady.size);
                state.node::<IMAGE, WORDS, LINKS>(nodes.add(at).read(), offsets, steady);
                at += 1;
            }
            let known = if SPLIT { stop } else { state.len };
            if at >= stop.min(known) {
                break;
            }
            if at + AHEAD >= known {
                state.node::<IMAGE, WORDS, LINKS>(nodes.add(at).read(), offsets, steady);
                at += 1;
            }
        }
    }
    chunk.next = next + (state.len - len) as u64 * steady.stride;
    (chunk.len, chunk.at) = (state.len, at);
}

/// Where the loop is.
struct State {
    out: *mut Address,
    /// Entries of `out`.
    len: usize,
    /// Where the node goes.
    to: *mut u8,
    /// To the next child.
    pointer: u64,
    /// From child to child.
    step: u64,
}

impl State {
    /// Visits one node.
    ///
    /// # Safety
    /// As [`Chunk::visit`]'s, of the node at `from`.
    #[inline(always)]
    unsafe fn node<const IMAGE: bool, const WORDS: usize, const LINKS: usize>(
        &mut self,
        from: Address,
        offsets: &[usize],
        steady: &Steady,
    ) {
        // SAFETY: what is read of a node are its words and its pointers, at offsets where it has them; what is written are the
        // node's bytes at its place, and its pointers there. Nodes with pointers are aligned for words of 64 bits, and
        // so are their places and sizes.
        unsafe {
            if LINKS != 0 {
                for word in 0..WORDS {
                    let to = self.to.cast::<u64>().wrapping_add(word);
                    if LINKS >> word & 1 == 1 {
                        let child = from.cast::<Address>().add(word).read();
                        to.write(self.child(child));
                    } else {
                        let plain = from.cast::<MaybeUninit<u64>>().add(word).read();
                        to.cast::<MaybeUninit<u64>>().write(plain);
                    }
                }
            } else {
                if IMAGE {
                    copy::<WORDS>(from, self.to, steady.size);
                }
                for &offset in offsets {
                    let pointer = self.child(from.add(offset).cast::<Address>().read());
                    if IMAGE {
                        self.to.add(offset).cast::<u64>().write(pointer);
                    }
                }
            }
        }
        self.to = self.to.wrapping_add(steady.distance);
    }

    /// Puts a child into `out`, and answers the pointer to its place. Without branches: whether a link is null is anybody's
    /// guess, in trees.
    ///
    /// # Safety
    /// `out` has room for it.
    #[inline(always)]
    unsafe fn child(&mut self, child: Address) -> u64 {
        let there = !child.is_null();
        // SAFETY: passed on.
        unsafe { self.out.add(self.len).write(child) };
        self.len += usize::from(there);
        let pointer = if there { self.pointer } else { 0 };
        self.pointer = self.pointer.wrapping_add(if there { self.step } else { 0 });
        pointer
    }
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
