//! Sorting in place: by a heap, which needs no memory and no stack. Which of several equal elements comes first is open, as in std.

use crate::ast::{Expr, Operator};
use crate::ir::{BinaryOp, Block, CompareOp, LocalId, PanicKind, Scalar, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

/// What [`Lowering::sort_method`] knows.
pub(super) const NAMES: [&str; 3] = ["sort_unstable", "sort_unstable_by", "sort_unstable_by_key"];

/// What decides which of two elements comes first.
#[derive(Clone, Copy)]
enum Order {
    Natural,
    By(&'static Expr),
    ByKey(&'static Expr),
}

impl<'w> Lowering<'w> {
    /// Sorts a slice. The element at `root` is let down among those before `end` until none below it is greater: first for each
    /// that has some below it, from the last one on, then for each that changes places with the first and is done.
    pub(super) fn sort_method(&mut self, slice: ValueId, name: &str, arguments: &'static [Expr]) -> Lowered<ValueId> {
        let order = match (name, arguments) {
            ("sort_unstable", []) => Order::Natural,
            ("sort_unstable_by", [f]) => Order::By(self.created(f)?),
            ("sort_unstable_by_key", [f]) => Order::ByKey(self.created(f)?),
            _ => return self.no_method(name, self.build.type_of(slice)),
        };
        let length = self.slice_length(slice);
        let (zero, one, two) =
            (self.number(Scalar::Usize, 0), self.number(Scalar::Usize, 1), self.number(Scalar::Usize, 2));
        let site = self.site(PanicKind::Division);
        let half = self.build.binary(BinaryOp::Div, length, two, Some(site));
        let (start, end, root) = (self.index_from(half), self.index_from(length), self.index_from(zero));
        self.round_by_round(|me| {
            let before = me.build.get(end);
            let more = me.is(CompareOp::Less, one, before);
            me.break_unless(more);
            let at = me.build.get(start);
            let builds = me.is(CompareOp::NotEqual, at, zero);
            let build = |me: &mut Self| {
                let at = me.apply(BinaryOp::Sub, at, one);
                me.build.set(start, at);
                Ok(())
            };
            let take = |me: &mut Self| {
                let last = me.apply(BinaryOp::Sub, before, one);
                me.build.set(end, last);
                me.swapped_elements(slice, zero, last)
            };
            me.branch(builds, build, take)?;
            let at = me.build.get(start);
            me.build.set(root, at);
            me.let_down(slice, root, end, order)
        })?;
        Ok(self.unit())
    }

    /// Lets the element at `root` down.
    fn let_down(&mut self, slice: ValueId, root: LocalId, end: LocalId, order: Order) -> Lowered<()> {
        let one = self.number(Scalar::Usize, 1);
        let child = self.index_from(one);
        self.round_by_round(|me| {
            let (at, end) = (me.build.get(root), me.build.get(end));
            let twice = me.apply(BinaryOp::Add, at, at);
            let first = me.apply(BinaryOp::Add, twice, one);
            let inside = me.is(CompareOp::Less, first, end);
            me.break_unless(inside);
            me.build.set(child, first);
            let second = me.apply(BinaryOp::Add, first, one);
            let two = me.is(CompareOp::Less, second, end);
            let greater = |me: &mut Self| {
                let less = me.comes_before(slice, (first, second), order)?;
                let choose = |me: &mut Self| {
                    me.build.set(child, second);
                    Ok(())
                };
                me.branch(less, choose, |_| Ok(()))
            };
            me.branch(two, greater, |_| Ok(()))?;
            let below = me.build.get(child);
            let less = me.comes_before(slice, (at, below), order)?;
            me.break_unless(less);
            me.swapped_elements(slice, at, below)?;
            me.build.set(root, below);
            Ok(())
        })
    }

    /// Whether the element at the first index is less than that at the second.
    fn comes_before(&mut self, slice: ValueId, (a, b): (ValueId, ValueId), order: Order) -> Lowered<ValueId> {
        let (a, b) = (self.element(Place::Slice(slice), a)?, self.element(Place::Slice(slice), b)?);
        match order {
            Order::Natural => {
                let (a, b) = (self.load(a)?, self.load(b)?);
                self.compare(Operator::Less, a, b)
            }
            Order::By(f) => {
                let (a, b) = (self.address(a), self.address(b));
                let ordering = self.ordering_type()?;
                let found = self.inlined(f, &[Place::Value(a), Place::Value(b)], Some(ordering))?;
                let found = self.order_in(found)?;
                let zero = self.build.integer(Scalar::I8, 0);
                Ok(self.is(CompareOp::Less, found, zero))
            }
            Order::ByKey(f) => {
                let mut keys = vec![];
                for element in [a, b] {
                    let element = self.address(element);
                    let key = self.inlined(f, &[Place::Value(element)], None)?;
                    keys.push(self.strip_value(key)?);
                }
                self.compare(Operator::Less, keys[0], keys[1])
            }
        }
    }

    fn swapped_elements(&mut self, slice: ValueId, a: ValueId, b: ValueId) -> Lowered<()> {
        let (a, b) = (self.element(Place::Slice(slice), a)?, self.element(Place::Slice(slice), b)?);
        let (x, y) = (self.load(a)?, self.load(b)?);
        self.store(a, y)?;
        self.store(b, x)
    }

    fn index_from(&mut self, value: ValueId) -> LocalId {
        let usize = self.scalar_type(Scalar::Usize);
        let local = self.build.local("", usize);
        self.build.set(local, value);
        local
    }

    /// A loop that its body ends.
    fn round_by_round(&mut self, body: impl FnOnce(&mut Self) -> Lowered<()>) -> Lowered<()> {
        let join = self.join_nothing();
        let (body, target) = self.in_target(None, join, body)?;
        self.push_loop(target.label, body, Block::default(), None);
        Ok(())
    }
}
