//! Methods of slices and arrays that give elements or parts, or change several elements at once.

use crate::ast::{Expr, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, Op, PanicKind, Scalar, Statement, Type, TypeId, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

use super::{moved, search, sort};

/// Whether [`Lowering::element_method`] knows it.
pub(super) fn knows(name: &str) -> bool {
    NAMES.contains(&name)
        || search::NAMES.contains(&name)
        || moved::NAMES.contains(&name)
        || sort::NAMES.contains(&name)
}

const NAMES: [&str; 13] = [
    "get",
    "get_mut",
    "first",
    "first_mut",
    "last",
    "last_mut",
    "contains",
    "copy_from_slice",
    "reverse",
    "split_at",
    "split_at_mut",
    "as_slice",
    "map",
];

impl Lowering<'_> {
    /// A method that gives or changes elements; the slot has the type of the result where rustc was asked.
    pub(super) fn element_method(
        &mut self,
        place: Place,
        name: &str,
        arguments: &'static [Expr],
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        if name == "map" {
            return self.map_array(place, arguments, slot);
        }
        let slice = self.whole_slice(place)?;
        let usize = self.scalar_type(Scalar::Usize);
        let length = self.build.value(usize, Op::Length(slice));
        match (name, arguments) {
            ("as_slice", []) => Ok(slice),
            ("get" | "get_mut", [index]) if self.is_range(index) => {
                let range = self.place(index)?;
                self.part_if_there(slice, range, length, slot)
            }
            ("get" | "get_mut", [index]) => {
                let index = self.value_as(index, usize)?;
                self.element_if_there(slice, index, length, slot)
            }
            ("first" | "first_mut", []) => {
                let zero = self.number(Scalar::Usize, 0);
                self.element_if_there(slice, zero, length, slot)
            }
            ("last" | "last_mut", []) => {
                // Of an empty slice 0, which is no index either; nothing wraps, for a device's `usize` may have 32 bits.
                let one = self.number(Scalar::Usize, 1);
                let empty = self.compared(CompareOp::Equal, Scalar::Usize, length, 0);
                let counted = self.select(empty, one, length);
                let last = self.apply(BinaryOp::Sub, counted, one);
                self.element_if_there(slice, last, length, slot)
            }
            ("contains", [value]) => self.contains(slice, length, value),
            ("copy_from_slice", [source]) => {
                let source = self.value(source, Some(self.build.type_of(slice)))?;
                let source = self.whole_slice(Place::Value(source))?;
                self.check_lengths(source, length);
                self.counted(length, None, |me, index| {
                    let from = me.element(Place::Slice(source), index)?;
                    let value = me.load(from)?;
                    let to = me.element(Place::Slice(slice), index)?;
                    me.store(to, value)
                })?;
                Ok(self.unit())
            }
            ("reverse", []) => {
                self.reverse_elements(slice)?;
                Ok(self.unit())
            }
            ("split_at" | "split_at_mut", [middle]) => {
                let middle = self.value_as(middle, usize)?;
                let inside = self.build.compare(CompareOp::LessEqual, middle, length);
                self.check(inside, "mid > len");
                let ty = self.build.type_of(slice);
                let zero = self.number(Scalar::Usize, 0);
                let (order, end) = (self.site(PanicKind::SliceOrder), self.site(PanicKind::SliceEnd));
                let part = |from, to| Op::Subslice { base: slice, from, to, order, end };
                let (a, b) = (self.build.value(ty, part(zero, middle)), self.build.value(ty, part(middle, length)));
                Ok(self.make_tuple(vec![a, b]))
            }
            _ if sort::NAMES.contains(&name) => self.sort_method(slice, name, arguments),
            _ if search::NAMES.contains(&name) => self.search_method(slice, name, arguments, slot),
            _ => self.whole_slice_method(slice, name, arguments, slot),
        }
    }

    /// Of a copy from another slice.
    pub(super) fn check_lengths(&mut self, source: ValueId, length: ValueId) {
        let other = self.slice_length(source);
        let same = self.build.compare(CompareOp::Equal, length, other);
        let texts = ["copy_from_slice: source slice length (", ") does not match destination slice length (", ")"];
        self.check_showing(same, &texts, &[other, length]);
    }

    /// `Some(&slice[index])`, if there is one.
    fn element_if_there(
        &mut self,
        slice: ValueId,
        index: ValueId,
        length: ValueId,
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let option = self.known_slot_type(slot)?;
        let inside = self.is(CompareOp::Less, index, length);
        let some = |me: &mut Self| {
            let place = me.element(Place::Slice(slice), index)?;
            let reference = me.address(place);
            Ok(me.build.value(option, Op::Some(reference)))
        };
        self.one_of(inside, option, some, |me| me.null(option))
    }

    /// `Some(&slice[range])`, if the range lies inside.
    fn part_if_there(&mut self, slice: ValueId, range: Place, length: ValueId, slot: TypeSlot) -> Lowered<ValueId> {
        let option = self.known_slot_type(slot)?;
        let (from, to, inclusive) = self.ends_of(range)?;
        let from = from.unwrap_or_else(|| self.number(Scalar::Usize, 0));
        let (to, mut inside) = match to {
            Some(to) if inclusive => {
                // nothing is added to what is not below the length
                let below = self.is(CompareOp::Less, to, length);
                let (zero, one) = (self.number(Scalar::Usize, 0), self.number(Scalar::Usize, 1));
                let last = self.select(below, to, zero);
                (self.apply(BinaryOp::Add, last, one), below)
            }
            Some(to) => (to, self.is(CompareOp::LessEqual, to, length)),
            None => (length, self.build.boolean(true)),
        };
        let ordered = self.is(CompareOp::LessEqual, from, to);
        inside = self.apply(BinaryOp::And, inside, ordered);
        let some = |me: &mut Self| {
            let (order, end) = (me.site(PanicKind::SliceOrder), me.site(PanicKind::SliceEnd));
            let ty = me.build.type_of(slice);
            let part = me.build.value(ty, Op::Subslice { base: slice, from, to, order, end });
            me.wrapped(option, part)
        };
        self.one_of(inside, option, some, |me| me.null(option))
    }

    /// Whether an element equals a value.
    fn contains(&mut self, slice: ValueId, length: ValueId, value: &'static Expr) -> Lowered<ValueId> {
        let element = self.element_of_slice(slice)?;
        let pointer = self.pointer_type(element);
        let value = self.value(value, Some(pointer))?;
        let value = self.strip_value(value)?;
        let (bool, no) = (self.scalar_type(Scalar::Bool), self.build.boolean(false));
        let found = self.build.local("", bool);
        self.build.set(found, no);
        self.counted(length, None, |me, index| {
            let item = me.element_of(slice, index)?;
            let same = me.equal(item, value)?;
            me.build.set(found, same);
            let goes_on = me.invert(same);
            me.break_unless(goes_on);
            Ok(())
        })?;
        Ok(self.build.get(found))
    }

    pub(super) fn element_of_slice(&self, slice: ValueId) -> Lowered<TypeId> {
        match *self.ty(self.build.type_of(slice)) {
            Type::Slice(element) => Ok(element),
            _ => self.bug("a slice that is none"),
        }
    }

    /// `[T; N]::map`, in order.
    fn map_array(&mut self, place: Place, arguments: &'static [Expr], slot: TypeSlot) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        let (Type::Array { element, length }, [f]) = (self.ty(ty).clone(), arguments) else {
            return self.unsupported("`map` of a slice (use `iter().map(..)`)");
        };
        // The closure sees the array as it was.
        let array = self.load(place)?;
        let from = self.whole_slice(Place::Value(array))?;
        self.filled_array(ty, element, length, f, |me, index| {
            let item = me.element(Place::Slice(from), index)?;
            me.load(item)
        })
    }

    /// `array::from_fn`, in order.
    pub(in crate::lower) fn array_from_fn(&mut self, f: &'static Expr, slot: TypeSlot) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        match *self.ty(ty) {
            Type::Array { element, length } => self.filled_array(ty, element, length, f, |_, index| Ok(index)),
            _ => self.bug("an array of no array type"),
        }
    }

    /// An array of what the closure gives for what `argument` gives for each index.
    fn filled_array(
        &mut self,
        ty: TypeId,
        element: TypeId,
        length: u64,
        f: &'static Expr,
        argument: impl FnOnce(&mut Self, ValueId) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        let f = self.created(f)?;
        let result = self.build.local("", ty);
        let to = self.build.address(result);
        let slice = self.build.module.types.slice(element);
        let to = self.build.value(slice, Op::AsSlice(to));
        let count = self.number(Scalar::Usize, length.into());
        self.counted(count, None, |me, index| {
            let item = argument(me, index)?;
            let mapped = me.inlined(f, &[Place::Value(item)], Some(element))?;
            let Place::Memory(pointer) = me.element(Place::Slice(to), index)? else {
                return me.bug("an element without memory");
            };
            me.build.push(Statement::Store { pointer, value: mapped });
            Ok(())
        })?;
        Ok(self.build.get(result))
    }
}
