//! Rules about operand types, by family of operations.

use super::function::Checker;
use super::{Fault, Rule, require, scalar};
use crate::ir::{AtomicOp, FunctionId, Op, PanicKind, Scalar, SiteId, Type, TypeId, ValueId};

/// Checks the operation of a value whose operands are in range and visible.
pub(super) fn check(c: &Checker<'_>, id: ValueId) -> Result<(), Fault> {
    let ty = c.type_of(id);
    match &c.function[id].op {
        Op::Constant(constant) => scalar::constant(c, ty, *constant),
        Op::Unit => {
            require!(c.module.types[ty] == Type::Unit, Constants, "is no `()`");
            Ok(())
        }
        Op::Local(local) => {
            let place = c.function.locals.get(local.0 as usize).map(|l| l.ty);
            address(c, place, ty, "local", local.0)
        }
        Op::Data(data) => {
            let place = c.module.data.get(data.0 as usize).map(|d| d.ty);
            address(c, place, ty, "data", data.0)
        }
        Op::Load(pointer) => {
            let Type::Pointer(to) = c.module.types[c.type_of(*pointer)] else {
                return wrong(c, Rule::Loads, "loads through", *pointer);
            };
            let types = &c.module.types;
            require!(!types.has_linked_variants(to), WholeVariants, "loads a `{}` as a whole", types.name(to));
            result(c, Rule::Loads, ty, to)
        }
        Op::Field { base, index } => field(c, *base, *index, ty),
        Op::Element { base, index, site } => {
            usize_operand(c, *index)?;
            kind(c, *site, &PanicKind::IndexOutOfBounds)?;
            let Some(element) = element_of(c, *base) else {
                return wrong(c, Rule::Addresses, "an element of", *base);
            };
            pointer_to(c, ty, element)
        }
        Op::AsSlice(base) => {
            let types = &c.module.types;
            let element = match &types[c.type_of(*base)] {
                Type::Pointer(to) => match &types[*to] {
                    Type::Array { element, length: _ } => Some(*element),
                    _ => None,
                },
                _ => None,
            };
            let Some(element) = element else {
                return wrong(c, Rule::Addresses, "a slice of", *base);
            };
            slice_of(c, ty, element)
        }
        Op::Subslice { base, from, to, order, end } => {
            usize_operand(c, *from)?;
            usize_operand(c, *to)?;
            kind(c, *order, &PanicKind::SliceOrder)?;
            kind(c, *end, &PanicKind::SliceLast).or_else(|_| kind(c, *end, &PanicKind::SliceEnd))?;
            let Type::Slice(of) = c.module.types[c.type_of(*base)] else {
                return wrong(c, Rule::Addresses, "a part of", *base);
            };
            slice_of(c, ty, of)
        }
        Op::MakeSlice { data, length } => {
            usize_operand(c, *length)?;
            let Type::Pointer(of) = c.module.types[c.type_of(*data)] else {
                return wrong(c, Rule::Addresses, "a slice from", *data);
            };
            slice_of(c, ty, of)
        }
        Op::Node { region, word } => {
            usize_operand(c, *word)?;
            node(c, *region, ty)
        }
        Op::Null => {
            let name = c.module.types.name(ty);
            require!(matches!(c.module.types[ty], Type::Nullable(_)), Nullables, "a null of type `{name}`");
            Ok(())
        }
        Op::Some(pointer) => {
            let Type::Pointer(to) = c.module.types[c.type_of(*pointer)] else {
                return wrong(c, Rule::Nullables, "some", *pointer);
            };
            let types = &c.module.types;
            require!(types[ty] == Type::Nullable(to), Nullables, "some of it is no `{}`", types.name(ty));
            Ok(())
        }
        Op::IsSome(nullable) => {
            let types = &c.module.types;
            let Type::Nullable(_) = types[c.type_of(*nullable)] else {
                return wrong(c, Rule::Nullables, "is_some of", *nullable);
            };
            require!(types[ty] == Type::Scalar(Scalar::Bool), Nullables, "is_some gives a `bool`");
            Ok(())
        }
        Op::Payload(nullable) => {
            let Type::Nullable(to) = c.module.types[c.type_of(*nullable)] else {
                return wrong(c, Rule::Nullables, "the payload of", *nullable);
            };
            pointer_to(c, ty, to)
        }
        Op::PayloadPlace(pointer) => {
            let types = &c.module.types;
            let nullable = match &types[c.type_of(*pointer)] {
                Type::Pointer(to) => match &types[*to] {
                    Type::Nullable(to) => Some(*to),
                    _ => None,
                },
                _ => None,
            };
            let place = nullable.and_then(|to| types.find(&Type::Pointer(to)));
            match place {
                Some(place) => pointer_to(c, ty, place),
                None => wrong(c, Rule::Nullables, "the payload's place of", *pointer),
            }
        }
        Op::Length(base) => {
            let Type::Slice(_) = c.module.types[c.type_of(*base)] else {
                return wrong(c, Rule::Addresses, "the length of", *base);
            };
            require!(c.module.types[ty] == Type::Scalar(Scalar::Usize), Addresses, "a length is a `usize`");
            Ok(())
        }
        Op::Make(parts) => make(c, parts, ty),
        Op::Repeat(part) => {
            let Type::Array { element, length: _ } = c.module.types[ty] else {
                require!(false, Composites, "only arrays are repeated");
                return Ok(());
            };
            result(c, Rule::Composites, c.type_of(*part), element)
        }
        Op::Extract { base, index } => {
            let part = match &c.module.types[c.type_of(*base)] {
                Type::Array { element, length } if u64::from(*index) < *length => Some(*element),
                Type::Struct(s) => s.fields.get(*index as usize).map(|f| f.ty),
                _ => None,
            };
            let Some(part) = part else {
                return wrong(c, Rule::Composites, "no such part of", *base);
            };
            result(c, Rule::Composites, ty, part)
        }
        Op::Unary { op, operand, site } => scalar::unary(c, *op, *operand, *site, ty),
        Op::Binary { op, left, right, site } => scalar::binary(c, *op, *left, *right, *site, ty),
        Op::Compare { op, left, right } => scalar::compare(c, *op, *left, *right, ty),
        Op::Select { condition, accept, reject } => {
            let types = &c.module.types;
            require!(
                types[c.type_of(*condition)] == Type::Scalar(Scalar::Bool),
                Arithmetic,
                "the condition is no `bool`"
            );
            result(c, Rule::Arithmetic, c.type_of(*accept), ty)?;
            result(c, Rule::Arithmetic, c.type_of(*reject), ty)
        }
        Op::Cast(operand) => scalar::cast(c, *operand, ty),
        Op::Bitcast(operand) => scalar::bitcast(c, *operand, ty),
        Op::Math { function, arguments } => scalar::math(c, *function, arguments, ty),
        Op::Atomic { op, pointer, arguments } => atomic(c, *op, *pointer, arguments, ty),
        Op::Call { function, arguments } => call(c, *function, arguments, ty),
    }
}

