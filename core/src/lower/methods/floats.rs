//! Methods of `f32` and `f64`.

use crate::ir::{BinaryOp, CompareOp, MathFunction, Scalar, UnaryOp, ValueId};
use crate::lower::function::Lowering;

/// Methods that are operations of their own.
fn math_function(name: &str) -> Option<MathFunction> {
    use MathFunction::*;
    Some(match name {
        "sqrt" => Sqrt,
        "abs" => Abs,
        "floor" => Floor,
        "ceil" => Ceil,
        "round" => Round,
        "round_ties_even" => RoundTiesEven,
        "trunc" => Trunc,
        "exp" => Exp,
        "exp2" => Exp2,
        "exp_m1" => ExpM1,
        "ln" => Ln,
        "log2" => Log2,
        "log10" => Log10,
        "ln_1p" => Ln1p,
        "cbrt" => Cbrt,
        "sin" => Sin,
        "cos" => Cos,
        "tan" => Tan,
        "asin" => Asin,
        "acos" => Acos,
        "atan" => Atan,
        "sinh" => Sinh,
        "cosh" => Cosh,
        "tanh" => Tanh,
        "atan2" => Atan2,
        "powf" => Powf,
        "powi" => Powi,
        "hypot" => Hypot,
        "copysign" => Copysign,
        "mul_add" => MulAdd,
        "min" => Min,
        "max" => Max,
        _ => return None,
    })
}

impl Lowering<'_> {
    /// A method of a float; `None` if it is not known.
    pub(super) fn float_method(&mut self, name: &str, scalar: Scalar, values: &[ValueId]) -> Option<ValueId> {
        if let Some(function) = math_function(name) {
            let arguments = values.get(..function.arity())?.to_vec();
            return Some(self.math(function, arguments));
        }
        let bits = match scalar {
            Scalar::F32 => Scalar::U32,
            _ => Scalar::U64,
        };
        Some(match (name, values) {
            ("clamp", &[x, low, high]) => self.clamp_float(x, low, high),
            ("rem_euclid", &[x, y]) => self.rem_euclid_float(scalar, x, y),
            ("div_euclid", &[x, y]) => self.div_euclid_float(scalar, x, y),
            ("log", &[x, base]) => {
                let x = self.math(MathFunction::Ln, vec![x]);
                let base = self.math(MathFunction::Ln, vec![base]);
                self.apply(BinaryOp::Div, x, base)
            }
            ("signum", &[x]) => {
                let one = self.float(scalar, 1.0);
                let sign = self.math(MathFunction::Copysign, vec![one, x]);
                let nan = self.is(CompareOp::NotEqual, x, x);
                self.select(nan, x, sign)
            }
            ("recip", &[x]) => {
                let one = self.float(scalar, 1.0);
                self.apply(BinaryOp::Div, one, x)
            }
            ("fract", &[x]) => {
                let whole = self.math(MathFunction::Trunc, vec![x]);
                self.apply(BinaryOp::Sub, x, whole)
            }
            // std multiplies by constants, which multiplying 1 by them gives.
            ("to_radians", &[x]) => {
                let factor = match scalar {
                    Scalar::F32 => f64::from(1_f32.to_radians()),
                    _ => 1_f64.to_radians(),
                };
                let factor = self.float(scalar, factor);
                self.apply(BinaryOp::Mul, x, factor)
            }
            ("to_degrees", &[x]) => {
                let factor = match scalar {
                    Scalar::F32 => f64::from(1_f32.to_degrees()),
                    _ => 1_f64.to_degrees(),
                };
                let factor = self.float(scalar, factor);
                self.apply(BinaryOp::Mul, x, factor)
            }
            ("sin_cos", &[x]) => {
                let sin = self.math(MathFunction::Sin, vec![x]);
                let cos = self.math(MathFunction::Cos, vec![x]);
                self.make_tuple(vec![sin, cos])
            }
            ("asinh", &[x]) => self.asinh(scalar, x),
            ("acosh", &[x]) => self.acosh(scalar, x),
            ("atanh", &[x]) => self.atanh(scalar, x),
            ("next_up", &[x]) => self.neighbour(scalar, bits, x, true),
            ("next_down", &[x]) => self.neighbour(scalar, bits, x, false),
            ("is_normal", &[x]) => self.exponent_is(scalar, bits, x, true),
            ("is_subnormal", &[x]) => self.exponent_is(scalar, bits, x, false),
            ("is_nan", &[x]) => self.is(CompareOp::NotEqual, x, x),
            ("is_finite", &[x]) => self.magnitude_is(CompareOp::Less, scalar, x),
            ("is_infinite", &[x]) => self.magnitude_is(CompareOp::Equal, scalar, x),
            ("is_sign_negative", &[x]) => self.sign_bit(x, bits, true),
            ("is_sign_positive", &[x]) => self.sign_bit(x, bits, false),
            ("to_bits", &[x]) => self.bitcast(x, bits),
            ("to_le_bytes" | "to_be_bytes" | "to_ne_bytes", &[x]) => self.bytes_of(name, scalar, x),
            _ => return None,
        })
    }

    /// `|x|` compared with infinity.
    fn magnitude_is(&mut self, op: CompareOp, scalar: Scalar, x: ValueId) -> ValueId {
        let magnitude = self.math(MathFunction::Abs, vec![x]);
        let infinity = self.float(scalar, f64::INFINITY);
        self.is(op, magnitude, infinity)
    }

    fn sign_bit(&mut self, x: ValueId, bits: Scalar, set: bool) -> ValueId {
        let x = self.bitcast(x, bits);
        let half = self.number(bits, 1 << (bits.bits() - 1));
        let op = if set { CompareOp::GreaterEqual } else { CompareOp::Less };
        self.is(op, x, half)
    }

    /// NaN stays NaN; bounds that are NaN or in the wrong order panic.
    fn clamp_float(&mut self, x: ValueId, low: ValueId, high: ValueId) -> ValueId {
        let ordered = self.is(CompareOp::LessEqual, low, high);
        self.check_showing(ordered, &["min > max, or either was NaN. min = ", ", max = "], &[low, high]);
        let below = self.is(CompareOp::Less, x, low);
        let x = self.select(below, low, x);
        let above = self.is(CompareOp::Greater, x, high);
        self.select(above, high, x)
    }

    fn rem_euclid_float(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        let rest = self.apply(BinaryOp::Rem, x, y);
        let zero = self.float(scalar, 0.0);
        let negative = self.is(CompareOp::Less, rest, zero);
        let magnitude = self.math(MathFunction::Abs, vec![y]);
        let lifted = self.apply(BinaryOp::Add, rest, magnitude);
        self.select(negative, lifted, rest)
    }

    fn div_euclid_float(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        let quotient = self.apply(BinaryOp::Div, x, y);
        let quotient = self.math(MathFunction::Trunc, vec![quotient]);
        let rest = self.apply(BinaryOp::Rem, x, y);
        let (zero, one) = (self.float(scalar, 0.0), self.float(scalar, 1.0));
        let negative = self.is(CompareOp::Less, rest, zero);
        let positive_divisor = self.is(CompareOp::Greater, y, zero);
        let less = self.apply(BinaryOp::Sub, quotient, one);
        let more = self.apply(BinaryOp::Add, quotient, one);
        let moved = self.select(positive_divisor, less, more);
        self.select(negative, moved, quotient)
    }

    /// `-x`
    pub(super) fn minus(&mut self, x: ValueId) -> ValueId {
        self.unary(UnaryOp::Neg, x, None)
    }
}
