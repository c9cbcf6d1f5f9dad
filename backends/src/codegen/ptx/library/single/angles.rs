//! sin, cos and tan of any number.
//!
//! The angle less a multiple k of pi/2: up to 100 000 by three parts of pi/2 (Cody and Waite, 1980), where `mul_add` makes the first step exact and
//! the others round once each; beyond that the multiple is found among the bits of 2/pi (M. Payne and R. Hanek, Radian Reduction for
//! Trigonometric Functions, 1983), in integers. Then minimax polynomials on [-pi/4, pi/4].

use landbridge::kernel_fn;

/// As in `exponentials`.
const ROUND: f32 = 12_582_912.0;

/// pi/2 less its first 24 bits, and less the next.
const HALF_PI_MIDDLE: f32 = -4.371_139e-8;
const HALF_PI_LOW: f32 = -1.715_124_5e-15;

/// 32 zeros, and the first bits of 2/pi behind the point.
const TWO_OVER_PI: [u32; 16] = [
    0,
    0xa2f9_836e,
    0x4e44_1529,
    0xfc27_57d1,
    0xf534_ddc0,
    0xdb62_9599,
    0x3c43_9041,
    0xfe51_63ab,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
];

/// The quadrant of an angle above 1, and the rest.
#[kernel_fn]
fn reduced_large(x: f32) -> (i32, f32) {
    let bits = x.to_bits();
    let m = ((bits & 0x007f_ffff) | 0x0080_0000) as u64;
    // x = m * 2^(exponent - 150); bits above this give multiples of 4.
    let from = ((bits >> 23) & 255).wrapping_sub(150 + 2 - 32);
    let (word, shift) = ((from >> 5) as usize, from & 31);
    let first = ((TWO_OVER_PI[word & 15] as u64) << 32) | (TWO_OVER_PI[word.wrapping_add(1) & 15] as u64);
    let second =
        ((TWO_OVER_PI[word.wrapping_add(2) & 15] as u64) << 32) | (TWO_OVER_PI[word.wrapping_add(3) & 15] as u64);
    // 96 bits from there.
    let high = (first << shift) | ((second >> 32) >> ((32_u32).wrapping_sub(shift)));
    let low = ((second << shift) >> 32) & 0xffff_ffff;
    // Two bits of quadrant, and 62 of the fraction.
    let turns = m.wrapping_mul(high).wrapping_add(m.wrapping_mul(low) >> 32);
    let quadrant = turns.wrapping_add(0x2000_0000_0000_0000) >> 62;
    let rest = turns.wrapping_sub(quadrant << 62) as i64;
    // pi/2 * 2^-62, in two parts.
    let rest = rest as f32;
    let r = rest.mul_add(3.406_121_7e-19, rest * -9.478_396_4e-27);
    let k = quadrant as i32;
    if x.is_sign_negative() { ((0_i32).wrapping_sub(k), -r) } else { (k, r) }
}

/// The quadrant of an angle, and the rest.
#[kernel_fn]
fn reduced(x: f32) -> (i32, f32) {
    if x.abs() > 100_000.0 {
        return reduced_large(x);
    }
    let shifted = x.mul_add(std::f32::consts::FRAC_2_PI, ROUND);
    let k = shifted - ROUND;
    let r = (-k).mul_add(std::f32::consts::FRAC_PI_2, x);
    let r = (-k).mul_add(HALF_PI_MIDDLE, r);
    ((shifted.to_bits() as i32).wrapping_sub(0x4b40_0000), (-k).mul_add(HALF_PI_LOW, r))
}

/// Relative: 4.2e-9.
#[kernel_fn]
fn sin_of_rest(r: f32) -> f32 {
    let z = r * r;
    let mut p: f32 = -1.950_788_3e-4;
    p = p.mul_add(z, 8.332_106e-3);
    p = p.mul_add(z, -1.666_665_4e-1);
    (z * p).mul_add(r, r)
}

/// Relative: 2.4e-10.
#[kernel_fn]
fn cos_of_rest(r: f32) -> f32 {
    let z = r * r;
    let mut p: f32 = 2.447_661_6e-5;
    p = p.mul_add(z, -1.388_776_1e-3);
    p = p.mul_add(z, 4.166_665_7e-2);
    p = p.mul_add(z, -0.5);
    p.mul_add(z, 1.0)
}

/// sin of the rest and so many quadrants; NaN where there is no angle.
#[kernel_fn]
fn sin_of(x: f32, k: i32, r: f32) -> f32 {
    let result = if k & 1 == 0 { sin_of_rest(r) } else { cos_of_rest(r) };
    let result = if k & 2 == 0 { result } else { -result };
    if x.abs() < f32::INFINITY { result } else { f32::NAN }
}

#[kernel_fn]
pub(super) fn sin(x: f32) -> f32 {
    let (k, r) = reduced(x);
    // Keeps the sign of zero.
    if x == 0.0 { x } else { sin_of(x, k, r) }
}

#[kernel_fn]
pub(super) fn cos(x: f32) -> f32 {
    let (k, r) = reduced(x);
    sin_of(x, k.wrapping_add(1), r)
}

#[kernel_fn]
pub(super) fn tan(x: f32) -> f32 {
    let (k, r) = reduced(x);
    let z = r * r;
    // Relative: 1.4e-9.
    let mut p: f32 = 4.387_850_4e-3;
    p = p.mul_add(z, 6.977_618e-5);
    p = p.mul_add(z, 1.084_778_9e-2);
    p = p.mul_add(z, 2.127_937_4e-2);
    p = p.mul_add(z, 5.405_997_5e-2);
    p = p.mul_add(z, 1.333_267e-1);
    p = p.mul_add(z, 3.333_335e-1);
    let t = (z * p).mul_add(r, r);
    let result = if k & 1 == 0 { t } else { -1.0 / t };
    if x == 0.0 {
        x
    } else if x.abs() < f32::INFINITY {
        result
    } else {
        f32::NAN
    }
}
