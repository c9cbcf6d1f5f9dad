//! Sums and products without error, as pairs of numbers (T. J. Dekker, A Floating-Point Technique for Extending the Available Precision, 1971;
//! D. E. Knuth, The Art of Computer Programming, volume 2, 4.2.2).

use landbridge::kernel_fn;

/// `a + b` exactly.
#[kernel_fn]
pub(super) fn sum(a: f64, b: f64) -> (f64, f64) {
    let total = a + b;
    let part = total - a;
    (total, (a - (total - part)) + (b - part))
}

/// `a + b` exactly, where `a` is larger or 0.
#[kernel_fn]
pub(super) fn quick_sum(a: f64, b: f64) -> (f64, f64) {
    let total = a + b;
    (total, b - (total - a))
}

/// `a * b` exactly.
#[kernel_fn]
pub(super) fn product(a: f64, b: f64) -> (f64, f64) {
    let total = a * b;
    (total, a.mul_add(b, -total))
}
