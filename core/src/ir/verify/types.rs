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
    let mut layouts = Walk { types, known: vec![State::New; types.len()] };
    let mut names = vec![State::New; types.len()];
    for (id, _) in types.iter() {
        let checked = layouts.layout(id, 0).and_then(|_| name_depth(types, &mut names, id, 0));
        checked.map_err(|fault| (fault, crate::ir::print::type_definition(types, id)))?;
    }
    Ok(())
}

/// How far a type has come in a walk that meets inner types first.
#[derive(Clone, Copy)]
enum State<T> {
    New,
    Open,
    Done(T),
}

/// A walk over what types contain: pointers are not followed.
struct Walk<'t> {
    types: &'t TypeTable,
    known: Vec<State<Known>>,
}

impl Walk<'_> {
    fn layout(&mut self, id: TypeId, nested: u32) -> Result<Known, Fault> {
        let ty = found(self.types, &self.known, id, nested)?;
        match self.known[id.0 as usize] {
            State::Done(known) => return Ok(known),
            State::Open => return Err((super::Rule::TypeOrder, "contains itself".into())),
            State::New => self.known[id.0 as usize] = State::Open,
        }
        let fact = self.check_type(ty, nested)?;
        require!(fact.size <= MAX_TYPE_SIZE, TypeSize, "takes {} bytes, more than {MAX_TYPE_SIZE}", fact.size);
        require!(fact.depth <= MAX_TYPE_DEPTH, TypeSize, "nests deeper than {MAX_TYPE_DEPTH}");
        require!(fact.members <= MAX_TYPE_MEMBERS, TypeSize, "has more than {MAX_TYPE_MEMBERS} members");
        self.known[id.0 as usize] = State::Done(fact);
        Ok(fact)
    }

    fn check_type(&mut self, ty: &Type, nested: u32) -> Result<Known, Fault> {
        let leaf = |size, align| Known { size, align, depth: 0, members: 1 };
        Ok(match ty {
            Type::Unit => leaf(0, 1),
            Type::Scalar(scalar) => leaf(scalar.size(), scalar.size()),
            Type::Atomic(scalar) => {
                require!(scalar.is_integer() && scalar.size() >= 4, AtomicType, "no atomic has a `{scalar}`");
                leaf(scalar.size(), scalar.size())
            }
            Type::Pointer(_) | Type::Nullable(_) => leaf(8, 8),
            Type::Slice(_) => leaf(16, 8),
            Type::Array { element, length } => {
                let element = self.layout(*element, nested + 1)?;
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
            Type::Struct(structure) => {
                let known = check_struct(structure, &mut |id| self.layout(id, nested + 1))?;
                if structure.is_enum() {
                    check_variants(self.types, structure)?;
                }
                known
            }
        })
    }
}

/// A type that is there; walks stay shallow.
fn found<'t, T>(types: &'t TypeTable, known: &[State<T>], id: TypeId, nested: u32) -> Result<&'t Type, Fault> {
    let Some(ty) = types.get(id).filter(|_| (id.0 as usize) < known.len()) else {
        return Err((super::Rule::TypeOrder, format!("names type {}, which is not there", id.0)));
    };
    require!(nested <= MAX_TYPE_DEPTH, TypeSize, "nests deeper than {MAX_TYPE_DEPTH}");
    Ok(ty)
}

/// How deep a type's name nests. Pointers are followed; a struct's own name ends it.
fn name_depth(types: &TypeTable, known: &mut [State<u32>], id: TypeId, nested: u32) -> Result<u32, Fault> {
    let ty = found(types, known, id, nested)?;
    match known[id.0 as usize] {
        State::Done(depth) => return Ok(depth),
        State::Open => return Err((super::Rule::TypeOrder, "reaches itself without a struct of a name".into())),
        State::New => known[id.0 as usize] = State::Open,
    }
    let inner: Vec<TypeId> = match ty {
        Type::Unit | Type::Scalar(_) | Type::Atomic(_) => vec![],
        Type::Pointer(to) | Type::Nullable(to) | Type::Slice(to) => vec![*to],
        Type::Array { element, length: _ } => vec![*element],
        Type::Struct(s) if s.name.is_empty() => s.fields.iter().map(|f| f.ty).collect(),
        Type::Struct(_) => vec![],
    };
    let mut depth = 0;
    for id in inner {
        depth = depth.max(name_depth(types, known, id, nested + 1)? + 1);
    }
    require!(depth <= MAX_TYPE_DEPTH, TypeSize, "nests deeper than {MAX_TYPE_DEPTH}");
    known[id.0 as usize] = State::Done(depth);
    Ok(depth)
}

