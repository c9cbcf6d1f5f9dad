//! Counting.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::kernel;

/// Counts bytes: `counts[b]` grows by the number of bytes `b`. It has 256 elements, and wraps past `u32::MAX`.
#[kernel]
pub fn bytes(counts: &[AtomicU32], byte: &u8) {
    counts[*byte as usize].fetch_add(1, Ordering::Relaxed);
}

/// Counts values from `low` (inclusive) to `high` (exclusive) in as many bins of equal width as `counts` has elements;
/// others are not counted, nor is NaN.
#[kernel]
pub fn bins(low: f32, high: f32, counts: &[AtomicU32], x: &f32) {
    if *x >= low && *x < high {
        let bin = ((*x - low) / (high - low) * counts.len() as f32) as usize;
        let last = counts.len() - 1;
        counts[if bin > last { last } else { bin }].fetch_add(1, Ordering::Relaxed);
    }
}
