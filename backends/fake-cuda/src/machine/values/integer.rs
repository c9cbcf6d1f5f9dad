//! Integer arithmetic.

use super::{by_type, on};
use crate::machine::program::{Binary, Ternary, Unary};
use crate::ptx::types::Type;

/// `add`, `sub`, `mul.lo`, `mul.hi`, `div`, `rem`, `min`, `max`.
pub(crate) fn binary(name: &str, ty: Type) -> Option<Binary> {
    match name {
        "add" => by_type!(ty, 2, words, |a, b| a.wrapping_add(b)),
        "sub" => by_type!(ty, 2, words, |a, b| a.wrapping_sub(b)),
        "mul.lo" => by_type!(ty, 2, words, |a, b| a.wrapping_mul(b)),
        "mul.hi" => mul_hi(ty),
        // What a division by zero gives is not defined: poison, so that nobody relies on it.
        "div" => by_type!(ty, 2, words, |a, b| if b == 0 { !a } else { a.wrapping_div(b) }),
        "rem" => by_type!(ty, 2, words, |a, b| if b == 0 { !a } else { a.wrapping_rem(b) }),
        "min" => by_type!(ty, 2, words, |a, b| a.min(b)),
        "max" => by_type!(ty, 2, words, |a, b| a.max(b)),
        _ => None,
    }
}

/// `add.sat.s32` and `sub.sat.s32`.
pub(crate) fn saturating(name: &str, ty: Type) -> Option<Binary> {
    match name {
        "add" => by_type!(ty, 2, [S32: i32], |a, b| a.saturating_add(b)),
        "sub" => by_type!(ty, 2, [S32: i32], |a, b| a.saturating_sub(b)),
        _ => None,
    }
}

fn mul_hi(ty: Type) -> Option<Binary> {
    Some(match ty {
        Type::U16 => on!(2, u16 => u16, |a, b| ((u32::from(a) * u32::from(b)) >> 16) as u16),
        Type::S16 => on!(2, i16 => i16, |a, b| ((i32::from(a) * i32::from(b)) >> 16) as i16),
        Type::U32 => on!(2, u32 => u32, |a, b| ((u64::from(a) * u64::from(b)) >> 32) as u32),
        Type::S32 => on!(2, i32 => i32, |a, b| ((i64::from(a) * i64::from(b)) >> 32) as i32),
        Type::U64 => on!(2, u64 => u64, |a, b| ((u128::from(a) * u128::from(b)) >> 64) as u64),
        Type::S64 => on!(2, i64 => i64, |a, b| ((i128::from(a) * i128::from(b)) >> 64) as i64),
        _ => return None,
    })
}

/// `mul.wide`, and the type of its result.
pub(crate) fn mul_wide(ty: Type) -> Option<(Binary, Type)> {
    Some(match ty {
        Type::U16 => (on!(2, u16 => u32, |a, b| u32::from(a) * u32::from(b)), Type::U32),
        Type::S16 => (on!(2, i16 => i32, |a, b| i32::from(a) * i32::from(b)), Type::S32),
        Type::U32 => (on!(2, u32 => u64, |a, b| u64::from(a) * u64::from(b)), Type::U64),
        Type::S32 => (on!(2, i32 => i64, |a, b| i64::from(a) * i64::from(b)), Type::S64),
        _ => return None,
    })
}

/// `abs`, `neg`.
pub(crate) fn unary(name: &str, ty: Type) -> Option<Unary> {
    match name {
        "abs" => by_type!(ty, 1, signed, |a| a.wrapping_abs()),
        "neg" => by_type!(ty, 1, signed, |a| a.wrapping_neg()),
        _ => None,
    }
}

/// `sad`: the third operand and the distance of the others.
pub(crate) fn ternary(name: &str, ty: Type) -> Option<Ternary> {
    match name {
        "sad" => by_type!(ty, 3, words, |a, b, c| {
            c.wrapping_add(if a < b { b.wrapping_sub(a) } else { a.wrapping_sub(b) })
        }),
        _ => None,
    }
}
