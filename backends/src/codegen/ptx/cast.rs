//! Rust's `as`, and changes of type that keep the bits.

use landbridge_core::ir::Scalar;

use super::emit::Emitter;
use super::val::{Class, Operand, type_name};

impl Emitter<'_> {
    pub(super) fn cast(&mut self, from: Scalar, to: Scalar, x: &str) -> Operand {
        match (from, to) {
            _ if from == to => x.into(),
            (Scalar::F32, Scalar::F64) => self.op(Class::F64, "cvt.f64.f32", &[x]),
            (Scalar::F64, Scalar::F32) => self.op(Class::F32, "cvt.rn.f32.f64", &[x]),
            (Scalar::F32 | Scalar::F64, _) => self.float_to_integer(from, to, x),
            (Scalar::Bool, Scalar::F32) => self.op(Class::F32, "selp.f32", &["0f3F800000", "0f00000000", x]),
            (Scalar::Bool, Scalar::F64) => {
                self.op(Class::F64, "selp.f64", &["0d3FF0000000000000", "0d0000000000000000", x])
            }
            (Scalar::Bool, _) => {
                let class = Class::of(to);
                self.op(class, &format!("selp.{}", class.name()), &["1", "0", x])
            }
            (_, Scalar::F32 | Scalar::F64) => {
                let name = format!("cvt.rn.{}.{}", type_name(to), type_name(from));
                self.op(Class::of(to), &name, &[x])
            }
            (_, Scalar::Bool) => self.test(&format!("ne.{}", type_name(from)), x, "0"),
            _ => self.integer_to_integer(from, to, x),
        }
    }

    fn integer_to_integer(&mut self, from: Scalar, to: Scalar, x: &str) -> Operand {
        match (from.size() == 8, to.size() == 8) {
            (true, true) => x.into(),
            (false, true) => {
                let name = if from.is_signed() { "cvt.s64.s32" } else { "cvt.u64.u32" };
                self.op(Class::B64, name, &[x])
            }
            (true, false) => {
                let low = self.op(Class::B32, "cvt.u32.u64", &[x]);
                self.wrapped(to, low)
            }
            (false, false) => match to.range().0 <= from.range().0 && to.range().1 >= from.range().1 {
                true => x.into(),
                false => self.wrapped(to, x.into()),
            },
        }
    }

    /// Towards zero, to the nearest number that the type has; NaN gives 0.
    ///
    /// `cvt` saturates to the type that it names, of 32 or 64 bits. NaN gives 0 only where source and destination have 32 bits.
    fn float_to_integer(&mut self, from: Scalar, to: Scalar, x: &str) -> Operand {
        let class = Class::of(to);
        let name = format!("cvt.rzi.{}.{}", type_name(to), type_name(from));
        let mut result = self.op(class, &name, &[x]);
        if from == Scalar::F64 || class == Class::B64 {
            let is_nan = self.test(&format!("nan.{}", type_name(from)), x, x);
            result = self.op(class, &format!("selp.{}", class.name()), &["0", &result, &is_nan]);
        }
        if to.size() >= 4 {
            return result;
        }
        let (least, most) = to.range();
        let name = type_name(to);
        let result = self.op(class, &format!("min.{name}"), &[&result, &most.to_string()]);
        match to.is_signed() {
            true => self.op(class, &format!("max.{name}"), &[&result, &least.to_string()]),
            false => result,
        }
    }

    pub(super) fn bitcast(&mut self, from: Scalar, to: Scalar, x: &str) -> Operand {
        let (a, b) = (Class::of(from), Class::of(to));
        if a != b {
            let name = if to.size() == 8 { "mov.b64" } else { "mov.b32" };
            return self.op(b, name, &[x]);
        }
        match from == to {
            true => x.into(),
            false => self.wrapped(to, x.into()),
        }
    }
}
