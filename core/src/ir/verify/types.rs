//! Rules about types.

use super::{Fault, MAX_ALIGN, MAX_TYPE_DEPTH, MAX_TYPE_MEMBERS, MAX_TYPE_SIZE, require};
use crate::ir::{Field, Scalar, StructType, Type, TypeId, TypeTable};

/// What is known of a type that has been checked.
#[derive(Clone, Copy)]
struct Known {
    size: u64,
    align: u64,
    depth: u32,
    members: u64,
}

/// Checks all types; an error comes with the type's place.
pub(super) fn check(types: &TypeTable) -> Result<(), (Fault, String)> {
    let mut known: Vec<Known> = Vec::with_capacity(types.len());
    for (id, ty) in types.iter() {
        let fact = check_type(ty, &known).map_err(|fault| (fault, crate::ir::print::type_definition(types, id)))?;
        known.push(fact);
    }
    Ok(())
}

fn check_type(ty: &Type, known: &[Known]) -> Result<Known, Fault> {
    let inner = |id: TypeId| -> Result<Known, Fault> {
        require!((id.0 as usize) < known.len(), TypeOrder, "names type {}, which does not come before it", id.0);
        Ok(known[id.0 as usize])
    };
    let leaf = |size, align| Known { size, align, depth: 0, members: 1 };
    let fact = match ty {
        Type::Unit => leaf(0, 1),
        Type::Scalar(scalar) => leaf(scalar.size(), scalar.size()),
        Type::Atomic(scalar) => {
            require!(scalar.is_integer() && scalar.size() >= 4, AtomicType, "no atomic has a `{scalar}`");
            leaf(scalar.size(), scalar.size())
        }
        Type::Pointer(to) => Known { depth: inner(*to)?.depth + 1, ..leaf(8, 8) },
        Type::Slice(of) => Known { depth: inner(*of)?.depth + 1, ..leaf(16, 8) },
        Type::Array { element, length } => {
            let element = inner(*element)?;
            let size = element.size.saturating_mul(*length);
            Known {
                size,
                align: element.align,
                depth: element.depth + 1,
                members: match element.size {
                    0 => element.members.saturating_mul(*length).saturating_add(1),
                    _ => element.members + 1,
                },
            }
        }
        Type::Struct(structure) => check_struct(structure, &inner)?,
    };
    require!(fact.size <= MAX_TYPE_SIZE, TypeSize, "takes {} bytes, more than {MAX_TYPE_SIZE}", fact.size);
    require!(fact.depth <= MAX_TYPE_DEPTH, TypeSize, "nests deeper than {MAX_TYPE_DEPTH}");
    require!(fact.members <= MAX_TYPE_MEMBERS, TypeSize, "has more than {MAX_TYPE_MEMBERS} members");
    Ok(fact)
}

fn check_struct(structure: &StructType, inner: &dyn Fn(TypeId) -> Result<Known, Fault>) -> Result<Known, Fault> {
    let StructType { name: _, fields, size, align } = structure;
    let (size, align) = (*size, *align);
    require!(
        align.is_power_of_two() && align <= MAX_ALIGN,
        TypeLayout,
        "alignment {align} is no power of two up to {MAX_ALIGN}"
    );
    require!(size.is_multiple_of(align), TypeLayout, "size {size} is no multiple of the alignment {align}");
    let mut result = Known { size, align, depth: 0, members: 1 };
    let mut ranges = vec![];
    for Field { name, offset, ty } in fields {
        let field = inner(*ty)?;
        require!(
            field.align <= align,
            TypeLayout,
            "field `{name}` is aligned to {}, the struct to {align}",
            field.align
        );
        require!(
            offset.is_multiple_of(field.align),
            TypeLayout,
            "field `{name}` at {offset} is not aligned to {}",
            field.align
        );
        let end = offset.checked_add(field.size);
        require!(end.is_some_and(|end| end <= size), TypeLayout, "field `{name}` ends outside of the struct");
        if field.size > 0 {
            ranges.push((*offset, offset + field.size, name));
        }
        result.depth = result.depth.max(field.depth + 1);
        result.members = result.members.saturating_add(field.members);
    }
    ranges.sort();
    for pair in ranges.windows(2) {
        require!(pair[0].1 <= pair[1].0, TypeLayout, "fields `{}` and `{}` overlap", pair[0].2, pair[1].2);
    }
    Ok(result)
}

/// Whether the type is made of numbers, `bool`s and units only: no pointer, slice or atomic inside.
pub(super) fn is_plain(types: &TypeTable, id: TypeId) -> bool {
    !types.contains(id, &|ty| match ty {
        Type::Pointer(_) | Type::Slice(_) | Type::Atomic(_) => true,
        Type::Unit | Type::Scalar(_) | Type::Array { .. } | Type::Struct(_) => false,
    })
}

/// Whether the type is or contains an atomic.
pub(super) fn has_atomic(types: &TypeTable, id: TypeId) -> bool {
    types.contains(id, &|ty| matches!(ty, Type::Atomic(_)))
}

/// Calls `f` with the offset and scalar of each number or `bool` in a plain type. Arrays are walked element by element:
/// only for types whose bytes are at hand.
pub(super) fn each_scalar(types: &TypeTable, id: TypeId, offset: u64, f: &mut dyn FnMut(u64, Scalar)) {
    match &types[id] {
        Type::Scalar(scalar) => f(offset, *scalar),
        Type::Array { element, length } => {
            let size = types.size(*element);
            if size > 0 {
                for k in 0..*length {
                    each_scalar(types, *element, offset + k * size, f);
                }
            }
        }
        Type::Struct(structure) => {
            for field in &structure.fields {
                each_scalar(types, field.ty, offset + field.offset, f);
            }
        }
        Type::Unit | Type::Atomic(_) | Type::Pointer(_) | Type::Slice(_) => {}
    }
}
