//! Arithmetic on scalars: Rust's own, on bits that are zero-extended to 64.

use crate::ir::{AtomicOp, BinaryOp, CompareOp, Constant, Scalar, UnaryOp};

/// Runs code with `$T` as the Rust type of an integer scalar.
macro_rules! with_integer {
    ($scalar:expr, $T:ident => $body:expr) => {
        match $scalar {
            Scalar::I8 => {
                type $T = i8;
                $body
            }
            Scalar::I16 => {
                type $T = i16;
                $body
            }
            Scalar::I32 => {
                type $T = i32;
                $body
            }
            Scalar::I64 | Scalar::Isize => {
                type $T = i64;
                $body
            }
            Scalar::U8 => {
                type $T = u8;
                $body
            }
            Scalar::U16 => {
                type $T = u16;
                $body
            }
            Scalar::U32 => {
                type $T = u32;
                $body
            }
            Scalar::U64 | Scalar::Usize => {
                type $T = u64;
                $body
            }
            Scalar::Bool | Scalar::F32 | Scalar::F64 => {
                unreachable!("verify allows only integers here")
            }
        }
    };
}
pub(super) use with_integer;

/// What makes an operation panic: its report's first argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow(pub(super) u64);

/// The bits of an integer of at most 64 bits, cut to the scalar's width.
pub(super) fn integer_bits(scalar: Scalar, value: i128) -> u64 {
    with_integer!(scalar, T => zero_extended(value as T as i128, scalar))
}

fn zero_extended(value: i128, scalar: Scalar) -> u64 {
    value as u64 & (u64::MAX >> (64 - scalar.bits()))
}

/// The integer behind bits.
pub(super) fn integer(scalar: Scalar, bits: u64) -> i128 {
    with_integer!(scalar, T => bits as T as i128)
}

/// As an argument of a report: integers `as u64`.
pub(super) fn reported(scalar: Scalar, bits: u64) -> u64 {
    if scalar.is_integer() { integer(scalar, bits) as u64 } else { bits }
}

pub(super) fn constant(scalar: Scalar, constant: Constant) -> u64 {
    match constant {
        Constant::Bool(value) => u64::from(value),
        Constant::Int(value) => integer_bits(scalar, value),
        Constant::F32(bits) => u64::from(bits),
        Constant::F64(bits) => bits,
    }
}

pub(super) fn unary(op: UnaryOp, scalar: Scalar, bits: u64, checked: bool) -> Result<u64, Overflow> {
    match (op, scalar) {
        (UnaryOp::Neg, Scalar::F32) => Ok((-f32::from_bits(bits as u32)).to_bits().into()),
        (UnaryOp::Neg, Scalar::F64) => Ok((-f64::from_bits(bits)).to_bits()),
        (UnaryOp::Not, Scalar::Bool) => Ok(bits ^ 1),
        (UnaryOp::Not, _) => Ok(integer_bits(scalar, !integer(scalar, bits))),
        (UnaryOp::Neg, _) => with_integer!(scalar, T => {
            let value = bits as T;
            if checked && value.checked_neg().is_none() {
                return Err(Overflow(0));
            }
            Ok(integer_bits(scalar, value.wrapping_neg() as i128))
        }),
    }
}

/// `right` is of type `right_scalar`, which differs from `scalar` only for shifts.
pub(super) fn binary(
    op: BinaryOp,
    scalar: Scalar,
    left: u64,
    (right_scalar, right): (Scalar, u64),
    checked: bool,
) -> Result<u64, Overflow> {
    match scalar {
        Scalar::F32 => {
            let (l, r) = (f32::from_bits(left as u32), f32::from_bits(right as u32));
            Ok(u64::from(float_binary(op, l, r).to_bits()))
        }
        Scalar::F64 => {
            let (l, r) = (f64::from_bits(left), f64::from_bits(right));
            Ok(float_binary(op, l, r).to_bits())
        }
        Scalar::Bool => Ok(match op {
            BinaryOp::And => left & right,
            BinaryOp::Or => left | right,
            BinaryOp::Xor => left ^ right,
            _ => unreachable!("verify allows only bit operations on bool"),
        }),
        _ => match op {
            BinaryOp::Shl | BinaryOp::Shr => {
                let count = integer(right_scalar, right);
                shift(op, scalar, left, count, checked)
            }
            _ => integer_binary(op, scalar, left, right, checked),
        },
    }
}

fn float_binary<F>(op: BinaryOp, l: F, r: F) -> F
where
    F: std::ops::Add<Output = F>
        + std::ops::Sub<Output = F>
        + std::ops::Mul<Output = F>
        + std::ops::Div<Output = F>
        + std::ops::Rem<Output = F>,
{
    match op {
        BinaryOp::Add => l + r,
        BinaryOp::Sub => l - r,
        BinaryOp::Mul => l * r,
        BinaryOp::Div => l / r,
        BinaryOp::Rem => l % r,
        BinaryOp::And | BinaryOp::Or | BinaryOp::Xor | BinaryOp::Shl | BinaryOp::Shr => {
            unreachable!("verify allows no bit operations on floats")
        }
    }
}

