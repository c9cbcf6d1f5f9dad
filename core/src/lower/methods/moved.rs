//! Methods of slices that write many elements, or take a slice apart.

use crate::ast::{Expr, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, Op, PanicKind, Scalar, Statement, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

/// What [`Lowering::whole_slice_method`] knows.
pub(super) const NAMES: [&str; 15] = [
    "split_first",
    "split_first_mut",
    "split_last",
    "split_last_mut",
    "split_at_checked",
    "split_at_mut_checked",
    "starts_with",
    "ends_with",
    "is_sorted",
    "rotate_left",
    "rotate_right",
    "copy_within",
    "swap_with_slice",
    "clone_from_slice",
    "fill_with",
];

impl Lowering<'_> {
    /// A method that needs the whole slice; the slot has the type of the result where rustc was asked.
    pub(super) fn whole_slice_method(
        &mut self,
        slice: ValueId,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let usize = self.scalar_type(Scalar::Usize);
        let length = self.slice_length(slice);
        match (name, arguments) {
            ("split_first" | "split_first_mut" | "split_last" | "split_last_mut", []) => {
                self.one_split_off(slice, name.starts_with("split_first"), slot)
            }
            ("split_at_checked" | "split_at_mut_checked", [middle]) => {
                let middle = self.value_as(middle, usize)?;
                self.split_if_inside(slice, middle, slot)
            }
            ("starts_with" | "ends_with", [part]) => {
                let part = self.value(part, Some(self.build.type_of(slice)))?;
                let part = self.whole_slice(Place::Value(part))?;
                self.has_at_end(slice, part, name == "starts_with")
            }
            ("is_sorted", []) => self.is_sorted(slice),
            ("rotate_left" | "rotate_right", [count]) => {
                let count = self.value_as(count, usize)?;
                let inside = self.is(CompareOp::LessEqual, count, length);
                let left = name == "rotate_left";
                self.check(inside, if left { ROTATED_LEFT } else { ROTATED_RIGHT });
                let rest = self.apply(BinaryOp::Sub, length, count);
                self.rotate(slice, if left { count } else { rest })?;
                Ok(self.unit())
            }
            ("copy_within", [range, to]) => {
                if !self.is_range(range) {
                    return self.unsupported("`copy_within` of other than a range");
                }
                let range = self.place(range)?;
                let (from, end, inclusive) = self.ends_of(range)?;
                let to = self.value_as(to, usize)?;
                let part = self.subslice(slice, from, end, inclusive);
                let zero = self.number(Scalar::Usize, 0);
                self.copy_within(slice, part, from.unwrap_or(zero), to)?;
                Ok(self.unit())
            }
            ("swap_with_slice" | "clone_from_slice", [other]) => {
                let other = self.value(other, Some(self.build.type_of(slice)))?;
                let other = self.whole_slice(Place::Value(other))?;
                let swaps = name == "swap_with_slice";
                if swaps {
                    let n = self.slice_length(other);
                    let same = self.is(CompareOp::Equal, length, n);
                    self.check(same, "destination and source slices have different lengths");
                } else {
                    // std's text for what is `Copy`
                    self.check_lengths(other, length);
                }
                self.counted(length, None, |me, index| {
                    let (a, b) = (me.element(Place::Slice(slice), index)?, me.element(Place::Slice(other), index)?);
                    let new = me.load(b)?;
                    if swaps {
                        let old = me.load(a)?;
                        me.store(b, old)?;
                    }
                    me.store(a, new)
                })?;
                Ok(self.unit())
            }
            ("fill_with", [f]) => {
                let element = self.element_of_slice(slice)?;
                let f = self.created(f)?;
                self.each_element(slice, None, |me, pointer| {
                    let value = me.inlined(f, &[], Some(element))?;
                    let value = me.coerce(value, element)?;
                    me.build.push(Statement::Store { pointer, value });
                    Ok(())
                })?;
                Ok(self.unit())
            }
            _ => self.no_method(name, self.build.type_of(slice)),
        }
    }

    /// The part `from..to`, which lies inside.
    fn inside(&mut self, slice: ValueId, from: ValueId, to: ValueId) -> ValueId {
        let (order, end) = (self.site(PanicKind::SliceOrder), self.site(PanicKind::SliceEnd));
        let ty = self.build.type_of(slice);
        self.build.value(ty, Op::Subslice { base: slice, from, to, order, end })
    }

    /// `Some((&slice[0], &slice[1..]))`, or of the last element.
    fn one_split_off(&mut self, slice: ValueId, first: bool, slot: TypeSlot) -> Lowered<ValueId> {
        let option = self.known_slot_type(slot)?;
        let length = self.slice_length(slice);
        let (zero, one) = (self.number(Scalar::Usize, 0), self.number(Scalar::Usize, 1));
        let some = self.is(CompareOp::NotEqual, length, zero);
        let taken = |me: &mut Self| {
            let last = me.apply(BinaryOp::Sub, length, one);
            let (index, from, to) = if first { (zero, one, length) } else { (last, zero, last) };
            let element = me.element(Place::Slice(slice), index)?;
            let element = me.address(element);
            let rest = me.inside(slice, from, to);
            let pair = me.make_tuple(vec![element, rest]);
            me.wrapped(option, pair)
        };
        self.one_of(some, option, taken, |me| me.null(option))
    }

    fn split_if_inside(&mut self, slice: ValueId, middle: ValueId, slot: TypeSlot) -> Lowered<ValueId> {
        let option = self.known_slot_type(slot)?;
        let length = self.slice_length(slice);
        let inside = self.is(CompareOp::LessEqual, middle, length);
        let some = |me: &mut Self| {
            let zero = me.number(Scalar::Usize, 0);
            let (a, b) = (me.inside(slice, zero, middle), me.inside(slice, middle, length));
            let pair = me.make_tuple(vec![a, b]);
            me.wrapped(option, pair)
        };
        self.one_of(inside, option, some, |me| me.null(option))
    }

    /// Whether a slice begins or ends with another one.
    fn has_at_end(&mut self, slice: ValueId, part: ValueId, start: bool) -> Lowered<ValueId> {
        let (length, n) = (self.slice_length(slice), self.slice_length(part));
        let (bool, fits) = (self.scalar_type(Scalar::Bool), self.is(CompareOp::LessEqual, n, length));
        let compared = |me: &mut Self| {
            let zero = me.number(Scalar::Usize, 0);
            let rest = me.apply(BinaryOp::Sub, length, n);
            let end = if start { me.inside(slice, zero, n) } else { me.inside(slice, rest, length) };
            me.equal(end, part)
        };
        self.one_of(fits, bool, compared, |me| Ok(me.build.boolean(false)))
    }

    /// Whether no element is greater than the next one, nor without an order beside it.
    fn is_sorted(&mut self, slice: ValueId) -> Lowered<ValueId> {
        let (length, zero, one) =
            (self.slice_length(slice), self.number(Scalar::Usize, 0), self.number(Scalar::Usize, 1));
        let some = self.is(CompareOp::NotEqual, length, zero);
        let some = self.select(some, one, zero);
        let pairs = self.apply(BinaryOp::Sub, length, some);
        let (bool, yes) = (self.scalar_type(Scalar::Bool), self.build.boolean(true));
        let sorted = self.build.local("", bool);
        self.build.set(sorted, yes);
        self.counted(pairs, None, |me, index| {
            let next = me.apply(BinaryOp::Add, index, one);
            let (left, right) = (me.element_of(slice, index)?, me.element_of(slice, next)?);
            let holds = me.compare(crate::ast::Operator::LessEqual, left, right)?;
            me.build.set(sorted, holds);
            me.break_unless(holds);
            Ok(())
        })?;
        Ok(self.build.get(sorted))
    }

    /// Turned around in two parts, and then as a whole.
    fn rotate(&mut self, slice: ValueId, middle: ValueId) -> Lowered<()> {
        let (length, zero) = (self.slice_length(slice), self.number(Scalar::Usize, 0));
        for (from, to) in [(zero, middle), (middle, length), (zero, length)] {
            let part = self.inside(slice, from, to);
            self.reverse_elements(part)?;
        }
        Ok(())
    }

    /// Copies a part of the slice, from its index `from` on, to another place in it, also where the two overlap.
    fn copy_within(&mut self, slice: ValueId, part: ValueId, from: ValueId, to: ValueId) -> Lowered<()> {
        let (length, count) = (self.slice_length(slice), self.slice_length(part));
        let most = self.apply(BinaryOp::Sub, length, count);
        let inside = self.is(CompareOp::LessEqual, to, most);
        self.check(inside, "dest is out of bounds");
        let one = self.number(Scalar::Usize, 1);
        let upwards = self.is(CompareOp::LessEqual, to, from);
        self.counted(count, None, |me, index| {
            // what is written over has been read before
            let last = me.apply(BinaryOp::Sub, count, one);
            let down = me.apply(BinaryOp::Sub, last, index);
            let index = me.select(upwards, index, down);
            let source = me.element(Place::Slice(part), index)?;
            let value = me.load(source)?;
            let at = me.apply(BinaryOp::Add, to, index);
            let target = me.element(Place::Slice(slice), at)?;
            me.store(target, value)
        })
    }

    /// `slice.reverse()`
    pub(super) fn reverse_elements(&mut self, slice: ValueId) -> Lowered<()> {
        let length = self.slice_length(slice);
        let (one, two) = (self.number(Scalar::Usize, 1), self.number(Scalar::Usize, 2));
        let site = self.site(PanicKind::Division);
        let half = self.build.binary(BinaryOp::Div, length, two, Some(site));
        self.counted(half, None, |me, index| {
            let last = me.apply(BinaryOp::Sub, length, one);
            let other = me.apply(BinaryOp::Sub, last, index);
            let (a, b) = (me.element(Place::Slice(slice), index)?, me.element(Place::Slice(slice), other)?);
            let (x, y) = (me.load(a)?, me.load(b)?);
            me.store(a, y)?;
            me.store(b, x)
        })
    }
}

const ROTATED_LEFT: &str = "assertion failed: mid <= self.len()";
const ROTATED_RIGHT: &str = "assertion failed: k <= self.len()";
