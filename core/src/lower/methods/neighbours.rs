//! Methods of floats that look at their bits, and inverse hyperbolic functions as std makes them.

use crate::ir::{BinaryOp, CompareOp, MathFunction, Scalar, ValueId};
use crate::lower::function::Lowering;

impl Lowering<'_> {
    /// `next_up`, `next_down`: the float beside it; NaN and the infinity on that side stay.
    pub(super) fn neighbour(&mut self, scalar: Scalar, bits: Scalar, x: ValueId, up: bool) -> ValueId {
        let raw = self.bitcast(x, bits);
        let (zero, one) = (self.float(scalar, 0.0), self.number(bits, 1));
        let outwards = self.is(if up { CompareOp::Greater } else { CompareOp::Less }, x, zero);
        let (more, less) = (self.apply(BinaryOp::Add, raw, one), self.apply(BinaryOp::Sub, raw, one));
        let beside = self.select(outwards, more, less);
        // Beside both zeros is the smallest number of the other sign, or of the same.
        let least = if up { 1 } else { 1 | 1 << (bits.bits() - 1) };
        let least = self.number(bits, least);
        let is_zero = self.is(CompareOp::Equal, x, zero);
        let beside = self.select(is_zero, least, beside);
        let end = self.float(scalar, if up { f64::INFINITY } else { f64::NEG_INFINITY });
        let nan = self.is(CompareOp::NotEqual, x, x);
        let last = self.is(CompareOp::Equal, x, end);
        let stays = self.apply(BinaryOp::Or, nan, last);
        let beside = self.select(stays, raw, beside);
        self.bitcast(beside, scalar)
    }

    /// `is_normal`, `is_subnormal`
    pub(super) fn exponent_is(&mut self, scalar: Scalar, bits: Scalar, x: ValueId, normal: bool) -> ValueId {
        let (width, fraction) = (bits.bits(), if scalar == Scalar::F32 { 23 } else { 52 });
        let raw = self.bitcast(x, bits);
        let all = self.number(bits, (1 << (width - 1)) - 1);
        let magnitude = self.apply(BinaryOp::And, raw, all);
        let infinity = ((1_i128 << (width - 1 - fraction)) - 1) << fraction;
        let (low, high) = if normal { (1 << fraction, infinity) } else { (1, 1 << fraction) };
        let above = self.compared(CompareOp::GreaterEqual, bits, magnitude, low);
        let below = self.compared(CompareOp::Less, bits, magnitude, high);
        self.apply(BinaryOp::And, above, below)
    }

    /// `(|x| + |x| / (hypot(1, 1/|x|) + 1/|x|)).ln_1p()` with the sign of `x`
    pub(super) fn asinh(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let one = self.float(scalar, 1.0);
        let magnitude = self.math(MathFunction::Abs, vec![x]);
        let inverse = self.apply(BinaryOp::Div, one, magnitude);
        let root = self.math(MathFunction::Hypot, vec![one, inverse]);
        let root = self.apply(BinaryOp::Add, root, inverse);
        let part = self.apply(BinaryOp::Div, magnitude, root);
        let sum = self.apply(BinaryOp::Add, magnitude, part);
        let result = self.math(MathFunction::Ln1p, vec![sum]);
        self.math(MathFunction::Copysign, vec![result, x])
    }

    /// `(x + sqrt(x - 1) * sqrt(x + 1)).ln()`, NaN below 1
    pub(super) fn acosh(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let one = self.float(scalar, 1.0);
        let (less, more) = (self.apply(BinaryOp::Sub, x, one), self.apply(BinaryOp::Add, x, one));
        let (less, more) = (self.math(MathFunction::Sqrt, vec![less]), self.math(MathFunction::Sqrt, vec![more]));
        let root = self.apply(BinaryOp::Mul, less, more);
        let sum = self.apply(BinaryOp::Add, x, root);
        let result = self.math(MathFunction::Ln, vec![sum]);
        let nan = self.float(scalar, f64::NAN);
        let outside = self.is(CompareOp::Less, x, one);
        self.select(outside, nan, result)
    }

    /// `0.5 * (2|x| / (1 - |x|)).ln_1p()` with the sign of `x`
    pub(super) fn atanh(&mut self, scalar: Scalar, x: ValueId) -> ValueId {
        let (half, one, two) = (self.float(scalar, 0.5), self.float(scalar, 1.0), self.float(scalar, 2.0));
        let magnitude = self.math(MathFunction::Abs, vec![x]);
        let double = self.apply(BinaryOp::Mul, two, magnitude);
        let rest = self.apply(BinaryOp::Sub, one, magnitude);
        let quotient = self.apply(BinaryOp::Div, double, rest);
        let logarithm = self.math(MathFunction::Ln1p, vec![quotient]);
        let result = self.apply(BinaryOp::Mul, half, logarithm);
        self.math(MathFunction::Copysign, vec![result, x])
    }
}