fn shift(op: BinaryOp, scalar: Scalar, left: u64, count: i128, checked: bool) -> Result<u64, Overflow> {
    if checked && !(0..i128::from(scalar.bits())).contains(&count) {
        return Err(Overflow(0));
    }
    with_integer!(scalar, T => {
        let value = left as T;
        let result = if op == BinaryOp::Shl {
            value.wrapping_shl(count as u32)
        } else {
            value.wrapping_shr(count as u32)
        };
        Ok(integer_bits(scalar, result as i128))
    })
}

fn integer_binary(op: BinaryOp, scalar: Scalar, left: u64, right: u64, checked: bool) -> Result<u64, Overflow> {
    with_integer!(scalar, T => {
        let (l, r) = (left as T, right as T);
        let exact = match op {
            BinaryOp::Add => l.checked_add(r),
            BinaryOp::Sub => l.checked_sub(r),
            BinaryOp::Mul => l.checked_mul(r),
            BinaryOp::Div | BinaryOp::Rem if r == 0 => return Err(Overflow(0)),
            BinaryOp::Div => return divided(l.checked_div(r).map(i128::from), scalar),
            BinaryOp::Rem => return divided(l.checked_rem(r).map(i128::from), scalar),
            BinaryOp::And => Some(l & r),
            BinaryOp::Or => Some(l | r),
            BinaryOp::Xor => Some(l ^ r),
            BinaryOp::Shl | BinaryOp::Shr => unreachable!("shifts have their own function"),
        };
        let result = match (exact, op) {
            (Some(exact), _) => exact,
            (None, _) if checked => return Err(Overflow(0)),
            (None, BinaryOp::Add) => l.wrapping_add(r),
            (None, BinaryOp::Sub) => l.wrapping_sub(r),
            (None, _) => l.wrapping_mul(r),
        };
        Ok(integer_bits(scalar, i128::from(result)))
    })
}

/// The result of a division by something else than zero.
fn divided(result: Option<i128>, scalar: Scalar) -> Result<u64, Overflow> {
    result.map(|value| integer_bits(scalar, value)).ok_or(Overflow(1))
}

pub(super) fn compare(op: CompareOp, scalar: Scalar, left: u64, right: u64) -> bool {
    match scalar {
        Scalar::F32 => ordered(op, &f32::from_bits(left as u32), &f32::from_bits(right as u32)),
        Scalar::F64 => ordered(op, &f64::from_bits(left), &f64::from_bits(right)),
        Scalar::Bool => ordered(op, &left, &right),
        _ => ordered(op, &integer(scalar, left), &integer(scalar, right)),
    }
}

fn ordered<T: PartialOrd>(op: CompareOp, left: &T, right: &T) -> bool {
    match op {
        CompareOp::Equal => left == right,
        CompareOp::NotEqual => left != right,
        CompareOp::Less => left < right,
        CompareOp::LessEqual => left <= right,
        CompareOp::Greater => left > right,
        CompareOp::GreaterEqual => left >= right,
    }
}

/// Rust's `as`.
pub(super) fn cast(from: Scalar, to: Scalar, bits: u64) -> u64 {
    match (from, to) {
        _ if from == to => bits,
        (Scalar::F32, _) => cast_float(f64::from(f32::from_bits(bits as u32)), to),
        (Scalar::F64, _) => cast_float(f64::from_bits(bits), to),
        (Scalar::Bool, _) => bits,
        (_, Scalar::F32) => u64::from((integer(from, bits) as f32).to_bits()),
        (_, Scalar::F64) => (integer(from, bits) as f64).to_bits(),
        _ => integer_bits(to, integer(from, bits)),
    }
}

/// From an `f64`, which holds each `f32` exactly.
fn cast_float(value: f64, to: Scalar) -> u64 {
    match to {
        Scalar::F32 => u64::from((value as f32).to_bits()),
        Scalar::F64 => value.to_bits(),
        _ => with_integer!(to, T => integer_bits(to, i128::from(value as T))),
    }
}

/// What an atomic operation leaves in memory, if it writes.
pub(super) fn atomic(op: AtomicOp, scalar: Scalar, old: u64, arguments: &[u64]) -> Option<u64> {
    let argument = arguments.first().copied().unwrap_or(0);
    let (a, b) = (integer(scalar, old), integer(scalar, argument));
    let new = match op {
        AtomicOp::Load => return None,
        AtomicOp::CompareExchange => return (old == argument).then(|| arguments[1]),
        AtomicOp::Store | AtomicOp::Exchange => b,
        AtomicOp::Add => a + b,
        AtomicOp::Sub => a - b,
        AtomicOp::Min => a.min(b),
        AtomicOp::Max => a.max(b),
        AtomicOp::And => a & b,
        AtomicOp::Or => a | b,
        AtomicOp::Xor => a ^ b,
    };
    Some(integer_bits(scalar, new))
}
