//! Ends of chains that choose an item by the user's own closures, or compare two chains.

use crate::ast::{Expr, Sink, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, LocalId, Scalar, Type, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

use super::sinks::Found;
use super::{Flow, Head};

impl Lowering<'_> {
    /// An end that gives an `Option`.
    pub(super) fn one_of_many(&mut self, flow: Flow, sink: &'static Sink, slot: TypeSlot) -> Lowered<ValueId> {
        let best = self.found(slot)?;
        match sink {
            Sink::FindMap(f) => {
                let f = self.created(f)?;
                self.run_flow(&flow, None, |me, item, exit, _| {
                    let option = Place::Value(me.inlined(f, &[Place::Value(item)], Some(best.option))?);
                    let some = me.is_some(option)?;
                    let kept = |me: &mut Self| {
                        let held = me.payload(option)?;
                        let held = me.load(held)?;
                        me.keep(best, held)
                    };
                    me.branch(some, kept, |_| Ok(()))?;
                    let goes_on = me.invert(some);
                    me.exit_unless(goes_on, exit);
                    Ok(())
                })?;
            }
            Sink::Next => self.run_flow(&flow, None, |me, item, exit, _| {
                me.keep(best, item)?;
                let no = me.build.boolean(false);
                me.exit_unless(no, exit);
                Ok(())
            })?,
            Sink::Reduce(f) => {
                let f = self.created(f)?;
                self.run_flow(&flow, None, |me, item, _, _| {
                    let any = me.build.get(best.any);
                    let reduced = |me: &mut Self| {
                        let (so_far, ty) = (me.build.get(best.item), me.build.function()[best.item].ty);
                        let item = me.coerce(item, ty)?;
                        let next = me.inlined(f, &[Place::Value(so_far), Place::Value(item)], Some(ty))?;
                        me.keep(best, next)
                    };
                    me.branch(any, reduced, |me| me.keep(best, item))
                })?;
            }
            Sink::ExtremeBy(greatest, f) => {
                let f = self.created(f)?;
                let ordering = self.ordering_type()?;
                self.run_flow(&flow, None, |me, item, _, _| {
                    let better = |me: &mut Self| {
                        let so_far = Place::Value(me.build.address(best.item));
                        let new = me.reference_to(item);
                        let order = me.inlined(f, &[so_far, new], Some(ordering))?;
                        me.order_in(order)
                    };
                    me.keep_better(best, item, *greatest, better, |_| Ok(()))
                })?;
            }
            Sink::ExtremeByKey(greatest, f) => self.extreme_by_key(&flow, best, *greatest, f)?,
            _ => return self.bug("another end"),
        }
        self.what_was_found(best)
    }

    /// Keys are made once for each item.
    fn extreme_by_key(&mut self, flow: &Flow, best: Found, greatest: bool, f: &'static Expr) -> Lowered<()> {
        let f = self.created(f)?;
        let Expr::Closure(_, _, slot) = f else { return self.bug("a closure is needed") };
        let mut ty = self.known_slot_type(*slot)?;
        while let Type::Pointer(to) = *self.ty(ty) {
            ty = to;
        }
        // A value before the loop: it lives as long as that.
        let (best_key, none) = (self.build.local("", ty), self.zero(ty)?);
        self.build.set(best_key, none);
        self.run_flow(flow, None, |me, item, _, _| {
            let reference = me.reference_to(item);
            let key = me.inlined(f, &[reference], None)?;
            let key = me.strip_value(key)?;
            let order = |me: &mut Self| {
                let old = me.build.get(best_key);
                me.order(old, key)
            };
            me.keep_better(best, item, greatest, order, |me| {
                me.build.set(best_key, key);
                Ok(())
            })
        })
    }

    /// Keeps the item if it is the first, or if the order of what is kept and of it says so: of equal ones the first is the least
    /// and the last is the greatest.
    fn keep_better(
        &mut self,
        best: Found,
        item: ValueId,
        greatest: bool,
        order: impl FnOnce(&mut Self) -> Lowered<ValueId>,
        kept: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        let (any, bool) = (self.build.get(best.any), self.scalar_type(Scalar::Bool));
        let better = |me: &mut Self| {
            let order = order(me)?;
            let zero = me.build.integer(Scalar::I8, 0);
            let op = if greatest { CompareOp::LessEqual } else { CompareOp::Greater };
            Ok(me.build.compare(op, order, zero))
        };
        let taken = self.one_of(any, bool, better, |me| Ok(me.build.boolean(true)))?;
        let keep = |me: &mut Self| {
            me.keep(best, item)?;
            kept(me)
        };
        self.branch(taken, keep, |_| Ok(()))
    }

    /// `rposition`, of a chain that has been reversed.
    pub(super) fn position_from_end(&mut self, flow: Flow, f: &'static Expr) -> Lowered<ValueId> {
        let Head::Access(access) = &flow.head else {
            return self.unsupported("`rposition` of one chain behind another");
        };
        let count = access.count;
        let f = self.created(f)?;
        let position = self.position(flow, f)?;
        let ty = self.build.type_of(position);
        let position = Place::Value(position);
        let some = self.is_some(position)?;
        let from_start = |me: &mut Self| {
            let behind = me.payload(position)?;
            let behind = me.load(behind)?;
            let one = me.number(Scalar::Usize, 1);
            let last = me.build.binary(BinaryOp::Sub, count, one, None);
            let index = me.build.binary(BinaryOp::Sub, last, behind, None);
            me.wrapped(ty, index)
        };
        self.one_of(some, ty, from_start, |me| me.null(ty))
    }

    /// `a.eq(b)`, `a.cmp(b)` and their kin: the first items that differ decide, or which chain is longer.
    pub(super) fn compared_chains(&mut self, flow: Flow, other: Flow, name: &str) -> Lowered<ValueId> {
        let (other, changes) = self.one_by_one(other)?;
        let counter = self.counter_at_zero();
        let equality = matches!(name, "eq" | "ne");
        let result = self.an_order_to_find();
        self.run_flow(&flow, None, |me, item, exit, _| {
            let index = me.count_up(counter);
            let there = me.has_item(&other, index);
            let compared = |me: &mut Self| {
                let partner = me.changed_item(&other, &changes, index)?;
                let (left, right) = (me.strip_value(item)?, me.strip_value(partner)?);
                if equality {
                    let same = me.equal(left, right)?;
                    let (zero, one) = (me.build.integer(Scalar::I8, 0), me.build.integer(Scalar::I8, 1));
                    return Ok(me.select(same, zero, one));
                }
                me.order(left, right)
            };
            let i8 = me.scalar_type(Scalar::I8);
            let order = me.one_of(there, i8, compared, |me| Ok(me.build.integer(Scalar::I8, 1)))?;
            me.build.set(result, order);
            let zero = me.build.integer(Scalar::I8, 0);
            let goes_on = me.build.compare(CompareOp::Equal, order, zero);
            me.exit_unless(goes_on, exit);
            Ok(())
        })?;
        // what is left of the other one makes this one the lesser
        let (order, seen) = (self.build.get(result), self.build.get(counter));
        let (zero, less) = (self.build.integer(Scalar::I8, 0), self.build.integer(Scalar::I8, -1));
        let equal = self.build.compare(CompareOp::Equal, order, zero);
        let more = self.has_item(&other, seen);
        let shorter = self.build.binary(BinaryOp::And, equal, more, None);
        let order = self.select(shorter, less, order);
        self.answer(name, order)
    }

    fn an_order_to_find(&mut self) -> LocalId {
        let i8 = self.scalar_type(Scalar::I8);
        let (result, equal) = (self.build.local("", i8), self.build.integer(Scalar::I8, 0));
        self.build.set(result, equal);
        result
    }

    /// What a comparison of this name says of an order.
    fn answer(&mut self, name: &str, order: ValueId) -> Lowered<ValueId> {
        let op = match name {
            "cmp" => return self.ordering(order),
            "partial_cmp" => return self.partial_ordering(order),
            "eq" => CompareOp::Equal,
            "ne" => CompareOp::NotEqual,
            "lt" => CompareOp::Less,
            "le" => CompareOp::LessEqual,
            "gt" => CompareOp::Greater,
            _ => CompareOp::GreaterEqual,
        };
        let zero = self.build.integer(Scalar::I8, 0);
        let holds = self.build.compare(op, order, zero);
        if !matches!(op, CompareOp::Greater | CompareOp::GreaterEqual) {
            return Ok(holds);
        }
        let there = self.is_ordered(order);
        Ok(self.build.binary(BinaryOp::And, holds, there, None))
    }
}
