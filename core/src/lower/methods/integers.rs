//! Methods of integers.

use super::power::Overflow;
use crate::ir::{BinaryOp, CompareOp, MathFunction, PanicKind, Scalar, UnaryOp, ValueId};
use crate::lower::function::Lowering;

impl Lowering<'_> {
    /// A method of an integer; `None` if it is not known.
    pub(super) fn integer_method(&mut self, name: &str, scalar: Scalar, values: &[ValueId]) -> Option<ValueId> {
        match *values {
            [x] | [x, _] if let Some(name) = name.strip_prefix("overflowing_") => {
                let (value, overflows) = self.overflowing(name, scalar, x, *values.last()?)?;
                Some(self.make_tuple(vec![value, overflows]))
            }
            [x] | [x, _] if let Some(name) = name.strip_prefix("checked_") => {
                self.checked_method(name, scalar, x, *values.last()?)
            }
            [x] => self.unary_integer_method(name, scalar, x),
            [x, y] => self.binary_integer_method(name, scalar, x, y),
            [x, low, high] if name == "clamp" => {
                let ordered = self.is(CompareOp::LessEqual, low, high);
                self.check_showing(ordered, &["min > max. min = ", ", max = "], &[low, high]);
                let x = self.math(MathFunction::Max, vec![x, low]);
                Some(self.math(MathFunction::Min, vec![x, high]))
            }
            _ => None,
        }
    }

    pub(super) fn unary_integer_method(&mut self, name: &str, scalar: Scalar, x: ValueId) -> Option<ValueId> {
        use MathFunction::*;
        let signed = scalar.is_signed();
        Some(match name {
            "count_ones" => self.math(CountOnes, vec![x]),
            "leading_zeros" => self.math(LeadingZeros, vec![x]),
            "trailing_zeros" => self.math(TrailingZeros, vec![x]),
            "reverse_bits" => self.math(ReverseBits, vec![x]),
            "swap_bytes" => self.math(SwapBytes, vec![x]),
            "count_zeros" => self.of_complement(CountOnes, x),
            "leading_ones" => self.of_complement(LeadingZeros, x),
            "trailing_ones" => self.of_complement(TrailingZeros, x),
            "ilog10" => self.ilog10(scalar, x),
            "isqrt" => self.isqrt(scalar, x),
            "cast_signed" => self.cast_scalar(x, super::signed(scalar)),
            "cast_unsigned" => self.as_unsigned(x, scalar),
            "to_le_bytes" | "to_be_bytes" | "to_ne_bytes" => self.bytes_of(name, scalar, x),
            "to_le" => x,
            "to_be" => self.math(SwapBytes, vec![x]),
            "saturating_neg" | "saturating_abs" if signed => {
                let (low, high) = scalar.range();
                let lowest = self.compared(CompareOp::Equal, scalar, x, low);
                let high = self.number(scalar, high);
                let magnitude = if name == "saturating_neg" { self.minus(x) } else { self.wrapping_abs(scalar, x) };
                self.select(lowest, high, magnitude)
            }
            "wrapping_neg" => self.wrapping_neg(scalar, x),
            "abs" if signed => {
                // Only the smallest value overflows, and it is negative.
                let site = self.overflow_site(PanicKind::NegOverflow);
                let negated = self.unary(UnaryOp::Neg, x, site);
                self.choose_by_sign(scalar, x, negated, x)
            }
            "wrapping_abs" if signed => self.wrapping_abs(scalar, x),
            "unsigned_abs" if signed => {
                let magnitude = self.wrapping_abs(scalar, x);
                self.as_unsigned(magnitude, scalar)
            }
            "signum" if signed => {
                let (zero, one) = (self.number(scalar, 0), self.number(scalar, 1));
                let minus_one = self.number(scalar, -1);
                let positive = self.is(CompareOp::Greater, x, zero);
                let sign = self.select(positive, one, zero);
                self.choose_by_sign(scalar, x, minus_one, sign)
            }
            "is_positive" if signed => self.compared(CompareOp::Greater, scalar, x, 0),
            "is_negative" if signed => self.compared(CompareOp::Less, scalar, x, 0),
            "is_power_of_two" if !signed => {
                let ones = self.math(CountOnes, vec![x]);
                self.compared(CompareOp::Equal, Scalar::U32, ones, 1)
            }
            "next_power_of_two" if !signed => self.next_power_of_two(scalar, x),
            "ilog2" => {
                let positive = self.compared(CompareOp::Greater, scalar, x, 0);
                self.check(positive, "argument of integer logarithm must be positive");
                let zeros = self.math(LeadingZeros, vec![x]);
                let top = self.number(Scalar::U32, i128::from(scalar.bits()) - 1);
                self.apply(BinaryOp::Sub, top, zeros)
            }
            _ => return None,
        })
    }

    pub(super) fn binary_integer_method(
        &mut self,
        name: &str,
        scalar: Scalar,
        x: ValueId,
        y: ValueId,
    ) -> Option<ValueId> {
        use MathFunction::*;
        let signed = scalar.is_signed();
        Some(match name {
            "wrapping_add" => self.apply(BinaryOp::Add, x, y),
            "wrapping_sub" => self.apply(BinaryOp::Sub, x, y),
            "wrapping_mul" => self.apply(BinaryOp::Mul, x, y),
            "wrapping_shl" => self.apply(BinaryOp::Shl, x, y),
            "wrapping_shr" => self.apply(BinaryOp::Shr, x, y),
            "wrapping_div" | "wrapping_rem" | "wrapping_div_euclid" | "wrapping_rem_euclid" => {
                self.wrapping_division(name.strip_prefix("wrapping_")?, scalar, x, y)?
            }
            "wrapping_add_signed" | "wrapping_add_unsigned" => {
                let y = self.cast_scalar(y, scalar);
                self.apply(BinaryOp::Add, x, y)
            }
            "wrapping_sub_unsigned" => {
                let y = self.cast_scalar(y, scalar);
                self.apply(BinaryOp::Sub, x, y)
            }
            "saturating_add_signed" => {
                let (sum, overflows) = self.noted_add_signed(scalar, x, y);
                let (low, high) = (self.number(scalar, 0), self.number(scalar, scalar.range().1));
                let end = self.choose_by_sign(super::signed(scalar), y, low, high);
                self.select(overflows, end, sum)
            }
            "saturating_div" => {
                let (quotient, overflows) = self.overflowing("div", scalar, x, y)?;
                let high = self.number(scalar, scalar.range().1);
                self.select(overflows, high, quotient)
            }
            "saturating_pow" => self.saturating_pow(scalar, x, y)?,
            "unbounded_shl" => self.unbounded_shift(BinaryOp::Shl, scalar, x, y),
            "unbounded_shr" => self.unbounded_shift(BinaryOp::Shr, scalar, x, y),
            "midpoint" => self.midpoint(scalar, x, y),
            "saturating_add" => self.saturating_add(scalar, x, y),
            "saturating_sub" => self.saturating_sub(scalar, x, y),
            "saturating_mul" => self.saturating_mul(scalar, x, y),
            "pow" => self.power(scalar, x, y, Overflow::Panics),
            "wrapping_pow" => self.power(scalar, x, y, Overflow::Wraps),
            "min" => self.math(Min, vec![x, y]),
            "max" => self.math(Max, vec![x, y]),
            "rotate_left" => self.math(RotateLeft, vec![x, y]),
            "rotate_right" => self.math(RotateRight, vec![x, y]),
            "abs_diff" => {
                let (high, low) = (self.math(Max, vec![x, y]), self.math(Min, vec![x, y]));
                let (high, low) = (self.as_unsigned(high, scalar), self.as_unsigned(low, scalar));
                self.apply(BinaryOp::Sub, high, low)
            }
            "rem_euclid" => {
                let rest = self.remainder(x, y);
                if !signed {
                    return Some(rest);
                }
                let magnitude = self.wrapping_abs(scalar, y);
                let lifted = self.apply(BinaryOp::Add, rest, magnitude);
                self.choose_by_sign(scalar, rest, lifted, rest)
            }
            "div_euclid" => {
                let quotient = self.quotient(x, y);
                if !signed {
                    return Some(quotient);
                }
                let rest = self.remainder(x, y);
                let one = self.number(scalar, 1);
                let less = self.apply(BinaryOp::Sub, quotient, one);
                let more = self.apply(BinaryOp::Add, quotient, one);
                let moved = self.choose_by_sign(scalar, y, more, less);
                self.choose_by_sign(scalar, rest, moved, quotient)
            }
            "div_ceil" if !signed => {
                let quotient = self.quotient(x, y);
                let rest = self.remainder(x, y);
                let some = self.compared(CompareOp::Greater, scalar, rest, 0);
                let some = self.cast_scalar(some, scalar);
                self.apply(BinaryOp::Add, quotient, some)
            }
            "is_multiple_of" if !signed => {
                // Of 0 only 0 is a multiple; that is no division by zero.
                let zero = self.number(scalar, 0);
                let one = self.number(scalar, 1);
                let none = self.is(CompareOp::Equal, y, zero);
                let divisor = self.select(none, one, y);
                let rest = self.remainder(x, divisor);
                let rest = self.select(none, x, rest);
                self.is(CompareOp::Equal, rest, zero)
            }
            "next_multiple_of" if !signed => {
                let rest = self.remainder(x, y);
                let none = self.compared(CompareOp::Equal, scalar, rest, 0);
                let missing = self.apply(BinaryOp::Sub, y, rest);
                let zero = self.number(scalar, 0);
                let missing = self.select(none, zero, missing);
                let site = self.overflow_site(PanicKind::AddOverflow);
                self.build.binary(BinaryOp::Add, x, missing, site)
            }
            _ => return None,
        })
    }

    fn of_complement(&mut self, function: MathFunction, x: ValueId) -> ValueId {
        let x = self.unary(UnaryOp::Not, x, None);
        self.math(function, vec![x])
    }

    /// A comparison with a constant.
    pub(super) fn compared(&mut self, op: CompareOp, scalar: Scalar, x: ValueId, constant: i128) -> ValueId {
        let constant = self.number(scalar, constant);
        self.is(op, x, constant)
    }

    /// `negative` if `x < 0`, else `other`.
    pub(super) fn choose_by_sign(&mut self, scalar: Scalar, x: ValueId, negative: ValueId, other: ValueId) -> ValueId {
        let below = self.compared(CompareOp::Less, scalar, x, 0);
        self.select(below, negative, other)
    }

    pub(super) fn wrapping_neg(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        if scalar.is_signed() {
            return self.minus(x);
        }
        let zero = self.number(scalar, 0);
        self.apply(BinaryOp::Sub, zero, x)
    }

    pub(super) fn wrapping_abs(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let negated = self.minus(x);
        self.choose_by_sign(scalar, x, negated, x)
    }

    pub(super) fn quotient(&mut self, x: ValueId, y: ValueId) -> ValueId {
        let site = self.site(PanicKind::Division);
        self.build.binary(BinaryOp::Div, x, y, Some(site))
    }

    pub(super) fn remainder(&mut self, x: ValueId, y: ValueId) -> ValueId {
        let site = self.site(PanicKind::Remainder);
        self.build.binary(BinaryOp::Rem, x, y, Some(site))
    }

    /// One more than all bits below the highest bit of `x - 1`.
    fn next_power_of_two(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let (zero, one) = (self.number(scalar, 0), self.number(scalar, 1));
        let at_most_one = self.math(MathFunction::Min, vec![x, one]);
        let below = self.apply(BinaryOp::Sub, x, at_most_one);
        let zeros = self.math(MathFunction::LeadingZeros, vec![below]);
        let all = self.number(scalar, scalar.range().1);
        // Of 0 all bits are leading zeros; the shift's count is masked, and its result not used.
        let ones = self.apply(BinaryOp::Shr, all, zeros);
        let none = self.is(CompareOp::Equal, below, zero);
        let ones = self.select(none, zero, ones);
        let site = self.overflow_site(PanicKind::AddOverflow);
        self.build.binary(BinaryOp::Add, ones, one, site)
    }
}
