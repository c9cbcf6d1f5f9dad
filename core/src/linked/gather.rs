//! Between an image and its nodes once their addresses are known: no link is followed, so nothing waits for memory and threads
//! share the work.
#![allow(unsafe_code)]

use std::convert::Infallible;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::image::Image;
use super::map::{Hole, NodeMap, Shape};
use super::node::{self, prefetch};
use super::table::{Address, Block};
use super::walk::AHEAD;

/// Threads that share work. Core has none of its own; backends bring theirs.
pub trait Crew: Sync {
    /// How many pieces are worth making, at least 1.
    fn pieces(&self) -> usize;
    /// Calls `work` once for each number below `pieces`, in any order and on any threads, and waits for all.
    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync));
}

/// The calling thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Crew for Alone {
    fn pieces(&self) -> usize {
        1
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..pieces).for_each(work);
    }
}

/// Has `work` done once for each piece, whatever a crew makes of its contract: on it depends which memory is initialised, and
/// that no two threads write to the same. Pieces that the crew leaves out are done here.
///
/// # Panics
/// If a piece's thread panicked and the crew did not pass that on.
pub(super) fn each_once(crew: &dyn Crew, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
    let begun: Vec<AtomicBool> = (0..pieces).map(|_| AtomicBool::new(false)).collect();
    let done = AtomicUsize::new(0);
    let once = |piece: usize| {
        if begun.get(piece).is_some_and(|begun| !begun.swap(true, Ordering::AcqRel)) {
            work(piece);
            done.fetch_add(1, Ordering::AcqRel);
        }
    };
    crew.each(pieces, &once);
    (0..pieces).for_each(once);
    assert_eq!(done.into_inner(), pieces, "a thread panicked while it worked on a linked structure");
}

/// Nodes that are worth a piece of their own.
const PIECE: usize = 1 << 14;

/// Which way plain bytes go.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    ToImage,
    ToNodes,
}

/// The start of an image, for several threads.
struct Start(*mut u8);
// SAFETY: threads touch the places of different nodes only.
unsafe impl Sync for Start {}

impl Image<'_> {
    /// Copies the nodes' plain fields into the image again; links are as they were. `false`: nodes were not kept, and nothing
    /// was done.
    ///
    /// That is what a second flatten of a structure costs whose links are known to be the same.
    pub fn refresh(&mut self, crew: &dyn Crew) -> bool {
        // SAFETY: the nodes are borrowed as `flatten` asks for as long as the image lives, and nodes are only read.
        unsafe { self.transfer(Way::ToImage, crew) }
    }

    /// Copies plain fields from the image back into the nodes: what a kernel changed. Links stay, as does everything that owns
    /// (and tags of enums that do); nodes behind an `Arc` or a reference are left alone. `false`: nodes were not kept, and
    /// nothing was done.
    ///
    /// # Safety
    /// - The root was exclusive, and nothing else reads or writes the structure meanwhile.
    /// - Plain fields in the image are valid values of their types: what [`super::flatten`] or [`Self::refresh`] put there, or
    ///   what a verified kernel made of it.
    pub unsafe fn write_back(&mut self, crew: &dyn Crew) -> bool {
        // SAFETY: passed on.
        unsafe { self.transfer(Way::ToNodes, crew) }
    }

    /// # Safety
    /// As [`Self::write_back`]'s, if that is the way.
    unsafe fn transfer(&mut self, way: Way, crew: &dyn Crew) -> bool {
        let start = Start(self.bytes.start());
        let Some(table) = &self.table else { return false };
        let number = table.nodes.len();
        let pieces = crew.pieces().min(number / PIECE).max(1);
        let bounds = |piece: usize| number * piece / pieces;
        let start = &start;
        each_once(crew, pieces, &|piece| {
            let mine = bounds(piece)..bounds(piece + 1);
            let first = table.runs.partition_point(|run| run.first <= mine.start).saturating_sub(1);
            for number in first..table.runs.len() {
                let run = &table.runs[number];
                let nodes = run.first.max(mine.start)..table.end(number).min(mine.end);
                if nodes.is_empty() {
                    break;
                }
                if run.shared && way == Way::ToNodes {
                    continue;
                }
                let kind = &self.map.kinds[run.kind];
                let place = run.place + (nodes.start - run.first) as u64 * run.stride;
                // SAFETY: these nodes are this piece's alone, as are their places; they are alive and of the run's kind.
                unsafe { stretch(kind, &table.nodes[nodes], start.0.add(place as usize), run.stride as usize, way) };
            }
        });
        for block in &table.blocks {
            // SAFETY: as above, of elements without links.
            unsafe { elements(&self.map.kinds[block.kind], block, start.0, way) };
        }
        true
    }
}

