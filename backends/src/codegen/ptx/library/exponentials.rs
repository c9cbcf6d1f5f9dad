//! e to some power, and what follows from it.
//!
//! e^x = 2^k * e^r with |r| <= ln(2) / 2, where ln(2) is cut in two so that `k * LN2_HIGH` is exact (W. J. Cody and W. Waite, Software Manual for
//! the Elementary Functions, 1980); e^r is its Taylor series, whose first terms are added without error. sinh, cosh and tanh go by
//! e^x - 1 as in fdlibm.

use landbridge::kernel_fn;

use super::pairs::{quick_sum, sum};

/// 32 bits of ln(2), and the next 53.
pub(super) const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
pub(super) const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// `y * 2^k`, where `y` is near 1: rounds once, also to what is subnormal.
#[kernel_fn]
fn scaled(y: f64, k: i32) -> f64 {
    let half = k >> 1;
    let one = f64::from_bits((half.wrapping_add(1023) as u64) << 52);
    let two = f64::from_bits((k.wrapping_sub(half).wrapping_add(1023) as u64) << 52);
    y * one * two
}

/// e^(r + low) - 1 - r, for small r.
#[kernel_fn]
fn beyond_linear(r: f64, low: f64) -> f64 {
    let mut p: f64 = 1.147_074_559_772_972_5e-11;
    p = p.mul_add(r, 1.605_904_383_682_161_3e-10);
    p = p.mul_add(r, 2.087_675_698_786_81e-09);
    p = p.mul_add(r, 2.505_210_838_544_172e-08);
    p = p.mul_add(r, 2.755_731_922_398_589e-07);
    p = p.mul_add(r, 2.755_731_922_398_589_3e-06);
    p = p.mul_add(r, 2.480_158_730_158_73e-05);
    p = p.mul_add(r, 0.000_198_412_698_412_698_4);
    p = p.mul_add(r, 0.001_388_888_888_888_889);
    p = p.mul_add(r, 0.008_333_333_333_333_333);
    p = p.mul_add(r, 0.041_666_666_666_666_664);
    p = p.mul_add(r, 0.166_666_666_666_666_66);
    p = p.mul_add(r, 0.5);
    (r * r).mul_add(p, low.mul_add(r, low))
}

/// Number of powers of 2, and what remains: two numbers.
#[kernel_fn]
fn reduced(high: f64, low: f64) -> (i32, f64, f64) {
    let k = (high * std::f64::consts::LOG2_E).round_ties_even();
    let rest = (-k).mul_add(LN2_HIGH, high);
    let part = k * LN2_LOW;
    let error = k.mul_add(LN2_LOW, -part);
    let (r, r_low) = sum(rest, -part);
    let (r, r_low) = quick_sum(r, r_low - error + low);
    (k as i32, r, r_low)
}

/// e^(high + low), where that is a number and not too small.
#[kernel_fn]
pub(super) fn exp_of_pair(high: f64, low: f64) -> f64 {
    let (k, r, r_low) = reduced(high, low);
    let (one, rest) = quick_sum(1.0, r);
    scaled(one + (rest + beyond_linear(r, r_low)), k)
}

#[kernel_fn]
pub(super) fn exp(x: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x > 709.79 {
        f64::INFINITY
    } else if x < -745.2 {
        0.0
    } else {
        exp_of_pair(x, 0.0)
    }
}

#[kernel_fn]
pub(super) fn exp2(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x >= 1024.0 {
        return f64::INFINITY;
    }
    if x < -1075.5 {
        return 0.0;
    }
    let k = x.round_ties_even();
    let rest = x - k;
    let r = rest * std::f64::consts::LN_2;
    let low = rest.mul_add(std::f64::consts::LN_2, -r) + rest * 2.319_046_813_846_299_6e-17;
    let (one, tail) = quick_sum(1.0, r);
    scaled(one + (tail + beyond_linear(r, low)), k as i32)
}

#[kernel_fn]
pub(super) fn exp_m1(x: f64) -> f64 {
    if x.is_nan() || x == 0.0 {
        return x;
    }
    if x > 40.0 {
        return exp(x);
    }
    if x < -40.0 {
        return -1.0;
    }
    let (k, r, r_low) = reduced(x, 0.0);
    let beyond = beyond_linear(r, r_low);
    if k == 0 {
        return r + beyond;
    }
    let power = f64::from_bits((k.wrapping_add(1023) as u64) << 52);
    let (one, rest) = quick_sum(1.0, r);
    let (less, lost) = sum(power * one, -1.0);
    less + (lost + power * (rest + beyond))
}

#[kernel_fn]
pub(super) fn sinh(x: f64) -> f64 {
    let size = x.abs();
    let half = (0.5_f64).copysign(x);
    if size < 22.0 {
        let t = exp_m1(size);
        if size < 1.0 {
            // Keeps the sign of zero.
            return if size < 1e-9 { x } else { half * (2.0 * t - t * t / (t + 1.0)) };
        }
        return half * (t + t / (t + 1.0));
    }
    if size < 709.0 {
        return half * exp(size);
    }
    let root = exp(0.5 * size);
    half * root * root
}

#[kernel_fn]
pub(super) fn cosh(x: f64) -> f64 {
    let size = x.abs();
    if size < 0.35 {
        let t = exp_m1(size);
        return 1.0 + t * t / (2.0 * (1.0 + t));
    }
    if size < 22.0 {
        let t = exp(size);
        return 0.5 * t + 0.5 / t;
    }
    if size < 709.0 {
        return 0.5 * exp(size);
    }
    let root = exp(0.5 * size);
    0.5 * root * root
}

#[kernel_fn]
pub(super) fn tanh(x: f64) -> f64 {
    let size = x.abs();
    if size < 1e-9 || x.is_nan() {
        return x;
    }
    let result = if size > 22.0 {
        1.0
    } else if size > 0.55 {
        1.0 - 2.0 / (exp_m1(2.0 * size) + 2.0)
    } else if size > 0.25 {
        let t = exp_m1(2.0 * size);
        t / (t + 2.0)
    } else {
        let t = exp_m1(-2.0 * size);
        -t / (t + 2.0)
    };
    result.copysign(x)
}
