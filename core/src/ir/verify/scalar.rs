//! Rules about operations on numbers and `bool`.

use super::function::Checker;
use super::operation::{kind, result, wrong};
use super::{Fault, Rule, require};
use crate::ir::{
    BinaryOp, CompareOp, Constant, MathFunction, PanicKind, Scalar, SiteId, Type, TypeId, UnaryOp, ValueId,
};

fn scalar_of(c: &Checker<'_>, value: ValueId) -> Option<Scalar> {
    c.module.types.as_scalar(c.type_of(value))
}

/// The scalar that a type has to be.
fn scalar_type(c: &Checker<'_>, ty: TypeId, rule: Rule) -> Result<Scalar, Fault> {
    let scalar = c.module.types.as_scalar(ty);
    scalar.ok_or_else(|| (rule, format!("`{}` is no scalar", c.module.types.name(ty))))
}

pub(super) fn constant(c: &Checker<'_>, ty: TypeId, constant: Constant) -> Result<(), Fault> {
    let scalar = scalar_type(c, ty, Rule::Constants)?;
    let fits = match constant {
        Constant::Bool(_) => scalar == Scalar::Bool,
        Constant::Int(value) => {
            scalar.is_integer() && {
                let (low, high) = scalar.range();
                (low..=high).contains(&value)
            }
        }
        Constant::F32(_) => scalar == Scalar::F32,
        Constant::F64(_) => scalar == Scalar::F64,
    };
    require!(fits, Constants, "{constant:?} is no `{scalar}`");
    Ok(())
}

pub(super) fn unary(
    c: &Checker<'_>,
    op: UnaryOp,
    operand: ValueId,
    site: Option<SiteId>,
    ty: TypeId,
) -> Result<(), Fault> {
    let scalar = scalar_type(c, ty, Rule::Arithmetic)?;
    result(c, Rule::Arithmetic, c.type_of(operand), ty)?;
    let (defined, may_have_site) = match op {
        UnaryOp::Neg => (scalar.is_signed() || scalar.is_float(), scalar.is_integer()),
        UnaryOp::Not => (!scalar.is_float(), false),
    };
    require!(defined, Arithmetic, "{op:?} of a `{scalar}`");
    if let Some(site) = site {
        require!(may_have_site, Sites, "{op:?} of a `{scalar}` never panics");
        kind(c, site, &PanicKind::NegOverflow)?;
    }
    Ok(())
}

pub(super) fn binary(
    c: &Checker<'_>,
    op: BinaryOp,
    left: ValueId,
    right: ValueId,
    site: Option<SiteId>,
    ty: TypeId,
) -> Result<(), Fault> {
    let scalar = scalar_type(c, ty, Rule::Arithmetic)?;
    result(c, Rule::Arithmetic, c.type_of(left), ty)?;
    let defined = match op {
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => scalar != Scalar::Bool,
        BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => !scalar.is_float(),
        BinaryOp::Shl | BinaryOp::Shr => scalar.is_integer(),
    };
    require!(defined, Arithmetic, "{op:?} of a `{scalar}`");
    match op {
        BinaryOp::Shl | BinaryOp::Shr => {
            if !scalar_of(c, right).is_some_and(Scalar::is_integer) {
                return wrong(c, Rule::Arithmetic, "shift by", right);
            }
        }
        _ => result(c, Rule::Arithmetic, c.type_of(right), ty)?,
    }
    binary_site(c, op, scalar, site)
}

fn binary_site(c: &Checker<'_>, op: BinaryOp, scalar: Scalar, site: Option<SiteId>) -> Result<(), Fault> {
    let wanted = match op {
        BinaryOp::Add => Some(PanicKind::AddOverflow),
        BinaryOp::Sub => Some(PanicKind::SubOverflow),
        BinaryOp::Mul => Some(PanicKind::MulOverflow),
        BinaryOp::Div => Some(PanicKind::Division),
        BinaryOp::Rem => Some(PanicKind::Remainder),
        BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => None,
        BinaryOp::Shl => Some(PanicKind::ShlOverflow),
        BinaryOp::Shr => Some(PanicKind::ShrOverflow),
    }
    .filter(|_| scalar.is_integer());
    match (site, wanted) {
        (Some(site), Some(wanted)) => kind(c, site, &wanted),
        (Some(_), None) => Err((Rule::Sites, format!("{op:?} of a `{scalar}` never panics"))),
        (None, wanted) => {
            let needed = matches!(op, BinaryOp::Div | BinaryOp::Rem) && wanted.is_some();
            require!(!needed, Sites, "{op:?} of a `{scalar}` needs a site");
            Ok(())
        }
    }
}

pub(super) fn compare(c: &Checker<'_>, op: CompareOp, left: ValueId, right: ValueId, ty: TypeId) -> Result<(), Fault> {
    require!(c.module.types[ty] == Type::Scalar(Scalar::Bool), Arithmetic, "a comparison gives a `bool`");
    if let Type::Pointer(_) | Type::Nullable(_) = c.module.types[c.type_of(left)] {
        let same = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        require!(same, Arithmetic, "{op:?} of two pointers");
        return result(c, Rule::Arithmetic, c.type_of(right), c.type_of(left));
    }
    scalar_type(c, c.type_of(left), Rule::Arithmetic)?;
    result(c, Rule::Arithmetic, c.type_of(right), c.type_of(left))
}

pub(super) fn cast(c: &Checker<'_>, operand: ValueId, ty: TypeId) -> Result<(), Fault> {
    let to = scalar_type(c, ty, Rule::Casts)?;
    let from = scalar_type(c, c.type_of(operand), Rule::Casts)?;
    let defined = to != Scalar::Bool && (from != Scalar::Bool || to.is_integer());
    require!(defined, Casts, "`{from}` as `{to}`");
    Ok(())
}

pub(super) fn bitcast(c: &Checker<'_>, operand: ValueId, ty: TypeId) -> Result<(), Fault> {
    let to = scalar_type(c, ty, Rule::Casts)?;
    let from = scalar_type(c, c.type_of(operand), Rule::Casts)?;
    let defined = to != Scalar::Bool && from != Scalar::Bool && to.size() == from.size();
    require!(defined, Casts, "bits of `{from}` as `{to}`");
    Ok(())
}

pub(super) fn math(c: &Checker<'_>, function: MathFunction, arguments: &[ValueId], ty: TypeId) -> Result<(), Fault> {
    require!(arguments.len() == function.arity(), Math, "{} arguments for {function:?}", arguments.len());
    let of = c.type_of(arguments[0]);
    let scalar = scalar_type(c, of, Rule::Math)?;
    let defined = (scalar.is_float() && function.on_floats()) || (scalar.is_integer() && function.on_integers());
    require!(defined, Math, "{function:?} of a `{scalar}`");
    for &argument in &arguments[1..] {
        let wanted = match function {
            MathFunction::Powi => Scalar::I32,
            MathFunction::RotateLeft | MathFunction::RotateRight => Scalar::U32,
            _ => scalar,
        };
        if scalar_of(c, argument) != Some(wanted) {
            return wrong(c, Rule::Math, &format!("{function:?} with"), argument);
        }
    }
    if function.gives_u32() {
        let is = c.module.types.as_scalar(ty);
        require!(is == Some(Scalar::U32), Math, "{function:?} gives a `u32`");
        return Ok(());
    }
    result(c, Rule::Math, ty, of)
}
