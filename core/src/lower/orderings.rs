//! Which of two values comes first: what `<`, `cmp` and `partial_cmp` ask of what has parts.
//!
//! An order is a number of 8 bits: -1, 0 and 1 as the tags of `core::cmp::Ordering` are, and 2 where there is none.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::Operator;
use crate::ir::{BinaryOp, CompareOp, Op, Scalar, StructType, Type, TypeId, ValueId};
use crate::types::TypeInfo;

/// The order of floats that cannot be compared.
const NONE: i128 = 2;

impl Lowering<'_> {
    /// The order of two values.
    pub(super) fn order(&mut self, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (left, right) = self.handle_numbers(left, right).unwrap_or((left, right));
        let (a, b) = (self.build.type_of(left), self.build.type_of(right));
        if self.held_in(a).is_some() || self.as_nullable(a).is_some() {
            return self.options_order(left, right);
        }
        if self.world.types.in_result(a).is_some() {
            return self.results_order(left, right);
        }
        match (self.ty(a).clone(), self.ty(b).clone()) {
            (Type::Scalar(x), Type::Scalar(y)) if x == y => Ok(self.numbers_order(x, left, right)),
            (Type::Unit, Type::Unit) => Ok(self.an_order(0)),
            (Type::Pointer(_), Type::Pointer(_)) => {
                let (left, right) = (self.strip_value(left)?, self.strip_value(right)?);
                self.order(left, right)
            }
            (Type::Array { .. } | Type::Slice(_), Type::Array { .. } | Type::Slice(_)) => {
                self.sequences_order(left, right)
            }
            (Type::Struct(x), Type::Struct(y)) if x.name.is_empty() && y.name.is_empty() => {
                self.parts_order(left, right, &x, &y)
            }
            (Type::Struct(x), Type::Struct(_)) if a == b && self.by_parts(a).ordered => match x.is_enum() {
                true => self.variants_order(left, right, &x),
                false => self.parts_order(left, right, &x, &x),
            },
            _ => self.no_operator(Operator::Less, a, b),
        }
    }

    /// `left < right` and its kin of what has no such operator in the IR.
    pub(super) fn ordered_by_parts(&mut self, op: CompareOp, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let order = self.order(left, right)?;
        let zero = self.an_order(0);
        let holds = self.build.compare(op, order, zero);
        if matches!(op, CompareOp::Less | CompareOp::LessEqual) {
            return Ok(holds);
        }
        let there = self.is_ordered(order);
        Ok(self.build.binary(BinaryOp::And, holds, there, None))
    }

    fn an_order(&mut self, order: i128) -> ValueId {
        self.build.integer(Scalar::I8, order)
    }

    /// Whether there is an order.
    pub(super) fn is_ordered(&mut self, order: ValueId) -> ValueId {
        let none = self.an_order(NONE);
        self.build.compare(CompareOp::NotEqual, order, none)
    }

    /// `first` where it decides, else `rest`.
    fn first_of(&mut self, first: ValueId, rest: ValueId) -> ValueId {
        let zero = self.an_order(0);
        let equal = self.build.compare(CompareOp::Equal, first, zero);
        self.select(equal, rest, first)
    }

    pub(super) fn numbers_order(&mut self, scalar: Scalar, left: ValueId, right: ValueId) -> ValueId {
        let (before, equal, behind) = (self.an_order(-1), self.an_order(0), self.an_order(1));
        let less = self.build.compare(CompareOp::Less, left, right);
        let greater = self.build.compare(CompareOp::Greater, left, right);
        let other = if scalar.is_float() {
            let none = self.an_order(NONE);
            let same = self.build.compare(CompareOp::Equal, left, right);
            self.select(same, equal, none)
        } else {
            equal
        };
        let not_less = self.select(greater, behind, other);
        self.select(less, before, not_less)
    }

    /// Nothing in a comparison can panic, so that all parts may be compared.
    fn parts_order(&mut self, left: ValueId, right: ValueId, x: &StructType, y: &StructType) -> Lowered<ValueId> {
        if x.fields.len() != y.fields.len() {
            return self.bug("a comparison of structs with other numbers of fields");
        }
        let mut result = self.an_order(0);
        for (k, (x, y)) in x.fields.iter().zip(&y.fields).enumerate().rev() {
            let (left, right) = self.parts(left, right, (x.ty, y.ty, k as u32))?;
            let order = self.order(left, right)?;
            result = self.first_of(order, result);
        }
        Ok(result)
    }

    fn variants_order(&mut self, left: ValueId, right: ValueId, x: &StructType) -> Lowered<ValueId> {
        let (one, other) = (self.tag(Place::Value(left))?, self.tag(Place::Value(right))?);
        let scalar = self.scalar_of(one)?;
        let tags = self.numbers_order(scalar, one, other);
        let result = self.kept_order(tags);
        let same = self.build.compare(CompareOp::Equal, one, other);
        for (field, variant) in x.fields.iter().enumerate().skip(1) {
            let Type::Struct(held) = self.ty(variant.ty).clone() else { continue };
            if held.fields.is_empty() {
                continue;
            }
            let wanted = self.build.integer(scalar, x.variants[field - 1]);
            let is = self.build.compare(CompareOp::Equal, one, wanted);
            let both = self.build.binary(BinaryOp::And, same, is, None);
            let compared = |me: &mut Self| {
                let (left, right) =
                    (me.extract(left, variant.ty, field as u32), me.extract(right, variant.ty, field as u32));
                let order = me.parts_order(left, right, &held, &held)?;
                me.build.set(result, order);
                Ok(())
            };
            self.branch(both, compared, |_| Ok(()))?;
        }
        Ok(self.build.get(result))
    }

    /// A variable with this order.
    fn kept_order(&mut self, order: ValueId) -> crate::ir::LocalId {
        let i8 = self.scalar_type(Scalar::I8);
        let result = self.build.local("", i8);
        self.build.set(result, order);
        result
    }

    /// `None` comes first.
    fn options_order(&mut self, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (one, other) = (Place::Value(left), Place::Value(right));
        let (l, r) = (self.is_some(one)?, self.is_some(other)?);
        let flags = self.numbers_order(Scalar::Bool, l, r);
        let result = self.kept_order(flags);
        let both = self.build.binary(BinaryOp::And, l, r, None);
        let compared = |me: &mut Self| {
            let (left, right) = (me.payload(one)?, me.payload(other)?);
            me.order_of_places(left, right, result)
        };
        self.branch(both, compared, |_| Ok(()))?;
        Ok(self.build.get(result))
    }

    /// `Ok` comes first.
    fn results_order(&mut self, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (one, other) = (Place::Value(left), Place::Value(right));
        let (l, r) = (self.is_ok(one)?, self.is_ok(other)?);
        let flags = self.numbers_order(Scalar::Bool, r, l);
        let result = self.kept_order(flags);
        let same = self.build.compare(CompareOp::Equal, l, r);
        let compared = |ok| {
            move |me: &mut Self| {
                let (left, right) = (me.held_by(one, ok)?, me.held_by(other, ok)?);
                me.order_of_places(left, right, result)
            }
        };
        self.branch(same, |me| me.branch(l, compared(true), compared(false)), |_| Ok(()))?;
        Ok(self.build.get(result))
    }

    fn order_of_places(&mut self, left: Place, right: Place, result: crate::ir::LocalId) -> Lowered<()> {
        let (left, right) = (self.strip(left)?, self.strip(right)?);
        let (left, right) = (self.load(left)?, self.load(right)?);
        let order = self.order(left, right)?;
        self.build.set(result, order);
        Ok(())
    }

    /// The first elements that differ decide, else the lengths.
    fn sequences_order(&mut self, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (left, right) = (self.elements(left)?, self.elements(right)?);
        let (n, m) = (self.slice_length(left), self.slice_length(right));
        let lengths = self.numbers_order(Scalar::Usize, n, m);
        let result = self.kept_order(lengths);
        let less = self.build.compare(CompareOp::Less, n, m);
        let both = self.select(less, n, m);
        self.counted(both, None, |me, index| {
            let (left, right) = (me.element_of(left, index)?, me.element_of(right, index)?);
            let order = me.order(left, right)?;
            let zero = me.an_order(0);
            let equal = me.build.compare(CompareOp::Equal, order, zero);
            let decided = |me: &mut Self| {
                me.build.set(result, order);
                Ok(())
            };
            me.branch(equal, |_| Ok(()), decided)?;
            me.break_unless(equal);
            Ok(())
        })?;
        Ok(self.build.get(result))
    }

    // ---- `core::cmp::Ordering`

    pub(super) fn ordering_type(&mut self) -> Lowered<TypeId> {
        let ty = self.world.types.intern(&mut self.build.module.types, std::cmp::Ordering::DESC);
        match ty {
            Some(ty) => Ok(ty),
            None => self.bug("`Ordering` has no type"),
        }
    }

    /// The `Ordering` of an order that is there.
    pub(super) fn ordering(&mut self, order: ValueId) -> Lowered<ValueId> {
        let ty = self.ordering_type()?;
        let types: Vec<_> = self.fields(ty)?.into_iter().map(|field| field.1).collect();
        let mut parts = vec![order];
        for ty in types.into_iter().skip(1) {
            parts.push(self.anything(ty)?);
        }
        Ok(self.build.value(ty, Op::Make(parts)))
    }

    /// The `Option<Ordering>` of an order.
    pub(super) fn partial_ordering(&mut self, order: ValueId) -> Lowered<ValueId> {
        let there = self.is_ordered(order);
        let zero = self.an_order(0);
        let order = self.select(there, order, zero);
        let ordering = self.ordering(order)?;
        Ok(self.just_if(there, ordering))
    }

    /// The order that an `Ordering` is.
    pub(super) fn order_in(&mut self, ordering: ValueId) -> Lowered<ValueId> {
        self.tag(Place::Value(ordering))
    }
}
