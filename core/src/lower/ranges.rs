//! `for` over ranges, slices and arrays.
//!
//! No counter ever leaves its type's range: `0..=u8::MAX` ends after 256 rounds as in Rust.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, ForRange, LabelSlot, LocalSlot, Pattern};
use crate::ir::{BinaryOp, Block, CompareOp, LocalId, Op, PanicKind, Scalar, Statement, Type, TypeId, ValueId};

/// A range whose ends have been evaluated.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub from: ValueId,
    pub to: ValueId,
    pub scalar: Scalar,
}

/// A loop over a range: what is done in each round.
#[derive(Clone, Copy)]
pub(super) struct Rounds {
    pub label: LabelSlot,
    pub variable: Variable,
    pub body: &'static Expr,
    pub inclusive: bool,
    pub reversed: bool,
    /// The numbers are those of `char`s, which leave out the surrogates.
    pub chars: bool,
}

/// What a round's number is bound to.
#[derive(Clone, Copy)]
pub(super) enum Variable {
    Slot(LocalSlot),
    Pattern(&'static Pattern),
}

impl Lowering<'_> {
    /// `for x in a..b` with adaptors.
    pub(super) fn for_range(&mut self, range: &'static ForRange) -> Lowered<()> {
        let ty = self.range_type(range);
        let from = self.value_as(&range.from, ty)?;
        let to = self.value_as(&range.to, ty)?;
        let step = match &range.step {
            Some(step) => {
                let usize = self.scalar_type(Scalar::Usize);
                Some(self.value_as(step, usize)?)
            }
            None => None,
        };
        self.at = range.at;
        let Some(scalar) = self.as_scalar(ty).filter(|s| s.is_integer()) else {
            return self.unsupported(format!("a range of `{}`", self.type_name(ty)));
        };
        let ends = Ends { from, to, scalar };
        let rounds = Rounds {
            label: range.label,
            variable: Variable::Slot(range.variable),
            body: &range.body,
            inclusive: range.inclusive,
            reversed: range.reversed,
            chars: self.is_char(range.variable),
        };
        let ends = match rounds.chars {
            true => self.dense_ends(ends),
            false => ends,
        };
        match step {
            Some(step) => self.stepped(rounds, ends, step),
            None => self.count(rounds, ends),
        }
    }

    /// The loop, without steps.
    pub(super) fn count(&mut self, rounds: Rounds, ends: Ends) -> Lowered<()> {
        match (rounds.inclusive, rounds.reversed) {
            (true, _) => self.inclusive(rounds, ends),
            (false, true) => self.downwards(rounds, ends),
            (false, false) => self.upwards(rounds, ends),
        }
    }

    fn range_type(&mut self, range: &'static ForRange) -> TypeId {
        self.local_type(range.variable)
            .or_else(|| self.known(&range.from))
            .or_else(|| self.known(&range.to))
            .unwrap_or_else(|| self.scalar_type(Scalar::I32))
    }

    /// A counter that starts at this value.
    fn counter(&mut self, start: ValueId) -> LocalId {
        let ty = self.build.type_of(start);
        let counter = self.build.local("", ty);
        self.build.set(counter, start);
        counter
    }

    fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.build.binary(BinaryOp::Add, a, b, None)
    }

    fn subtract(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.build.binary(BinaryOp::Sub, a, b, None)
    }

    /// The user's variable gets its value, and the body runs.
    fn round(&mut self, range: Rounds, value: ValueId) -> Lowered<()> {
        let value = if range.chars { self.of_dense(value) } else { value };
        match range.variable {
            Variable::Slot(slot) => self.bind_value(slot, value)?,
            Variable::Pattern(pattern) => self.bind(pattern, Place::Value(value))?,
        }
        self.effect(range.body)
    }

    /// `from..to`
    fn upwards(&mut self, range: Rounds, ends: Ends) -> Lowered<()> {
        let counter = self.counter(ends.from);
        let join = self.join_nothing();
        let (body, target) = self.in_target(Some(range.label), join, |me| {
            let value = me.build.get(counter);
            let inside = me.build.compare(CompareOp::Less, value, ends.to);
            me.break_unless(inside);
            me.round(range, value)
        })?;
        let (continuing, _) = self.nested(|me| {
            let (value, one) = (me.build.get(counter), me.number(ends.scalar, 1));
            let next = me.add(value, one);
            me.build.set(counter, next);
            Ok(())
        })?;
        self.push_loop(target.label, body, continuing, None);
        Ok(())
    }

    /// `(from..to).rev()`
    fn downwards(&mut self, range: Rounds, ends: Ends) -> Lowered<()> {
        let counter = self.counter(ends.to);
        let join = self.join_nothing();
        let (body, target) = self.in_target(Some(range.label), join, |me| {
            let above = me.build.get(counter);
            let inside = me.build.compare(CompareOp::Greater, above, ends.from);
            me.break_unless(inside);
            let one = me.number(ends.scalar, 1);
            let value = me.subtract(above, one);
            me.build.set(counter, value);
            me.round(range, value)
        })?;
        self.push_loop(target.label, body, Block::default(), None);
        Ok(())
    }

    /// `from..=to`, maybe reversed: the last round is known by the counter's value, before it moves on.
    fn inclusive(&mut self, range: Rounds, ends: Ends) -> Lowered<()> {
        let (first, last, op) =
            if range.reversed { (ends.to, ends.from, BinaryOp::Sub) } else { (ends.from, ends.to, BinaryOp::Add) };
        let nonempty = self.build.compare(CompareOp::LessEqual, ends.from, ends.to);
        let (accept, _) = self.nested(|me| {
            let counter = me.counter(first);
            me.rounds(range, counter, |me| {
                let value = me.build.get(counter);
                let done = me.build.compare(CompareOp::Equal, value, last);
                let (go_on, _) = me.nested(|me| {
                    let one = me.number(ends.scalar, 1);
                    let next = me.build.binary(op, value, one, None);
                    me.build.set(counter, next);
                    Ok(())
                })?;
                Ok((done, go_on))
            })
        })?;
        self.push_if(nonempty, accept);
        Ok(())
    }

    /// `.step_by(step)`: the number of steps is counted, so that the value never has to go past the end.
    fn stepped(&mut self, range: Rounds, ends: Ends, step: ValueId) -> Lowered<()> {
        let zero = self.number(Scalar::Usize, 0);
        let positive = self.build.compare(CompareOp::NotEqual, step, zero);
        self.check(positive, "assertion failed: step != 0");
        let order = if range.inclusive { CompareOp::LessEqual } else { CompareOp::Less };
        let nonempty = self.build.compare(order, ends.from, ends.to);
        let (accept, _) = self.nested(|me| {
            let one = me.number(ends.scalar, 1);
            let last = if range.inclusive { ends.to } else { me.subtract(ends.to, one) };
            let (first, op) = if range.reversed { (last, BinaryOp::Sub) } else { (ends.from, BinaryOp::Add) };
            let distance = me.subtract(last, ends.from);
            let distance = me.as_unsigned(distance, ends.scalar);
            let distance = me.cast_scalar(distance, Scalar::Usize);
            let site = me.site(PanicKind::Division);
            let steps = me.build.binary(BinaryOp::Div, distance, step, Some(site));
            let (left, counter) = (me.counter(steps), me.counter(first));
            let stride = me.cast_scalar(step, ends.scalar);
            me.rounds(range, counter, |me| {
                let remaining = me.build.get(left);
                let zero = me.number(Scalar::Usize, 0);
                let done = me.build.compare(CompareOp::Equal, remaining, zero);
                let (go_on, _) = me.nested(|me| {
                    let one = me.number(Scalar::Usize, 1);
                    let remaining = me.subtract(remaining, one);
                    me.build.set(left, remaining);
                    let value = me.build.get(counter);
                    let next = me.build.binary(op, value, stride, None);
                    me.build.set(counter, next);
                    Ok(())
                })?;
                Ok((done, go_on))
            })
        })?;
        self.push_if(nonempty, accept);
        Ok(())
    }

    /// A loop of at least one round: `end` says whether a round was the last, and how to go on otherwise.
    fn rounds(
        &mut self,
        range: Rounds,
        counter: LocalId,
        end: impl FnOnce(&mut Self) -> Lowered<(ValueId, Block)>,
    ) -> Lowered<()> {
        let join = self.join_nothing();
        let (body, target) = self.in_target(Some(range.label), join, |me| {
            let value = me.build.get(counter);
            me.round(range, value)
        })?;
        let mut break_if = None;
        let (continuing, _) = self.nested(|me| {
            let (done, reject) = end(me)?;
            me.build.push(Statement::If { condition: done, accept: Block::default(), reject });
            break_if = Some(done);
            Ok(())
        })?;
        self.push_loop(target.label, body, continuing, break_if);
        Ok(())
    }

    fn push_if(&mut self, condition: ValueId, accept: Block) {
        self.build.push(Statement::If { condition, accept, reject: Block::default() });
    }

    /// The same bits without a sign.
    pub(super) fn as_unsigned(&mut self, value: ValueId, scalar: Scalar) -> ValueId {
        self.cast_scalar(value, unsigned(scalar))
    }

    /// `for pattern in items`, by reference for references, by value for arrays.
    pub(super) fn for_each(
        &mut self,
        label: LabelSlot,
        pattern: &'static Pattern,
        items: &'static Expr,
        body: &'static Expr,
    ) -> Lowered<()> {
        let place = match items {
            _ if super::place::is_place(items) => self.place(items)?,
            _ => Place::Value(self.value(items, None)?),
        };
        if let Some((inclusive, chars)) = self.world.types.range(self.place_type(place)) {
            let rounds =
                Rounds { label, variable: Variable::Pattern(pattern), body, inclusive, reversed: false, chars };
            return self.for_range_value(rounds, place);
        }
        let by_value = matches!(self.ty(self.place_type(place)), Type::Array { .. });
        let place = match place {
            // The loop owns a copy of the array.
            Place::Memory(_) if by_value => Place::Value(self.load(place)?),
            place => place,
        };
        let slice = self.whole_slice(place)?;
        self.each_element(slice, Some(label), |me, pointer| {
            let item = if by_value { Place::Memory(pointer) } else { Place::Value(pointer) };
            me.bind(pattern, item)?;
            me.effect(body)
        })
    }

    /// A loop over the elements of a slice; the tree may break out of it where it has a label.
    pub(super) fn each_element(
        &mut self,
        slice: ValueId,
        label: Option<LabelSlot>,
        round: impl FnOnce(&mut Self, ValueId) -> Lowered<()>,
    ) -> Lowered<()> {
        let Type::Slice(element) = *self.ty(self.build.type_of(slice)) else {
            return self.bug("a slice that is none");
        };
        let usize = self.scalar_type(Scalar::Usize);
        let length = self.build.value(usize, Op::Length(slice));
        self.counted(length, label, |me, index| {
            let site = me.site(PanicKind::IndexOutOfBounds);
            let pointer = me.pointer_type(element);
            let item = me.build.value(pointer, Op::Element { base: slice, index, site });
            round(me, item)
        })
    }

    /// A loop over `0..count` of `usize`; the tree may break out of it where it has a label.
    pub(super) fn counted(
        &mut self,
        count: ValueId,
        label: Option<LabelSlot>,
        round: impl FnOnce(&mut Self, ValueId) -> Lowered<()>,
    ) -> Lowered<()> {
        self.each_round(Some(count), label, round)
    }

    /// The same without an end.
    pub(super) fn uncounted(
        &mut self,
        label: Option<LabelSlot>,
        round: impl FnOnce(&mut Self, ValueId) -> Lowered<()>,
    ) -> Lowered<()> {
        self.each_round(None, label, round)
    }

    fn each_round(
        &mut self,
        count: Option<ValueId>,
        label: Option<LabelSlot>,
        round: impl FnOnce(&mut Self, ValueId) -> Lowered<()>,
    ) -> Lowered<()> {
        let zero = self.number(Scalar::Usize, 0);
        let counter = self.counter(zero);
        let join = self.join_nothing();
        let (body, target) = self.in_target(label, join, |me| {
            let index = me.build.get(counter);
            if let Some(count) = count {
                let inside = me.build.compare(CompareOp::Less, index, count);
                me.break_unless(inside);
            }
            round(me, index)
        })?;
        let (continuing, _) = self.nested(|me| {
            let (value, one) = (me.build.get(counter), me.number(Scalar::Usize, 1));
            let next = me.add(value, one);
            me.build.set(counter, next);
            Ok(())
        })?;
        self.push_loop(target.label, body, continuing, None);
        Ok(())
    }
}

/// The unsigned integer of the same size.
pub(super) fn unsigned(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::I8 => Scalar::U8,
        Scalar::I16 => Scalar::U16,
        Scalar::I32 => Scalar::U32,
        Scalar::I64 => Scalar::U64,
        Scalar::Isize => Scalar::Usize,
        other => other,
    }
}
