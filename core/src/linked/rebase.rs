//! An image for another address: its pointers of 64 bits, moved to where a device has it.
#![allow(unsafe_code)]

use std::convert::Infallible;
use std::mem::MaybeUninit;

use super::gather::{Crew, each_once};
use super::how::Target;
use super::image::Image;
use super::map::{Hole, LinkMap, NodeMap, Shape};
use super::node;
use super::table::{Run, Table};

/// Pieces begin at multiples of this, in bytes: links are words of 64 bits, so that none lies in two pieces.
const WORD: usize = 8;
/// Bytes that are worth a piece of their own.
const PIECE: usize = 1 << 18;

impl Image<'_> {
    /// What the image's first byte has to be aligned to, in bytes, for its nodes to be aligned: at least 8.
    pub fn align(&self) -> usize {
        self.map.kinds.iter().map(|kind| kind.align).fold(WORD, usize::max)
    }

    /// Moves the pointers to where the image's first byte has the address `base`, a multiple of [`Self::align`]; null stays null.
    /// [`Self::target`] is `Address(base)` from then on. `false`: pointers are words, or nodes were not kept, and nothing was done.
    ///
    /// # Panics
    /// If the image would reach over the end of the address space.
    #[must_use]
    pub fn rebase(&mut self, base: u64, crew: &dyn Crew) -> bool {
        let (start, len) = (self.bytes.start(), self.len as usize);
        let Some(moved) = self.moved(base) else { return false };
        // SAFETY: the image's own bytes, which are borrowed exclusively; that they are read where they are written is allowed.
        unsafe { moved.pieces(start, start, 0, len, crew) };
        self.target = Target::Address(base);
        true
    }

    /// Copies the image's bytes from `place` on to where they go on their way to a device, with pointers for an image whose first
    /// byte has the address `base` there. The image itself stays as it is, so that several devices can have it, in any chunks. `false`: pointers are words, or nodes were not kept, and nothing was done.
    ///
    /// Bytes of `to` are initialised where those of the image are.
    ///
    /// # Panics
    /// - If `place` or the length of `to` is not a multiple of 8 (the image's own length is), or they reach over the image's end.
    /// - If the image would reach over the end of the address space.
    #[must_use]
    pub fn copy_based(&self, base: u64, place: u64, to: &mut [MaybeUninit<u8>], crew: &dyn Crew) -> bool {
        let Some(moved) = self.moved(base) else { return false };
        let words = place.is_multiple_of(WORD as u64) && to.len().is_multiple_of(WORD);
        assert!(words, "an image is copied by words of 64 bits");
        let at = usize::try_from(place).unwrap_or(usize::MAX);
        let image = self.bytes();
        let inside = at <= image.len() && to.len() <= image.len() - at;
        assert!(inside, "{} bytes from {at} on reach over the end of an image of {}", to.len(), image.len());
        // The pointer is that of the whole image: tags are read of nodes that begin before the chunk, or end behind it.
        // SAFETY: as many bytes of the image and of `to`, which is borrowed exclusively.
        unsafe { moved.pieces(image.as_ptr().cast(), to.as_mut_ptr().cast(), at, to.len(), crew) };
        true
    }

    /// What moving the pointers takes, if it can be done.
    fn moved(&self, base: u64) -> Option<Moved<'_>> {
        let (Target::Address(old), Some(table)) = (self.target, &self.table) else { return None };
        assert!(base.checked_add(self.len).is_some(), "an image of {} bytes at {base:#x} reaches too far", self.len);
        Some(Moved { map: self.map, table, by: base.wrapping_sub(old) })
    }
}

/// An image's nodes, and by how much their pointers are to be moved.
struct Moved<'i> {
    map: &'i LinkMap,
    table: &'i Table,
    by: u64,
}

/// Bytes of an image, and where they go.
#[derive(Clone, Copy)]
struct Piece {
    /// The image's first byte.
    image: *const u8,
    /// Where the piece's first byte goes: elsewhere, or where it is.
    to: *mut u8,
    /// Of the piece's first byte.
    place: usize,
    len: usize,
}

/// For several threads.
struct Shared(Piece);
// SAFETY: each thread writes a part of its own, and tags, which all may read, are written by none.
unsafe impl Sync for Shared {}

