//! Methods of atomics: all are relaxed, whatever ordering they name.

use crate::ast::{At, Expr, TypeSlot};
use crate::ir::{AtomicOp, BinaryOp, Block, CompareOp, LocalId, Op, Scalar, UnaryOp, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

/// An atomic and what it holds.
#[derive(Clone, Copy)]
struct Cell {
    pointer: ValueId,
    scalar: Scalar,
}

impl Lowering<'_> {
    /// `atomic.name(value, ordering)`; orderings are not evaluated.
    pub(super) fn atomic_method(
        &mut self,
        pointer: ValueId,
        scalar: Scalar,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
    ) -> Lowered<ValueId> {
        let cell = Cell { pointer, scalar };
        match (name, arguments) {
            ("compare_exchange" | "compare_exchange_weak", [expected, new, _, _]) => {
                let expected = self.atomic_operand(expected, cell)?;
                let new = self.atomic_operand(new, cell)?;
                self.at = at;
                let old = self.exchanged(cell, expected, new);
                let same = self.build.compare(CompareOp::Equal, old, expected);
                return self.seen(same, old, slot);
            }
            ("fetch_update" | "try_update", [_, _, f]) => return self.updated(cell, f, slot),
            ("fetch_nand", [value, _]) => {
                let value = self.atomic_operand(value, cell)?;
                return self.not_and(cell, value);
            }
            _ => {}
        }
        let op = match name {
            "load" => AtomicOp::Load,
            "store" => AtomicOp::Store,
            "fetch_add" => AtomicOp::Add,
            "fetch_sub" => AtomicOp::Sub,
            "fetch_min" => AtomicOp::Min,
            "fetch_max" => AtomicOp::Max,
            "fetch_and" => AtomicOp::And,
            "fetch_or" => AtomicOp::Or,
            "fetch_xor" => AtomicOp::Xor,
            "swap" => AtomicOp::Exchange,
            _ => return self.unsupported(format!("method `{name}` of atomics")),
        };
        let ty = self.scalar_type(scalar);
        let mut values = vec![];
        if op != AtomicOp::Load {
            let Some(value) = arguments.first() else {
                return self.bug(format!("`{name}` without a value"));
            };
            values.push(self.atomic_operand(value, cell)?);
        }
        self.at = at;
        let result = match op {
            AtomicOp::Store => self.unit_type(),
            _ => ty,
        };
        let op = Op::Atomic { op, pointer, arguments: values };
        Ok(self.build.value(result, op))
    }

    fn atomic_operand(&mut self, e: &'static Expr, cell: Cell) -> Lowered<ValueId> {
        let ty = self.scalar_type(cell.scalar);
        let value = self.operand(e, Some(ty))?;
        self.coerce(value, ty)
    }

    fn loaded(&mut self, cell: Cell) -> ValueId {
        let ty = self.scalar_type(cell.scalar);
        self.build.value(ty, Op::Atomic { op: AtomicOp::Load, pointer: cell.pointer, arguments: vec![] })
    }

    /// Writes the new value where the expected one is; gives the old one.
    fn exchanged(&mut self, cell: Cell, expected: ValueId, new: ValueId) -> ValueId {
        let ty = self.scalar_type(cell.scalar);
        let op = Op::Atomic { op: AtomicOp::CompareExchange, pointer: cell.pointer, arguments: vec![expected, new] };
        self.build.value(ty, op)
    }

    /// `Ok(old)` where it has been replaced, otherwise `Err(old)`.
    fn seen(&mut self, replaced: ValueId, old: ValueId, slot: TypeSlot) -> Lowered<ValueId> {
        let result = self.known_slot_type(slot)?;
        let ok = |me: &mut Self| me.outcome(result, true, old);
        self.one_of(replaced, result, ok, |me| me.outcome(result, false, old))
    }

    /// `fetch_update`: tries until nobody else has come between, or the closure gives `None`.
    fn updated(&mut self, cell: Cell, f: &'static Expr, slot: TypeSlot) -> Lowered<ValueId> {
        let f = self.created(f)?;
        let ty = self.scalar_type(cell.scalar);
        let option = self.option_type(ty);
        let replaced = self.until_exchanged(cell, |me, old| {
            let new = Place::Value(me.inlined(f, &[Place::Value(old)], Some(option))?);
            let some = me.is_some(new)?;
            me.break_unless(some);
            let new = me.payload(new)?;
            me.load(new)
        })?;
        let (old, replaced) = (self.build.get(replaced.0), self.build.get(replaced.1));
        self.seen(replaced, old, slot)
    }

    fn not_and(&mut self, cell: Cell, value: ValueId) -> Lowered<ValueId> {
        let ty = self.scalar_type(cell.scalar);
        let (old, _) = self.until_exchanged(cell, |me, old| {
            let both = me.apply(BinaryOp::And, old, value);
            Ok(me.build.value(ty, Op::Unary { op: UnaryOp::Not, operand: both, site: None }))
        })?;
        Ok(self.build.get(old))
    }

    /// Replaces what is in an atomic by what is made of it; `change` may leave the loop. What was there at last, and whether it
    /// has been replaced.
    fn until_exchanged(
        &mut self,
        cell: Cell,
        change: impl FnOnce(&mut Self, ValueId) -> Lowered<ValueId>,
    ) -> Lowered<(LocalId, LocalId)> {
        let (ty, bool) = (self.scalar_type(cell.scalar), self.scalar_type(Scalar::Bool));
        let (old, replaced) = (self.build.local("", ty), self.build.local("", bool));
        let (first, no) = (self.loaded(cell), self.build.boolean(false));
        self.build.set(old, first);
        self.build.set(replaced, no);
        let join = self.join_nothing();
        let (body, target) = self.in_target(None, join, |me| {
            let expected = me.build.get(old);
            let new = change(me, expected)?;
            let seen = me.exchanged(cell, expected, new);
            let same = me.build.compare(CompareOp::Equal, seen, expected);
            me.build.set(old, seen);
            me.build.set(replaced, same);
            let again = me.invert(same);
            me.break_unless(again);
            Ok(())
        })?;
        self.push_loop(target.label, body, Block::default(), None);
        Ok((old, replaced))
    }
}
