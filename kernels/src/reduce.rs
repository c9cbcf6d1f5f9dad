//! Folds with any associative operator.
//!
//! The order is fixed, so floats give the same result in every run and on every device that rounds each operation: first each
//! block of [`BLOCK`] neighbours from left to right, then the blocks' results in the same way, until one is left. Cost: `n - 1`
//! combinations, every element read once; `n / BLOCK` results come home from a device. The scheme is that of Blelloch, "Prefix
//! Sums and Their Applications" (1990), with long blocks in the place of pairs.

use std::ops::Mul;

use landbridge::{Device, Index, InputFault, KernelValue, ResidentMut, Result, Scope, kernel};
use rayon::prelude::*;

use crate::host::{PARALLEL, is_host};
use crate::operator::{Number, Operator, plus};

/// Elements that are folded one after the other.
pub const BLOCK: usize = 256;

/// The fold of each block of [`BLOCK`] elements, the last of which may be shorter.
#[kernel]
pub fn blocks<T: KernelValue, O: Operator<T>>(op: O, t: &[T], i: Index) -> T {
    let start = i as u32 * BLOCK as u32; // in 32 bits: in a scope some devices have no more
    let end = (start + BLOCK as u32).min(t.len() as u32);
    let mut folded = t[start as usize];
    for k in start + 1..end {
        folded = op.combine(folded, t[k as usize]);
    }
    folded
}

/// As [`blocks`], of products of pairs.
#[kernel]
pub fn product_blocks<T: KernelValue + Mul<Output = T>, O: Operator<T>>(op: O, x: &[T], y: &[T], i: Index) -> T {
    let start = i * BLOCK;
    let end = (start + BLOCK).min(x.len());
    let mut folded = x[start] * y[start];
    for k in start + 1..end {
        folded = op.combine(folded, x[k] * y[k]);
    }
    folded
}

/// All elements combined in their order; of none, the operator's identity.
///
/// # Errors
/// `BadInput` for more elements than 32 bits count on a device, and as [`Device::collect`].
pub fn reduce<T: KernelValue, O: Operator<T>>(device: &Device, op: O, t: &[T]) -> Result<T> {
    if is_host(device) || t.len() <= BLOCK {
        return Ok(map_on_host(op, t.len(), |k| t[k]));
    }
    countable(t.len())?;
    Ok(finish(op, device.collect(blocks(op, t, t.len().div_ceil(BLOCK)))?))
}

/// Devices count in 32 bits.
fn countable(found: usize) -> Result<()> {
    let limit = u32::MAX as usize - BLOCK;
    if found > limit { Err(InputFault::TooMany { what: "t", found, limit }.of("reduce")) } else { Ok(()) }
}

/// As [`reduce`], of data that stays on the scope's device.
///
/// # Errors
/// `BadInput` for more elements than 32 bits count, and as [`Scope::collect`].
pub fn reduce_resident<'scope, T: KernelValue, O: Operator<T>>(
    scope: &Scope<'scope, '_>,
    op: O,
    t: &ResidentMut<'scope, T>,
) -> Result<T> {
    countable(t.len())?;
    Ok(finish(op, scope.collect(blocks(op, t, t.len().div_ceil(BLOCK)))?))
}

/// The values of a kernel, such as `each!(|x: &f32| -> f32 { x.abs() })(&v)`, combined in the order of the work-items. They come
/// home before they are folded: for data that is already there use [`reduce`], for pairs [`dot`].
///
/// # Errors
/// As [`Device::collect`].
pub fn map_reduce<A, F, O>(device: &Device, op: O, call: landbridge::Call<'static, A, F>) -> Result<F::Output>
where
    A: landbridge::launch::Arguments,
    F: landbridge::launch::Body<A>,
    F::Output: KernelValue,
    O: Operator<F::Output>,
{
    let values = device.collect(call)?;
    Ok(map_on_host(op, values.len(), |k| values[k]))
}

/// The sum of products of pairs, in the order of [`reduce`].
///
/// # Errors
/// `BadInput` where the lengths differ, and as [`Device::collect`].
pub fn dot<T: Number + Mul<Output = T>>(device: &Device, x: &[T], y: &[T]) -> Result<T> {
    if x.len() != y.len() {
        return Err(InputFault::Length { what: "y", found: y.len(), expected: x.len() }.of("dot"));
    }
    if is_host(device) || x.len() <= BLOCK {
        return Ok(map_on_host(plus(), x.len(), |k| x[k] * y[k]));
    }
    Ok(finish(plus(), device.collect(product_blocks(plus(), x, y, x.len().div_ceil(BLOCK)))?))
}

/// Folds what blocks gave.
pub(crate) fn finish<T: KernelValue, O: Operator<T>>(op: O, mut partial: Vec<T>) -> T {
    while partial.len() > 1 {
        partial = partial.chunks(BLOCK).map(|block| fold(op, block.len(), |k| block[k])).collect();
    }
    partial.pop().unwrap_or_else(|| op.identity())
}

/// From left to right; of one at least.
#[inline(always)]
fn fold<T: KernelValue, O: Operator<T>>(op: O, length: usize, value: impl Fn(usize) -> T) -> T {
    (1..length).fold(value(0), |folded, k| op.combine(folded, value(k)))
}

/// Blocks side by side, so that one need not wait for the other's last combination.
const ABREAST: usize = 8;

fn map_on_host<T: KernelValue, O: Operator<T>>(op: O, length: usize, value: impl Fn(usize) -> T + Sync) -> T {
    if length <= BLOCK {
        return if length == 0 { op.identity() } else { fold(op, length, value) };
    }
    let mut partial = vec![op.identity(); length.div_ceil(BLOCK)];
    let part = |first: usize, partial: &mut [T]| {
        for (group, results) in partial.chunks_mut(ABREAST).enumerate() {
            let start = (first + group * ABREAST) * BLOCK;
            if results.len() == ABREAST && start + ABREAST * BLOCK <= length {
                let mut folded: [T; ABREAST] = std::array::from_fn(|b| value(start + b * BLOCK));
                for k in start + 1..start + BLOCK {
                    for (b, folded) in folded.iter_mut().enumerate() {
                        *folded = op.combine(*folded, value(k + b * BLOCK));
                    }
                }
                results.copy_from_slice(&folded);
            } else {
                for (b, result) in results.iter_mut().enumerate() {
                    let start = start + b * BLOCK;
                    *result = fold(op, BLOCK.min(length - start), |k| value(start + k));
                }
            }
        }
    };
    if length < PARALLEL {
        part(0, &mut partial);
    } else {
        let per = partial.len().div_ceil(4 * rayon::current_num_threads()).next_multiple_of(ABREAST);
        partial.par_chunks_mut(per).enumerate().for_each(|(k, results)| part(k * per, results));
    }
    finish(op, partial)
}
