//! Extended-precision arithmetic: results, and the carry that goes to the next word.
//!
//! The carry is a slot of its own that holds 0 or 1; for subtractions it is the borrow.

use crate::machine::program::{Quaternary, Ternary};
use crate::ptx::types::Type;

/// What `add`, `addc`, `sub`, `subc` compute from two words and a carry in: the result, and the carry out.
pub(crate) fn sum(name: &str, ty: Type) -> Option<(Ternary, Ternary)> {
    let wide = match ty {
        Type::B32 | Type::U32 | Type::S32 => false,
        Type::B64 | Type::U64 | Type::S64 => true,
        _ => return None,
    };
    Some(match (name, wide) {
        ("add", false) => (|a, b, c| (a + b + c) & 0xFFFF_FFFF, |a, b, c| (a + b + c) >> 32),
        ("add", true) => (
            |a, b, c| a.wrapping_add(b).wrapping_add(c),
            |a, b, c| ((u128::from(a) + u128::from(b) + u128::from(c)) >> 64) as u64,
        ),
        ("sub", false) => (
            |a, b, c| a.wrapping_sub(b).wrapping_sub(c) & 0xFFFF_FFFF,
            |a, b, c| u64::from(u128::from(a) < u128::from(b) + u128::from(c)),
        ),
        ("sub", true) => (
            |a, b, c| a.wrapping_sub(b).wrapping_sub(c),
            |a, b, c| u64::from(u128::from(a) < u128::from(b) + u128::from(c)),
        ),
        _ => return None,
    })
}

/// What `mad.lo` and `mad.hi` compute from a product's half, a word and a carry in: the result, and the carry out.
pub(crate) fn product(half: &str, ty: Type) -> Option<(Quaternary, Quaternary)> {
    Some(match (half, ty) {
        ("lo", Type::U32 | Type::S32 | Type::B32) => (
            |a, b, c, carry| (((a * b) & 0xFFFF_FFFF) + c + carry) & 0xFFFF_FFFF,
            |a, b, c, carry| (((a * b) & 0xFFFF_FFFF) + c + carry) >> 32,
        ),
        ("hi", Type::U32) => (
            |a, b, c, carry| (((a * b) >> 32) + c + carry) & 0xFFFF_FFFF,
            |a, b, c, carry| (((a * b) >> 32) + c + carry) >> 32,
        ),
        ("lo", Type::U64 | Type::S64 | Type::B64) => (
            |a, b, c, carry| a.wrapping_mul(b).wrapping_add(c).wrapping_add(carry),
            |a, b, c, carry| ((u128::from(a.wrapping_mul(b)) + u128::from(c) + u128::from(carry)) >> 64) as u64,
        ),
        ("hi", Type::U64) => (
            |a, b, c, carry| high(a, b).wrapping_add(c).wrapping_add(carry),
            |a, b, c, carry| ((u128::from(high(a, b)) + u128::from(c) + u128::from(carry)) >> 64) as u64,
        ),
        _ => return None,
    })
}

fn high(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 64) as u64
}
