//! Matrices in row-major order.

use std::ops::{Add, Mul};

use landbridge::{Index2, KernelValue, kernel};
use num_traits::Zero;

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
