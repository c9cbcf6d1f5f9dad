//! Counting.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Device, Error, InputFault, Result, kernel};
use rayon::prelude::*;

use crate::host::{PARALLEL, is_host};

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

/// Counts numbers: `counts[x]` grows by one.
#[kernel]
pub fn numbers(counts: &[AtomicU32], x: &u32) {
    counts[*x as usize].fetch_add(1, Ordering::Relaxed);
}

/// How often each number below `bins` is there: every number read once; on the host a table of `4 bins` bytes a thread.
///
/// # Errors
/// `BadInput` with the first number that is not below `bins`, and as [`Device::run`].
pub fn histogram(device: &Device, numbers_of: &[u32], bins: usize) -> Result<Vec<u32>> {
    let limit = u32::MAX as usize;
    if numbers_of.len() > limit {
        return Err(InputFault::TooMany { what: "numbers", found: numbers_of.len(), limit }.of("histogram"));
    }
    let outside = |position: usize| {
        let index = u64::from(numbers_of[position]);
        InputFault::Index { what: "numbers", position, index, length: bins }.of("histogram")
    };
    if !is_host(device) {
        let mut counts = vec![0; bins];
        return match device.run(numbers(&mut counts, numbers_of)) {
            Ok(_) => Ok(counts),
            Err(error) => match numbers_of.iter().position(|x| *x as usize >= bins) {
                Some(position) if matches!(error, Error::KernelPanic { .. }) => Err(outside(position)),
                _ => Err(error),
            },
        };
    }
    let table = |part: &[u32]| {
        let mut counts = vec![0_u32; bins];
        let inside = part.iter().all(|x| counts.get_mut(*x as usize).map(|count| *count += 1).is_some());
        inside.then_some(counts)
    };
    let counts = if numbers_of.len() < PARALLEL || bins > numbers_of.len() {
        table(numbers_of)
    } else {
        let add = |mut a: Vec<u32>, b: Vec<u32>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            Some(a)
        };
        let per = numbers_of.len().div_ceil(rayon::current_num_threads());
        numbers_of.par_chunks(per).map(table).try_reduce_with(add).flatten()
    };
    counts.ok_or_else(|| outside(numbers_of.iter().position(|x| *x as usize >= bins).unwrap_or(0)))
}
