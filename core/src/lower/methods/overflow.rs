//! `overflowing_*` and `checked_*`: the wrapped result, and whether it is not the exact one.

use crate::ir::{BinaryOp, CompareOp, Scalar, ValueId};
use crate::lower::function::Lowering;
use crate::lower::ranges::unsigned;

use super::power::Overflow;

/// A result, and a `bool`.
pub(super) type Noted = (ValueId, ValueId);

impl Lowering<'_> {
    /// `overflowing_name`; the second argument is the receiver again where there is none.
    pub(super) fn overflowing(&mut self, name: &str, scalar: Scalar, x: ValueId, y: ValueId) -> Option<Noted> {
        Some(match name {
            "add" => self.noted_add(scalar, x, y),
            "sub" => self.noted_sub(scalar, x, y),
            "mul" => self.noted_mul(scalar, x, y),
            "neg" if scalar.is_signed() => (self.minus(x), self.is_lowest(scalar, x)),
            "neg" => (self.wrapping_neg(scalar, x), self.compared(CompareOp::NotEqual, scalar, x, 0)),
            "abs" => (self.wrapping_abs(scalar, x), self.is_lowest(scalar, x)),
            "shl" => (self.apply(BinaryOp::Shl, x, y), self.is_past_width(scalar, y)),
            "shr" => (self.apply(BinaryOp::Shr, x, y), self.is_past_width(scalar, y)),
            "pow" => {
                let (bool, no) = (self.scalar_type(Scalar::Bool), self.build.boolean(false));
                let noted = self.build.local("", bool);
                self.build.set(noted, no);
                let power = self.power(scalar, x, y, Overflow::Noted(noted));
                (power, self.build.get(noted))
            }
            "div" | "rem" | "div_euclid" | "rem_euclid" => {
                let overflows = self.quotient_overflows(scalar, x, y);
                (self.wrapping_division(name, scalar, x, y)?, overflows)
            }
            _ => return None,
        })
    }

    /// `checked_name`: `None` where the exact result does not fit, or where there is none.
    pub(super) fn checked_method(&mut self, name: &str, scalar: Scalar, x: ValueId, y: ValueId) -> Option<ValueId> {
        let (value, fails) = match name {
            "div" | "rem" | "div_euclid" | "rem_euclid" => {
                let (zero, one) = (self.compared(CompareOp::Equal, scalar, y, 0), self.number(scalar, 1));
                let overflows = self.quotient_overflows(scalar, x, y);
                let fails = self.apply(BinaryOp::Or, zero, overflows);
                let divisor = self.select(fails, one, y);
                (self.binary_integer_method_or_operator(name, scalar, x, divisor)?, fails)
            }
            // Not below zero, where a device may have 32 bits for a `usize` and no result that wraps.
            "sub" if !scalar.is_signed() => {
                let fails = self.is(CompareOp::Less, x, y);
                let y = self.select(fails, x, y);
                (self.apply(BinaryOp::Sub, x, y), fails)
            }
            "ilog2" => {
                let fails = self.compared(CompareOp::LessEqual, scalar, x, 0);
                let one = self.number(scalar, 1);
                let x = self.select(fails, one, x);
                (self.unary_integer_method(name, scalar, x)?, fails)
            }
            "next_power_of_two" => {
                let highest = 1_i128 << (scalar.bits() - 1);
                let fails = self.compared(CompareOp::Greater, scalar, x, highest);
                let one = self.number(scalar, 1);
                let x = self.select(fails, one, x);
                (self.unary_integer_method(name, scalar, x)?, fails)
            }
            "add_signed" => self.noted_add_signed(scalar, x, y),
            _ => self.overflowing(name, scalar, x, y)?,
        };
        let fits = self.invert(fails);
        Some(self.just_if(fits, value))
    }

    pub(super) fn noted_add(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> Noted {
        let sum = self.apply(BinaryOp::Add, x, y);
        if !scalar.is_signed() {
            return (sum, self.is(CompareOp::Less, sum, x));
        }
        // Both operands have the sign that the sum has not.
        let (a, b) = (self.apply(BinaryOp::Xor, x, sum), self.apply(BinaryOp::Xor, y, sum));
        let both = self.apply(BinaryOp::And, a, b);
        (sum, self.compared(CompareOp::Less, scalar, both, 0))
    }

    fn noted_sub(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> Noted {
        let difference = self.apply(BinaryOp::Sub, x, y);
        if !scalar.is_signed() {
            return (difference, self.is(CompareOp::Less, x, y));
        }
        // The operands' signs differ, and the difference has not the first one's.
        let (a, b) = (self.apply(BinaryOp::Xor, x, y), self.apply(BinaryOp::Xor, x, difference));
        let both = self.apply(BinaryOp::And, a, b);
        (difference, self.compared(CompareOp::Less, scalar, both, 0))
    }

    pub(super) fn noted_mul(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> Noted {
        let product = self.apply(BinaryOp::Mul, x, y);
        let (_, high) = scalar.range();
        if !scalar.is_signed() {
            let limit = self.number(scalar, high);
            return (product, self.exceeds(scalar, x, y, limit));
        }
        let magnitude = unsigned(scalar);
        let (limit_high, limit_low) = (self.number(magnitude, high), self.number(magnitude, high + 1));
        let signs = self.apply(BinaryOp::Xor, x, y);
        let limit = self.choose_by_sign(scalar, signs, limit_low, limit_high);
        let (a, b) = (self.wrapping_abs(scalar, x), self.wrapping_abs(scalar, y));
        let (a, b) = (self.as_unsigned(a, scalar), self.as_unsigned(b, scalar));
        (product, self.exceeds(magnitude, a, b, limit))
    }

    /// An unsigned number and a signed one.
    pub(super) fn noted_add_signed(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> Noted {
        let signed = super::signed(scalar);
        let negative = self.compared(CompareOp::Less, signed, y, 0);
        let y = self.cast_scalar(y, scalar);
        let (sum, carry) = self.noted_add(scalar, x, y);
        // Of a negative number the bits are too large by 2^n, so that a sum that fits carries.
        (sum, self.apply(BinaryOp::Xor, carry, negative))
    }

    fn is_past_width(&mut self, scalar: Scalar, count: ValueId) -> ValueId {
        self.compared(CompareOp::GreaterEqual, Scalar::U32, count, scalar.bits().into())
    }

    fn is_lowest(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        self.compared(CompareOp::Equal, scalar, x, scalar.range().0)
    }

    /// Is it `MIN / -1`?
    fn quotient_overflows(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        if !scalar.is_signed() {
            return self.build.boolean(false);
        }
        let lowest = self.is_lowest(scalar, x);
        let minus_one = self.compared(CompareOp::Equal, scalar, y, -1);
        self.apply(BinaryOp::And, lowest, minus_one)
    }

    /// `wrapping_div` and its kin: only division by zero panics.
    pub(super) fn wrapping_division(&mut self, name: &str, scalar: Scalar, x: ValueId, y: ValueId) -> Option<ValueId> {
        if !scalar.is_signed() {
            return self.binary_integer_method_or_operator(name, scalar, x, y);
        }
        // By -1 it is a negation, which wraps; a rest is 0 then as it is by 1.
        let minus_one = self.compared(CompareOp::Equal, scalar, y, -1);
        let one = self.number(scalar, 1);
        let divisor = self.select(minus_one, one, y);
        let result = self.binary_integer_method_or_operator(name, scalar, x, divisor)?;
        if name.starts_with("rem") {
            return Some(result);
        }
        let negated = self.minus(x);
        Some(self.select(minus_one, negated, result))
    }

    /// `div` and `rem` are operators, not methods.
    fn binary_integer_method_or_operator(
        &mut self,
        name: &str,
        scalar: Scalar,
        x: ValueId,
        y: ValueId,
    ) -> Option<ValueId> {
        match name {
            "div" => Some(self.quotient(x, y)),
            "rem" => Some(self.remainder(x, y)),
            _ => self.binary_integer_method(name, scalar, x, y),
        }
    }

    /// `saturating_pow`: the end of the range on the exact power's side.
    pub(super) fn saturating_pow(&mut self, scalar: Scalar, x: ValueId, n: ValueId) -> Option<ValueId> {
        let (power, overflows) = self.overflowing("pow", scalar, x, n)?;
        let (low, high) = scalar.range();
        let high = self.number(scalar, high);
        if !scalar.is_signed() {
            return Some(self.select(overflows, high, power));
        }
        let low = self.number(scalar, low);
        let one = self.number(Scalar::U32, 1);
        let bit = self.apply(BinaryOp::And, n, one);
        let odd = self.is(CompareOp::Equal, bit, one);
        let negative = self.compared(CompareOp::Less, scalar, x, 0);
        let below = self.apply(BinaryOp::And, odd, negative);
        let end = self.select(below, low, high);
        Some(self.select(overflows, end, power))
    }

    /// `unbounded_shl`, `unbounded_shr`: all bits leave where the count is that large.
    pub(super) fn unbounded_shift(&mut self, op: BinaryOp, scalar: Scalar, x: ValueId, n: ValueId) -> ValueId {
        let past = self.is_past_width(scalar, n);
        let shifted = self.apply(op, x, n);
        let zero = self.number(scalar, 0);
        if op == BinaryOp::Shr && scalar.is_signed() {
            let minus_one = self.number(scalar, -1);
            let rest = self.choose_by_sign(scalar, x, minus_one, zero);
            return self.select(past, rest, shifted);
        }
        self.select(past, zero, shifted)
    }

    /// The mean, rounded: of unsigned numbers down, of signed ones towards zero.
    pub(super) fn midpoint(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        let (both, either) = (self.apply(BinaryOp::And, x, y), self.apply(BinaryOp::Xor, x, y));
        let one = self.number(Scalar::U32, 1);
        let half = self.apply(BinaryOp::Shr, either, one);
        let floor = self.apply(BinaryOp::Add, both, half);
        if !scalar.is_signed() {
            return floor;
        }
        // Rounded down; a negative mean that lost a half moves up.
        let bit = self.number(scalar, 1);
        let lost = self.apply(BinaryOp::And, either, bit);
        let up = self.apply(BinaryOp::Add, floor, lost);
        self.choose_by_sign(scalar, floor, up, floor)
    }

    /// `ilog10`: how many powers of ten from 10 on are not above it.
    pub(super) fn ilog10(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let positive = self.compared(CompareOp::Greater, scalar, x, 0);
        self.check(positive, "argument of integer logarithm must be positive");
        let (_, high) = scalar.range();
        let mut count = self.number(Scalar::U32, 0);
        let mut power = 10_i128;
        while power <= high {
            let reached = self.compared(CompareOp::GreaterEqual, scalar, x, power);
            let reached = self.cast_scalar(reached, Scalar::U32);
            count = self.apply(BinaryOp::Add, count, reached);
            power *= 10;
        }
        count
    }

    /// `isqrt`, bit by bit from the top.
    pub(super) fn isqrt(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let (mut rest, mut root) = (x, self.number(scalar, 0));
        let mut bit = 1_i128 << ((scalar.bits() - 1) / 2 * 2);
        if scalar.is_signed() {
            let nonnegative = self.compared(CompareOp::GreaterEqual, scalar, x, 0);
            self.check(nonnegative, "argument of integer square root cannot be negative");
            bit = 1_i128 << ((scalar.bits() - 2) / 2 * 2);
        }
        let one = self.number(Scalar::U32, 1);
        while bit > 0 {
            let step = self.number(scalar, bit);
            let trial = self.apply(BinaryOp::Add, root, step);
            let fits = self.is(CompareOp::GreaterEqual, rest, trial);
            let less = self.apply(BinaryOp::Sub, rest, trial);
            rest = self.select(fits, less, rest);
            let half = self.apply(BinaryOp::Shr, root, one);
            let with = self.apply(BinaryOp::Add, half, step);
            root = self.select(fits, with, half);
            bit >>= 2;
        }
        root
    }
}
