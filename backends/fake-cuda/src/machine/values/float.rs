//! Float arithmetic, rounded to nearest even; subnormal numbers are kept.

use super::{Value, by_type, on};
use crate::machine::program::{Binary, Ternary, Unary};
use crate::ptx::types::Type;

/// `add.rn`, `sub.rn`, `mul.rn`, `div.rn`, `min`, `max`, with `.NaN`.
pub(crate) fn binary(name: &str, ty: Type) -> Option<Binary> {
    match name {
        "add.rn" => by_type!(ty, 2, floats, |a, b| a + b),
        "sub.rn" => by_type!(ty, 2, floats, |a, b| a - b),
        "mul.rn" => by_type!(ty, 2, floats, |a, b| a * b),
        "div.rn" => by_type!(ty, 2, floats, |a, b| a / b),
        "min" => by_type!(ty, 2, floats, |a, b| match () {
            _ if a.is_nan() => b,
            _ if b.is_nan() || a < b || (a == b && a.is_sign_negative()) => a,
            _ => b,
        }),
        "max" => by_type!(ty, 2, floats, |a, b| match () {
            _ if a.is_nan() => b,
            _ if b.is_nan() || a > b || (a == b && b.is_sign_negative()) => a,
            _ => b,
        }),
        "min.NaN" => by_type!(ty, 2, [F32: f32], |a, b| match () {
            _ if a.is_nan() || b.is_nan() => f32::NAN,
            _ if a < b || (a == b && a.is_sign_negative()) => a,
            _ => b,
        }),
        "max.NaN" => by_type!(ty, 2, [F32: f32], |a, b| match () {
            _ if a.is_nan() || b.is_nan() => f32::NAN,
            _ if a > b || (a == b && b.is_sign_negative()) => a,
            _ => b,
        }),
        // The sign of the first, the number of the second; bits alone, NaN too.
        "copysign" => match ty {
            Type::F32 => Some(on!(2, u32 => u32, |a, b| (a & 0x8000_0000) | (b & 0x7FFF_FFFF))),
            Type::F64 => Some(on!(2, u64 => u64, |a, b| (a & (1 << 63)) | (b & !(1 << 63)))),
            _ => None,
        },
        _ => None,
    }
}

/// `sqrt.rn`, `rcp.rn`, `abs`, `neg`; `ex2.approx`, `lg2.approx`, `sin.approx`, `cos.approx`, `rsqrt.approx`.
pub(crate) fn unary(name: &str, ty: Type) -> Option<Unary> {
    match (name, ty) {
        ("sqrt.rn", _) => by_type!(ty, 1, floats, |a| a.sqrt()),
        ("rcp.rn", _) => by_type!(ty, 1, floats, |a| 1.0 / a),
        ("abs", Type::F32) => Some(on!(1, u32 => u32, |a| a & 0x7FFF_FFFF)),
        ("abs", Type::F64) => Some(on!(1, u64 => u64, |a| a & !(1 << 63))),
        ("neg", Type::F32) => Some(on!(1, u32 => u32, |a| a ^ 0x8000_0000)),
        ("neg", Type::F64) => Some(on!(1, u64 => u64, |a| a ^ (1 << 63))),
        ("ex2.approx", Type::F32) => Some(on!(1, f32 => f32, |a| blurred(f64::from(a).exp2(), a, 2.0))),
        ("lg2.approx", Type::F32) => Some(on!(1, f32 => f32, |a| blurred(f64::from(a).log2(), a, 0.6))),
        ("sin.approx", Type::F32) => Some(on!(1, f32 => f32, |a| near(f64::from(a).sin(), a))),
        ("cos.approx", Type::F32) => Some(on!(1, f32 => f32, |a| near(f64::from(a).cos(), a))),
        ("rsqrt.approx", Type::F32) => Some(on!(1, f32 => f32, |a| blurred(1.0 / f64::from(a).sqrt(), a, 1.1))),
        _ => None,
    }
}

/// A number from -1 to 1 that depends on the bits of `x` in no simple way.
fn noise(x: f32) -> f64 {
    let mixed = x.to_bits().wrapping_mul(0x9E37_79B9) ^ (x.to_bits() >> 15);
    f64::from(mixed.wrapping_mul(0x85EB_CA6B) as i32) / f64::from(i32::MAX)
}

/// Wrong by up to `ulps` units of the last place of 24, as an approximation may be. Exact results stay exact.
fn blurred(exact: f64, x: f32, ulps: f64) -> f32 {
    let rounded = exact as f32;
    if !rounded.is_normal() || f64::from(rounded) == exact {
        return rounded;
    }
    let ulp = f64::from(rounded).abs() * 2f64.powi(-24);
    (exact + noise(x) * ulp * ulps) as f32
}

/// Wrong by up to 2^-21, near 0.
fn near(exact: f64, x: f32) -> f32 {
    match x == 0.0 || !exact.is_finite() {
        true => exact as f32,
        false => (exact + noise(x) * 2f64.powi(-21)) as f32,
    }
}

/// `fma.rn`.
pub(crate) fn ternary(name: &str, ty: Type) -> Option<Ternary> {
    match name {
        "fma.rn" => by_type!(ty, 3, floats, |a, b, c| a.mul_add(b, c)),
        _ => None,
    }
}

/// `testp`.
pub(crate) fn property(name: &str, ty: Type) -> Option<Unary> {
    macro_rules! test {
        ($f:expr) => {
            match ty {
                Type::F32 => Some(on!(1, f32 => bool, $f)),
                Type::F64 => Some(on!(1, f64 => bool, $f)),
                _ => None,
            }
        };
    }
    match name {
        "finite" => test!(|a| a.is_finite()),
        "infinite" => test!(|a| a.is_infinite()),
        "number" => test!(|a| !a.is_nan()),
        "notanumber" => test!(|a| a.is_nan()),
        "normal" => test!(|a| a.is_normal()),
        "subnormal" => test!(|a| a.is_subnormal()),
        _ => None,
    }
}

/// `atom.add` of floats.
pub(crate) fn add(ty: Type) -> Option<Binary> {
    binary("add.rn", ty)
}

/// The value of a float in a slot, for conversions.
pub(crate) fn wide(ty: Type, bits: u64) -> f64 {
    match ty {
        Type::F32 => f64::from(f32::of(bits)),
        _ => f64::of(bits),
    }
}
