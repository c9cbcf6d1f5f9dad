//! Matrices in row-major order.
#![allow(unsafe_code)]

use std::ops::{Add, Mul};

use landbridge::{Device, Index, Index2, InputFault, KernelValue, Result, kernel};
use num_traits::Zero;
use rayon::prelude::*;

use crate::host::{PARALLEL, is_host};
use crate::operator::Number;

/// Element `(at.y, at.x)` of `a * b`, where `a` has `inner` columns and `b` as many rows and `columns` columns. The
/// extent is that of the product: `device.collect(multiply(inner, columns, &a, &b, [rows, columns]))`.
#[kernel]
pub fn multiply<T: KernelValue + Zero + Mul<Output = T> + Add<Output = T>>(
    inner: usize,
    columns: usize,
    a: &[T],
    b: &[T],
    at: Index2,
) -> T {
    let mut sum = T::zero();
    for k in 0..inner {
        sum = sum + a[at.y * inner + k] * b[k * columns + at.x];
    }
    sum
}

/// The mean of an element and its four neighbours; elements on the border stay. `from` has `columns` columns.
#[kernel]
pub fn relax(columns: usize, from: &[f32], at: Index2, to: &mut f32) {
    let i = at.y * columns + at.x;
    let last_row = from.len() / columns - 1;
    *to = if at.y == 0 || at.x == 0 || at.y == last_row || at.x == columns - 1 {
        from[i]
    } else {
        0.2 * (from[i] + from[i - columns] + from[i + columns] + from[i - 1] + from[i + 1])
    };
}

/// Element `(at.y, at.x)` of the transpose of `from`, which has `rows` rows.
#[kernel]
pub fn transposed<T: KernelValue>(rows: usize, from: &[T], at: Index2, to: &mut T) {
    let columns = from.len() / rows;
    *to = from[at.x * columns + at.y];
}

/// Rows and columns of the squares that the host transposes at once: both sides stay in the cache.
const SQUARE: usize = 32;

/// Writes the transpose of `from`, of `rows` rows and `columns` columns, to `to`: every element read and written once.
///
/// # Errors
/// `BadInput` where a slice has not as many elements, and as [`Device::run`].
pub fn transpose<T: KernelValue>(device: &Device, [rows, columns]: [usize; 2], from: &[T], to: &mut [T]) -> Result<()> {
    fits("transpose", "from", from.len(), [rows, columns])?;
    fits("transpose", "to", to.len(), [rows, columns])?;
    if from.is_empty() {
        return Ok(());
    }
    if !is_host(device) {
        return device.run(transposed(rows, from, [columns, rows], to)).map(drop);
    }
    let band = |(band, to): (usize, &mut [T])| {
        let first = band * SQUARE;
        for start in (0..rows).step_by(SQUARE) {
            let end = (start + SQUARE).min(rows);
            for (x, to) in to.chunks_exact_mut(rows).enumerate() {
                for (y, to) in (start..end).zip(&mut to[start..end]) {
                    *to = from[y * columns + first + x];
                }
            }
        }
    };
    if from.len() < PARALLEL {
        to.chunks_mut(SQUARE * rows).enumerate().for_each(band);
    } else {
        to.par_chunks_mut(SQUARE * rows).enumerate().for_each(band);
    }
    Ok(())
}

/// Neighbours of a row that a work-item computes at once: each element of `a` is read once for all of them.
const TILE: usize = 8;

/// Eight neighbours of the product: `a` has `inner` columns, `b` has `tiles` times eight.
#[kernel]
pub fn product_tile<T: Number>(inner: usize, tiles: usize, a: &[T], b: &[T], i: Index, c: &mut [T; TILE]) {
    let (row, first) = (i / tiles, i % tiles * TILE);
    let mut sums = [T::ZERO; TILE];
    for k in 0..inner {
        let factor = a[row * inner + k];
        let start = k * tiles * TILE + first;
        for x in 0..TILE {
            sums[x] = sums[x].plus(factor.times(b[start + x]));
        }
    }
    *c = sums;
}

/// A number that matrices are multiplied of: `f32` and `f64`.
pub trait Factor: Number {
    /// `c = a * b` on the host; the slices are as long as `[rows, inner, columns]` says.
    #[doc(hidden)]
    fn multiply(shape: [usize; 3], a: &[Self], b: &[Self], c: &mut [Self]);
}

macro_rules! factor {
    ($t:ident $gemm:ident) => {
        impl Factor for $t {
            fn multiply([rows, inner, columns]: [usize; 3], a: &[$t], b: &[$t], c: &mut [$t]) {
                assert!(a.len() == rows * inner && b.len() == inner * columns && c.len() == rows * columns);
                let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
                let (across_a, across) = (inner as isize, columns as isize);
                // SAFETY: `a`, `b` and `c` are matrices in row-major order of these extents, as the slices' lengths say, and `c` is
                // borrowed exclusively. With a factor of 0 for what `c` holds, that is not read.
                unsafe {
                    matrixmultiply::$gemm(rows, inner, columns, 1.0, a, across_a, 1, b, across, 1, 0.0, c, across, 1);
                }
            }
        }
    };
}
factor!(f32 sgemm);
factor!(f64 dgemm);

/// `c = a * b` of matrices with `[rows, inner, columns]`: `rows * inner * columns` multiplications and additions. Devices add products in
/// the order of `inner`, each work-item eight neighbours, in copies of `b` and `c` whose rows are padded to a multiple of that. The
/// host leaves it to the crate matrixmultiply (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008), which
/// adds in another order and may fuse: results differ in rounding.
///
/// # Errors
/// `BadInput` where a slice is not as long as its shape says, and as [`Device::run`].
pub fn matmul<T: Factor>(device: &Device, shape: [usize; 3], a: &[T], b: &[T], c: &mut [T]) -> Result<()> {
    let [rows, inner, columns] = shape;
    fits("matmul", "a", a.len(), [rows, inner])?;
    fits("matmul", "b", b.len(), [inner, columns])?;
    fits("matmul", "c", c.len(), [rows, columns])?;
    if c.is_empty() {
        return Ok(());
    }
    if is_host(device) {
        T::multiply(shape, a, b, c);
        return Ok(());
    }
    let tiles = columns.div_ceil(TILE);
    if columns == tiles * TILE {
        return device.run(product_tile(inner, tiles, a, b, c)).map(drop);
    }
    let mut wide = vec![T::ZERO; inner * tiles * TILE];
    for (to, from) in wide.chunks_exact_mut(tiles * TILE).zip(b.chunks_exact(columns)) {
        to[..columns].copy_from_slice(from);
    }
    let mut product = vec![T::ZERO; rows * tiles * TILE];
    let _ = device.run(product_tile(inner, tiles, a, &wide, &mut product))?;
    for (to, from) in c.chunks_exact_mut(columns).zip(product.chunks_exact(tiles * TILE)) {
        to.copy_from_slice(&from[..columns]);
    }
    Ok(())
}

fn fits(operation: &'static str, what: &'static str, found: usize, extent: [usize; 2]) -> Result<()> {
    // A product beyond `usize` is no slice's length.
    let expected = extent[0].saturating_mul(extent[1]);
    if found == expected { Ok(()) } else { Err(InputFault::Length { what, found, expected }.of(operation)) }
}
