//! sin, cos and tan of any number.
//!
//! The angle less a multiple k of pi/2, as a pair: up to 2^30 by three parts of pi/2 (Cody and Waite, 1980), where `mul_add` makes the first
//! step exact; beyond that the multiple is found among the bits of 2/pi (M. Payne and R. Hanek, Radian Reduction for Trigonometric
//! Functions, 1983). Then the polynomials of fdlibm's `k_sin.c` and `k_cos.c` on [-pi/4, pi/4].

use landbridge::kernel_fn;

use super::pairs::{product, quick_sum, sum};

/// pi/2 in three parts.
const HALF_PI: [f64; 3] = [
    f64::from_bits(0x3ff9_21fb_5444_2d18),
    f64::from_bits(0x3c91_a626_3314_5c07),
    f64::from_bits(0xb91f_1976_b7ed_8fbc),
];

/// 64 zeros, and the first bits of 2/pi behind the point.
const TWO_OVER_PI: [u64; 32] = [
    0,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
    0xf0cf_bc20_9af4_361d,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
];

/// 64 bits of the table from a bit on.
#[kernel_fn]
fn bits_from(bit: u32) -> u64 {
    let word = (bit >> 6) as usize;
    let shift = bit & 63;
    let (first, second) = (TWO_OVER_PI[word & 31], TWO_OVER_PI[word.wrapping_add(1) & 31]);
    if shift == 0 { first } else { (first << shift) | (second >> ((64_u32).wrapping_sub(shift))) }
}

/// A digit of 32 bits times another, with what is added and carried: the digit, and the carry.
#[kernel_fn]
fn digit(a: u64, b: u64, add: u64, carry: u64) -> (u64, u64) {
    let t = a.wrapping_mul(b).wrapping_add(add).wrapping_add(carry);
    (t & 0xffff_ffff, t >> 32)
}

/// The quadrant of a large angle, and the rest as a pair.
#[kernel_fn]
fn reduced_large(x: f64) -> (i32, f64, f64) {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 2047) as u32;
    let m = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
    let (m0, m1) = (m & 0xffff_ffff, m >> 32);
    // x = m * 2^(exponent - 1075); bits above this give multiples of 4.
    let from = exponent.wrapping_sub(1075 + 2 - 64);
    let (a, b, c) = (bits_from(from), bits_from(from.wrapping_add(64)), bits_from(from.wrapping_add(128)));
    let (v0, v1, v2) = (c & 0xffff_ffff, c >> 32, b & 0xffff_ffff);
    let (v3, v4, v5) = (b >> 32, a & 0xffff_ffff, a >> 32);
    let (_, c0) = digit(m0, v0, 0, 0);
    let (p1, c1) = digit(m0, v1, 0, c0);
    let (p2, c2) = digit(m0, v2, 0, c1);
    let (p3, c3) = digit(m0, v3, 0, c2);
    let (p4, c4) = digit(m0, v4, 0, c3);
    let (p5, _) = digit(m0, v5, 0, c4);
    let (_, d0) = digit(m1, v0, p1, 0);
    let (q2, d1) = digit(m1, v1, p2, d0);
    let (q3, d2) = digit(m1, v2, p3, d1);
    let (q4, d3) = digit(m1, v3, p4, d2);
    let (q5, _) = digit(m1, v4, p5, d3);
    // Two bits of quadrant, and 126 of the fraction.
    let (high, low) = ((q5 << 32) | q4, (q3 << 32) | q2);
    let quadrant = (high >> 62) as u32;
    let (mut f, mut f_low) = ((high << 2) | (low >> 62), low << 2);
    let is_upper = f >> 63 != 0;
    if is_upper {
        // 1 less.
        f_low = (!f_low).wrapping_add(1);
        f = if f_low == 0 { (!f).wrapping_add(1) } else { !f };
    }
    let up = f.leading_zeros();
    let mut scale = 1.0;
    if up >= 64 {
        f = f_low;
        f_low = 0;
        scale = 5.421_010_862_427_522e-20;
    } else if up > 0 {
        f = (f << up) | (f_low >> ((64_u32).wrapping_sub(up)));
        f_low <<= up;
        scale = f64::from_bits(((1023_u64).wrapping_sub(up as u64)) << 52);
    }
    let top = (f >> 11) as f64;
    let rest = (f & 2047) as f64 + (f_low >> 11) as f64 * (1.110_223_024_625_156_5e-16);
    let unit = scale * (5.421_010_862_427_522e-20);
    let (y, y_low) = (top * 2048.0 * unit, rest * unit);
    let (r, r_error) = product(y, HALF_PI[0]);
    let (r, r_low) = quick_sum(r, y_low.mul_add(HALF_PI[0], y.mul_add(HALF_PI[1], r_error)));
    let turn = (if is_upper { quadrant.wrapping_add(1) } else { quadrant }) as i32;
    if is_upper != x.is_sign_negative() {
        (if x.is_sign_negative() { (0_i32).wrapping_sub(turn) } else { turn }, -r, -r_low)
    } else {
        (if x.is_sign_negative() { (0_i32).wrapping_sub(turn) } else { turn }, r, r_low)
    }
}

