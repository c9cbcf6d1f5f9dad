//! Arithmetic of floats, and how drivers are kept from simplifying it where that is asked for.

use landbridge_core::ir::{BinaryOp, Scalar, TypeId, ValueId};

use super::emit::{Emitter, Result};
use super::text::Text;

impl Emitter<'_> {
    pub(super) fn float_binary(&mut self, op: BinaryOp, left: ValueId, right: ValueId, scalar: Scalar) -> Result<Text> {
        let (a, b) = self.pair(left, right)?;
        let (a, b) = (self.opaque(a, scalar, Side::Left)?, self.opaque(b, scalar, Side::Right)?);
        Ok(match op {
            BinaryOp::Add => a.infix("+", &b),
            BinaryOp::Sub => a.infix("-", &b),
            BinaryOp::Mul => a.infix("*", &b),
            // A constant zero divisor is refused where it is a literal.
            BinaryOp::Div => {
                let b = self.at_run_time_if_zero(b);
                let b = if self.target.rounds_as_host { self.hidden_divisor(b, scalar) } else { b };
                a.infix("/", &b)
            }
            BinaryOp::Rem => {
                let function = match scalar {
                    Scalar::F64 => "lb_fmod_f64",
                    _ => "lb_fmod_f32",
                };
                if scalar == Scalar::F64 && !self.target.int64 {
                    return self
                        .error("`%` of `f64`", "it takes 64-bit integers (SHADER_INT64), which the device lacks");
                }
                self.library.require(function);
                Text::call(function, &[&a, &b])
            }
            _ => return self.error("a bit operation", "on floats: the module is not verified"),
        })
    }

    /// A divisor that the driver does not know to be a constant.
    fn hidden_divisor(&mut self, text: Text, scalar: Scalar) -> Text {
        if self.target.floats_as_written || scalar != Scalar::F32 {
            return text;
        }
        self.library.require("lb_right_f32");
        Text::call("lb_right_f32", &[&text])
    }

    fn at_run_time_if_zero(&mut self, text: Text) -> Text {
        let zero = text.is_literal()
            && text.s.trim_matches(|c: char| !c.is_ascii_digit()).chars().all(|c| c == '0' || c == '.');
        if zero { self.at_run_time(text) } else { text }
    }

    /// The result of an operation, as the driver must not see through it.
    pub(super) fn as_written(&mut self, text: Text, ty: TypeId) -> Result<Text> {
        match self.scalar(ty) {
            Some(scalar) => self.opaque(text, scalar, Side::Left),
            None => Ok(text),
        }
    }

    /// The same number, of which the driver knows nothing, where [`super::WgslTarget::floats_as_written`] asks for it. The
    /// two sides hide it differently, so that `a - a` is not seen to be 0 either.
    pub(super) fn opaque(&mut self, text: Text, scalar: Scalar, side: Side) -> Result<Text> {
        if !self.target.floats_as_written || !scalar.is_float() {
            return Ok(text);
        }
        let function = match (scalar, side) {
            (Scalar::F64, _) if !self.target.int64 => {
                return self.error("`f64` as it is written", "it takes 64-bit integers (SHADER_INT64)");
            }
            (Scalar::F64, Side::Left) => "lb_left_f64",
            (Scalar::F64, Side::Right) => "lb_right_f64",
            (_, Side::Left) => "lb_left_f32",
            (_, Side::Right) => "lb_right_f32",
        };
        self.library.require(function);
        Ok(Text::call(function, &[&text]))
    }
}

/// Where an operand stands; a result goes to the left.
#[derive(Clone, Copy)]
pub(super) enum Side {
    Left,
    Right,
}