/// Copies nodes of one kind whose places are `stride` apart.
///
/// # Safety
/// They are alive and of the kind, nobody else touches their places, and to write to them is allowed if that is the way.
unsafe fn stretch(kind: &NodeMap, nodes: &[Address], mut place: *mut u8, stride: usize, way: Way) {
    let plain = plain(kind);
    for (number, &node) in nodes.iter().enumerate() {
        if let Some(next) = nodes.get(number + AHEAD) {
            prefetch(*next, kind.size);
        }
        // SAFETY: passed on.
        unsafe {
            match &plain {
                Some(ranges) => ranges.iter().for_each(|range| copy(node, place, range.clone(), way)),
                None => general(kind, node, place, way),
            }
        }
        place = place.wrapping_add(stride);
    }
}

/// What lies between the links, if that does not depend on the node.
fn plain(kind: &NodeMap) -> Option<Vec<Range<usize>>> {
    let offsets = match &kind.shape {
        Shape::Plain => &[][..],
        Shape::Uniform { offsets, .. } => offsets,
        Shape::General => return None,
    };
    let starts = std::iter::once(0).chain(offsets.iter().map(|offset| offset + 8));
    let ends = offsets.iter().copied().chain(std::iter::once(kind.size));
    Some(starts.zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty()).collect())
}

/// Copies what lies between the links of one node, and its atomics.
///
/// # Safety
/// As [`stretch`]'s.
unsafe fn general(kind: &NodeMap, node: Address, place: *mut u8, way: Way) {
    let mut done = 0;
    // SAFETY: passed on; holes lie in the node under the tags that it has, which are not written.
    unsafe {
        let Ok(()) = node::holes(&kind.steps, node, 0, &mut |offset, hole| {
            copy(node, place, done..offset, way);
            done = offset + hole.len();
            if let Hole::Atomic(width) = *hole {
                match way {
                    Way::ToImage => node::load_atomic(node.add(offset), place.add(offset), width),
                    Way::ToNodes => node::store_atomic(place.add(offset), node.add(offset), width),
                }
            }
            Ok::<(), Infallible>(())
        });
        copy(node, place, done..kind.size, way);
    }
}

/// Copies bytes of a node.
///
/// # Safety
/// The range lies in the node at `node` and in its place at `place`.
#[inline(always)]
unsafe fn copy(node: Address, place: *mut u8, range: Range<usize>, way: Way) {
    // SAFETY: passed on; an image and its nodes do not overlap.
    unsafe {
        let (node, place) = (node.add(range.start), place.add(range.start));
        let (from, to) = if way == Way::ToImage { (node, place) } else { (place, node) };
        match range.len() {
            4 => {
                to.cast::<[std::mem::MaybeUninit<u8>; 4]>().write(from.cast::<[std::mem::MaybeUninit<u8>; 4]>().read())
            }
            8 => {
                to.cast::<[std::mem::MaybeUninit<u8>; 8]>().write(from.cast::<[std::mem::MaybeUninit<u8>; 8]>().read())
            }
            bytes => std::ptr::copy_nonoverlapping(from, to, bytes),
        }
    }
}

/// Copies elements without links.
///
/// # Safety
/// As [`stretch`]'s, of the block.
unsafe fn elements(kind: &NodeMap, block: &Block, start: *mut u8, way: Way) {
    if block.shared && way == Way::ToNodes {
        return;
    }
    // SAFETY: passed on.
    unsafe { copy(block.data, start.add(block.place as usize), 0..block.count * kind.size, way) };
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Calls for each number as often as it says, and swallows panics.
    struct Crooked(fn(usize) -> usize);

    impl Crew for Crooked {
        fn pieces(&self) -> usize {
            8
        }

        fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
            for number in 0..pieces + 3 {
                for _ in 0..(self.0)(number) {
                    let _ = catch_unwind(AssertUnwindSafe(|| work(number)));
                }
            }
        }
    }

    #[test]
    fn every_piece_is_done_once_whatever_the_crew_does() {
        let crews: [fn(usize) -> usize; 4] = [|_| 1, |_| 0, |number| number % 2, |_| 3];
        for crew in crews {
            let counts: Vec<AtomicU32> = (0..8).map(|_| AtomicU32::new(0)).collect();
            each_once(&Crooked(crew), 8, &|piece| {
                counts[piece].fetch_add(1, Ordering::Relaxed);
            });
            assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
        }
    }

    #[test]
    fn a_panic_that_a_crew_hides_comes_out() {
        let work = |piece: usize| assert_ne!(piece, 5, "of its own");
        let hidden = catch_unwind(|| each_once(&Crooked(|_| 1), 8, &work)).expect_err("a panic");
        let text = hidden.downcast_ref::<String>().expect("a text");
        assert!(text.contains("a thread panicked while it worked on a linked structure"), "{text}");
    }
}
