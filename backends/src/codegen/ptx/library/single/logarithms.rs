//! Logarithms, and powers.
//!
//! x = 2^k (1 + f) with f from -1/3 to 1/3, as in CUDA's own headers; log(1 + f) = C f + f^2 P(f) with a minimax polynomial for each base, of a relative
//! error below 1.1e-8. A power needs more: log2 by the series of 2 atanh(f / (2 + f)), whose first two terms are pairs of numbers, as in `super::super::logarithms`.

use landbridge::kernel_fn;

use super::exponentials::exp2_of;
use super::pairs::{product, quick_sum, sum};

/// 2/3, the least that 1 + f is.
const TWO_THIRDS: u32 = 0x3f2a_aaab;
/// sqrt(1/2), the same for powers.
const ROOT: u32 = 0x3f35_04f3;

/// What k is for the bits of a number, shifted to where the exponent is.
#[kernel_fn]
fn exponent_bits(bits: u32, least: u32) -> u32 {
    bits.wrapping_sub(least) & 0xff80_0000
}

/// k and f of a positive number that is not infinite.
#[kernel_fn]
fn split(x: f32) -> (f32, f32) {
    let is_small = x < f32::MIN_POSITIVE;
    let bits = if is_small { (x * 8_388_608.0).to_bits() } else { x.to_bits() };
    let above = exponent_bits(bits, TWO_THIRDS);
    let k = ((above as i32) >> 23) as f32;
    (if is_small { k - 23.0 } else { k }, f32::from_bits(bits.wrapping_sub(above)) - 1.0)
}

/// A logarithm that is right for finite positive numbers, or what it is for others.
#[kernel_fn]
fn or_odd(x: f32, logarithm: f32) -> f32 {
    if x > 0.0 && x < f32::INFINITY {
        logarithm
    } else if x == 0.0 {
        f32::NEG_INFINITY
    } else if x < 0.0 {
        f32::NAN
    } else {
        x
    }
}

/// ln(1 + f).
#[kernel_fn]
fn ln_of_rest(f: f32) -> f32 {
    let mut p: f32 = -1.294_891_2e-1;
    p = p.mul_add(f, 1.400_476_5e-1);
    p = p.mul_add(f, -1.216_716_54e-1);
    p = p.mul_add(f, 1.400_116e-1);
    p = p.mul_add(f, -1.668_282_4e-1);
    p = p.mul_add(f, 2.001_074_7e-1);
    p = p.mul_add(f, -2.499_971_7e-1);
    p = p.mul_add(f, 3.333_321e-1);
    p = p.mul_add(f, -0.5);
    (f * f).mul_add(p, f)
}

#[kernel_fn]
pub(super) fn ln(x: f32) -> f32 {
    let (k, f) = split(x);
    or_odd(x, k.mul_add(std::f32::consts::LN_2, ln_of_rest(f)))
}

#[kernel_fn]
pub(super) fn ln_1p(x: f32) -> f32 {
    let above = exponent_bits((1.0 + x).to_bits(), TWO_THIRDS);
    // f = (x + 1) / 2^k - 1, where 4 / 2^k is a number even if 1 / 2^k is none.
    let scale = f32::from_bits((0x4080_0000_u32).wrapping_sub(above));
    let f = f32::from_bits(x.to_bits().wrapping_sub(above)) + scale.mul_add(0.25, -1.0);
    let k = ((above as i32) >> 23) as f32;
    let result = k.mul_add(std::f32::consts::LN_2, ln_of_rest(f));
    if x > -1.0 && x < f32::INFINITY { result.copysign(x) } else { or_odd(1.0 + x, x) }
}

#[kernel_fn]
pub(super) fn log2(x: f32) -> f32 {
    let (k, f) = split(x);
    let mut p: f32 = -1.868_133_2e-1;
    p = p.mul_add(f, 2.020_460_5e-1);
    p = p.mul_add(f, -1.755_351e-1);
    p = p.mul_add(f, 2.019_940_3e-1);
    p = p.mul_add(f, -2.406_747_8e-1);
    p = p.mul_add(f, 2.886_940_5e-1);
    p = p.mul_add(f, -3.606_696_7e-1);
    p = p.mul_add(f, 4.808_965_3e-1);
    p = p.mul_add(f, -7.213_475e-1);
    // What the 24 bits of 1 / ln(2) leave out.
    let rest = p.mul_add(f, 1.925_963e-8) * f;
    or_odd(x, k + f.mul_add(std::f32::consts::LOG2_E, rest))
}

