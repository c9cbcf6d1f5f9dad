//! Linked data: `Option` of a pointer, `Vec` and boxed slices inside nodes.

use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::options::is_combinator;
use super::place::{Place, is_place};
use crate::ast::{At, CalleeSlot, Expr, Pattern, TypeSlot};
use crate::ir::{CompareOp, Op, Scalar, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// What a nullable leads to, if the type is one.
    pub(super) fn as_nullable(&self, ty: TypeId) -> Option<TypeId> {
        match self.ty(ty) {
            Type::Nullable(to) => Some(*to),
            _ => None,
        }
    }

    // ---- values

    /// `None`
    pub(super) fn none(&mut self, slot: TypeSlot) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        self.null(ty)
    }

    pub(super) fn null(&mut self, ty: TypeId) -> Lowered<ValueId> {
        if let Some(held) = self.world.types.in_option(ty) {
            return self.nothing(ty, held);
        }
        match self.as_nullable(ty) {
            Some(_) => Ok(self.build.value(ty, Op::Null)),
            None if self.held_handle(ty).is_some() => Ok(self.no_handle(ty)),
            None => self.unsupported(format!("`None` of a `{}`", self.type_name(ty))),
        }
    }

    /// `Some(e)`
    pub(super) fn some(&mut self, e: &'static Expr, slot: TypeSlot) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        if let Some(held) = self.held_handle(ty) {
            let value = self.value_as(e, held)?;
            return Ok(self.as_handle(value, ty));
        }
        if let Some(held) = self.world.types.in_option(ty) {
            let value = self.value_as(e, held)?;
            return self.just(ty, value);
        }
        let Some(to) = self.as_nullable(ty) else {
            return self.unsupported(format!("`Some` of a `{}`", self.type_name(ty)));
        };
        let pointer = self.pointer_type(to);
        let value = self.value_as(e, pointer)?;
        Ok(self.build.value(ty, Op::Some(value)))
    }

    /// Whether a place of an `Option` holds something.
    pub(super) fn is_some(&mut self, place: Place) -> Lowered<ValueId> {
        let ty = self.place_type(place);
        if self.held_handle(ty).is_some() {
            let value = self.load(place)?;
            return Ok(self.is_handle(value));
        }
        if self.world.types.in_option(ty).is_some() {
            if self.as_enum(ty).is_some() {
                let none = self.variant(ty, "None")?;
                let (tag, none) = (self.tag(place)?, self.tag_of(ty, none)?);
                return Ok(self.build.compare(CompareOp::NotEqual, tag, none));
            }
            let some = self.field(place, "some")?;
            return self.load(some);
        }
        if self.as_nullable(ty).is_none() {
            return self.bug(format!("`{}` is no option", self.type_name(ty)));
        }
        let value = self.load(place)?;
        let bool = self.scalar_type(Scalar::Bool);
        Ok(self.build.value(bool, Op::IsSome(value)))
    }

    /// What is in a place of an `Option` that holds something.
    pub(super) fn payload(&mut self, place: Place) -> Lowered<Place> {
        if let Some(held) = self.held_handle(self.place_type(place)) {
            let value = self.load(place)?;
            return Ok(Place::Value(self.as_handle(value, held)));
        }
        if let ty = self.place_type(place)
            && self.world.types.in_option(ty).is_some()
        {
            if self.as_enum(ty).is_some() {
                let some = self.variant(ty, "Some")?;
                let some = self.variant_place(place, some);
                return self.field(some, "0");
            }
            return self.field(place, "value");
        }
        let Some(to) = self.as_nullable(self.place_type(place)) else {
            return self.bug("the payload of no option");
        };
        let ty = self.pointer_type(to);
        match place {
            Place::Memory(pointer) => Ok(Place::Payload(pointer, ty)),
            place => {
                let value = self.load(place)?;
                Ok(Place::Value(self.build.value(ty, Op::Payload(value))))
            }
        }
    }

    /// `e?`
    pub(super) fn question(&mut self, e: &'static Expr, callee: CalleeSlot) -> Lowered<ValueId> {
        let value = self.value(e, None)?;
        if self.world.types.in_result(self.build.type_of(value)).is_some() {
            return self.question_of_result(value, callee);
        }
        let condition = self.is_some(Place::Value(value))?;
        self.branch(
            condition,
            |_| Ok(()),
            |me| {
                let null = me.null(me.returned_type())?;
                me.leave_with(null)?;
                Err(Stop::Diverges)
            },
        )?;
        let payload = self.payload(Place::Value(value))?;
        self.load(payload)
    }

    /// `e.expect(message)`
    pub(super) fn expect(&mut self, e: &'static Expr, message: &'static str, at: At) -> Lowered<ValueId> {
        let place = self.receiver(e, None)?;
        let place = self.strip(place)?;
        self.at = at;
        self.unwrap(place, message)
    }

    pub(super) fn unwrap(&mut self, place: Place, message: &str) -> Lowered<ValueId> {
        if self.world.types.in_result(self.place_type(place)).is_some() {
            return self.unwrap_result(place, true, message);
        }
        let condition = self.is_some(place)?;
        self.check(condition, message);
        let payload = self.payload(place)?;
        self.load(payload)
    }

    /// A method of an `Option`; the slot has the type of the result, where the receiver does not tell.
    pub(super) fn option_method(
        &mut self,
        place: Place,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
    ) -> Lowered<ValueId> {
        self.at = at;
        match (name, arguments) {
            ("is_some", []) => self.is_some(place),
            ("is_none", []) => {
                let some = self.is_some(place)?;
                Ok(self.invert(some))
            }
            ("unwrap", []) => self.unwrap(place, "called `Option::unwrap()` on a `None` value"),
            _ if is_combinator(name) => self.combinator(place, name, arguments, slot),
            ("as_deref" | "as_deref_mut" | "as_ref" | "as_mut", [])
                if self.held_handle(self.place_type(place)).is_some() =>
            {
                self.unsupported(format!("`{name}` of an `Option<Shared<_>>`, which is copied,"))
            }
            ("as_deref" | "as_deref_mut", []) => {
                let ty = self.known_slot_type(slot)?;
                let value = self.load(place)?;
                self.map(value, ty, |me, pointer, to| me.coerce(pointer, to))
            }
            ("as_ref" | "as_mut", []) => {
                let ty = self.known_slot_type(slot)?;
                if self.world.types.in_option(self.place_type(place)).is_some() {
                    let some = self.is_some(place)?;
                    let held = self.payload(place)?;
                    let held = self.address(held);
                    let none = |me: &mut Self| me.null(ty);
                    return self.one_of(some, ty, |me| Ok(me.build.value(ty, Op::Some(held))), none);
                }
                let value = self.load(place)?;
                self.map(value, ty, |me, _, _| {
                    let payload = me.payload(place)?;
                    Ok(me.address(payload))
                })
            }
            ("expect", _) => self.unsupported("`expect` with anything but a literal"),
            _ => self.no_method(name, self.place_type(place)),
        }
    }

    /// An `Option` of another pointer type; null stays null. `change` makes a pointer of that type of the pointer.
    fn map(
        &mut self,
        value: ValueId,
        ty: TypeId,
        change: impl FnOnce(&mut Self, ValueId, TypeId) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        let from = self.build.type_of(value);
        let (Some(held), Some(to)) = (self.as_nullable(from), self.as_nullable(ty)) else {
            return self.bug(format!("`{}` as `{}`", self.type_name(from), self.type_name(ty)));
        };
        if from == ty {
            return Ok(value);
        }
        let (held, to) = (self.pointer_type(held), self.pointer_type(to));
        let null = self.null(ty)?;
        let result = self.build.local("", ty);
        self.build.set(result, null);
        let bool = self.scalar_type(Scalar::Bool);
        let condition = self.build.value(bool, Op::IsSome(value));
        self.branch(
            condition,
            |me| {
                let pointer = me.build.value(held, Op::Payload(value));
                let pointer = change(me, pointer, to)?;
                let some = me.build.value(ty, Op::Some(pointer));
                me.build.set(result, some);
                Ok(())
            },
            |_| Ok(()),
        )?;
        Ok(self.build.get(result))
    }

    /// `ptr::eq(a, b)`
    pub(super) fn same(&mut self, parts: &'static [Expr]) -> Lowered<ValueId> {
        let [a, b] = parts else { return self.bug("a comparison of other than two pointers") };
        let left = self.value(a, None)?;
        let right = self.value_as(b, self.build.type_of(left))?;
        match self.ty(self.build.type_of(left)) {
            Type::Pointer(_) => Ok(self.build.compare(CompareOp::Equal, left, right)),
            _ => self.unsupported("a comparison of the addresses of slices"),
        }
    }

    // ---- patterns

    /// Whether `Some(pattern)` matches: what is inside is looked at only where there is something.
    pub(super) fn test_some(&mut self, inner: &'static Pattern, place: Place) -> Lowered<ValueId> {
        let some = self.is_some(place)?;
        let held = self.as_nullable(self.place_type(place));
        if super::pattern::is_irrefutable(inner) || held.is_some_and(|to| self.always(inner, to)) {
            return Ok(some);
        }
        self.guarded(Some(some), |me| {
            let payload = me.payload(place)?;
            match me.test(inner, payload)? {
                Some(matches) => Ok(matches),
                None => Ok(me.build.boolean(true)),
            }
        })
    }

    // ---- slices that nodes own

    /// The slice of a place that holds a `Vec` or boxed slice, if it does.
    pub(super) fn owned_slice(&mut self, place: Place) -> Lowered<Option<ValueId>> {
        let ty = self.place_type(place);
        let Some(element) = self.world.types.element_of(ty) else { return Ok(None) };
        let (data, length) = (self.field(place, "data")?, self.field(place, "length")?);
        let (data, length) = (self.load(data)?, self.load(length)?);
        let slice = self.build.module.types.slice(element);
        Ok(Some(self.build.value(slice, Op::MakeSlice { data, length })))
    }

    /// What `known` says of an expression that is about options.
    pub(super) fn known_link(&mut self, e: &'static Expr) -> Option<TypeId> {
        match e {
            Expr::None(slot) | Expr::Some(_, slot) => self.slot_type(*slot),
            Expr::Try(inner, _) | Expr::Expect(inner, ..) => {
                let ty = self.known_stripped(inner)?;
                if let Some((ok, _)) = self.world.types.in_result(ty) {
                    return Some(ok);
                }
                if let Some(held) = self.held_in(ty) {
                    return Some(held);
                }
                let to = self.as_nullable(ty)?;
                Some(self.pointer_type(to))
            }
            Expr::ExpectErr(inner, ..) => {
                let ty = self.known_stripped(inner)?;
                self.world.types.in_result(ty).map(|sides| sides.1)
            }
            Expr::Same(_) => Some(self.scalar_type(Scalar::Bool)),
            _ => None,
        }
    }

    /// The value of an expression that is about options.
    pub(super) fn link_value(&mut self, e: &'static Expr) -> Lowered<ValueId> {
        debug_assert!(!is_place(e), "places are lowered as places");
        match e {
            Expr::None(slot) => self.none(*slot),
            Expr::Some(inner, slot) => self.some(inner, *slot),
            Expr::Try(inner, callee) => self.question(inner, *callee),
            Expr::Expect(inner, message, at) => self.expect(inner, message, *at),
            Expr::ExpectErr(inner, message, at) => {
                let place = self.receiver(inner, None)?;
                let place = self.strip(place)?;
                self.at = *at;
                self.unwrap_result(place, false, message)
            }
            Expr::Same(parts) => self.same(parts),
            _ => self.bug("not about options"),
        }
    }
}

/// Whether the expression is one that [`Lowering::link_value`] lowers.
pub(super) fn is_link(e: &Expr) -> bool {
    matches!(e, Expr::None(_) | Expr::Some(..) | Expr::Try(..) | Expr::Expect(..) | Expr::ExpectErr(..) | Expr::Same(_))
}
