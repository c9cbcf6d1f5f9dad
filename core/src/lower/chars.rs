//! `char`, and the ASCII methods of `u8` and `char`. To the IR a `char` is a `u32`.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use super::ranges::Ends;
use crate::ast::{Expr, LocalSlot, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, Scalar, ValueId};
use crate::types::TypeKind;

/// The surrogates, which are no `char`s.
const SURROGATES: (i128, i128) = (0xD800, 0xDFFF);

/// Is it a method of [`Lowering::char_method`]?
pub(super) fn is_method(name: &str) -> bool {
    ["is_ascii", "is_digit", "to_digit", "len_utf8", "to_ascii_", "make_ascii_", "eq_ignore_ascii_case"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// The codes that a class of ASCII consists of.
fn class(name: &str) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        "is_ascii" => &[(0, 127)],
        "is_ascii_alphabetic" => &[(b'A', b'Z'), (b'a', b'z')],
        "is_ascii_digit" => &[(b'0', b'9')],
        "is_ascii_hexdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        "is_ascii_alphanumeric" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        "is_ascii_uppercase" => &[(b'A', b'Z')],
        "is_ascii_lowercase" => &[(b'a', b'z')],
        "is_ascii_punctuation" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        "is_ascii_whitespace" => &[(b' ', b' '), (9, 10), (12, 13)],
        "is_ascii_graphic" => &[(b'!', b'~')],
        "is_ascii_control" => &[(0, 31), (127, 127)],
        _ => return None,
    })
}

