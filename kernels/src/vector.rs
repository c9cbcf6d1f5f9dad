//! Element by element.

use std::ops::{Add, Mul};

use landbridge::{KernelValue, kernel};

/// Sets every element: `y = value`.
#[kernel]
pub fn fill<T: KernelValue>(value: T, y: &mut T) {
    *y = value;
}

/// Scales in place: `x = a * x`.
#[kernel]
pub fn scale<T: KernelValue + Mul<Output = T>>(a: T, x: &mut T) {
    *x = a * *x;
}

/// `y = a * x + y`.
#[kernel]
pub fn axpy<T: KernelValue + Mul<Output = T> + Add<Output = T>>(a: T, x: &T, y: &mut T) {
    *y = a * *x + *y;
}

/// The products of pairs; folded with `Sum`, the dot product.
#[kernel]
pub fn product<T: KernelValue + Mul<Output = T>>(x: &T, y: &T) -> T {
    *x * *y
}

/// The elements themselves; folded with `Sum`, `Min` or `Max`.
#[kernel]
pub fn value<T: KernelValue>(x: &T) -> T {
    *x
}
