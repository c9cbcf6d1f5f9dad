//! Weighted sums over neighbourhoods in 1, 2 and 3 dimensions. Outside of the array its border goes on.
//!
//! An array of weights has odd extents and its middle is for the element itself. Cost: a multiplication and an addition for each weight
//! and element, in the order of the weights; every element is written once and read from the cache as often as there are weights.

use landbridge::{Device, Index, Index2, Index3, InputFault, Result, kernel, kernel_fn};

use crate::operator::Number;

/// Place `at + k - middle`, kept inside.
#[kernel_fn]
fn inside(at: usize, k: usize, middle: usize, length: usize) -> usize {
    if at + k < middle { 0 } else { (at + k - middle).min(length - 1) }
}

/// In one dimension.
#[kernel]
pub fn line<T: Number>(weights: &[T], from: &[T], i: Index, to: &mut T) {
    let middle = weights.len() / 2;
    let mut sum = weights[0].times(from[inside(i, 0, middle, from.len())]);
    for k in 1..weights.len() {
        sum = sum.plus(weights[k].times(from[inside(i, k, middle, from.len())]));
    }
    *to = sum;
}

/// In two dimensions: `from` has `columns` columns and `weights` has `across`.
#[kernel]
pub fn plane<T: Number>(across: usize, weights: &[T], columns: usize, from: &[T], at: Index2, to: &mut T) {
    let (down, rows) = (weights.len() / across, from.len() / columns);
    let mut sum = T::ZERO;
    for y in 0..down {
        let row = inside(at.y, y, down / 2, rows) * columns;
        for x in 0..across {
            sum = sum.plus(weights[y * across + x].times(from[row + inside(at.x, x, across / 2, columns)]));
        }
    }
    *to = sum;
}

/// In three dimensions: extents are `[deep, down, across]`.
#[kernel]
pub fn space<T: Number>(shape: [usize; 3], weights: &[T], extent: [usize; 3], from: &[T], at: Index3, to: &mut T) {
    let mut sum = T::ZERO;
    for z in 0..shape[0] {
        let layer = inside(at.z, z, shape[0] / 2, extent[0]) * extent[1];
        for y in 0..shape[1] {
            let row = (layer + inside(at.y, y, shape[1] / 2, extent[1])) * extent[2];
            for x in 0..shape[2] {
                let weight = weights[(z * shape[1] + y) * shape[2] + x];
                sum = sum.plus(weight.times(from[row + inside(at.x, x, shape[2] / 2, extent[2])]));
            }
        }
    }
    *to = sum;
}

/// The weighted sums along a line.
///
/// # Errors
/// `BadInput` where `to` is not as long as `from` or the number of weights is even, and as [`Device::run`].
pub fn stencil1<T: Number>(device: &Device, weights: &[T], from: &[T], to: &mut [T]) -> Result<()> {
    fits("weights", weights.len(), weights.len() | 1)?;
    fits("to", to.len(), from.len())?;
    device.run(line(weights, from, to)).map(drop)
}

/// The weighted sums in a matrix of `extent` rows and columns, with `shape` rows and columns of weights.
///
/// # Errors
/// `BadInput` where a slice is not as long as its extent says or an extent of the weights is even, and as [`Device::run`].
pub fn stencil2<T: Number>(
    device: &Device,
    shape: [usize; 2],
    weights: &[T],
    extent: [usize; 2],
    from: &[T],
    to: &mut [T],
) -> Result<()> {
    fits("weights", weights.len(), shape.iter().map(|n| n | 1).product())?;
    fits("from", from.len(), extent.iter().product())?;
    fits("to", to.len(), from.len())?;
    device.run(plane(shape[1], weights, extent[1], from, extent, to)).map(drop)
}

/// The weighted sums in a volume.
///
/// # Errors
/// As [`stencil2`].
pub fn stencil3<T: Number>(
    device: &Device,
    shape: [usize; 3],
    weights: &[T],
    extent: [usize; 3],
    from: &[T],
    to: &mut [T],
) -> Result<()> {
    fits("weights", weights.len(), shape.iter().map(|n| n | 1).product())?;
    fits("from", from.len(), extent.iter().product())?;
    fits("to", to.len(), from.len())?;
    device.run(space(shape, weights, extent, from, extent, to)).map(drop)
}

fn fits(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(InputFault::Length { what, found, expected }.of("stencil")) }
}
