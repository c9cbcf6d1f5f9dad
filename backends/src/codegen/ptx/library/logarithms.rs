//! Logarithms, and powers.
//!
//! x = 2^k * m with m near 1; ln(m) = 2 atanh(s) with s = (m - 1) / (m + 1), by its Taylor series, whose first two terms are pairs of numbers:
//! some 65 bits are right, as a power needs them. The reduction is that of fdlibm's `e_log.c`.

use landbridge::kernel_fn;

use super::exponentials::{LN2_HIGH, LN2_LOW, exp_of_pair};
use super::pairs::{product, quick_sum, sum};

/// 1 / ln(2) and 1 / ln(10), each with what its 53 bits leave out.
const LOG2_E: (f64, f64) = (f64::from_bits(0x3ff7_1547_652b_82fe), f64::from_bits(0x3c77_77d0_ffda_0d24));
const LOG10_E: (f64, f64) = (f64::from_bits(0x3fdb_cb7b_1526_e50e), f64::from_bits(0x3c69_5355_baaa_fad3));

/// ln(x) of a positive number that is not infinite, as a pair.
#[kernel_fn]
fn ln_pair(x: f64) -> (f64, f64) {
    let is_small = x < f64::MIN_POSITIVE;
    let bits = if is_small { (x * 18_014_398_509_481_984.0).to_bits() } else { x.to_bits() };
    // So that m is between sqrt(1/2) and sqrt(2).
    let high = bits.wrapping_add(0x3ff0_0000_0000_0000 - 0x3fe6_a09e_0000_0000);
    let exponent = ((high >> 52) as i32).wrapping_sub(1023);
    let k = (if is_small { exponent.wrapping_sub(54) } else { exponent }) as f64;
    let m = f64::from_bits((high & 0x000f_ffff_ffff_ffff).wrapping_add(0x3fe6_a09e_0000_0000));
    let f = m - 1.0;
    let (divisor, divisor_low) = sum(m, 1.0);
    let s = f / divisor;
    let rest = (-s).mul_add(divisor_low, (-s).mul_add(divisor, f));
    let s_low = rest / divisor;
    let (z, z_error) = product(s, s);
    let z_low = (2.0 * s).mul_add(s_low, z_error);
    let mut q: f64 = 0.037_037_037_037_037_035;
    q = q.mul_add(z, 0.04);
    q = q.mul_add(z, 0.043_478_260_869_565_216);
    q = q.mul_add(z, 0.047_619_047_619_047_616);
    q = q.mul_add(z, 0.052_631_578_947_368_42);
    q = q.mul_add(z, 0.058_823_529_411_764_705);
    q = q.mul_add(z, 0.066_666_666_666_666_67);
    q = q.mul_add(z, 0.076_923_076_923_076_93);
    q = q.mul_add(z, 0.090_909_090_909_090_91);
    q = q.mul_add(z, 0.111_111_111_111_111_1);
    q = q.mul_add(z, 0.142_857_142_857_142_85);
    q = q.mul_add(z, 0.2);
    let third: f64 = 0.333_333_333_333_333_3;
    let (p, p_error) = product(z, third);
    // 1/3 is so much more than its 53 bits.
    let p_low = z_low.mul_add(third, z.mul_add(1.850_371_707_708_594e-17, p_error));
    let (p, p_low) = quick_sum(p, (z * z).mul_add(q, p_low));
    let (u, u_error) = product(2.0 * s, p);
    let u_low = (2.0 * s).mul_add(p_low, (2.0 * s_low).mul_add(1.0 + p, u_error));
    let (ln, ln_low) = quick_sum(2.0 * s, u);
    let (total, lost) = sum(k * LN2_HIGH, ln);
    quick_sum(total, lost + (k.mul_add(LN2_LOW, ln_low + u_low)))
}

/// What logarithms give of numbers that are not positive, or not finite.
#[kernel_fn]
fn ln_of_odd(x: f64) -> f64 {
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x < 0.0 {
        f64::NAN
    } else {
        x
    }
}

#[kernel_fn]
fn is_odd_for_ln(x: f64) -> bool {
    !(x > 0.0 && x < f64::INFINITY)
}

#[kernel_fn]
pub(super) fn ln(x: f64) -> f64 {
    if is_odd_for_ln(x) {
        return ln_of_odd(x);
    }
    let (high, low) = ln_pair(x);
    high + low
}

/// The logarithm for another base: ln(x) times a pair.
#[kernel_fn]
fn in_base(x: f64, factor: (f64, f64)) -> f64 {
    if is_odd_for_ln(x) {
        return ln_of_odd(x);
    }
    let (high, low) = ln_pair(x);
    let (result, error) = product(high, factor.0);
    result + low.mul_add(factor.0, high.mul_add(factor.1, error))
}

#[kernel_fn]
pub(super) fn log2(x: f64) -> f64 {
    in_base(x, LOG2_E)
}

#[kernel_fn]
pub(super) fn log10(x: f64) -> f64 {
    in_base(x, LOG10_E)
}

#[kernel_fn]
pub(super) fn ln_1p(x: f64) -> f64 {
    if x.abs() < 1e-17 {
        return x;
    }
    let (one_more, lost) = sum(1.0, x);
    if is_odd_for_ln(one_more) {
        return ln_of_odd(one_more);
    }
    let (high, low) = ln_pair(one_more);
    high + (low + lost / one_more)
}

/// Whether a number is an odd integer.
#[kernel_fn]
fn is_odd(y: f64) -> bool {
    let half = 0.5 * y;
    y.trunc() == y && half.trunc() != half
}

#[kernel_fn]
pub(super) fn powf(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let size = x.abs();
    let turns = x.is_sign_negative() && is_odd(y);
    if size == 0.0 || size == f64::INFINITY {
        let result = if (size == 0.0) == (y < 0.0) { f64::INFINITY } else { 0.0 };
        return if turns { -result } else { result };
    }
    if y.abs() == f64::INFINITY {
        if size == 1.0 {
            return 1.0;
        }
        return if (size > 1.0) == (y > 0.0) { f64::INFINITY } else { 0.0 };
    }
    if x < 0.0 && y.trunc() != y {
        return f64::NAN;
    }
    let (high, low) = ln_pair(size);
    let p = y * high;
    let result = if p > 709.8 {
        f64::INFINITY
    } else if p < -745.2 {
        0.0
    } else {
        exp_of_pair(p, y.mul_add(low, y.mul_add(high, -p)))
    };
    if turns { -result } else { result }
}

/// By squaring, as LLVM's `__powidf2`.
#[kernel_fn]
pub(super) fn powi(x: f64, n: i32) -> f64 {
    let (mut base, mut left, mut result) = (x, n.unsigned_abs(), 1.0);
    while left != 0 {
        if left & 1 != 0 {
            result *= base;
        }
        base *= base;
        left >>= 1;
    }
    if n < 0 { 1.0 / result } else { result }
}