pub(super) fn wrong(c: &Checker<'_>, rule: Rule, what: &str, value: ValueId) -> Result<(), Fault> {
    let name = c.module.types.name(c.type_of(value));
    Err((rule, format!("{what} a `{name}`")))
}

/// The types have to be the same.
pub(super) fn result(c: &Checker<'_>, rule: Rule, is: TypeId, wanted: TypeId) -> Result<(), Fault> {
    if is == wanted {
        return Ok(());
    }
    let types = &c.module.types;
    Err((rule, format!("`{}` where `{}` belongs", types.name(is), types.name(wanted))))
}

/// A site has to be of that kind.
pub(super) fn kind(c: &Checker<'_>, site: SiteId, wanted: &PanicKind) -> Result<(), Fault> {
    let is = &c.module.sites[site.0 as usize].kind;
    require!(is == wanted, Sites, "site {} is {is:?}, not {wanted:?}", site.0);
    Ok(())
}

fn address(c: &Checker<'_>, place: Option<TypeId>, ty: TypeId, what: &str, index: u32) -> Result<(), Fault> {
    let Some(place) = place else {
        return Err((Rule::Ids, format!("no {what} {index}")));
    };
    pointer_to(c, ty, place)
}

fn pointer_to(c: &Checker<'_>, ty: TypeId, to: TypeId) -> Result<(), Fault> {
    let types = &c.module.types;
    require!(types[ty] == Type::Pointer(to), Addresses, "`{}` where `&{}` belongs", types.name(ty), types.name(to));
    Ok(())
}

fn slice_of(c: &Checker<'_>, ty: TypeId, of: TypeId) -> Result<(), Fault> {
    let types = &c.module.types;
    require!(types[ty] == Type::Slice(of), Addresses, "`{}` where `&[{}]` belongs", types.name(ty), types.name(of));
    Ok(())
}

