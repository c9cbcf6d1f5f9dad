//! Comparisons.

use super::on;
use crate::machine::program::Binary;
use crate::ptx::types::{Kind, Type};

/// What `setp` and `set` compare by.
pub(crate) fn comparison(name: &str, ty: Type) -> Option<Binary> {
    match ty.kind() {
        Kind::Pred => None,
        Kind::Bits if ty.size() > 1 => match name {
            "eq" => Some(|a, b| u64::from(a == b)),
            "ne" => Some(|a, b| u64::from(a != b)),
            _ => None,
        },
        Kind::Unsigned if ty.size() > 1 => unsigned(name),
        Kind::Signed => signed(name, ty),
        Kind::Float => float(name, ty),
        Kind::Bits | Kind::Unsigned => None,
    }
}

fn unsigned(name: &str) -> Option<Binary> {
    Some(match name {
        "eq" => |a, b| u64::from(a == b),
        "ne" => |a, b| u64::from(a != b),
        "lt" | "lo" => |a, b| u64::from(a < b),
        "le" | "ls" => |a, b| u64::from(a <= b),
        "gt" | "hi" => |a, b| u64::from(a > b),
        "ge" | "hs" => |a, b| u64::from(a >= b),
        _ => return None,
    })
}

fn signed(name: &str, ty: Type) -> Option<Binary> {
    macro_rules! by_width {
        ($f:expr) => {
            match ty {
                Type::S16 => Some(on!(2, i16 => bool, $f)),
                Type::S32 => Some(on!(2, i32 => bool, $f)),
                Type::S64 => Some(on!(2, i64 => bool, $f)),
                _ => None,
            }
        };
    }
    match name {
        "eq" => by_width!(|a, b| a == b),
        "ne" => by_width!(|a, b| a != b),
        "lt" => by_width!(|a, b| a < b),
        "le" => by_width!(|a, b| a <= b),
        "gt" => by_width!(|a, b| a > b),
        "ge" => by_width!(|a, b| a >= b),
        _ => None,
    }
}

fn float(name: &str, ty: Type) -> Option<Binary> {
    macro_rules! by_width {
        ($f:expr) => {
            match ty {
                Type::F32 => Some(on!(2, f32 => bool, $f)),
                _ => Some(on!(2, f64 => bool, $f)),
            }
        };
    }
    match name {
        // False if one is NaN.
        "eq" => by_width!(|a, b| a == b),
        "ne" => by_width!(|a, b| a != b && !a.is_nan() && !b.is_nan()),
        "lt" => by_width!(|a, b| a < b),
        "le" => by_width!(|a, b| a <= b),
        "gt" => by_width!(|a, b| a > b),
        "ge" => by_width!(|a, b| a >= b),
        // True if one is NaN.
        "equ" => by_width!(|a, b| a == b || a.is_nan() || b.is_nan()),
        "neu" => by_width!(|a, b| a != b),
        "ltu" => by_width!(|a, b| a < b || a.is_nan() || b.is_nan()),
        "leu" => by_width!(|a, b| a <= b || a.is_nan() || b.is_nan()),
        "gtu" => by_width!(|a, b| a > b || a.is_nan() || b.is_nan()),
        "geu" => by_width!(|a, b| a >= b || a.is_nan() || b.is_nan()),
        "num" => by_width!(|a, b| !a.is_nan() && !b.is_nan()),
        "nan" => by_width!(|a, b| a.is_nan() || b.is_nan()),
        _ => None,
    }
}