fn check_struct(structure: &StructType, inner: &mut dyn FnMut(TypeId) -> Result<Known, Fault>) -> Result<Known, Fault> {
    let StructType { name: _, fields, size, align, variants } = structure;
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
    if !variants.is_empty() {
        return Ok(result);
    }
    ranges.sort();
    for pair in ranges.windows(2) {
        require!(pair[0].1 <= pair[1].0, TypeLayout, "fields `{}` and `{}` overlap", pair[0].2, pair[1].2);
    }
    Ok(result)
}

/// Of an enum whose fields are known to lie inside of it.
fn check_variants(types: &TypeTable, structure: &StructType) -> Result<(), Fault> {
    let StructType { name: _, fields, size, align: _, variants } = structure;
    let rest = structure.has_rest();
    let fits = rest || fields.len() == variants.len() + 1;
    require!(fits, Variants, "{} fields, {} variants", fields.len(), variants.len());
    let tag = &fields[0];
    let scalar = types.as_scalar(tag.ty).filter(|scalar| scalar.is_integer());
    let Some((low, high)) = scalar.map(Scalar::range) else {
        return Err((super::Rule::Variants, "the tag is no integer".into()));
    };
    let mut values = variants.clone();
    values.sort_unstable();
    values.dedup();
    require!(values.len() == variants.len(), Variants, "two variants have the same tag");
    require!(low <= values[0] && values[values.len() - 1] <= high, Variants, "a tag is out of range");
    for (k, Field { name, offset, ty }) in fields.iter().enumerate().skip(1) {
        let Type::Struct(variant) = &types[*ty] else {
            return Err((super::Rule::Variants, format!("variant `{name}` is no struct")));
        };
        require!(*offset == 0 && variant.size == *size, Variants, "variant `{name}` is not as large as the whole");
        let apart = |f: &Field| {
            let end = f.offset + types.size(f.ty);
            end == f.offset || end <= tag.offset || f.offset >= tag.offset + types.size(tag.ty)
        };
        let free = rest && k == fields.len() - 1 || variant.fields.iter().all(apart);
        require!(free, Variants, "variant `{name}` overlaps the tag");
    }
    Ok(())
}

/// Whether the type is made of numbers, `bool`s and units only: no pointer, slice or atomic inside.
pub(super) fn is_plain(types: &TypeTable, id: TypeId) -> bool {
    !types.contains(id, &|ty| match ty {
        Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) | Type::Atomic(_) => true,
        Type::Unit | Type::Scalar(_) | Type::Array { .. } | Type::Struct(_) => false,
    })
}

/// Whether the type is or contains an atomic.
pub(super) fn has_atomic(types: &TypeTable, id: TypeId) -> bool {
    types.contains(id, &|ty| matches!(ty, Type::Atomic(_)))
}

/// Calls `f` with the offset and scalar of each number or `bool` in a plain type whose bytes are at hand; of enums in the
/// variant that the tag names. `false` if a tag names none.
pub(super) fn each_scalar(
    types: &TypeTable,
    id: TypeId,
    bytes: &[u8],
    offset: u64,
    f: &mut dyn FnMut(u64, Scalar),
) -> bool {
    match &types[id] {
        Type::Scalar(scalar) => f(offset, *scalar),
        Type::Array { element, length } => {
            let size = types.size(*element);
            if size > 0 {
                return (0..*length).all(|k| each_scalar(types, *element, bytes, offset + k * size, f));
            }
        }
        Type::Struct(structure) if structure.is_enum() => {
            let tag = &structure.fields[0];
            let value = types.as_scalar(tag.ty).map(|scalar| scalar.decode(&bytes[(offset + tag.offset) as usize..]));
            let Some(variant) = value.and_then(|value| structure.variant_of(value)) else { return false };
            let held = structure.fields[variant as usize].ty;
            return each_scalar(types, tag.ty, bytes, offset + tag.offset, f)
                && each_scalar(types, held, bytes, offset, f);
        }
        Type::Struct(structure) => {
            let mut fields = structure.fields.iter();
            return fields.all(|field| each_scalar(types, field.ty, bytes, offset + field.offset, f));
        }
        Type::Unit | Type::Atomic(_) | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => {}
    }
    true
}
