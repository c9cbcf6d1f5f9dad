//! Sums and products without error, as in `super::super::pairs`, of `f32`.

use landbridge::kernel_fn;

/// `a + b` exactly.
#[kernel_fn]
pub(super) fn sum(a: f32, b: f32) -> (f32, f32) {
    let total = a + b;
    let part = total - a;
    (total, (a - (total - part)) + (b - part))
}

/// `a + b` exactly, where `a` is larger or 0.
#[kernel_fn]
pub(super) fn quick_sum(a: f32, b: f32) -> (f32, f32) {
    let total = a + b;
    (total, b - (total - a))
}

/// `a * b` exactly.
#[kernel_fn]
pub(super) fn product(a: f32, b: f32) -> (f32, f32) {
    let total = a * b;
    (total, a.mul_add(b, -total))
}
