//! Literals: their type is their suffix's, else what the context wants, else `i32` or `f64`, as in Rust.

use super::error::Lowered;
use super::function::Lowering;
use crate::ast::Expr;
use crate::ir::{Constant, Op, Scalar, TypeId, ValueId};

/// The scalar type of that name, as literals' suffixes have it.
pub(super) fn scalar_named(name: &str) -> Option<Scalar> {
    Scalar::ALL.into_iter().find(|s| s.name() == name)
}

/// Wraps to the range of an integer type.
pub(super) fn wrap(scalar: Scalar, value: i128) -> i128 {
    let (low, high) = scalar.range();
    let span = high - low + 1;
    (value - low).rem_euclid(span) + low
}

impl Lowering<'_> {
    /// A literal; `negative` if a minus sign stands before it.
    pub(super) fn literal(&mut self, e: &'static Expr, negative: bool, want: Option<TypeId>) -> Lowered<ValueId> {
        let want = want.and_then(|ty| self.as_scalar(ty));
        match *e {
            Expr::Int(value, suffix) => {
                let scalar = scalar_named(suffix).or(want.filter(|s| s.is_integer())).unwrap_or(Scalar::I32);
                let value = value as i128;
                let value = wrap(scalar, if negative { -value } else { value });
                Ok(self.build.integer(scalar, value))
            }
            Expr::Float(digits, suffix) => {
                let scalar = scalar_named(suffix).or(want.filter(|s| s.is_float())).unwrap_or(Scalar::F64);
                let Some(constant) = parse_float(scalar, digits, negative) else {
                    return self.bug(format!("`{digits}` is not a float"));
                };
                let ty = self.scalar_type(scalar);
                Ok(self.build.value(ty, Op::Constant(constant)))
            }
            _ => self.bug("not a literal"),
        }
    }
}

/// Parsed in its own precision: `0.1f32` is not `0.1f64 as f32` in all cases.
fn parse_float(scalar: Scalar, digits: &str, negative: bool) -> Option<Constant> {
    Some(match scalar {
        Scalar::F32 => {
            let value: f32 = digits.parse().ok()?;
            Constant::F32(if negative { -value } else { value }.to_bits())
        }
        _ => {
            let value: f64 = digits.parse().ok()?;
            Constant::F64(if negative { -value } else { value }.to_bits())
        }
    })
}
