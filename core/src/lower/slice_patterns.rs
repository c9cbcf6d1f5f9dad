//! Patterns of slices and arrays: `[a, b]`, `[first, .., last]`, `[first, rest @ ..]`.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::Pattern;
use crate::ir::{BinaryOp, CompareOp, Op, PanicKind, Scalar, Type, ValueId};

/// The parts of a slice pattern: before the rest, the rest if there is one, and after it.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub before: &'static [Pattern],
    pub rest: Option<&'static Pattern>,
    pub after: &'static [Pattern],
}

impl Split {
    fn count(self) -> usize {
        self.before.len() + self.after.len()
    }
}

impl Lowering<'_> {
    /// Whether the elements match; `None` if they always do. Elements are looked at only where the length is right.
    pub(super) fn test_slice(&mut self, split: Split, place: Place) -> Lowered<Option<ValueId>> {
        let place = self.strip(place)?;
        let element = match *self.ty(self.place_type(place)) {
            Type::Array { .. } => return self.test_elements(split, place),
            Type::Slice(element) => element,
            _ => return self.bug("a slice pattern of what is no slice"),
        };
        let slice = self.whole_slice(place)?;
        let enough = self.has_length(split, slice);
        if split.before.iter().chain(split.after).all(|part| self.always(part, element)) {
            return Ok(enough);
        }
        let inside = |me: &mut Self| match me.test_elements(split, Place::Slice(slice))? {
            Some(matches) => Ok(matches),
            None => Ok(me.build.boolean(true)),
        };
        self.guarded(enough, inside).map(Some)
    }

    /// Whether a slice has as many elements as the pattern names, or more if there is a rest.
    fn has_length(&mut self, split: Split, slice: ValueId) -> Option<ValueId> {
        let op = match (split.rest, split.count()) {
            (Some(_), 0) => return None,
            (Some(_), _) => CompareOp::GreaterEqual,
            (None, _) => CompareOp::Equal,
        };
        let length = self.slice_length(slice);
        let count = self.number(Scalar::Usize, split.count() as i128);
        Some(self.build.compare(op, length, count))
    }

    fn test_elements(&mut self, split: Split, place: Place) -> Lowered<Option<ValueId>> {
        let mut all = None;
        for (from_end, index, part) in positions(split) {
            if super::pattern::is_irrefutable(part) {
                continue;
            }
            let element = self.pattern_element(place, from_end, index)?;
            let matches = self.test(part, element)?;
            all = self.both(all, matches);
        }
        Ok(all)
    }

    /// Binds what is in the elements, and the rest.
    pub(super) fn bind_slice(&mut self, split: Split, place: Place) -> Lowered<()> {
        let mut place = self.strip(place)?;
        if matches!(self.ty(self.place_type(place)), Type::Slice(_)) {
            place = Place::Slice(self.whole_slice(place)?);
        }
        for (from_end, index, part) in positions(split) {
            if matches!(part, Pattern::Wild) {
                continue;
            }
            let element = self.pattern_element(place, from_end, index)?;
            self.bind(part, element)?;
        }
        match split.rest {
            None | Some(Pattern::Wild) => Ok(()),
            Some(rest) => {
                let place = self.pattern_rest(split, place)?;
                self.bind(rest, place)
            }
        }
    }

    /// Element `index`, or the one that many before the end.
    fn pattern_element(&mut self, place: Place, from_end: bool, index: usize) -> Lowered<Place> {
        match (self.ty(self.place_type(place)).clone(), place) {
            (Type::Array { length, .. }, Place::Memory(_) | Place::Payload(..)) => {
                let index = if from_end { length as usize - index } else { index };
                let index = self.number(Scalar::Usize, index as i128);
                self.element(place, index)
            }
            (Type::Array { element, length }, _) => {
                let index = if from_end { length as usize - index } else { index };
                Ok(self.part(place, element, index as u32))
            }
            (_, Place::Slice(slice)) => {
                let mut at = self.number(Scalar::Usize, index as i128);
                if from_end {
                    let length = self.slice_length(slice);
                    at = self.build.binary(BinaryOp::Sub, length, at, None);
                }
                self.element(place, at)
            }
            _ => self.bug("a slice pattern of what is no slice"),
        }
    }

    /// What the pattern's other elements leave. Of an array it is a copy: the macros let nobody write to it.
    fn pattern_rest(&mut self, split: Split, place: Place) -> Lowered<Place> {
        match (self.ty(self.place_type(place)).clone(), place) {
            (Type::Array { element, length }, _) => {
                let mut parts = vec![];
                for index in split.before.len()..length as usize - split.after.len() {
                    let part = self.pattern_element(place, false, index)?;
                    parts.push(self.load(part)?);
                }
                let ty = self.build.module.types.array(element, parts.len() as u64);
                Ok(Place::Value(self.build.value(ty, Op::Make(parts))))
            }
            (Type::Slice(_), Place::Slice(base)) => {
                let from = self.number(Scalar::Usize, split.before.len() as i128);
                let after = self.number(Scalar::Usize, split.after.len() as i128);
                let length = self.slice_length(base);
                let to = self.build.binary(BinaryOp::Sub, length, after, None);
                let (order, end) = (self.site(PanicKind::SliceOrder), self.site(PanicKind::SliceEnd));
                let ty = self.build.type_of(base);
                Ok(Place::Slice(self.build.value(ty, Op::Subslice { base, from, to, order, end })))
            }
            _ => self.bug("a slice pattern of what is no slice"),
        }
    }
}

/// The named elements: whether counted from the end, how far, and the pattern.
fn positions(split: Split) -> impl Iterator<Item = (bool, usize, &'static Pattern)> {
    let after = split.after.len();
    let before = split.before.iter().enumerate().map(|(k, part)| (false, k, part));
    before.chain(split.after.iter().enumerate().map(move |(k, part)| (true, after - k, part)))
}
