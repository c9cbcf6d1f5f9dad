//! Cube roots, hypotenuses, and what a division leaves.

use landbridge::kernel_fn;

use super::pairs::{product, quick_sum};

/// A third of the exponent (W. Kahan, Computing a Real Cube Root, 1991), two of Halley's steps, and a last one of Newton's
/// whose error is computed exactly.
#[kernel_fn]
pub(super) fn cbrt(x: f64) -> f64 {
    let size = x.abs();
    if x == 0.0 || x.is_nan() || x.is_infinite() {
        return x;
    }
    // By 2^54 and back by 2^18 where something would be subnormal or overflow.
    let (mut a, mut back) = (size, 1.0);
    if size < f64::MIN_POSITIVE {
        a = size * 18_014_398_509_481_984.0;
        back = 3.814_697_265_625e-06;
    } else if size > 1e300 {
        a = size * (5.551_115_123_125_783e-17);
        back = 262_144.0;
    }
    // A third, as a multiplication with 2^32 / 3.
    let third = ((a.to_bits() >> 32).wrapping_mul(0x5555_5556) >> 32).wrapping_add(715_094_163);
    let mut t = f64::from_bits(third << 32);
    let mut k = 0_u32;
    while k < 3 {
        let cube = t * t * t;
        t *= (cube + 2.0 * a) / (2.0 * cube + a);
        k = k.wrapping_add(1);
    }
    let (square, square_low) = product(t, t);
    let (cube, cube_error) = product(square, t);
    let error = (cube - a) + square_low.mul_add(t, cube_error);
    t -= error / (3.0 * square);
    (t * back).copysign(x)
}

/// The squares' sum as a pair, so that only the root rounds; large and small numbers are brought to the middle.
#[kernel_fn]
pub(super) fn hypot(x: f64, y: f64) -> f64 {
    let (a, b) = (x.abs(), y.abs());
    if a == f64::INFINITY || b == f64::INFINITY {
        return f64::INFINITY;
    }
    let (mut large, mut small) = if a > b { (a, b) } else { (b, a) };
    if large.is_nan() || small.is_nan() {
        return f64::NAN;
    }
    if small == 0.0 || large > small * 18_014_398_509_481_984.0 {
        return large + small;
    }
    let mut back = 1.0;
    if large > f64::from_bits(0x5fe0_0000_0000_0000) {
        back = f64::from_bits(0x6570_0000_0000_0000);
        large *= f64::from_bits(0x1a70_0000_0000_0000);
        small *= f64::from_bits(0x1a70_0000_0000_0000);
    } else if small < f64::from_bits(0x2340_0000_0000_0000) {
        back = f64::from_bits(0x1a70_0000_0000_0000);
        large *= f64::from_bits(0x6570_0000_0000_0000);
        small *= f64::from_bits(0x6570_0000_0000_0000);
    }
    let (p, p_low) = product(large, large);
    let (q, q_low) = product(small, small);
    let (total, lost) = quick_sum(p, q);
    let rest = lost + (p_low + q_low);
    let root = (total + rest).sqrt();
    // What the root's own rounding has lost.
    let missed = ((-root).mul_add(root, total) + rest) / (2.0 * root);
    back * (root + missed)
}

/// `x % y`, exact: long division of the mantissas, bit by bit, as C's `fmod`.
#[kernel_fn]
pub(super) fn remainder(x: f64, y: f64) -> f64 {
    let (a, b) = (x.abs(), y.abs());
    if x.is_nan() || x.is_infinite() || b == 0.0 || y.is_nan() {
        return f64::NAN;
    }
    if a < b {
        return x;
    }
    let (mut m, mut e) = parts(a);
    let (n, f) = parts(b);
    while e > f {
        m = if m >= n { m.wrapping_sub(n) } else { m };
        m <<= 1;
        e = e.wrapping_sub(1);
    }
    m = if m >= n { m.wrapping_sub(n) } else { m };
    if m == 0 {
        return (0.0_f64).copysign(x);
    }
    let up = m.leading_zeros().wrapping_sub(11) as i32;
    let exponent = f.wrapping_sub(up);
    let bits = if exponent > 0 {
        ((m << (up as u32)) & 0x000f_ffff_ffff_ffff) | ((exponent as u64) << 52)
    } else {
        // The step of subnormal numbers is that of exponent 1.
        if f >= 1 { m << (f.wrapping_sub(1) as u32) } else { m >> ((1_i32).wrapping_sub(f) as u32) }
    };
    f64::from_bits(bits).copysign(x)
}

/// Mantissa with its leading bit at 52, and exponent as in the bits, which is below 1 for what is subnormal.
#[kernel_fn]
fn parts(a: f64) -> (u64, i32) {
    let bits = a.to_bits();
    let exponent = (bits >> 52) as i32;
    let mantissa = bits & 0x000f_ffff_ffff_ffff;
    if exponent != 0 {
        return (mantissa | 0x0010_0000_0000_0000, exponent);
    }
    let up = mantissa.leading_zeros().wrapping_sub(11);
    (mantissa << up, (1_i32).wrapping_sub(up as i32))
}
