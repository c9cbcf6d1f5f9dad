//! Where the results of work-items go: nowhere, into a fresh vector, or folded.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ops::Range;

use crate::reduction::Reduction;
use crate::tally::TABLES;
use crate::types::KernelValue;

thread_local! {
    static FAILED_ITEM: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Number (in its part) of the work-item that panicked last on this thread; resets it.
pub fn take_failed_item() -> Option<usize> {
    let item = FAILED_ITEM.replace(usize::MAX);
    (item != usize::MAX).then_some(item)
}

/// Knows which work-item runs. Only the unwinding path reads it, and by value, so it costs nothing while all goes well:
/// the number stays in a register.
struct Cursor(usize);

impl Drop for Cursor {
    #[inline(always)]
    fn drop(&mut self) {
        note_failed_item(self.0);
    }
}

#[cold]
#[inline(never)]
fn note_failed_item(item: usize) {
    FAILED_ITEM.set(item);
}

/// What is done for each work-item. Not a closure: the loop is compiled for several kinds of processors, and has to contain
/// this in each.
pub trait EachItem<R> {
    /// Runs one work-item.
    ///
    /// # Safety
    /// As whoever made this says.
    unsafe fn run(&mut self, item: usize) -> R;
}

/// Runs work-items in a loop and takes what they return.
pub trait Sink<R> {
    /// Runs `each` once for each number of the range.
    ///
    /// # Safety
    /// `each` may be run for these numbers.
    unsafe fn drive(&mut self, items: Range<usize>, each: impl EachItem<R>);
}

/// Drops the results.
pub struct Discard;

impl<R> Sink<R> for Discard {
    #[inline(always)]
    unsafe fn drive(&mut self, items: Range<usize>, mut each: impl EachItem<R>) {
        let mut cursor = Cursor(items.start);
        while cursor.0 < items.end {
            // SAFETY: one of the range.
            unsafe { each.run(cursor.0) };
            cursor.0 += 1;
        }
        std::mem::forget(cursor);
    }
}

/// Drops the results; unrolled, so that which table an item adds to is known in each place of the loop.
pub(super) struct InTurn;

impl<R> Sink<R> for InTurn {
    #[inline(always)]
    unsafe fn drive(&mut self, items: Range<usize>, mut each: impl EachItem<R>) {
        let mut cursor = Cursor(items.start);
        let blocks = items.len() / TABLES;
        for block in 0..blocks {
            for k in 0..TABLES {
                cursor.0 = items.start + block * TABLES + k;
                // SAFETY: one of the range.
                unsafe { each.run(cursor.0) };
            }
        }
        for rest in items.start + blocks * TABLES..items.end {
            cursor.0 = rest;
            // SAFETY: one of the range.
            unsafe { each.run(rest) };
        }
        std::mem::forget(cursor);
    }
}

/// Writes the result of item `i` to element `i`.
pub struct Collect<'o, R>(pub &'o mut [MaybeUninit<R>]);

impl<R> Sink<R> for Collect<'_, R> {
    #[inline(always)]
    unsafe fn drive(&mut self, items: Range<usize>, mut each: impl EachItem<R>) {
        let mut cursor = Cursor(items.start);
        let results = &mut self.0[items];
        for result in results {
            // SAFETY: one of the range, for the results are as many.
            result.write(unsafe { each.run(cursor.0) });
            cursor.0 += 1;
        }
        std::mem::forget(cursor);
    }
}

/// Folds the results, in lanes: the order of a reduction is ours, and lanes let the compiler vectorise it.
pub struct Fold<R, O> {
    lanes: [R; LANES],
    operation: std::marker::PhantomData<O>,
}

/// Enough for four accumulators of eight f32 each, which hides the latency of an addition.
const LANES: usize = 32;

impl<R: KernelValue, O: Reduction<R>> Fold<R, O> {
    /// An empty fold.
    #[inline(always)]
    pub fn new() -> Self {
        Fold { lanes: [O::identity(); LANES], operation: std::marker::PhantomData }
    }

    /// The fold of all results.
    #[inline(always)]
    pub fn finish(mut self) -> R {
        // Halves onto halves: as many steps as LANES has bits, not as LANES.
        let mut half = LANES / 2;
        while half > 0 {
            for lane in 0..half {
                self.lanes[lane] = O::combine(self.lanes[lane], self.lanes[lane + half]);
            }
            half /= 2;
        }
        self.lanes[0]
    }
}

impl<R: KernelValue, O: Reduction<R>> Default for Fold<R, O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: KernelValue, O: Reduction<R>> Sink<R> for Fold<R, O> {
    #[inline(always)]
    unsafe fn drive(&mut self, items: Range<usize>, mut each: impl EachItem<R>) {
        let mut cursor = Cursor(items.start);
        let mut lanes = self.lanes;
        let blocks = items.len() / LANES;
        for block in 0..blocks {
            let first = items.start + block * LANES;
            for (lane, folded) in lanes.iter_mut().enumerate() {
                cursor.0 = first + lane;
                // SAFETY: one of the range.
                *folded = O::combine(*folded, unsafe { each.run(first + lane) });
            }
        }
        for rest in items.start + blocks * LANES..items.end {
            cursor.0 = rest;
            // SAFETY: one of the range.
            lanes[0] = O::combine(lanes[0], unsafe { each.run(rest) });
        }
        self.lanes = lanes;
        std::mem::forget(cursor);
    }
}
