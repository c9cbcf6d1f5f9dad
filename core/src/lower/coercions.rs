//! Where Rust changes a type silently: `&[T; N]` to `&[T]`, `&&T` to `&T`. And tuples, whose layout may differ.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::Expr;
use crate::ir::{Op, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// Lowers to a value of exactly this type.
    pub(super) fn value_as(&mut self, e: &'static Expr, ty: TypeId) -> Lowered<ValueId> {
        let value = self.value(e, Some(ty))?;
        self.coerce(value, ty)
    }

    /// A value as the type that its place has.
    pub(super) fn coerce(&mut self, value: ValueId, to: TypeId) -> Lowered<ValueId> {
        let from = self.build.type_of(value);
        if from == to {
            return Ok(value);
        }
        match (self.ty(from).clone(), self.ty(to).clone()) {
            (Type::Pointer(inner), target) => match (self.ty(inner).clone(), target) {
                (Type::Array { element, .. }, Type::Slice(of)) if element == of => {
                    Ok(self.build.value(to, Op::AsSlice(value)))
                }
                (Type::Pointer(_) | Type::Slice(_), Type::Pointer(_) | Type::Slice(_)) => {
                    let inner = self.load(Place::Memory(value))?;
                    self.coerce(inner, to)
                }
                // `Arc<T>` to `&T`
                (Type::Struct(block), Type::Pointer(_)) if self.world.types.is_counted(inner) => {
                    let of = self.pointer_type(block.fields[0].ty);
                    let value = self.build.value(of, Op::Field { base: value, index: 0 });
                    self.coerce(value, to)
                }
                (Type::Struct(_), Type::Slice(of)) if self.world.types.element_of(inner) == Some(of) => {
                    self.whole_slice(Place::Memory(value))
                }
                _ => self.cannot_coerce(from, to),
            },
            (Type::Struct(_), Type::Struct(_)) if self.are_choices(from, to) => self.laid_out(value, to),
            (Type::Struct(a), Type::Struct(b))
                if a.name.is_empty() && b.name.is_empty() && a.fields.len() == b.fields.len() =>
            {
                let mut parts = vec![];
                for (k, (a, b)) in a.fields.iter().zip(&b.fields).enumerate() {
                    let part = self.extract(value, a.ty, k as u32);
                    parts.push(self.coerce(part, b.ty)?);
                }
                Ok(self.build.value(to, Op::Make(parts)))
            }
            (Type::Array { element, length }, Type::Array { element: wanted, length: n }) if length == n => {
                let mut parts = vec![];
                for k in 0..length {
                    let part = self.extract(value, element, k as u32);
                    parts.push(self.coerce(part, wanted)?);
                }
                Ok(self.build.value(to, Op::Make(parts)))
            }
            _ => self.cannot_coerce(from, to),
        }
    }

    /// Whether both are `Option`s of plain values, or `Result`s.
    fn are_choices(&self, from: TypeId, to: TypeId) -> bool {
        let types = &self.world.types;
        types.in_option(from).is_some() && types.in_option(to).is_some()
            || types.in_result(from).is_some() && types.in_result(to).is_some()
    }

    fn cannot_coerce(&self, from: TypeId, to: TypeId) -> Lowered<ValueId> {
        let (from, to) = (self.type_name(from), self.type_name(to));
        if from == to {
            return self.unsupported(format!(
                "a reference to `{from}` whose layout was not known when it was built (write its type where it is bound)"
            ));
        }
        self.bug(format!("`{from}` where `{to}` is needed"))
    }

    /// A place as an argument of this type, by value or by reference as the type demands: method receivers, operands
    /// of users' operators.
    pub(super) fn adjust(&mut self, mut place: Place, to: TypeId) -> Lowered<ValueId> {
        loop {
            let ty = self.place_type(place);
            match (self.ty(to).clone(), self.ty(ty).clone(), place) {
                (_, _, Place::Slice(slice)) if ty == to => return Ok(slice),
                _ if ty == to => return self.load(place),
                (Type::Pointer(target), ..) if target == ty => return Ok(self.address(place)),
                (Type::Slice(of), Type::Array { element, .. }, _) if of == element => {
                    return self.whole_slice(place);
                }
                (_, Type::Pointer(_), _) => place = self.deref(place)?,
                _ => {
                    let value = self.load(place)?;
                    return self.coerce(value, to);
                }
            }
        }
    }
}