/// The quadrant of an angle, and the rest as a pair.
#[kernel_fn]
fn reduced(x: f64) -> (i32, f64, f64) {
    if x.abs() > 1_073_741_824.0 {
        return reduced_large(x);
    }
    let k = (x * std::f64::consts::FRAC_2_PI).round_ties_even();
    let rest = (-k).mul_add(HALF_PI[0], x);
    let (part, part_low) = product(k, HALF_PI[1]);
    let (r, lost) = sum(rest, -part);
    let (r, r_low) = quick_sum(r, lost - k.mul_add(HALF_PI[2], part_low));
    (k as i32, r, r_low)
}

#[kernel_fn]
fn sin_of_rest(r: f64, low: f64) -> f64 {
    let z = r * r;
    let mut p: f64 = f64::from_bits(0x3de5_d93a_5acf_d57c);
    p = p.mul_add(z, f64::from_bits(0xbe5a_e5e6_8a2b_9ceb));
    p = p.mul_add(z, f64::from_bits(0x3ec7_1de3_57b1_fe7d));
    p = p.mul_add(z, f64::from_bits(0xbf2a_01a0_19c1_61d5));
    p = p.mul_add(z, f64::from_bits(0x3f81_1111_1110_f8a6));
    let v = z * r;
    let s1 = f64::from_bits(0xbfc5_5555_5555_5549);
    r - ((z * (0.5 * low - v * p) - low) - v * s1)
}

#[kernel_fn]
fn cos_of_rest(r: f64, low: f64) -> f64 {
    let z = r * r;
    let mut p: f64 = f64::from_bits(0xbda8_fae9_be88_38d4);
    p = p.mul_add(z, f64::from_bits(0x3e21_ee9e_bdb4_b1c4));
    p = p.mul_add(z, f64::from_bits(0xbe92_7e4f_809c_52ad));
    p = p.mul_add(z, f64::from_bits(0x3efa_01a0_19cb_1590));
    p = p.mul_add(z, f64::from_bits(0xbf56_c16c_16c1_5177));
    p = p.mul_add(z, f64::from_bits(0x3fa5_5555_5555_554c));
    let half = 0.5 * z;
    let w = 1.0 - half;
    w + (((1.0 - w) - half) + (z * z * p - r * low))
}

#[kernel_fn]
fn has_no_angle(x: f64) -> bool {
    x.is_nan() || x.is_infinite()
}

#[kernel_fn]
pub(super) fn sin(x: f64) -> f64 {
    if has_no_angle(x) {
        return f64::NAN;
    }
    // Keeps the sign of zero, and what is subnormal.
    if x.abs() < 1e-9 {
        return x;
    }
    let (k, r, low) = reduced(x);
    let result = if k & 1 == 0 { sin_of_rest(r, low) } else { cos_of_rest(r, low) };
    if k & 2 == 0 { result } else { -result }
}

#[kernel_fn]
pub(super) fn cos(x: f64) -> f64 {
    if has_no_angle(x) {
        return f64::NAN;
    }
    let (k, r, low) = reduced(x);
    let result = if k & 1 == 0 { cos_of_rest(r, low) } else { sin_of_rest(r, low) };
    if k.wrapping_add(1) & 2 == 0 { result } else { -result }
}

#[kernel_fn]
pub(super) fn tan(x: f64) -> f64 {
    if has_no_angle(x) {
        return f64::NAN;
    }
    if x.abs() < 1e-9 {
        return x;
    }
    let (k, r, low) = reduced(x);
    let (s, c) = (sin_of_rest(r, low), cos_of_rest(r, low));
    if k & 1 == 0 { s / c } else { -c / s }
}
