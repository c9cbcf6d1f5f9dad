//! Sources of chains, and adaptors that run no code of the user's: a count, and a way to make item `i`.

use crate::ast::{Expr, Source, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, MathFunction, Op, PanicKind, Scalar, Statement, Type, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::{Place, is_place};

/// Items by their index.
#[derive(Clone)]
pub(super) struct Access {
    /// How many there are.
    pub(super) count: ValueId,
    item: Item,
    /// Of an inclusive range of 64 bits as it is, or reversed. Of `0..=u64::MAX` the count is one too low (it is no `u64`): nobody comes to
    /// see the last item, but all others are where they belong.
    ends: Option<Ends>,
    /// The items of `a..`, which never end: the count is of no use.
    pub(super) endless: bool,
}

/// The ends of an inclusive range, and how far they are apart if it is not empty.
#[derive(Clone, Copy)]
struct Ends {
    first: ValueId,
    last: ValueId,
    distance: ValueId,
}

/// How an item is made.
#[derive(Clone)]
enum Item {
    /// `from + i`
    Number(ValueId, Scalar),
    /// `from + i` of an open range: there is no item that is the type's last one, as making the one after it would overflow. The
    /// value is how many there are.
    Open(ValueId, Scalar, ValueId),
    /// `last - i`
    Descending(ValueId, Scalar),
    /// The `char` whose number without a gap it is.
    Char(Box<Access>),
    /// The same value each time.
    Constant(ValueId),
    /// Those of one, and then those of the other.
    Chained(Box<Access>, Box<Access>),
    /// Item `i % count`.
    Cycled(Box<Access>),
    /// `&slice[i]`
    Reference(ValueId),
    /// `slice[i]`, of an array that the chain owns.
    Value(ValueId),
    /// `&slice[i * size..][..size]`, the last one maybe shorter.
    Chunk(ValueId, ValueId),
    /// `&slice[i..i + size]`
    Window(ValueId, ValueId),
    /// Item `count - 1 - i`.
    Reversed(Box<Access>),
    /// Item `i * step`.
    Strided(Box<Access>, ValueId),
    /// Item `i + n`.
    Skipped(Box<Access>, ValueId),
    /// The first ones.
    Limited(Box<Access>),
    /// `(i, item)`
    Numbered(Box<Access>),
    /// What the item refers to.
    Copied(Box<Access>),
    Pair(Box<Access>, Box<Access>),
}

impl Access {
    fn wrap(&mut self, make: impl FnOnce(Box<Access>) -> Item) {
        let (count, item) = (self.count, self.item.clone());
        self.item = make(Box::new(Access { count, item, ends: None, endless: self.endless }));
        self.ends = None;
    }

    /// There is an item of each index.
    pub(super) fn is_without_end(&self) -> bool {
        self.endless && !matches!(self.item, Item::Cycled(_))
    }

    pub(super) fn number(&mut self) {
        self.wrap(Item::Numbered);
    }

    pub(super) fn copy(&mut self) {
        self.wrap(Item::Copied);
    }
}

impl Lowering<'_> {
    pub(super) fn source(&mut self, source: &'static Source) -> Lowered<Access> {
        match source {
            Source::Range(from, to, inclusive, slot) => {
                let known = self.slot_type(*slot).or_else(|| self.known(from)).or_else(|| self.known(to));
                let ty = known.unwrap_or_else(|| self.scalar_type(Scalar::I32));
                let (from, to) = (self.value_as(from, ty)?, self.value_as(to, ty)?);
                let Some(scalar) = self.as_scalar(ty).filter(|s| s.is_integer()) else {
                    return self.unsupported(format!("a range of `{}`", self.type_name(ty)));
                };
                let chars = self.is_char_type(*slot);
                Ok(self.numbers(scalar, (from, to), *inclusive, chars))
            }
            Source::Open(from, slot) => self.open_range(from, *slot),
            Source::RepeatN(value, n, slot) => {
                let ty = self.known_slot_type(*slot)?;
                let value = self.value_as(value, ty)?;
                let count = match n {
                    Some(n) => self.count_of(n)?,
                    None => self.number(Scalar::Usize, 1),
                };
                Ok(Access { count, item: Item::Constant(value), ends: None, endless: false })
            }
            Source::Successors(..) | Source::FromFn(_) | Source::Bound(_) | Source::Cloned(_) => {
                self.bug("items without an index")
            }
            Source::Items(items) => {
                let place = if is_place(items) { self.place(items)? } else { Place::Value(self.value(items, None)?) };
                self.items_of(place)
            }
            Source::Chunks(items, size, exact, at) => {
                let (slice, size) = self.slice_and_size(items, size)?;
                self.at = *at;
                self.check_size(size, "chunk size must be non-zero");
                let length = self.length_of(slice);
                let count = self.quotient_of(length, size, !*exact);
                Ok(Access { count, item: Item::Chunk(slice, size), ends: None, endless: false })
            }
            Source::Windows(items, size, at) => {
                let (slice, size) = self.slice_and_size(items, size)?;
                self.at = *at;
                self.check_size(size, "window size must be non-zero");
                let one = self.number(Scalar::Usize, 1);
                let less = self.build.binary(BinaryOp::Sub, size, one, None);
                let length = self.length_of(slice);
                let count = self.less_by(length, less);
                Ok(Access { count, item: Item::Window(slice, size), ends: None, endless: false })
            }
        }
    }

    /// `from..`
    fn open_range(&mut self, from: &'static Expr, slot: TypeSlot) -> Lowered<Access> {
        let known = self.slot_type(slot).or_else(|| self.known(from));
        let ty = known.unwrap_or_else(|| self.scalar_type(Scalar::I32));
        let from = self.value_as(from, ty)?;
        let Some(scalar) = self.as_scalar(ty).filter(|s| s.is_integer()) else {
            return self.unsupported(format!("a range of `{}`", self.type_name(ty)));
        };
        let last = self.number(scalar, scalar.range().1);
        let (count, _) = self.range_count(scalar, from, last, false);
        Ok(Access { count, item: Item::Open(from, scalar, count), ends: None, endless: true })
    }

    /// The numbers, or `char`s, of a range.
    fn numbers(&mut self, scalar: Scalar, (from, to): (ValueId, ValueId), inclusive: bool, chars: bool) -> Access {
        if chars {
            let (from, to) = (self.dense(from), self.dense(to));
            let mut access = self.numbers(scalar, (from, to), inclusive, false);
            access.wrap(Item::Char);
            return access;
        }
        let (count, distance) = self.range_count(scalar, from, to, inclusive);
        let wide = inclusive && scalar.bits() == 64;
        let ends = wide.then_some(Ends { first: from, last: to, distance });
        Access { count, item: Item::Number(from, scalar), ends, endless: false }
    }

    /// The items of a slice or array, or of what refers to one, or of a range.
    pub(super) fn items_of(&mut self, place: Place) -> Lowered<Access> {
        if let Some((inclusive, chars)) = self.world.types.range(self.place_type(place)) {
            let (from, to, _) = self.both_ends(place)?;
            return match self.scalar_of(from)? {
                scalar if scalar.is_integer() => Ok(self.numbers(scalar, (from, to), inclusive, chars)),
                scalar => self.unsupported(format!("a range of `{scalar}`")),
            };
        }
        let by_value = matches!(self.ty(self.place_type(place)), Type::Array { .. });
        let place = match place {
            Place::Memory(_) if by_value => Place::Value(self.load(place)?),
            place => place,
        };
        let slice = self.whole_slice(place)?;
        let count = self.length_of(slice);
        let item = if by_value { Item::Value(slice) } else { Item::Reference(slice) };
        Ok(Access { count, item, ends: None, endless: false })
    }

    fn slice_and_size(&mut self, items: &'static Expr, size: &'static Expr) -> Lowered<(ValueId, ValueId)> {
        let place = if is_place(items) { self.place(items)? } else { Place::Value(self.value(items, None)?) };
        let slice = self.whole_slice(place)?;
        Ok((slice, self.count_of(size)?))
    }

    fn check_size(&mut self, size: ValueId, message: &str) {
        let positive = self.compared_with_zero(CompareOp::NotEqual, size);
        self.check(positive, message);
    }

    fn length_of(&mut self, slice: ValueId) -> ValueId {
        let usize = self.scalar_type(Scalar::Usize);
        self.build.value(usize, Op::Length(slice))
    }

    /// `a - b`, or 0
    fn less_by(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let least = self.least(a, b);
        self.build.binary(BinaryOp::Sub, a, least, None)
    }

    fn least(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let ty = self.build.type_of(a);
        self.build.value(ty, Op::Math { function: MathFunction::Min, arguments: vec![a, b] })
    }

    /// `n / size`, rounded up or down; the size is not 0.
    fn quotient_of(&mut self, n: ValueId, size: ValueId, up: bool) -> ValueId {
        let site = self.site(PanicKind::Division);
        if !up {
            return self.build.binary(BinaryOp::Div, n, size, Some(site));
        }
        // (n - 1) / size + 1, but for 0
        let one = self.number(Scalar::Usize, 1);
        let some = self.least(n, one);
        let less = self.build.binary(BinaryOp::Sub, n, some, None);
        let quotient = self.build.binary(BinaryOp::Div, less, size, Some(site));
        self.build.binary(BinaryOp::Add, quotient, some, None)
    }

    /// How many numbers there are, and how far the ends are apart.
    fn range_count(&mut self, scalar: Scalar, from: ValueId, to: ValueId, inclusive: bool) -> (ValueId, ValueId) {
        let op = if inclusive { CompareOp::LessEqual } else { CompareOp::Less };
        let some = self.build.compare(op, from, to);
        let to = self.select(some, to, from);
        let distance = self.build.binary(BinaryOp::Sub, to, from, None);
        let distance = self.as_unsigned(distance, scalar);
        let distance = self.cast_scalar(distance, Scalar::Usize);
        if !inclusive {
            return (distance, distance);
        }
        let more = self.cast_scalar(some, Scalar::Usize);
        let count = self.build.binary(BinaryOp::Add, distance, more, None);
        if scalar.bits() < 64 {
            return (count, distance);
        }
        let wrapped = self.compared_with_zero(CompareOp::Equal, count);
        (self.select(wrapped, distance, count), distance)
    }

    // ---- adaptors

    pub(super) fn reversed(&mut self, access: &mut Access) {
        match (&access.item, access.ends) {
            (Item::Number(_, scalar), Some(ends)) => access.item = Item::Descending(ends.last, *scalar),
            (Item::Descending(_, scalar), Some(ends)) => access.item = Item::Number(ends.first, *scalar),
            _ => access.wrap(Item::Reversed),
        }
    }

    pub(super) fn zipped(&mut self, access: &mut Access, other: Access) {
        let count = match (access.endless, other.endless) {
            (true, _) => self.some_of(access, other.count),
            (false, true) => self.some_of(&other, access.count),
            (false, false) => self.least(access.count, other.count),
        };
        let endless = access.endless && other.endless;
        let (a, b) = (self.cut(access, count), self.cut(&other, count));
        *access = Access { count, item: Item::Pair(Box::new(a), Box::new(b)), ends: None, endless };
    }

    pub(super) fn chained(&mut self, access: &mut Access, other: Access) {
        if access.endless {
            return;
        }
        if other.endless {
            let (count, item) = (other.count, Item::Chained(Box::new(access.clone()), Box::new(other)));
            *access = Access { count, item, ends: None, endless: true };
            return;
        }
        let site = self.site(PanicKind::AddOverflow);
        let count = self.build.binary(BinaryOp::Add, access.count, other.count, Some(site));
        *access = Access {
            count,
            item: Item::Chained(Box::new(access.clone()), Box::new(other)),
            ends: None,
            endless: false,
        };
    }

    /// `cycle()`; of nothing there is nothing, which [`Self::some_of`] knows.
    pub(super) fn for_ever(&mut self, access: &mut Access) {
        if !access.endless {
            access.wrap(Item::Cycled);
            access.endless = true;
        }
    }

    /// How many of `n` items something endless has: all, but a cycle of nothing.
    fn some_of(&mut self, access: &Access, n: ValueId) -> ValueId {
        match &access.item {
            Item::Cycled(inner) => {
                let none = self.compared_with_zero(CompareOp::Equal, inner.count);
                self.select(none, inner.count, n)
            }
            _ => n,
        }
    }

    /// Whether there is an item of this index.
    pub(super) fn has_item(&mut self, access: &Access, index: ValueId) -> ValueId {
        match (access.endless, &access.item) {
            (false, _) => self.build.compare(CompareOp::Less, index, access.count),
            (true, Item::Cycled(inner)) => self.compared_with_zero(CompareOp::NotEqual, inner.count),
            (true, _) => self.build.boolean(true),
        }
    }

    /// `cycle().take(n)`
    pub(super) fn cycled(&mut self, access: &mut Access, n: ValueId) {
        if access.endless {
            return self.limited(access, n);
        }
        let none = self.compared_with_zero(CompareOp::Equal, access.count);
        let count = self.select(none, access.count, n);
        access.wrap(Item::Cycled);
        access.count = count;
    }

    pub(super) fn strided(&mut self, access: &mut Access, step: ValueId) {
        if access.endless {
            return access.wrap(|inner| Item::Strided(inner, step));
        }
        let count = match access.ends {
            // distance / step + 1, but for 0; a step of 1 changes nothing
            Some(ends) => {
                let one = self.number(Scalar::Usize, 1);
                let some = self.least(access.count, one);
                let site = self.site(PanicKind::Division);
                let more = self.build.binary(BinaryOp::Div, ends.distance, step, Some(site));
                let full = self.build.binary(BinaryOp::Add, more, some, None);
                let single = self.build.compare(CompareOp::Equal, step, one);
                self.select(single, access.count, full)
            }
            None => self.quotient_of(access.count, step, true),
        };
        access.wrap(|inner| Item::Strided(inner, step));
        access.count = count;
    }

    pub(super) fn skipped(&mut self, access: &mut Access, n: ValueId) {
        if access.endless {
            return access.wrap(|inner| Item::Skipped(inner, n));
        }
        if let Some(ends) = access.ends {
            // Here the count has to be right.
            let one = self.number(Scalar::Usize, 1);
            let site = self.site(PanicKind::AddOverflow);
            self.build.binary(BinaryOp::Add, ends.distance, one, Some(site));
        }
        let n = self.least(n, access.count);
        access.wrap(|inner| Item::Skipped(inner, n));
        access.count = self.build.binary(BinaryOp::Sub, access.count, n, None);
    }

    pub(super) fn limited(&mut self, access: &mut Access, n: ValueId) {
        let count = if access.endless { n } else { self.least(access.count, n) };
        *access = self.cut(access, count);
    }

    fn cut(&mut self, access: &Access, count: ValueId) -> Access {
        Access { count, item: Item::Limited(Box::new(access.clone())), ends: None, endless: false }
    }

    /// Item `i`, which is below the count.
    pub(super) fn item(&mut self, access: &Access, i: ValueId) -> Lowered<ValueId> {
        Ok(match &access.item {
            Item::Number(from, scalar) => {
                let i = self.cast_scalar(i, *scalar);
                self.build.binary(BinaryOp::Add, *from, i, None)
            }
            Item::Open(from, scalar, count) => {
                if self.tree.overflow_checks {
                    let inside = self.build.compare(CompareOp::Less, i, *count);
                    self.check(inside, "attempt to add with overflow");
                }
                let i = self.cast_scalar(i, *scalar);
                self.build.binary(BinaryOp::Add, *from, i, None)
            }
            Item::Descending(last, scalar) => {
                let i = self.cast_scalar(i, *scalar);
                self.build.binary(BinaryOp::Sub, *last, i, None)
            }
            Item::Char(inner) => {
                let number = self.item(inner, i)?;
                self.of_dense(number)
            }
            Item::Constant(value) => *value,
            Item::Chained(first, second) => self.chained_item(first, second, i)?,
            Item::Cycled(inner) => {
                let site = self.site(PanicKind::Remainder);
                let i = self.build.binary(BinaryOp::Rem, i, inner.count, Some(site));
                self.item(inner, i)?
            }
            Item::Reference(slice) => {
                let place = self.element(Place::Slice(*slice), i)?;
                self.address(place)
            }
            Item::Value(slice) => {
                let place = self.element(Place::Slice(*slice), i)?;
                self.load(place)?
            }
            Item::Chunk(slice, size) => {
                let from = self.build.binary(BinaryOp::Mul, i, *size, None);
                let length = self.length_of(*slice);
                let left = self.build.binary(BinaryOp::Sub, length, from, None);
                let size = self.least(left, *size);
                let to = self.build.binary(BinaryOp::Add, from, size, None);
                self.between(*slice, from, to)
            }
            Item::Window(slice, size) => {
                let to = self.build.binary(BinaryOp::Add, i, *size, None);
                self.between(*slice, i, to)
            }
            Item::Reversed(inner) => {
                let one = self.number(Scalar::Usize, 1);
                let last = self.build.binary(BinaryOp::Sub, inner.count, one, None);
                let i = self.build.binary(BinaryOp::Sub, last, i, None);
                self.item(inner, i)?
            }
            Item::Strided(inner, step) => {
                let i = self.build.binary(BinaryOp::Mul, i, *step, None);
                self.item(inner, i)?
            }
            Item::Skipped(inner, n) => {
                let i = self.build.binary(BinaryOp::Add, i, *n, None);
                self.item(inner, i)?
            }
            Item::Limited(inner) => self.item(inner, i)?,
            Item::Numbered(inner) => {
                let item = self.item(inner, i)?;
                self.make_tuple(vec![i, item])
            }
            Item::Copied(inner) => {
                let item = self.item(inner, i)?;
                self.strip_one(item)?
            }
            Item::Pair(a, b) => {
                let (a, b) = (self.item(a, i)?, self.item(b, i)?);
                self.make_tuple(vec![a, b])
            }
        })
    }

    /// The item of one or of the other, which have one type.
    fn chained_item(&mut self, first: &Access, second: &Access, i: ValueId) -> Lowered<ValueId> {
        let in_first = self.build.compare(CompareOp::Less, i, first.count);
        let mut result = None;
        let (accept, _) = self.nested(|me| {
            let item = me.item(first, i)?;
            let local = me.build.local("", me.build.type_of(item));
            me.build.set(local, item);
            result = Some(local);
            Ok(())
        })?;
        let Some(result) = result else { return self.bug("an item of no type") };
        let (reject, _) = self.nested(|me| {
            let i = me.build.binary(BinaryOp::Sub, i, first.count, None);
            let item = me.item(second, i)?;
            let item = me.coerce(item, me.build.function()[result].ty)?;
            me.build.set(result, item);
            Ok(())
        })?;
        self.build.push(Statement::If { condition: in_first, accept, reject });
        Ok(self.build.get(result))
    }

    /// `&slice[from..to]`, which lies inside.
    fn between(&mut self, base: ValueId, from: ValueId, to: ValueId) -> ValueId {
        let ty = self.build.type_of(base);
        let (order, end) = (self.site(PanicKind::SliceOrder), self.site(PanicKind::SliceEnd));
        self.build.value(ty, Op::Subslice { base, from, to, order, end })
    }
}
