//! Logic, shifts and the fields of words.

use super::{by_type, on};
use crate::machine::program::{Binary, Quaternary, Ternary, Unary};
use crate::ptx::types::Type;

/// `and`, `or`, `xor`, of words and truth values.
pub(crate) fn logic(name: &str, ty: Type) -> Option<Binary> {
    if !matches!(ty, Type::Pred | Type::B16 | Type::B32 | Type::B64) {
        return None;
    }
    match name {
        "and" => Some(|a, b| a & b),
        "or" => Some(|a, b| a | b),
        "xor" => Some(|a, b| a ^ b),
        _ => None,
    }
}

/// `not`, `cnot`, `brev`.
pub(crate) fn unary(name: &str, ty: Type) -> Option<Unary> {
    match (name, ty) {
        ("not", Type::Pred) => Some(|a| (a & 1) ^ 1),
        ("not", _) => by_type!(ty, 1, bits, |a| !a),
        ("cnot", _) => by_type!(ty, 1, bits, |a| if a == 0 { 1 } else { 0 }),
        ("brev", _) => by_type!(ty, 1, [B32: u32, B64: u64], |a| a.reverse_bits()),
        _ => None,
    }
}

/// `popc`, `clz`, `bfind`: their results have 32 bits.
pub(crate) fn count(name: &str, ty: Type) -> Option<Unary> {
    Some(match (name, ty) {
        ("popc", Type::B32) => on!(1, u32 => u32, |a| a.count_ones()),
        ("popc", Type::B64) => on!(1, u64 => u32, |a| a.count_ones()),
        ("clz", Type::B32) => on!(1, u32 => u32, |a| a.leading_zeros()),
        ("clz", Type::B64) => on!(1, u64 => u32, |a| a.leading_zeros()),
        ("bfind", Type::U32) => on!(1, u32 => u32, |a| 31u32.wrapping_sub(a.leading_zeros())),
        ("bfind", Type::U64) => on!(1, u64 => u32, |a| 63u32.wrapping_sub(a.leading_zeros())),
        // The first bit that differs from the sign.
        ("bfind", Type::S32) => on!(1, i32 => u32, |a| 31u32.wrapping_sub((a ^ (a >> 31)).leading_zeros())),
        ("bfind", Type::S64) => on!(1, i64 => u32, |a| 63u32.wrapping_sub((a ^ (a >> 63)).leading_zeros())),
        _ => return None,
    })
}

/// `shl` and `shr`: amounts past the width leave nothing, or only signs.
pub(crate) fn shift(name: &str, ty: Type) -> Option<Binary> {
    // The amount is a 32-bit number whatever the type is, so that it is not cut to 16 bits here.
    macro_rules! shifted {
        ($t:ty, $signed:ty) => {
            match (name, ty.is_signed()) {
                ("shl", false) => Some((|a, n| (a as $t).checked_shl(n as u32).unwrap_or(0) as u64) as Binary),
                ("shr", false) => Some((|a, n| (a as $t).checked_shr(n as u32).unwrap_or(0) as u64) as Binary),
                ("shr", true) => {
                    Some((|a, n| ((a as $signed) >> (n as u32).min(<$t>::BITS - 1)) as $t as u64) as Binary)
                }
                _ => None,
            }
        };
    }
    match ty {
        Type::B16 | Type::U16 | Type::S16 => shifted!(u16, i16),
        Type::B32 | Type::U32 | Type::S32 => shifted!(u32, i32),
        Type::B64 | Type::U64 | Type::S64 => shifted!(u64, i64),
        _ => None,
    }
}

/// `bfe`: the value, the position and the length, both of 8 bits.
pub(crate) fn extract(ty: Type) -> Option<Ternary> {
    Some(match ty {
        Type::U32 => |a, at, len| field(a, at, len, 32, false),
        Type::S32 => |a, at, len| field(a, at, len, 32, true),
        Type::U64 => |a, at, len| field(a, at, len, 64, false),
        Type::S64 => |a, at, len| field(a, at, len, 64, true),
        _ => return None,
    })
}

