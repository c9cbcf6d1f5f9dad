//! Whether `usize` is computed in 32 or in 64 bits.

use landbridge_core::ir::{BinaryOp, Constant, MathFunction, Module, Op, Scalar, Type, TypeId, UnaryOp, Value};

use super::target::{UsizeWidth, WgslError, WgslTarget};

/// Decides the width.
pub(super) fn is_wide(module: &Module, target: &WgslTarget) -> Result<bool, WgslError> {
    match target.usize_width {
        UsizeWidth::Wide if !target.int64 => {
            Err(WgslError::new("`usize` in 64 bits", "the device has no 64-bit integers (SHADER_INT64)"))
        }
        UsizeWidth::Wide => Ok(true),
        UsizeWidth::Auto => Ok(target.int64 && wants_wide(module)),
    }
}

/// Whether the kernel plainly works with high bits.
fn wants_wide(module: &Module) -> bool {
    let values = &module.entry_function().values;
    values.iter().any(|value| wants(module, values, value))
}

fn wants(module: &Module, values: &[Value], value: &Value) -> bool {
    let of = |ty: TypeId| match module.types[ty] {
        Type::Scalar(s @ (Scalar::Usize | Scalar::Isize)) => Some(s),
        _ => None,
    };
    let operand = |id: &landbridge_core::ir::ValueId| of(values[id.0 as usize].ty);
    match (&value.op, of(value.ty)) {
        (Op::Constant(Constant::Int(n)), Some(Scalar::Usize)) => *n > u32::MAX.into(),
        (Op::Constant(Constant::Int(n)), Some(_)) => i32::try_from(*n).is_err(),
        (Op::Unary { op: UnaryOp::Not, .. }, Some(Scalar::Usize)) => true,
        (Op::Bitcast(from), to) => to.is_some() || operand(from).is_some(),
        (Op::Math { function, arguments }, _) => {
            let on = arguments.first().and_then(operand);
            let counts =
                matches!(function, MathFunction::CountOnes | MathFunction::LeadingZeros | MathFunction::TrailingZeros);
            let orders = matches!(function, MathFunction::Min | MathFunction::Max);
            match on {
                Some(Scalar::Isize) => !orders,
                Some(_) => !orders && !counts,
                None => false,
            }
        }
        // A hash: products that are meant to wrap.
        (Op::Binary { op: BinaryOp::Mul, left, right, site: None }, Some(_)) => [left, right].into_iter().any(|id| {
            let big = |n: i128| n.unsigned_abs() >= 1 << 20;
            matches!(values[id.0 as usize].op, Op::Constant(Constant::Int(n)) if big(n))
        }),
        _ => false,
    }
}