/// A node of a region: its words are structs of one `u32`, and the node has no pointers.
fn node(c: &Checker<'_>, region: ValueId, ty: TypeId) -> Result<(), Fault> {
    let types = &c.module.types;
    if !types.is_region(c.type_of(region)) {
        return wrong(c, Rule::Addresses, "a node of", region);
    }
    let plain = matches!(types[ty], Type::Pointer(to) if !types.has_pointers(to));
    require!(plain, Addresses, "`{}` is no reference to plain data", types.name(ty));
    Ok(())
}

fn usize_operand(c: &Checker<'_>, value: ValueId) -> Result<(), Fault> {
    let types = &c.module.types;
    let ty = c.type_of(value);
    require!(types[ty] == Type::Scalar(Scalar::Usize), Addresses, "an index of type `{}`", types.name(ty));
    Ok(())
}

fn element_of(c: &Checker<'_>, base: ValueId) -> Option<TypeId> {
    let types = &c.module.types;
    match &types[c.type_of(base)] {
        Type::Slice(of) => Some(*of),
        Type::Pointer(to) => match &types[*to] {
            Type::Array { element, length: _ } => Some(*element),
            _ => None,
        },
        _ => None,
    }
}

fn field(c: &Checker<'_>, base: ValueId, index: u32, ty: TypeId) -> Result<(), Fault> {
    let types = &c.module.types;
    let part = match &types[c.type_of(base)] {
        Type::Pointer(to) => match &types[*to] {
            Type::Struct(s) => s.fields.get(index as usize).map(|f| f.ty),
            _ => None,
        },
        _ => None,
    };
    let Some(part) = part else {
        return wrong(c, Rule::Addresses, &format!("field {index} of"), base);
    };
    pointer_to(c, ty, part)
}

fn make(c: &Checker<'_>, parts: &[ValueId], ty: TypeId) -> Result<(), Fault> {
    let types = &c.module.types;
    let (wanted, name) = match &types[ty] {
        Type::Array { element: _, length } => (*length, types.name(ty)),
        Type::Struct(s) => (s.fields.len() as u64, types.name(ty)),
        _ => {
            let name = types.name(ty);
            return Err((Rule::Composites, format!("a `{name}` has no parts")));
        }
    };
    require!(parts.len() as u64 == wanted, Composites, "{} parts for a `{name}` of {wanted}", parts.len());
    for (k, &part) in parts.iter().enumerate() {
        let wanted = match &types[ty] {
            Type::Array { element, length: _ } => *element,
            Type::Struct(s) => s.fields[k].ty,
            _ => ty,
        };
        result(c, Rule::Composites, c.type_of(part), wanted)?;
    }
    Ok(())
}

fn atomic(c: &Checker<'_>, op: AtomicOp, pointer: ValueId, arguments: &[ValueId], ty: TypeId) -> Result<(), Fault> {
    let types = &c.module.types;
    let of = match &types[c.type_of(pointer)] {
        Type::Pointer(to) => match &types[*to] {
            Type::Atomic(scalar) => Some(*scalar),
            _ => None,
        },
        _ => None,
    };
    let Some(of) = of else {
        return wrong(c, Rule::Atomics, "an atomic operation through", pointer);
    };
    let count = match op {
        AtomicOp::Load => 0,
        AtomicOp::CompareExchange => 2,
        AtomicOp::Store
        | AtomicOp::Add
        | AtomicOp::Sub
        | AtomicOp::Min
        | AtomicOp::Max
        | AtomicOp::And
        | AtomicOp::Or
        | AtomicOp::Xor
        | AtomicOp::Exchange => 1,
    };
    require!(arguments.len() == count, Atomics, "{} arguments instead of {count}", arguments.len());
    let scalar = Type::Scalar(of);
    for &argument in arguments {
        if types[c.type_of(argument)] != scalar {
            return wrong(c, Rule::Atomics, &format!("atomic `{of}` with"), argument);
        }
    }
    let wanted = if op == AtomicOp::Store { Type::Unit } else { scalar };
    require!(types[ty] == wanted, Atomics, "the result is no `{}`", types.name(ty));
    Ok(())
}

fn call(c: &Checker<'_>, function: FunctionId, arguments: &[ValueId], ty: TypeId) -> Result<(), Fault> {
    let callee = &c.module[function];
    require!(
        arguments.len() == callee.parameters as usize,
        Calls,
        "{} arguments for the {} parameters of `{}`",
        arguments.len(),
        callee.parameters,
        callee.name
    );
    for (&argument, parameter) in arguments.iter().zip(&callee.locals) {
        result(c, Rule::Calls, c.type_of(argument), parameter.ty)?;
    }
    result(c, Rule::Calls, ty, callee.result)
}
