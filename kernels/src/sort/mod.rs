//! Stable sorting by radix: digits of 4 bits on devices, of 8 on the host, the lowest first.
//!
//! Devices move 32-bit numbers of elements, not the elements: in each pass every block of [`BLOCK`] counts its digits, the counts come
//! home (`n / 4` bytes), are summed up and go back, and each block puts its numbers where they belong. For keys of `b` bits that is
//! `b / 4` passes, each of which reads every key twice; scratch `8.25 n` bytes and the sorted elements. The host sorts in a
//! copy of the elements: scratch as large as the data. Satish, Harris and Garland, "Designing Efficient Sorting Algorithms for
//! Manycore GPUs" (2009); on the host first by the highest digit, then each bucket by the others (Knuth, vol. 3, 5.2.5).
//!
//! Floats are in the order of `total_cmp`: -NaN, -∞, .., -0, +0, .., ∞, NaN.

mod host;
mod key;

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Device, Index, InputFault, KernelValue, ResidentMut, Result, Scope, kernel, rows, rows_mut};

pub use key::Key;

use crate::gather::gather_kernel;
use crate::host::is_host;

/// Elements that a work-item counts and moves.
pub const BLOCK: usize = 256;

/// Values of a digit.
const RADIX: usize = 16;

/// How often each digit is in a block.
#[kernel]
pub fn count_digits<K: Key>(shift: u32, keys: &[K], order: &[u32], i: Index, #[rows] counts: &mut [u32]) {
    let mut own = [0_u32; RADIX];
    let start = i as u32 * BLOCK as u32; // in 32 bits: in a scope some devices have no more
    let end = (start + BLOCK as u32).min(order.len() as u32);
    for k in start..end {
        own[keys[order[k as usize] as usize].digit(shift) as usize] += 1;
    }
    counts.copy_from_slice(&own);
}

/// Moves the numbers of a block to where those with their digit go, from `places` on.
#[kernel]
pub fn place_digits<K: Key>(
    shift: u32,
    keys: &[K],
    order: &[u32],
    i: Index,
    #[rows] places: &[u32],
    next: &[AtomicU32],
) {
    let mut own = [0_u32; RADIX];
    own.copy_from_slice(places);
    let start = i as u32 * BLOCK as u32; // in 32 bits: in a scope some devices have no more
    let end = (start + BLOCK as u32).min(order.len() as u32);
    for k in start..end {
        let digit = keys[order[k as usize] as usize].digit(shift) as usize;
        next[own[digit] as usize].store(order[k as usize], Ordering::Relaxed);
        own[digit] += 1;
    }
}

/// Sorts, stably.
///
/// # Errors
/// `BadInput` for more elements than 32 bits count on a device, and as [`Device::scope`].
pub fn sort<K: Key>(device: &Device, t: &mut [K]) -> Result<()> {
    if is_host(device) {
        host::sort(t);
        return Ok(());
    }
    let sorted = with_order(device, t, |s, keys, order| s.collect(gather_kernel(keys, order)))?;
    t.copy_from_slice(&sorted);
    Ok(())
}

/// Sorts keys, and values along with them, stably.
///
/// # Errors
/// `BadInput` where there are not as many values as keys, and as [`sort`].
pub fn sort_pairs<K: Key, V: KernelValue>(device: &Device, keys: &mut [K], values: &mut [V]) -> Result<()> {
    if keys.len() != values.len() {
        return Err(InputFault::Length { what: "values", found: values.len(), expected: keys.len() }.of("sort_pairs"));
    }
    let order = order(device, keys)?;
    let sorted: Vec<K> = order.iter().map(|k| keys[*k as usize]).collect();
    let moved: Vec<V> = order.iter().map(|k| values[*k as usize]).collect();
    keys.copy_from_slice(&sorted);
    values.copy_from_slice(&moved);
    Ok(())
}

/// Which element is the smallest, which comes next and so on; of equal ones the first comes first.
///
/// # Errors
/// `BadInput` for more elements than 32 bits count, and as [`Device::scope`].
pub fn order<K: Key>(device: &Device, keys: &[K]) -> Result<Vec<u32>> {
    if is_host(device) {
        countable(keys)?;
        return Ok(host::order(keys));
    }
    with_order(device, keys, |s, _, order| s.read(order, ..))
}

fn countable<K>(keys: &[K]) -> Result<()> {
    let limit = u32::MAX as usize - BLOCK;
    if keys.len() > limit {
        return Err(InputFault::TooMany { what: "keys", found: keys.len(), limit }.of("sort"));
    }
    Ok(())
}

/// Sorts the numbers of the keys on the device, and hands them to `then`.
fn with_order<K: Key, R>(
    device: &Device,
    keys: &[K],
    then: impl for<'s> FnOnce(&'s Scope<'s, '_>, &landbridge::Resident<'s, K>, &ResidentMut<'s, u32>) -> Result<R>,
) -> Result<R> {
    countable(keys)?;
    let mut now: Vec<u32> = (0..keys.len() as u32).collect();
    let mut next = vec![0; keys.len()];
    let mut counts = vec![0; keys.len().div_ceil(BLOCK) * RADIX];
    device.scope(|s| {
        let keys = s.attach(keys);
        let mut now = s.attach_mut(&mut now);
        let mut next = s.attach_zeroed(&mut next);
        let mut counts = s.attach_zeroed(&mut counts);
        if keys.len() > 1 {
            for shift in (0..K::BITS).step_by(4) {
                s.launch(count_digits(shift, &keys, &now, rows_mut(&mut counts, RADIX)))?;
                let places = places(&s.read(&counts, ..)?);
                s.write(&mut counts, 0, &places)?;
                s.launch(place_digits(shift, &keys, &now, rows(&counts, RADIX), &mut next))?;
                std::mem::swap(&mut now, &mut next);
            }
        }
        then(s, &keys, &now)
    })
}

/// Where each block puts the first number of each digit: behind all smaller digits, and behind the same digit of blocks before it.
fn places(counts: &[u32]) -> Vec<u32> {
    let mut places = vec![0; counts.len()];
    let mut sum = 0;
    for digit in 0..RADIX {
        for k in (digit..counts.len()).step_by(RADIX) {
            places[k] = sum;
            sum += counts[k];
        }
    }
    places
}
