//! `Option` and `Result` of plain values as they lie in memory: rustc's layout where it is known, as an enum ([`super::enums`]),
//! a layout of our own where a kernel makes one that nobody else sees.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ir::{Op, Scalar, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// `Some(value)` of a plain `Option`.
    pub(super) fn just(&mut self, ty: TypeId, value: ValueId) -> Lowered<ValueId> {
        if self.as_enum(ty).is_some() {
            let some = self.variant(ty, "Some")?;
            return self.make_variant(ty, some, vec![value]);
        }
        let some = self.build.boolean(true);
        Ok(self.build.value(ty, Op::Make(vec![value, some])))
    }

    /// `Some(value)` if the condition holds; the value has been computed anyway.
    pub(super) fn just_if(&mut self, condition: ValueId, value: ValueId) -> ValueId {
        let ty = self.option_type(self.build.type_of(value));
        self.build.value(ty, Op::Make(vec![value, condition]))
    }

    /// `Some(value)` of this plain `Option` if the condition holds; the value has been computed anyway.
    pub(super) fn just_where(&mut self, ty: TypeId, condition: ValueId, value: ValueId) -> Lowered<ValueId> {
        let Some(desc) = self.as_enum(ty) else {
            return Ok(self.build.value(ty, Op::Make(vec![value, condition])));
        };
        if desc.has_rest() {
            return self.one_of(condition, ty, |me| me.just(ty, value), |me| me.null(ty));
        }
        let (tag, none, some) = (desc.fields[0].ty, desc.fields[1].ty, desc.fields[2].ty);
        let tag = self.cast_to(condition, tag)?;
        let none = self.build.value(none, Op::Make(vec![]));
        let some = self.build.value(some, Op::Make(vec![value]));
        Ok(self.build.value(ty, Op::Make(vec![tag, none, some])))
    }

    /// One `Option` or `Result` as another of the same type, whose layout is another.
    pub(super) fn laid_out(&mut self, value: ValueId, to: TypeId) -> Lowered<ValueId> {
        let place = Place::Value(value);
        if self.world.types.in_result(to).is_some() {
            let side = |ok| {
                move |me: &mut Self, held| {
                    let held = me.load(held)?;
                    me.outcome(to, ok, held)
                }
            };
            return self.sides(place, to, side(true), side(false));
        }
        let held = self.held(to)?;
        if self.as_enum(self.build.type_of(value)).is_some() {
            let some = |me: &mut Self, inside| {
                let inside = me.load(inside)?;
                me.wrapped(to, inside)
            };
            return self.either(place, to, some, |me| me.null(to));
        }
        let (some, inside) = (self.is_some(place)?, self.payload(place)?);
        let inside = self.load(inside)?;
        let inside = self.coerce(inside, held)?;
        self.just_where(to, some, inside)
    }

    /// `None` of a plain `Option` that would hold a `held`.
    pub(super) fn nothing(&mut self, ty: TypeId, held: TypeId) -> Lowered<ValueId> {
        if self.as_enum(ty).is_some() {
            let none = self.variant(ty, "None")?;
            return self.make_variant(ty, none, vec![]);
        }
        let value = self.zero(held)?;
        let some = self.build.boolean(false);
        Ok(self.build.value(ty, Op::Make(vec![value, some])))
    }

    /// `Some(value)` of any `Option`.
    pub(super) fn wrapped(&mut self, ty: TypeId, value: ValueId) -> Lowered<ValueId> {
        let held = self.held(ty)?;
        let value = self.coerce(value, held)?;
        Ok(if self.world.types.in_option(ty).is_some() {
            self.just(ty, value)?
        } else if self.as_nullable(ty).is_some() {
            self.build.value(ty, Op::Some(value))
        } else {
            self.as_handle(value, ty)
        })
    }

    /// Some value of the type: nobody looks at it.
    pub(super) fn zero(&mut self, ty: TypeId) -> Lowered<ValueId> {
        if self.world.types.in_option(ty).is_some() {
            return self.null(ty);
        }
        match self.ty(ty).clone() {
            Type::Struct(s) if s.is_enum() => {
                let fields = match self.ty(s.fields[1].ty).clone() {
                    Type::Struct(first) => first.fields,
                    _ => vec![],
                };
                let parts = fields.iter().map(|f| self.zero(f.ty)).collect::<Lowered<_>>()?;
                self.make_variant(ty, 1, parts)
            }
            Type::Unit => Ok(self.unit()),
            Type::Scalar(Scalar::Bool) => Ok(self.build.boolean(false)),
            Type::Scalar(scalar) => Ok(self.number(scalar, 0)),
            Type::Nullable(_) => Ok(self.build.value(ty, Op::Null)),
            Type::Array { element, .. } => {
                let element = self.zero(element)?;
                Ok(self.build.value(ty, Op::Repeat(element)))
            }
            Type::Struct(s) => {
                let parts: Vec<_> = s.fields.iter().map(|f| self.zero(f.ty)).collect::<Lowered<_>>()?;
                Ok(self.build.value(ty, Op::Make(parts)))
            }
            Type::Pointer(to) => {
                let value = self.zero(to)?;
                Ok(self.spill(value))
            }
            Type::Slice(of) => {
                let one = self.build.module.types.array(of, 1);
                let value = self.zero(one)?;
                let array = self.spill(value);
                Ok(self.build.value(ty, Op::AsSlice(array)))
            }
            Type::Atomic(_) => self.unsupported("`None` of an `Option` that may lead to an atomic"),
        }
    }
}
