//! e and 2 to some power, and what follows from it.
//!
//! e^x = 2^n * e^r with |r| <= ln(2) / 2, where ln(2) is cut in two and both steps are `mul_add` (W. J. Cody and W. Waite, Software Manual for
//! the Elementary Functions, 1980). e^r = 1 + r + r^2 P(r), 2^r, tanh and sinh near 0 are minimax polynomials; the relative errors of the
//! rounded coefficients are said at each.

use landbridge::kernel_fn;

/// Adding it rounds to an integer, which is then in the low bits (D. E. Knuth, The Art of Computer Programming, volume 2, 4.2.1).
const ROUND: f32 = 12_582_912.0;

/// ln(2) less its first 24 bits.
const LN2_LOW: f32 = -1.904_654_2e-9;

/// The integer that was rounded by adding [`ROUND`].
#[kernel_fn]
fn integer(shifted: f32) -> i32 {
    (shifted.to_bits() as i32).wrapping_sub(0x4b40_0000)
}

/// `y * 2^n` for n from -252 to 254, rounded once where y is near 1.
#[kernel_fn]
pub(super) fn scaled(y: f32, n: i32) -> f32 {
    let half = n >> 1;
    let one = f32::from_bits((half.wrapping_add(127) as u32) << 23);
    let two = f32::from_bits((n.wrapping_sub(half).wrapping_add(127) as u32) << 23);
    y * one * two
}

/// Within the limits; NaN stays.
#[kernel_fn]
fn limited(x: f32, limit: f32) -> f32 {
    if x > limit {
        limit
    } else if x < -limit {
        -limit
    } else {
        x
    }
}

/// e^x = 2^n * (1 + e): n and e, for |x| up to 1000.
#[kernel_fn]
fn parts(x: f32) -> (i32, f32) {
    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let k = shifted - ROUND;
    let r = (-k).mul_add(std::f32::consts::LN_2, x);
    let r = (-k).mul_add(LN2_LOW, r);
    // Relative to e^r - 1: 3.4e-9.
    let mut p: f32 = 1.504_592_1e-4;
    p = p.mul_add(r, 1.393_054_1e-3);
    p = p.mul_add(r, 8.341_51e-3);
    p = p.mul_add(r, 4.166_651e-2);
    p = p.mul_add(r, 1.666_663_6e-1);
    p = p.mul_add(r, 0.5);
    (integer(shifted), (r * r).mul_add(p, r))
}

#[kernel_fn]
pub(super) fn exp(x: f32) -> f32 {
    let (n, e) = parts(limited(x, 105.0));
    scaled(1.0 + e, n)
}

#[kernel_fn]
pub(super) fn exp2(x: f32) -> f32 {
    let x = limited(x, 152.0);
    let shifted = x + ROUND;
    exp2_of(x - (shifted - ROUND), integer(shifted))
}

/// 2^(r + n) for |r| up to 1/2.
#[kernel_fn]
pub(super) fn exp2_of(r: f32, n: i32) -> f32 {
    // Relative: 3.2e-9.
    let mut p: f32 = 1.533_892e-4;
    p = p.mul_add(r, 1.339_063_7e-3);
    p = p.mul_add(r, 9.618_483e-3);
    p = p.mul_add(r, 5.550_361_4e-2);
    p = p.mul_add(r, 2.402_264_8e-1);
    p = p.mul_add(r, std::f32::consts::LN_2);
    scaled(p.mul_add(r, 1.0), n)
}

#[kernel_fn]
pub(super) fn exp_m1(x: f32) -> f32 {
    let (n, e) = parts(limited(x, 89.0));
    if n == 0 {
        return e.copysign(x);
    }
    // By halves, since 2^128 is no number.
    let half = f32::from_bits((n.wrapping_add(126).max(1) as u32) << 23);
    2.0 * e.mul_add(half, half - 0.5)
}

/// e^|x| / 2.
#[kernel_fn]
fn half_exp(size: f32) -> f32 {
    let (n, e) = parts(limited(size, 105.0));
    scaled(1.0 + e, n.wrapping_sub(1))
}

#[kernel_fn]
pub(super) fn sinh(x: f32) -> f32 {
    let size = x.abs();
    if size < 1.0 {
        // Relative: 3.1e-10.
        let z = x * x;
        let mut p: f32 = 2.782_213_2e-6;
        p = p.mul_add(z, 1.984_289_6e-4);
        p = p.mul_add(z, 8.333_310_5e-3);
        p = p.mul_add(z, 1.666_666_7e-1);
        return (z * p).mul_add(x, x);
    }
    let half = half_exp(size);
    (half - 0.25 / half).copysign(x)
}

#[kernel_fn]
pub(super) fn cosh(x: f32) -> f32 {
    let half = half_exp(x.abs());
    half + 0.25 / half
}

#[kernel_fn]
pub(super) fn tanh(x: f32) -> f32 {
    let size = x.abs();
    if size < 0.55 {
        // Relative: 1.2e-9.
        let z = x * x;
        let mut p: f32 = -6.242_849_4e-3;
        p = p.mul_add(z, 2.105_071_4e-2);
        p = p.mul_add(z, -5.384_754_8e-2);
        p = p.mul_add(z, 1.333_254_4e-1);
        p = p.mul_add(z, -3.333_331_6e-1);
        // Keeps the sign of zero.
        return (z * p).mul_add(x, x).copysign(x);
    }
    // 1 - 2 / (e^2x + 1).
    let half = half_exp(2.0 * size);
    (1.0 - 1.0 / (half + 0.5)).copysign(x)
}
