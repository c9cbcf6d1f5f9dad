//! Cube roots, hypotenuses, and what a division leaves.

use landbridge::kernel_fn;

/// 1 / cbrt(x) from a third of the exponent (W. Kahan, Computing a Real Cube Root, 1991), by three of Newton's steps without a division; of the root
/// itself a last one, whose error is computed exactly.
#[kernel_fn]
pub(super) fn cbrt(x: f32) -> f32 {
    let size = x.abs();
    if x == 0.0 || x.is_nan() || x.is_infinite() {
        return x;
    }
    let is_small = size < f32::MIN_POSITIVE;
    let a = if is_small { size * 16_777_216.0 } else { size };
    let third = ((a.to_bits() as u64).wrapping_mul(0x5555_5556) >> 32) as u32;
    let mut t = f32::from_bits((0x54a2_1d2a_u32).wrapping_sub(third));
    let mut k = 0_u32;
    while k < 3 {
        let cube = a * t * t * t;
        t = (1.0 - cube).mul_add(t * 0.333_333_34, t);
        k = k.wrapping_add(1);
    }
    let root = a * t * t;
    let square = root * root;
    let square_low = root.mul_add(root, -square);
    let error = square.mul_add(root, -a) + square_low * root;
    let root = (error * (t * t)).mul_add(-0.333_333_34, root);
    (if is_small { root * 0.003_906_25 } else { root }).copysign(x)
}

/// The squares' sum, of numbers brought to the middle where their squares would be none.
#[kernel_fn]
pub(super) fn hypot(x: f32, y: f32) -> f32 {
    let (a, b) = (x.abs(), y.abs());
    if a == f32::INFINITY || b == f32::INFINITY {
        return f32::INFINITY;
    }
    let (large, small) = if a > b { (a, b) } else { (b, a) };
    // 2^-66 and 2^66, or 2^87 and 2^-87.
    let (there, back) = if large > 4.611_686e18 {
        (1.355_252_7e-20, 7.378_698e19)
    } else if large < 9.094_947e-13 {
        (1.547_425_1e26, 6.462_348_5e-27)
    } else {
        (1.0_f32, 1.0_f32)
    };
    let (p, q) = (large * there, small * there);
    p.mul_add(p, q * q).sqrt() * back
}

/// Mantissa with its leading bit at 23, and exponent as in the bits, which is below 1 for what is subnormal.
#[kernel_fn]
fn parts(a: f32) -> (u32, i32) {
    let bits = a.to_bits();
    let mantissa = bits & 0x007f_ffff;
    if bits >> 23 != 0 {
        return (mantissa | 0x0080_0000, (bits >> 23) as i32);
    }
    let up = mantissa.leading_zeros().wrapping_sub(8);
    (mantissa << up, (1_i32).wrapping_sub(up as i32))
}

/// `x % y`, exact: long division of the mantissas, eight bits at once.
#[kernel_fn]
pub(super) fn remainder(x: f32, y: f32) -> f32 {
    let (a, b) = (x.abs(), y.abs());
    if x.is_nan() || x.is_infinite() || b == 0.0 || y.is_nan() {
        return f32::NAN;
    }
    if a < b {
        return x;
    }
    let (mut m, e) = parts(a);
    let (n, f) = parts(b);
    let mut left = e.wrapping_sub(f) as u32;
    // n is not 0: its leading bit is at 23.
    m %= n;
    while left != 0 {
        let step = if left < 8 { left } else { 8 };
        m = (m << step) % n;
        left = left.wrapping_sub(step);
    }
    if m == 0 {
        return (0.0_f32).copysign(x);
    }
    let up = m.leading_zeros().wrapping_sub(8) as i32;
    let exponent = f.wrapping_sub(up);
    let bits = if exponent > 0 {
        ((m << (up as u32)) & 0x007f_ffff) | ((exponent as u32) << 23)
    } else if f >= 1 {
        // The step of subnormal numbers is that of exponent 1.
        m << (f.wrapping_sub(1) as u32)
    } else {
        m >> ((1_i32).wrapping_sub(f) as u32)
    };
    f32::from_bits(bits).copysign(x)
}