#[kernel_fn]
pub(super) fn log10(x: f32) -> f32 {
    let (k, f) = split(x);
    let mut p: f32 = -5.623_641_2e-2;
    p = p.mul_add(f, 6.082_192e-2);
    p = p.mul_add(f, -5.284_132_8e-2);
    p = p.mul_add(f, 6.080_626_3e-2);
    p = p.mul_add(f, -7.245_033e-2);
    p = p.mul_add(f, 8.690_558e-2);
    p = p.mul_add(f, -1.085_723_9e-1);
    p = p.mul_add(f, 1.447_642_9e-1);
    p = p.mul_add(f, -2.171_472_5e-1);
    let rest = p.mul_add(f, -1.010_305e-8) * f;
    let part = f.mul_add(std::f32::consts::LOG10_E, rest);
    or_odd(x, k.mul_add(std::f32::consts::LOG10_2, k.mul_add(-1.432_098_9e-8, part)))
}

/// log2(x) of a positive number that is not infinite, as a pair.
#[kernel_fn]
fn log2_pair(x: f32) -> (f32, f32) {
    let is_small = x < f32::MIN_POSITIVE;
    let bits = if is_small { (x * 8_388_608.0).to_bits() } else { x.to_bits() };
    let above = exponent_bits(bits, ROOT);
    let k = ((above as i32) >> 23) as f32;
    let k = if is_small { k - 23.0 } else { k };
    let m = f32::from_bits(bits.wrapping_sub(above));
    let f = m - 1.0;
    let (divisor, divisor_low) = sum(m, 1.0);
    let inverse = 1.0 / divisor;
    let s = f * inverse;
    let s_low = (-s).mul_add(divisor_low, (-s).mul_add(divisor, f)) * inverse;
    let (z, z_error) = product(s, s);
    let z_low = (2.0 * s).mul_add(s_low, z_error);
    // 2 / ln(2) times 1/3, with what its 24 bits leave out, and 1/5, .. (absolute: 2.5e-11).
    let mut q: f32 = 3.378_233e-1;
    q = q.mul_add(z, 4.118_498_6e-1);
    q = q.mul_add(z, 5.770_802e-1);
    let third: f32 = 9.617_967e-1;
    let (p, p_error) = product(z, third);
    let p_low = z_low.mul_add(third, z.mul_add(-7.028_462e-9, p_error));
    let (p, p_low) = quick_sum(p, (z * z).mul_add(q, p_low));
    let (c, c_low) = quick_sum(2.885_39, p);
    let c_low = c_low + (p_low + 3.851_926e-8);
    let (u, u_error) = product(s, c);
    let (total, lost) = sum(k, u);
    quick_sum(total, lost + s.mul_add(c_low, s_low.mul_add(c, u_error)))
}

/// Whether a number is an odd integer.
#[kernel_fn]
fn is_odd(y: f32) -> bool {
    let half = 0.5 * y;
    y.trunc() == y && half.trunc() != half
}

#[kernel_fn]
pub(super) fn powf(x: f32, y: f32) -> f32 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f32::NAN;
    }
    let size = x.abs();
    let turns = x.is_sign_negative() && is_odd(y);
    if size == 0.0 || size == f32::INFINITY {
        let result = if (size == 0.0) == (y < 0.0) { f32::INFINITY } else { 0.0 };
        return if turns { -result } else { result };
    }
    if y.abs() == f32::INFINITY {
        if size == 1.0 {
            return 1.0;
        }
        return if (size > 1.0) == (y > 0.0) { f32::INFINITY } else { 0.0 };
    }
    if x < 0.0 && y.trunc() != y {
        return f32::NAN;
    }
    let (high, low) = log2_pair(size);
    let p = y * high;
    let result = if p > 129.0 {
        f32::INFINITY
    } else if p < -151.0 {
        0.0
    } else {
        let rest = y.mul_add(low, y.mul_add(high, -p));
        let n = p.round_ties_even();
        exp2_of((p - n) + rest, n as i32)
    };
    if turns { -result } else { result }
}

/// By squaring, as LLVM's `__powisf2`.
#[kernel_fn]
pub(super) fn powi(x: f32, n: i32) -> f32 {
    let (mut base, mut left, mut result) = (x, n.unsigned_abs(), 1.0_f32);
    while left != 0 {
        if left & 1 != 0 {
            result *= base;
        }
        base *= base;
        left >>= 1;
    }
    if n < 0 { 1.0 / result } else { result }
}
