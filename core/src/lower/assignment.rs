//! `a = b`, `a op= b`.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{At, CalleeSlot, Expr, Operator};
use crate::ir::{Type, TypeId, ValueId};

impl Lowering<'_> {
    /// `mem::swap`, `mem::replace` and `mem::take`: arguments are evaluated in order, then the places are read and written.
    pub(super) fn of_memory(&mut self, name: &str, arguments: &'static [Expr]) -> Lowered<ValueId> {
        let Some((place, others)) = arguments.split_first() else { return self.bug("no place to change") };
        let place = Place::Memory(self.value(place, None)?);
        let ty = self.place_type(place);
        match (name, others) {
            ("swap", [other]) => {
                let other = Place::Memory(self.value(other, None)?);
                let (one, two) = (self.load(place)?, self.load(other)?);
                let for_other = self.coerce(one, self.place_type(other))?;
                let for_place = self.coerce(two, ty)?;
                self.store(place, for_place)?;
                self.store(other, for_other)?;
                Ok(self.unit())
            }
            ("replace" | "take", _) => {
                let new = match others {
                    [new] => self.value_as(new, ty)?,
                    _ => self.zero(ty)?,
                };
                let old = self.load(place)?;
                self.store(place, new)?;
                Ok(old)
            }
            _ => self.bug("another function of `std::mem`"),
        }
    }

    /// `place = value`: the value is evaluated first, then the place.
    pub(super) fn assign(&mut self, place: &'static Expr, value: &'static Expr) -> Lowered<()> {
        let want = self.known(place);
        if want.is_some_and(|ty| self.is_unit(ty)) {
            self.effect(value)?;
            return self.place(place).map(drop);
        }
        let value = self.value(value, want)?;
        let place = self.exclusive_place(place)?;
        let ty = self.place_type(place);
        let value = self.coerce(value, ty)?;
        self.store(place, value)
    }

    /// `place op= value`: of primitive types the value is evaluated first; users' operators are calls.
    pub(super) fn assign_op(
        &mut self,
        operator: Operator,
        place: &'static Expr,
        value: &'static Expr,
        callee: CalleeSlot,
        at: At,
    ) -> Lowered<()> {
        let ty = self.known(place);
        let user = self.signature(callee)?;
        if let Some(ty) = ty
            && (user.is_some() || matches!(self.ty(ty), Type::Struct(_)))
        {
            self.at = at;
            return self.user_assign(operator, ty, place, value, user);
        }
        let shift = matches!(operator, Operator::Shl | Operator::Shr);
        let want = if shift { None } else { ty };
        let by_reference = self.known(value).is_some_and(|ty| self.is_reference(ty));
        let (place, value) = if by_reference {
            // Not both operands are primitive: a call of `AddAssign<&T>`, left operand first.
            let place = self.exclusive_place(place)?;
            (place, self.operand(value, want)?)
        } else {
            let value = self.operand(value, want)?;
            (self.exclusive_place(place)?, value)
        };
        let old = self.load(place)?;
        self.at = at;
        let new = self.arithmetic(operator, old, value)?;
        self.store(place, new)
    }

    fn is_reference(&self, ty: TypeId) -> bool {
        matches!(self.ty(ty), Type::Pointer(_))
    }
}
