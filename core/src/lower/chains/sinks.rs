//! What ends a chain.

use crate::ast::{At, Expr, Sink, Source, Stage, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, LocalId, PanicKind, Scalar, TypeId, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

use super::Flow;

impl Lowering<'_> {
    /// A whole chain; the slot has the type of its value where rustc was asked.
    pub(in crate::lower) fn chain(
        &mut self,
        source: &'static Source,
        stages: &'static [Stage],
        sink: &'static Sink,
        slot: TypeSlot,
        at: At,
    ) -> Lowered<ValueId> {
        let flow = self.flow(source, stages)?;
        self.at = at;
        match sink {
            Sink::Sum | Sink::Product => self.sum(flow, matches!(sink, Sink::Sum), slot),
            Sink::Fold(init, f) => {
                let ty = self.known_slot_type(slot)?;
                let init = self.value_as(init, ty)?;
                let f = self.created(f)?;
                let result = self.build.local("", ty);
                self.build.set(result, init);
                self.run_flow(&flow, None, |me, item, _, _| {
                    let so_far = me.build.get(result);
                    let next = me.inlined(f, &[Place::Value(so_far), Place::Value(item)], Some(ty))?;
                    let next = me.coerce(next, ty)?;
                    me.build.set(result, next);
                    Ok(())
                })?;
                Ok(self.build.get(result))
            }
            Sink::Min | Sink::Max => self.extreme(flow, matches!(sink, Sink::Max), slot),
            Sink::Any(f) => {
                let f = self.created(f)?;
                self.search(flow, f, true)
            }
            Sink::All(f) => {
                let f = self.created(f)?;
                self.search(flow, f, false)
            }
            Sink::Position(f) => {
                let f = self.created(f)?;
                self.position(flow, f)
            }
            Sink::Find(f) => {
                let best = self.found(slot)?;
                let f = self.created(f)?;
                self.run_flow(&flow, None, |me, item, exit, _| {
                    let holds = me.looked_at(f, item)?;
                    me.branch(holds, |me| me.keep(best, item), |_| Ok(()))?;
                    let goes_on = me.invert(holds);
                    me.exit_unless(goes_on, exit);
                    Ok(())
                })?;
                self.what_was_found(best)
            }
            Sink::FindMap(_) | Sink::Next | Sink::Reduce(_) | Sink::ExtremeBy(..) | Sink::ExtremeByKey(..) => {
                self.one_of_many(flow, sink, slot)
            }
            Sink::RPosition(f) => self.position_from_end(flow, f),
            Sink::Compare(name, source, stages) => {
                let other = self.flow(source, stages)?;
                self.compared_chains(flow, other, name)
            }
            Sink::Last => {
                let best = self.found(slot)?;
                self.run_flow(&flow, None, |me, item, _, _| me.keep(best, item))?;
                self.what_was_found(best)
            }
            Sink::Count => {
                let count = self.counter_at_zero();
                self.run_flow(&flow, None, |me, _, _, _| {
                    me.count_up(count);
                    Ok(())
                })?;
                Ok(self.build.get(count))
            }
            Sink::ForEach(f) => {
                let unit = self.unit_type();
                let f = self.created(f)?;
                self.run_flow(&flow, None, |me, item, _, _| {
                    me.inlined(f, &[Place::Value(item)], Some(unit)).map(drop)
                })?;
                Ok(self.unit())
            }
            Sink::Loop(label, pattern, body) => {
                self.run_flow(&flow, Some(*label), |me, item, _, continued| {
                    let round = |me: &mut Self| {
                        me.bind(pattern, Place::Value(item))?;
                        me.effect(body)
                    };
                    match continued {
                        Some(label) => me.in_item(label, round),
                        None => round(me),
                    }
                })?;
                Ok(self.unit())
            }
        }
    }

    /// In order, from -0.0 and 1.0 on where they are floats, as std does.
    fn sum(&mut self, flow: Flow, sum: bool, slot: TypeSlot) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        let Some(scalar) = self.as_scalar(ty) else {
            return match sum {
                true => self.sum_of_users(flow, ty),
                false => self.unsupported(format!("a product of `{}`", self.type_name(ty))),
            };
        };
        let (op, kind) = match sum {
            true => (BinaryOp::Add, PanicKind::AddOverflow),
            false => (BinaryOp::Mul, PanicKind::MulOverflow),
        };
        let init = match (sum, scalar.is_float()) {
            (true, true) => self.float(scalar, -0.0),
            (true, false) => self.number(scalar, 0),
            (false, _) => self.number(scalar, 1),
        };
        let result = self.build.local("", ty);
        self.build.set(result, init);
        self.run_flow(&flow, None, |me, item, _, _| {
            let item = me.strip_value(item)?;
            let so_far = me.build.get(result);
            let site = if scalar.is_float() { None } else { me.overflow_site(kind.clone()) };
            let next = me.build.binary(op, so_far, item, site);
            me.build.set(result, next);
            Ok(())
        })?;
        Ok(self.build.get(result))
    }

    /// By the type's own `+`, from its default on, which is all zeros.
    fn sum_of_users(&mut self, flow: Flow, ty: TypeId) -> Lowered<ValueId> {
        let Some(add) = self.user_addition(ty)? else {
            return self.unsupported(format!("a sum of `{}`", self.type_name(ty)));
        };
        let init = self.zero(ty)?;
        let result = self.build.local("", ty);
        self.build.set(result, init);
        self.run_flow(&flow, None, |me, item, _, _| {
            let item = me.strip_value(item)?;
            let so_far = me.build.get(result);
            let next = me.call_function(&add, vec![so_far, item]);
            me.build.set(result, next);
            Ok(())
        })?;
        Ok(self.build.get(result))
    }

    /// The first of the least, the last of the greatest.
    fn extreme(&mut self, flow: Flow, greatest: bool, slot: TypeSlot) -> Lowered<ValueId> {
        let best = self.found(slot)?;
        let op = if greatest { CompareOp::GreaterEqual } else { CompareOp::Less };
        self.run_flow(&flow, None, |me, item, _, _| {
            let bool = me.scalar_type(Scalar::Bool);
            let any = me.build.get(best.any);
            let better = |me: &mut Self| {
                let (so_far, new) = (me.build.get(best.item), me.strip_value(item)?);
                let so_far = me.strip_value(so_far)?;
                Ok(me.build.compare(op, new, so_far))
            };
            let taken = me.one_of(any, bool, better, |me| Ok(me.build.boolean(true)))?;
            me.branch(taken, |me| me.keep(best, item), |_| Ok(()))
        })?;
        self.what_was_found(best)
    }

    /// `any` (true) and `all` (false): the first item that decides ends the loop.
    fn search(&mut self, flow: Flow, f: &'static Expr, any: bool) -> Lowered<ValueId> {
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        let init = self.build.boolean(!any);
        self.build.set(result, init);
        self.run_flow(&flow, None, |me, item, exit, _| {
            let holds = me.inlined(f, &[Place::Value(item)], Some(bool))?;
            let holds = me.strip_value(holds)?;
            me.build.set(result, holds);
            let goes_on = if any { me.invert(holds) } else { holds };
            me.exit_unless(goes_on, exit);
            Ok(())
        })?;
        Ok(self.build.get(result))
    }

    pub(super) fn position(&mut self, flow: Flow, f: &'static Expr) -> Lowered<ValueId> {
        let bool = self.scalar_type(Scalar::Bool);
        let (found, no) = (self.build.local("", bool), self.build.boolean(false));
        self.build.set(found, no);
        let counter = self.counter_at_zero();
        self.run_flow(&flow, None, |me, item, exit, _| {
            let holds = me.inlined(f, &[Place::Value(item)], Some(bool))?;
            let holds = me.strip_value(holds)?;
            me.build.set(found, holds);
            let goes_on = me.invert(holds);
            me.exit_unless(goes_on, exit);
            me.count_up(counter);
            Ok(())
        })?;
        let (found, counter) = (self.build.get(found), self.build.get(counter));
        Ok(self.just_if(found, counter))
    }

    // ---- an item that may be there

    pub(super) fn found(&mut self, slot: TypeSlot) -> Lowered<Found> {
        let option = self.known_slot_type(slot)?;
        let held = self.held(option)?;
        let bool = self.scalar_type(Scalar::Bool);
        let (item, any) = (self.build.local("", held), self.build.local("", bool));
        let no = self.build.boolean(false);
        self.build.set(any, no);
        Ok(Found { option, item, any })
    }

    pub(super) fn keep(&mut self, best: Found, item: ValueId) -> Lowered<()> {
        let ty = self.build.function()[best.item].ty;
        let item = self.coerce(item, ty)?;
        self.build.set(best.item, item);
        let yes = self.build.boolean(true);
        self.build.set(best.any, yes);
        Ok(())
    }

    pub(super) fn what_was_found(&mut self, best: Found) -> Lowered<ValueId> {
        let any = self.build.get(best.any);
        let some = |me: &mut Self| {
            let item = me.build.get(best.item);
            me.wrapped(best.option, item)
        };
        self.one_of(any, best.option, some, |me| me.null(best.option))
    }
}

/// The locals of an item that may be there.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) option: TypeId,
    pub(super) item: LocalId,
    pub(super) any: LocalId,
}