impl Lowering<'_> {
    /// A method of a `u8` or `char`.
    pub(super) fn char_method(
        &mut self,
        place: Place,
        name: &'static str,
        arguments: &'static [Expr],
    ) -> Lowered<ValueId> {
        let ty = self.place_type(place);
        let value = self.load(place)?;
        let scalar = self.scalar_of(value)?;
        if let (Some(class), []) = (class(name), arguments) {
            return Ok(self.in_class(scalar, value, class));
        }
        match (name, arguments) {
            ("to_ascii_uppercase" | "to_ascii_lowercase", []) => Ok(self.ascii_case(scalar, value, name)),
            ("make_ascii_uppercase" | "make_ascii_lowercase", []) => {
                let changed = self.ascii_case(scalar, value, name);
                self.store(place, changed)?;
                Ok(self.unit())
            }
            ("eq_ignore_ascii_case", [other]) => {
                let wanted = self.pointer_type(ty);
                let other = self.value(other, Some(wanted))?;
                let other = self.strip_value(other)?;
                let [a, b] = [value, other].map(|v| self.ascii_case(scalar, v, "to_ascii_lowercase"));
                Ok(self.build.compare(CompareOp::Equal, a, b))
            }
            ("to_digit", [radix]) => {
                let radix = self.radix(radix)?;
                self.check_radix(radix, "to_digit: invalid radix -- radix must be in the range 2 to 36 inclusive");
                let (digit, inside) = self.digit(value, radix);
                Ok(self.just_if(inside, digit))
            }
            ("is_digit", [radix]) => {
                let radix = self.radix(radix)?;
                self.check_radix(radix, "to_digit: invalid radix -- radix must be in the range 2 to 36 inclusive");
                Ok(self.digit(value, radix).1)
            }
            ("len_utf8", []) => {
                let mut length = self.number(Scalar::Usize, 1);
                for first in [0x80, 0x800, 0x1_0000] {
                    let (none, one) = (self.number(Scalar::Usize, 0), self.number(Scalar::Usize, 1));
                    let longer = self.code_at_least(value, first);
                    let more = self.select(longer, one, none);
                    length = self.build.binary(BinaryOp::Add, length, more, None);
                }
                Ok(length)
            }
            _ => self.no_method(name, ty),
        }
    }

    /// `char::from_u32(x)`, `char::from_digit(n, radix)`
    pub(super) fn char_function(&mut self, name: &str, arguments: &'static [Expr]) -> Lowered<ValueId> {
        let u32 = self.scalar_type(Scalar::U32);
        match (name, arguments) {
            ("from_u32", [code]) => {
                let code = self.value_as(code, u32)?;
                let low = self.number(Scalar::U32, SURROGATES.0);
                let inside = self.build.compare(CompareOp::Less, code, low);
                let behind = self.code_at_least(code, SURROGATES.1 + 1);
                let last = self.number(Scalar::U32, 0x10_FFFF);
                let before = self.build.compare(CompareOp::LessEqual, code, last);
                let upper = self.build.binary(BinaryOp::And, behind, before, None);
                let valid = self.build.binary(BinaryOp::Or, inside, upper, None);
                Ok(self.just_if(valid, code))
            }
            ("from_digit", [digit, radix]) => {
                let digit = self.value_as(digit, u32)?;
                let radix = self.value_as(radix, u32)?;
                let most = self.number(Scalar::U32, 36);
                let fits = self.build.compare(CompareOp::LessEqual, radix, most);
                self.check(fits, "from_digit: radix is too high (maximum 36)");
                let inside = self.build.compare(CompareOp::Less, digit, radix);
                let zero = self.number(Scalar::U32, b'0'.into());
                let before_a = self.number(Scalar::U32, (b'a' - 10).into());
                let is_letter = self.code_at_least(digit, 10);
                let start = self.select(is_letter, before_a, zero);
                let code = self.build.binary(BinaryOp::Add, start, digit, None);
                // what is no digit is no character either
                let code = self.select(inside, code, zero);
                Ok(self.just_if(inside, code))
            }
            _ => self.unsupported(format!("`char::{name}`")),
        }
    }

    fn radix(&mut self, radix: &'static Expr) -> Lowered<ValueId> {
        let u32 = self.scalar_type(Scalar::U32);
        self.value_as(radix, u32)
    }

    fn check_radix(&mut self, radix: ValueId, message: &str) {
        let (least, most) = (self.number(Scalar::U32, 2), self.number(Scalar::U32, 36));
        let enough = self.build.compare(CompareOp::GreaterEqual, radix, least);
        let fits = self.build.compare(CompareOp::LessEqual, radix, most);
        let both = self.build.binary(BinaryOp::And, enough, fits, None);
        self.check(both, message);
    }

    /// The digit that a `char` is, and whether it is one.
    fn digit(&mut self, code: ValueId, radix: ValueId) -> (ValueId, ValueId) {
        let none = self.number(Scalar::U32, 255);
        let mut digit = none;
        for (first, last, value) in [(b'0', b'9', 0), (b'A', b'Z', 10), (b'a', b'z', 10)] {
            let inside = self.in_class(Scalar::U32, code, &[(first, last)]);
            let start = self.number(Scalar::U32, i128::from(first) - value);
            let distance = self.build.binary(BinaryOp::Sub, code, start, None);
            digit = self.select(inside, distance, digit);
        }
        let below = self.build.compare(CompareOp::Less, digit, radix);
        (digit, below)
    }

    /// Whether the code is in one of these intervals.
    fn in_class(&mut self, scalar: Scalar, code: ValueId, class: &[(u8, u8)]) -> ValueId {
        let mut any = None;
        for &(first, last) in class {
            let (first, last) = (self.number(scalar, first.into()), self.number(scalar, last.into()));
            let from = self.build.compare(CompareOp::GreaterEqual, code, first);
            let to = self.build.compare(CompareOp::LessEqual, code, last);
            let inside = self.build.binary(BinaryOp::And, from, to, None);
            any = Some(match any {
                Some(any) => self.build.binary(BinaryOp::Or, any, inside, None),
                None => inside,
            });
        }
        any.unwrap_or_else(|| self.build.boolean(false))
    }

    fn ascii_case(&mut self, scalar: Scalar, code: ValueId, name: &str) -> ValueId {
        let of = if name.ends_with("lowercase") { (b'A', b'Z') } else { (b'a', b'z') };
        let changes = self.in_class(scalar, code, &[of]);
        let bit = self.number(scalar, 0x20);
        let other = self.build.binary(BinaryOp::Xor, code, bit, None);
        self.select(changes, other, code)
    }

    fn code_at_least(&mut self, code: ValueId, least: i128) -> ValueId {
        let least = self.number(Scalar::U32, least);
        self.build.compare(CompareOp::GreaterEqual, code, least)
    }

    // ---- ranges

    /// Whether a variable is a `char`.
    pub(super) fn is_char(&self, slot: LocalSlot) -> bool {
        self.tree.locals.get(usize::from(slot)).is_some_and(|local| self.is_char_type(local.1))
    }

    /// Whether a slot has the type `char`.
    pub(super) fn is_char_type(&self, slot: TypeSlot) -> bool {
        self.tree.types.get(usize::from(slot)).is_some_and(|ty| matches!(ty.kind, TypeKind::Char))
    }

    /// The ends of a range of `char`s as numbers without a gap.
    pub(super) fn dense_ends(&mut self, ends: Ends) -> Ends {
        let (from, to) = (self.dense(ends.from), self.dense(ends.to));
        Ends { from, to, ..ends }
    }

    /// The number of a `char` without a gap.
    pub(super) fn dense(&mut self, code: ValueId) -> ValueId {
        let behind = self.code_at_least(code, SURROGATES.1 + 1);
        let gap = self.number(Scalar::U32, SURROGATES.1 + 1 - SURROGATES.0);
        let moved = self.build.binary(BinaryOp::Sub, code, gap, None);
        self.select(behind, moved, code)
    }

    /// The `char` of such a number.
    pub(super) fn of_dense(&mut self, number: ValueId) -> ValueId {
        let behind = self.code_at_least(number, SURROGATES.0);
        let gap = self.number(Scalar::U32, SURROGATES.1 + 1 - SURROGATES.0);
        let moved = self.build.binary(BinaryOp::Add, number, gap, None);
        self.select(behind, moved, number)
    }
}
