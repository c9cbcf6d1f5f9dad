//! Enums: which variant a place holds, what is in it, and values of them.

use super::error::Lowered;
use super::function::Lowering;
use super::pattern::{field_index, is_irrefutable, parts};
use super::place::Place;
use crate::ast::{ConstSlot, Pattern};
use crate::ir::{CompareOp, Op, Scalar, StructType, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// The type, if it is an enum.
    pub(super) fn as_enum(&self, ty: TypeId) -> Option<&StructType> {
        match self.ty(ty) {
            Type::Struct(s) if s.is_enum() => Some(s),
            _ => None,
        }
    }

    /// What a pattern with this name looks into: the variant, if the place holds an enum, or the place itself; and whether
    /// it is there, where that is not certain.
    pub(super) fn named(&mut self, place: Place, name: &str) -> Lowered<(Place, Option<ValueId>)> {
        if self.world.types.in_result(self.stripped(self.place_type(place))).is_some() {
            let place = self.strip(place)?;
            return self.half(place, name);
        }
        if self.stripped_enum(self.place_type(place)).is_none() {
            return Ok((place, None));
        }
        let place = self.strip(place)?;
        let field = self.variant(self.place_type(place), name)?;
        let is = self.is_variant(place, field)?;
        Ok((self.variant_place(place, field), is))
    }

    /// What a pattern with this name binds from, where it matches.
    pub(super) fn named_inside(&mut self, place: Place, name: &str) -> Lowered<Place> {
        if self.world.types.in_result(self.stripped(self.place_type(place))).is_some() {
            return self.field(place, name);
        }
        if self.stripped_enum(self.place_type(place)).is_none() {
            return Ok(place);
        }
        let place = self.strip(place)?;
        let field = self.variant(self.place_type(place), name)?;
        Ok(self.variant_place(place, field))
    }

    /// The enum behind all references.
    fn stripped_enum(&self, ty: TypeId) -> Option<&StructType> {
        self.as_enum(self.stripped(ty))
    }

    fn stripped(&self, mut ty: TypeId) -> TypeId {
        while let Type::Pointer(to) = *self.ty(ty) {
            ty = self.world.types.inside_block(to, &self.build.module.types);
        }
        ty
    }

    /// The field of a variant.
    pub(super) fn variant(&self, ty: TypeId, name: &str) -> Lowered<u32> {
        let found = self.as_enum(ty).and_then(|s| s.fields[1..].iter().position(|f| f.name == name));
        match found {
            Some(k) => Ok(k as u32 + 1),
            None => self.unsupported(format!("another name for a variant of `{}` (`{name}`)", self.type_name(ty))),
        }
    }

    pub(super) fn variant_place(&mut self, place: Place, field: u32) -> Place {
        let ty = self.field_type(self.place_type(place), field);
        self.part(place, ty, field)
    }

    fn field_type(&self, ty: TypeId, field: u32) -> TypeId {
        match self.ty(ty) {
            Type::Struct(s) => s.fields[field as usize].ty,
            _ => ty,
        }
    }

    /// The tag of an enum in a place.
    pub(super) fn tag(&mut self, place: Place) -> Lowered<ValueId> {
        let ty = self.field_type(self.place_type(place), 0);
        let tag = self.part(place, ty, 0);
        self.load(tag)
    }

    /// The tag that a variant has; of one that stands for all others, one of those.
    pub(super) fn tag_of(&mut self, ty: TypeId, field: u32) -> Lowered<ValueId> {
        let value = self.as_enum(ty).and_then(|s| match s.variants.get(field as usize - 1) {
            Some(&value) => Some(value),
            None => (0..).find(|value| !s.variants.contains(value)),
        });
        let Some(value) = value else {
            return self.bug(format!("`{}` is no enum", self.type_name(ty)));
        };
        match self.as_scalar(self.field_type(ty, 0)) {
            Some(scalar) => Ok(self.build.integer(scalar, value)),
            None => self.bug("a tag is no number"),
        }
    }

    /// Whether a place holds this variant; `None` if there is no other.
    pub(super) fn is_variant(&mut self, place: Place, field: u32) -> Lowered<Option<ValueId>> {
        let ty = self.place_type(place);
        if self.as_enum(ty).is_some_and(|s| s.fields.len() == 2) {
            return Ok(None);
        }
        if self.as_enum(ty).is_some_and(|s| s.has_rest() && field as usize > s.variants.len()) {
            // one other: an `Option` or `Result`
            let other = self.is_variant(place, 1)?;
            return Ok(other.map(|other| self.invert(other)));
        }
        let tag = self.tag(place)?;
        let wanted = self.tag_of(ty, field)?;
        Ok(Some(self.build.compare(CompareOp::Equal, tag, wanted)))
    }

    // ---- patterns

    /// Whether the pattern matches whatever a place of this type holds.
    pub(super) fn always(&self, pattern: &'static Pattern, ty: TypeId) -> bool {
        let ty = self.stripped(ty);
        match pattern {
            Pattern::At(_, inner) => self.always(inner, ty),
            Pattern::Struct(..) if self.world.types.in_result(ty).is_some() => false,
            Pattern::Struct(name, _) => match (self.as_enum(ty), self.literal_type(ty, name)) {
                (Some(s), Ok((inside, _))) => s.variants.len() == 1 && self.always_inside(pattern, inside),
                _ => self.always_inside(pattern, ty),
            },
            Pattern::Tuple(_) | Pattern::TupleEnds(_) => self.always_inside(pattern, ty),
            Pattern::Slice(before, _, after) => match *self.ty(ty) {
                Type::Array { element, .. } => before.iter().chain(*after).all(|part| self.always(part, element)),
                _ => is_irrefutable(pattern),
            },
            _ => is_irrefutable(pattern),
        }
    }

    /// The same of the parts of a tuple, struct or variant of this type.
    pub(super) fn always_inside(&self, pattern: &'static Pattern, ty: TypeId) -> bool {
        let Type::Struct(s) = self.ty(ty) else { return false };
        let of = |name: &str| field_index(&s.fields, name).map(|k| s.fields[k].ty);
        parts(pattern).into_iter().all(|(name, part)| of(&name).is_some_and(|ty| self.always(part, ty)))
    }

    /// Whether a place of an enum holds the variant of this name; `None` if it certainly does.
    pub(super) fn test_variant(&mut self, place: Place, name: &str) -> Lowered<Option<ValueId>> {
        let ty = self.place_type(place);
        if self.as_enum(ty).is_none() {
            return self.unsupported(format!("the constant `{name}`, whose name is not in capitals,"));
        }
        let field = self.variant(ty, name)?;
        self.is_variant(place, field)
    }

    /// Whether a place of an enum holds the variant of a constant, with the same fields; `None` if it certainly does.
    pub(super) fn test_constant(&mut self, place: Place, slot: ConstSlot) -> Lowered<Option<ValueId>> {
        let ty = self.place_type(place);
        let Some((field, empty)) = self.variant_in(ty, slot) else {
            return self.bug("a constant with a tag that no variant has");
        };
        let is = self.is_variant(place, field)?;
        if empty {
            return Ok(is);
        }
        self.guarded(is, |me| {
            let wanted = me.constant_place(slot)?;
            let (held, wanted) = (me.variant_place(place, field), me.variant_place(wanted, field));
            let wanted = me.load(wanted)?;
            me.holds(held, wanted)
        })
        .map(Some)
    }

    /// The field of the variant that a constant of an enum is, and whether that has no fields itself.
    fn variant_in(&self, ty: TypeId, slot: ConstSlot) -> Option<(u32, bool)> {
        let s = self.as_enum(ty)?;
        let bytes = &self.tree.constants.get(usize::from(slot))?.bytes;
        let tag = self.as_scalar(s.fields[0].ty)?;
        let field = s.variant_of(tag.decode(bytes.get(s.fields[0].offset as usize..)?))?;
        let empty = matches!(self.ty(s.fields[field as usize].ty), Type::Struct(held) if held.fields.is_empty());
        Some((field, empty))
    }

    // ---- values

    /// The value of a constant that is a variant without fields.
    pub(super) fn constant_variant(&mut self, ty: TypeId, slot: ConstSlot) -> Lowered<Option<ValueId>> {
        match self.variant_in(ty, slot) {
            Some((field, true)) => self.make_variant(ty, field, vec![]).map(Some),
            _ => Ok(None),
        }
    }

    /// The type of what a literal `Name(..)` or `Name { .. }` of this type has in it: the struct's own, or the variant's.
    pub(super) fn literal_type(&self, ty: TypeId, name: &str) -> Lowered<(TypeId, Option<u32>)> {
        if self.as_enum(ty).is_none() {
            return match self.ty(ty) {
                Type::Struct(s) if self.world.types.in_result(ty).is_some() => {
                    let field = u32::from(name != "Ok");
                    Ok((s.fields[field as usize].ty, Some(field)))
                }
                Type::Struct(_) => Ok((ty, None)),
                _ => self.unsupported(format!("the constant `{name}`, whose name is not in capitals,")),
            };
        }
        let field = self.variant(ty, name)?;
        Ok((self.field_type(ty, field), Some(field)))
    }

    /// The value of such a literal.
    pub(super) fn made(&mut self, ty: TypeId, variant: Option<u32>, parts: Vec<ValueId>) -> Lowered<ValueId> {
        match variant {
            Some(field) => self.make_variant(ty, field, parts),
            None => Ok(self.build.value(ty, Op::Make(parts))),
        }
    }

    pub(super) fn make_variant(&mut self, ty: TypeId, field: u32, parts: Vec<ValueId>) -> Lowered<ValueId> {
        if let (Some(_), None, [held]) = (self.world.types.in_result(ty), self.as_enum(ty), &*parts) {
            return self.outcome(ty, field == 0, *held);
        }
        let Some(types) = self.as_enum(ty).map(|s| s.fields.iter().map(|f| f.ty).collect::<Vec<_>>()) else {
            return self.bug(format!("`{}` is no enum", self.type_name(ty)));
        };
        let mut whole = vec![self.tag_of(ty, field)?];
        let mut parts = Some(parts);
        for (k, &of) in types.iter().enumerate().skip(1) {
            let value = match parts.take_if(|_| k == field as usize) {
                Some(parts) => self.build.value(of, Op::Make(parts)),
                None => self.anything(of)?,
            };
            whole.push(value);
        }
        Ok(self.build.value(ty, Op::Make(whole)))
    }

    /// Some value of a type, for where nobody looks.
    pub(super) fn anything(&mut self, ty: TypeId) -> Lowered<ValueId> {
        let op = match self.ty(ty).clone() {
            Type::Unit => Op::Unit,
            Type::Scalar(Scalar::Bool) => return Ok(self.build.boolean(false)),
            Type::Scalar(Scalar::F32) => Op::Constant(crate::ir::Constant::F32(0)),
            Type::Scalar(Scalar::F64) => Op::Constant(crate::ir::Constant::F64(0)),
            Type::Scalar(scalar) => return Ok(self.build.integer(scalar, 0)),
            Type::Array { element, length: _ } => Op::Repeat(self.anything(element)?),
            Type::Struct(s) if s.is_enum() => {
                let fields = match self.ty(s.fields[1].ty) {
                    Type::Struct(first) => first.fields.iter().map(|f| f.ty).collect(),
                    _ => vec![],
                };
                let parts = fields.into_iter().map(|ty| self.anything(ty)).collect::<Lowered<_>>()?;
                return self.make_variant(ty, 1, parts);
            }
            Type::Struct(s) => {
                let parts = s.fields.iter().map(|f| self.anything(f.ty)).collect::<Lowered<Vec<_>>>()?;
                Op::Make(parts)
            }
            Type::Atomic(_) | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => {
                return self.unsupported("a value of an enum that can hold references");
            }
        };
        Ok(self.build.value(ty, op))
    }

    /// Whether two values of an enum are the same variant, with fields that are the same.
    pub(super) fn variants_equal(
        &mut self,
        (left, right): (ValueId, ValueId),
        fields: &mut dyn FnMut(&mut Self, ValueId, ValueId) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        let ty = self.build.type_of(left);
        let (one, other) = (self.tag(Place::Value(left))?, self.tag(Place::Value(right))?);
        let same = self.build.compare(CompareOp::Equal, one, other);
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, same);
        let count = self.as_enum(ty).map_or(0, |s| s.variants.len() as u32);
        for field in 1..=count {
            let of = self.field_type(ty, field);
            if matches!(self.ty(of), Type::Struct(s) if s.fields.is_empty()) {
                continue;
            }
            let wanted = self.tag_of(ty, field)?;
            let is = self.build.compare(CompareOp::Equal, one, wanted);
            let both = self.build.binary(crate::ir::BinaryOp::And, same, is, None);
            self.branch(
                both,
                |me| {
                    let (left, right) = (me.extract(left, of, field), me.extract(right, of, field));
                    let equal = fields(me, left, right)?;
                    me.build.set(result, equal);
                    Ok(())
                },
                |_| Ok(()),
            )?;
        }
        Ok(self.build.get(result))
    }
}