impl Moved<'_> {
    /// Copies bytes of the image (unless they are where they go) and moves their pointers, on some threads.
    ///
    /// # Safety
    /// - The image's first byte is at `image`; `len` of its bytes from `place` on, a multiple of 8, go to `to`, which is theirs alone.
    /// - Links are initialised, and tags are such of their enums: what a walk makes of them.
    unsafe fn pieces(&self, image: *const u8, to: *mut u8, place: usize, len: usize, crew: &dyn Crew) {
        let pieces = crew.pieces().min(len / PIECE).max(1);
        let bound = |piece: usize| len / WORD * piece / pieces * WORD;
        let all = &Shared(Piece { image, to, place, len });
        each_once(crew, pieces, &|piece| {
            let Piece { image, to, place, .. } = all.0;
            let (start, end) = (bound(piece), bound(piece + 1));
            // SAFETY: passed on; pieces do not overlap.
            unsafe {
                self.piece(Piece { image, to: to.wrapping_add(start), place: place + start, len: end - start });
            }
        });
    }

    /// # Safety
    /// As [`Self::pieces`]'.
    unsafe fn piece(&self, piece: Piece) {
        let from = piece.image.wrapping_add(piece.place);
        if !std::ptr::eq(from, piece.to) {
            // SAFETY: as many bytes of the image, and of what is borrowed exclusively, so not of the image.
            unsafe { std::ptr::copy_nonoverlapping(from, piece.to, piece.len) };
        }
        // Runs lie in the order of their places.
        let end = (piece.place + piece.len) as u64;
        let first = self.table.runs.partition_point(|run| run.place <= piece.place as u64).saturating_sub(1);
        for (number, run) in self.table.runs.iter().enumerate().skip(first) {
            if run.place >= end {
                break;
            }
            // SAFETY: passed on; the run is one of the image's.
            unsafe { self.run(run, self.table.end(number) - run.first, piece) };
        }
    }

    /// Moves the pointers of those nodes of a run that have bytes in the piece.
    ///
    /// # Safety
    /// As [`Self::pieces`]'; the run has `count` nodes.
    unsafe fn run(&self, run: &Run, count: usize, piece: Piece) {
        let kind = &self.map.kinds[run.kind];
        if matches!(kind.shape, Shape::Plain) || run.stride == 0 {
            return;
        }
        let before = (piece.place as u64).saturating_sub(run.place) / run.stride;
        let until = ((piece.place + piece.len) as u64 - run.place).div_ceil(run.stride).min(count as u64);
        for number in before..until {
            let place = (run.place + number * run.stride) as usize;
            // SAFETY: passed on; a node of that kind lies there.
            unsafe { self.node(kind, place, piece) };
        }
    }

    /// Moves those pointers of a node that lie in the piece.
    ///
    /// # Safety
    /// As [`Self::pieces`]'; a copy of a node of that kind is at the place.
    #[inline(always)]
    unsafe fn node(&self, kind: &NodeMap, place: usize, piece: Piece) {
        // SAFETY: passed on; links and tags lie in the node where its description says, and its copy has the same tags.
        unsafe {
            if let Shape::Uniform { offsets, .. } = &kind.shape {
                return offsets.iter().for_each(|offset| self.link(place + offset, piece));
            }
            let node = piece.image.add(place).cast_mut();
            let Ok(()) = node::holes(&kind.steps, node, 0, &mut |offset, hole| {
                match *hole {
                    Hole::Boxed(_) | Hole::Reference(_) | Hole::Counted { .. } => self.link(place + offset, piece),
                    Hole::Array { data, .. } => self.link(place + offset + data, piece),
                    Hole::Atomic(_) | Hole::Tag(_) => {}
                }
                Ok::<(), Infallible>(())
            });
        }
    }

    /// Moves a pointer, if it lies in the piece.
    ///
    /// # Safety
    /// As [`Self::pieces`]'; a pointer lies at that place of the image.
    #[inline(always)]
    unsafe fn link(&self, place: usize, piece: Piece) {
        let Some(at) = place.checked_sub(piece.place).filter(|at| at + WORD <= piece.len) else { return };
        // SAFETY: passed on; pieces consist of words, and so do places of pointers, so the whole pointer lies in the piece.
        unsafe {
            let pointer = piece.image.add(place).cast::<u64>().read_unaligned();
            let moved = if pointer == 0 { 0 } else { pointer.wrapping_add(self.by) };
            piece.to.add(at).cast::<u64>().write_unaligned(moved);
        }
    }
}
