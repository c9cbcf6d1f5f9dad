//! Searches in sorted slices: std's own steps, so that of several equal elements the same one is found.

use crate::ast::{Expr, TypeSlot};
use crate::ir::{BinaryOp, Block, CompareOp, LocalId, PanicKind, Scalar, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

/// What [`Lowering::search_method`] knows.
pub(super) const NAMES: [&str; 4] = ["binary_search", "binary_search_by", "binary_search_by_key", "partition_point"];

impl Lowering<'_> {
    /// A search in a slice; the slot has the type of the result, a `Result` but for `partition_point`.
    pub(super) fn search_method(
        &mut self,
        slice: ValueId,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let ordering = self.ordering_type()?;
        let (at, order) = match (name, arguments) {
            ("partition_point", [before]) => {
                let before = self.created(before)?;
                let bool = self.scalar_type(Scalar::Bool);
                let (at, order) = self.searched(slice, |me, item| {
                    let before = me.inlined(before, &[item], Some(bool))?;
                    let before = me.strip_value(before)?;
                    let (less, greater) = (me.build.integer(Scalar::I8, -1), me.build.integer(Scalar::I8, 1));
                    Ok(me.select(before, less, greater))
                })?;
                return Ok(self.insertion_point(at, order));
            }
            ("binary_search", [wanted]) => {
                let pointer = self.element_of_slice(slice)?;
                let pointer = self.pointer_type(pointer);
                let wanted = self.value(wanted, Some(pointer))?;
                let wanted = self.strip_value(wanted)?;
                self.searched(slice, |me, item| {
                    let item = me.strip(item)?;
                    let item = me.load(item)?;
                    me.order(item, wanted)
                })?
            }
            ("binary_search_by", [f]) => {
                let f = self.created(f)?;
                self.searched(slice, |me, item| {
                    let found = me.inlined(f, &[item], Some(ordering))?;
                    me.order_in(found)
                })?
            }
            ("binary_search_by_key", [wanted, f]) => {
                let wanted = self.value(wanted, None)?;
                let wanted = self.strip_value(wanted)?;
                let (f, key) = (self.created(f)?, self.build.type_of(wanted));
                self.searched(slice, |me, item| {
                    let found = me.inlined(f, &[item], Some(key))?;
                    let found = me.strip_value(found)?;
                    me.order(found, wanted)
                })?
            }
            _ => return self.no_method(name, self.build.type_of(slice)),
        };
        let result = self.known_slot_type(slot)?;
        let (found, at_point) = (self.build.get(order), self.insertion_point(at, order));
        let zero = self.build.integer(Scalar::I8, 0);
        let found = self.is(CompareOp::Equal, found, zero);
        let ok = |me: &mut Self| me.outcome(result, true, at_point);
        self.one_of(found, result, ok, |me| me.outcome(result, false, at_point))
    }

    /// Where the search has ended, or one past that if what is there comes before.
    fn insertion_point(&mut self, at: LocalId, order: LocalId) -> ValueId {
        let (at, order) = (self.build.get(at), self.build.get(order));
        let less = self.build.integer(Scalar::I8, -1);
        let before = self.is(CompareOp::Equal, order, less);
        let (one, none) = (self.number(Scalar::Usize, 1), self.number(Scalar::Usize, 0));
        let more = self.select(before, one, none);
        self.apply(BinaryOp::Add, at, more)
    }

    /// Halves the slice until one element is left; its index, and its order (1 where there is none).
    fn searched(
        &mut self,
        slice: ValueId,
        order_of: impl FnOnce(&mut Self, Place) -> Lowered<ValueId>,
    ) -> Lowered<(LocalId, LocalId)> {
        let (usize, i8) = (self.scalar_type(Scalar::Usize), self.scalar_type(Scalar::I8));
        let (base, size) = (self.build.local("", usize), self.build.local("", usize));
        let order = self.build.local("", i8);
        let (zero, length, greater) =
            (self.number(Scalar::Usize, 0), self.slice_length(slice), self.build.integer(Scalar::I8, 1));
        self.build.set(base, zero);
        self.build.set(size, length);
        self.build.set(order, greater);
        let join = self.join_nothing();
        let (body, target) = self.in_target(None, join, |me| {
            let left = me.build.get(size);
            let some = me.is(CompareOp::NotEqual, left, zero);
            me.break_unless(some);
            let (one, two) = (me.number(Scalar::Usize, 1), me.number(Scalar::Usize, 2));
            let site = me.site(PanicKind::Division);
            let half = me.build.binary(BinaryOp::Div, left, two, Some(site));
            let from = me.build.get(base);
            let middle = me.apply(BinaryOp::Add, from, half);
            let place = me.element(Place::Slice(slice), middle)?;
            let reference = me.address(place);
            let found = order_of(me, Place::Value(reference))?;
            me.build.set(order, found);
            let last = me.is(CompareOp::Equal, left, one);
            let goes_on = me.invert(last);
            me.break_unless(goes_on);
            let behind = me.is(CompareOp::Equal, found, greater);
            let next = me.select(behind, from, middle);
            me.build.set(base, next);
            let rest = me.apply(BinaryOp::Sub, left, half);
            me.build.set(size, rest);
            Ok(())
        })?;
        self.push_loop(target.label, body, Block::default(), None);
        Ok((base, order))
    }
}
