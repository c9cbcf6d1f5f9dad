//! asin, acos, atan and atan2.
//!
//! Minimax polynomials: of asin up to 1/2, beyond which asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)) (Cody and Waite, 1980); of atan up to 1, beyond
//! which atan(x) = pi/2 - atan(1 / x).

use landbridge::kernel_fn;

/// pi/2 less its first 24 bits.
const HALF_PI_LOW: f32 = -4.371_139e-8;

/// (asin(x) - x) / x of `z = x * x`; the whole relative: 3.1e-10.
#[kernel_fn]
fn asin_ratio(z: f32) -> f32 {
    let mut p: f32 = 3.768_733e-2;
    p = p.mul_add(z, 1.431_850_3e-2);
    p = p.mul_add(z, 3.183_870_4e-2);
    p = p.mul_add(z, 4.451_338_6e-2);
    p = p.mul_add(z, 7.500_522e-2);
    p = p.mul_add(z, 1.666_666e-1);
    p * z
}

#[kernel_fn]
pub(super) fn asin(x: f32) -> f32 {
    let size = x.abs();
    if size < 0.5 {
        return asin_ratio(x * x).mul_add(x, x);
    }
    // Of what is above 1 the root is NaN.
    let z = (-0.5_f32).mul_add(size, 0.5);
    let s = z.sqrt();
    let half = asin_ratio(z).mul_add(s, s);
    ((-2.0_f32).mul_add(half, HALF_PI_LOW) + std::f32::consts::FRAC_PI_2).copysign(x)
}

#[kernel_fn]
pub(super) fn acos(x: f32) -> f32 {
    let size = x.abs();
    if size < 0.5 {
        let sin = asin_ratio(x * x).mul_add(x, x);
        return std::f32::consts::FRAC_PI_2 - (sin - HALF_PI_LOW);
    }
    let z = (-0.5_f32).mul_add(size, 0.5);
    let s = z.sqrt();
    let angle = 2.0 * asin_ratio(z).mul_add(s, s);
    if x < 0.0 { std::f32::consts::PI - (angle - 2.0 * HALF_PI_LOW) } else { angle }
}

/// atan of 0 to 1; relative: 2.7e-9.
#[kernel_fn]
fn atan_of_small(x: f32) -> f32 {
    let z = x * x;
    let mut p: f32 = -1.782_584_6e-3;
    p = p.mul_add(z, 1.086_810_1e-2);
    p = p.mul_add(z, -3.109_652_5e-2);
    p = p.mul_add(z, 5.788_13e-2);
    p = p.mul_add(z, -8.399_309e-2);
    p = p.mul_add(z, 1.095_088_1e-1);
    p = p.mul_add(z, -1.426_401_6e-1);
    p = p.mul_add(z, 1.999_853e-1);
    p = p.mul_add(z, -3.333_33e-1);
    (p * z).mul_add(x, x)
}

#[kernel_fn]
pub(super) fn atan(x: f32) -> f32 {
    let size = x.abs();
    let is_large = size > 1.0;
    let part = atan_of_small(if is_large { 1.0 / size } else { size });
    let result = if is_large { std::f32::consts::FRAC_PI_2 - (part - HALF_PI_LOW) } else { part };
    result.copysign(x)
}

#[kernel_fn]
pub(super) fn atan2(y: f32, x: f32) -> f32 {
    if x.is_nan() || y.is_nan() {
        return f32::NAN;
    }
    let (a, b) = (y.abs(), x.abs());
    let is_steep = a > b;
    let (least, most) = if is_steep { (b, a) } else { (a, b) };
    let ratio = if most == 0.0 {
        0.0
    } else if least == f32::INFINITY {
        1.0
    } else {
        least / most
    };
    let part = atan_of_small(ratio);
    let angle = if is_steep { std::f32::consts::FRAC_PI_2 - (part - HALF_PI_LOW) } else { part };
    let behind = std::f32::consts::PI - (angle - 2.0 * HALF_PI_LOW);
    (if x.is_sign_negative() { behind } else { angle }).copysign(y)
}