/// Bit by bit, as the ISA document has it.
fn field(a: u64, at: u64, len: u64, width: u32, signed: bool) -> u64 {
    let (at, len, top) = (at as u32 & 0xFF, len as u32 & 0xFF, width - 1);
    let sign = match signed && len > 0 {
        true => (a >> (at + len - 1).min(top)) & 1,
        false => 0,
    };
    let mut result = 0;
    for bit in 0..width {
        let value = if bit < len && at + bit <= top { (a >> (at + bit)) & 1 } else { sign };
        result |= value << bit;
    }
    result
}

/// `bfi`: what is put in, into what, position and length.
pub(crate) fn insert(ty: Type) -> Option<Quaternary> {
    fn inserted(a: u64, b: u64, at: u64, len: u64, width: u32) -> u64 {
        let (at, len) = (at as u32 & 0xFF, len as u32 & 0xFF);
        let mut result = b;
        for bit in 0..len {
            if at + bit < width {
                result = (result & !(1 << (at + bit))) | (((a >> bit.min(63)) & 1) << (at + bit));
            }
        }
        result
    }
    match ty {
        Type::B32 => Some(|a, b, at, len| inserted(a, b, at, len, 32)),
        Type::B64 => Some(|a, b, at, len| inserted(a, b, at, len, 64)),
        _ => None,
    }
}

/// `prmt.b32`: four of eight bytes, each with a selector of four bits, whose highest asks for its sign.
pub(crate) fn permute(a: u64, b: u64, selectors: u64) -> u64 {
    let bytes = (a & 0xFFFF_FFFF) | (b << 32);
    let mut result = 0;
    for place in 0..4 {
        let selector = selectors >> (4 * place);
        let byte = (bytes >> (8 * (selector & 7))) & 0xFF;
        let byte = match selector & 8 {
            0 => byte,
            _ => (byte >> 7) * 0xFF,
        };
        result |= byte << (8 * place);
    }
    result
}

/// `lop3.b32`: the table's bits, by the bits of the three operands.
pub(crate) fn look_up(a: u64, b: u64, c: u64, table: u64) -> u64 {
    let mut result = 0;
    for bit in 0..32 {
        let at = ((a >> bit) & 1) << 2 | ((b >> bit) & 1) << 1 | ((c >> bit) & 1);
        result |= ((table >> at) & 1) << bit;
    }
    result
}

/// `shf`: two words shifted together; `.l` gives the upper word, `.r` the lower.
pub(crate) fn funnel(direction: &str, mode: &str) -> Option<Ternary> {
    fn amount(n: u64, wrap: bool) -> u32 {
        if wrap { n as u32 & 31 } else { (n as u32).min(32) }
    }
    fn both(low: u64, high: u64) -> u64 {
        low | high << 32
    }
    Some(match (direction, mode) {
        ("l", "wrap") => |a, b, n| (both(a, b) << amount(n, true)) >> 32,
        ("l", "clamp") => |a, b, n| (both(a, b) << amount(n, false)) >> 32,
        ("r", "wrap") => |a, b, n| (both(a, b) >> amount(n, true)) & 0xFFFF_FFFF,
        ("r", "clamp") => |a, b, n| (both(a, b) >> amount(n, false)) & 0xFFFF_FFFF,
        _ => return None,
    })
}

/// The low bits of a value as a number with sign, of `from` bits, cut to `to` bits.
pub(crate) fn sign_extension(from: u32, to: u32) -> Option<Unary> {
    Some(match (from, to) {
        (8, 16) => on!(1, i8 => i16, |a| i16::from(a)),
        (8, 32) => on!(1, i8 => i32, |a| i32::from(a)),
        (8, 64) => on!(1, i8 => i64, |a| i64::from(a)),
        (16, 32) => on!(1, i16 => i32, |a| i32::from(a)),
        (16, 64) => on!(1, i16 => i64, |a| i64::from(a)),
        (32, 64) => on!(1, i32 => i64, |a| i64::from(a)),
        _ => return None,
    })
}
