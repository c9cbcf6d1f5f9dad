//! Ranges in variables: structs of their ends.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use super::ranges::{Ends, Rounds};
use crate::ast::Expr;
use crate::ir::{BinaryOp, CompareOp, Scalar, ValueId};

impl Lowering<'_> {
    /// Whether an expression is a range, or a reference to one.
    pub(super) fn is_range(&mut self, e: &'static Expr) -> bool {
        self.known_stripped(e).is_some_and(|ty| self.world.types.range(ty).is_some())
    }

    /// First value, end, and whether the end belongs to it.
    pub(super) fn ends_of(&mut self, place: Place) -> Lowered<(Option<ValueId>, Option<ValueId>, bool)> {
        let place = self.strip(place)?;
        let ty = self.place_type(place);
        let Some((inclusive, _)) = self.world.types.range(ty) else {
            return self.bug(format!("`{}` is no range", self.type_name(ty)));
        };
        let mut ends = [None, None];
        for (end, name) in ends.iter_mut().zip(["start", "end"]) {
            if self.fields(ty)?.iter().any(|field| field.0 == name) {
                let field = self.field(place, name)?;
                *end = Some(self.load(field)?);
            }
        }
        Ok((ends[0], ends[1], inclusive))
    }

    /// A range with both ends.
    pub(super) fn both_ends(&mut self, place: Place) -> Lowered<(ValueId, ValueId, bool)> {
        match self.ends_of(place)? {
            (Some(from), Some(to), inclusive) => Ok((from, to, inclusive)),
            _ => self.unsupported("a loop over a range without an end"),
        }
    }

    /// `for pattern in range`
    pub(super) fn for_range_value(&mut self, rounds: Rounds, range: Place) -> Lowered<()> {
        let (from, to, _) = self.both_ends(range)?;
        match self.scalar_of(from)? {
            scalar if scalar.is_integer() => {
                let ends = Ends { from, to, scalar };
                let ends = if rounds.chars { self.dense_ends(ends) } else { ends };
                self.count(rounds, ends)
            }
            scalar => self.unsupported(format!("a range of `{scalar}`")),
        }
    }

    /// A method of a range.
    pub(super) fn range_method(&mut self, place: Place, name: &str, arguments: &'static [Expr]) -> Lowered<ValueId> {
        match (name, arguments) {
            ("start" | "end", []) => {
                let field = self.field(place, name)?;
                Ok(self.address(field))
            }
            ("contains", [value]) => self.range_contains(place, value),
            ("is_empty", []) => {
                let (from, to, inclusive) = self.both_ends(place)?;
                let op = if inclusive { CompareOp::LessEqual } else { CompareOp::Less };
                self.scalar_of(from)?;
                let some = self.build.compare(op, from, to);
                Ok(self.invert(some))
            }
            ("len", []) => {
                let (from, to, inclusive) = self.both_ends(place)?;
                self.range_length(from, to, inclusive)
            }
            _ => self.no_method(name, self.place_type(place)),
        }
    }

    fn range_contains(&mut self, place: Place, value: &'static Expr) -> Lowered<ValueId> {
        let (from, to, inclusive) = self.ends_of(place)?;
        let below = if inclusive { CompareOp::LessEqual } else { CompareOp::Less };
        let want = from.or(to).map(|end| self.build.type_of(end)).map(|ty| self.pointer_type(ty));
        let value = self.value(value, want)?;
        let value = self.strip_value(value)?;
        if self.as_scalar(self.build.type_of(value)).is_none() {
            return self.unsupported("`contains` of a range of what is no number");
        }
        let from = from.map(|from| self.build.compare(CompareOp::GreaterEqual, value, from));
        let to = to.map(|to| self.build.compare(below, value, to));
        match self.both(from, to) {
            Some(inside) => Ok(inside),
            None => self.bug("a range without ends"),
        }
    }

    /// The number of values, which fits.
    fn range_length(&mut self, from: ValueId, to: ValueId, inclusive: bool) -> Lowered<ValueId> {
        let scalar = self.scalar_of(from)?;
        let order = if inclusive { CompareOp::LessEqual } else { CompareOp::Less };
        let some = self.build.compare(order, from, to);
        let distance = self.build.binary(BinaryOp::Sub, to, from, None);
        let distance = self.as_unsigned(distance, scalar);
        let mut length = self.cast_scalar(distance, Scalar::Usize);
        let zero = self.number(Scalar::Usize, 0);
        length = self.select(some, length, zero);
        if inclusive {
            let (one, nothing) = (self.number(Scalar::Usize, 1), zero);
            let more = self.select(some, one, nothing);
            length = self.build.binary(BinaryOp::Add, length, more, None);
        }
        Ok(length)
    }
}
