//! Functions of std that PTX has as instructions, or as a few of them. Others come from the library before this.

use landbridge_core::ir::{MathFunction, Scalar, ValueId};

use super::emit::{Emitter, Result, typed};
use super::val::{Class, Operand, bits_name, type_name};

impl Emitter<'_> {
    pub(super) fn math(&mut self, function: MathFunction, arguments: &[ValueId]) -> Result<Operand> {
        let scalar = self.scalar_of(arguments[0])?;
        let mut operands = vec![];
        for argument in arguments {
            operands.push(self.operand(*argument)?);
        }
        let x = operands[0].clone();
        let second = operands.get(1).cloned().unwrap_or_else(|| x.clone());
        match function {
            MathFunction::Min => Ok(self.op(Class::of(scalar), &typed("min", scalar), &[&x, &second])),
            MathFunction::Max => Ok(self.op(Class::of(scalar), &typed("max", scalar), &[&x, &second])),
            _ if scalar.is_float() => self.float_function(function, scalar, &operands),
            _ => Ok(self.integer_function(function, scalar, &x, &second)),
        }
    }

    fn float_function(&mut self, function: MathFunction, scalar: Scalar, x: &[Operand]) -> Result<Operand> {
        let (class, name) = (Class::of(scalar), type_name(scalar));
        let operands: Vec<&str> = x.iter().map(|x| &**x).collect();
        let rounded = |mode: &str| format!("cvt.{mode}.{name}.{name}");
        Ok(match function {
            MathFunction::Sqrt => self.op(class, &typed("sqrt.rn", scalar), &operands),
            MathFunction::Abs => self.op(class, &typed("abs", scalar), &operands),
            MathFunction::Floor => self.op(class, &rounded("rmi"), &operands),
            MathFunction::Ceil => self.op(class, &rounded("rpi"), &operands),
            MathFunction::Trunc => self.op(class, &rounded("rzi"), &operands),
            MathFunction::RoundTiesEven => self.op(class, &rounded("rni"), &operands),
            MathFunction::Round => self.round(scalar, &x[0]),
            // The first operand's sign, the second's number.
            MathFunction::Copysign => self.op(class, &typed("copysign", scalar), &[operands[1], operands[0]]),
            MathFunction::MulAdd => self.op(class, &typed("fma.rn", scalar), &operands),
            other => {
                return self.unsupported(
                    &format!("`{}` of {}", format!("{other:?}").to_lowercase(), scalar.name()),
                    "it is not in the library yet; run the kernel on another device",
                );
            }
        })
    }

    /// To the nearest, halves away from zero: what is cut off is exact, and added back as a whole if it is a half or more.
    fn round(&mut self, scalar: Scalar, x: &str) -> Operand {
        let (class, name) = (Class::of(scalar), type_name(scalar));
        let [zero, half, one] = match scalar {
            Scalar::F32 => ["0f00000000", "0f3F000000", "0f3F800000"],
            _ => ["0d0000000000000000", "0d3FE0000000000000", "0d3FF0000000000000"],
        };
        let whole = self.op(class, &format!("cvt.rzi.{name}.{name}"), &[x]);
        let rest = self.op(class, &format!("sub.rn.{name}"), &[x, &whole]);
        let rest = self.op(class, &format!("abs.{name}"), &[&rest]);
        let up = self.test(&format!("ge.{name}"), &rest, half);
        let step = self.op(class, &format!("selp.{name}"), &[one, zero, &up]);
        let step = self.op(class, &format!("copysign.{name}"), &[x, &step]);
        let sum = self.op(class, &format!("add.rn.{name}"), &[&whole, &step]);
        // -0.0 stays what it is.
        self.op(class, &format!("copysign.{name}"), &[x, &sum])
    }

    fn integer_function(&mut self, function: MathFunction, scalar: Scalar, x: &str, second: &str) -> Operand {
        let (class, bits) = (Class::of(scalar), bits_name(scalar));
        let unused = 32u32.saturating_sub(scalar.bits()).to_string();
        let is_narrow = scalar.size() < 4;
        let plain = if is_narrow { self.unsigned(scalar, x) } else { x.into() };
        match function {
            MathFunction::CountOnes => self.op(Class::B32, &format!("popc.{bits}"), &[&plain]),
            MathFunction::LeadingZeros => {
                let zeros = self.op(Class::B32, &format!("clz.{bits}"), &[&plain]);
                match is_narrow {
                    true => self.op(Class::B32, "sub.s32", &[&zeros, &unused]),
                    false => zeros,
                }
            }
            MathFunction::TrailingZeros => {
                let end = (1u64 << (scalar.bits() & 31)).to_string();
                let limited = if is_narrow { self.op(class, "or.b32", &[&plain, &end]) } else { plain };
                let turned = self.op(class, &format!("brev.{bits}"), &[&limited]);
                self.op(Class::B32, &format!("clz.{bits}"), &[&turned])
            }
            MathFunction::ReverseBits => {
                let turned = self.op(class, &format!("brev.{bits}"), &[&plain]);
                let turned = if is_narrow { self.op(class, "shr.u32", &[&turned, &unused]) } else { turned };
                self.wrapped(scalar, turned)
            }
            MathFunction::SwapBytes => self.swap_bytes(scalar, &plain),
            MathFunction::RotateLeft => self.rotate(scalar, &plain, second, ["shl", "shr"]),
            _ => self.rotate(scalar, &plain, second, ["shr", "shl"]),
        }
    }

    /// The bits of a narrow integer without its sign.
    fn unsigned(&mut self, scalar: Scalar, x: &str) -> Operand {
        let unsigned = if scalar.size() == 1 { Scalar::U8 } else { Scalar::U16 };
        match scalar == unsigned {
            true => x.into(),
            false => self.wrapped(unsigned, x.into()),
        }
    }

    fn swap_bytes(&mut self, scalar: Scalar, x: &str) -> Operand {
        match scalar.size() {
            1 => self.wrapped(scalar, x.into()),
            2 => {
                let swapped = self.op(Class::B32, "prmt.b32", &[x, "0", "0x4401"]);
                self.wrapped(scalar, swapped)
            }
            4 => self.op(Class::B32, "prmt.b32", &[x, "0", "0x0123"]),
            _ => {
                let (low, high) = (self.register(Class::B32), self.register(Class::B32));
                self.line(format!("mov.b64 {{{low}, {high}}}, {x};"));
                let low = self.op(Class::B32, "prmt.b32", &[&low, "0", "0x0123"]);
                let high = self.op(Class::B32, "prmt.b32", &[&high, "0", "0x0123"]);
                let whole = self.register(Class::B64);
                self.line(format!("mov.b64 {whole}, {{{high}, {low}}};"));
                whole
            }
        }
    }

    /// Bits that leave one end come in at the other.
    fn rotate(&mut self, scalar: Scalar, x: &str, count: &str, [there, back]: [&str; 2]) -> Operand {
        let (class, mask) = (Class::of(scalar), (scalar.bits() - 1).to_string());
        let name = |shift: &str| match (shift, class) {
            ("shl", Class::B64) => "shl.b64",
            ("shl", _) => "shl.b32",
            (_, Class::B64) => "shr.u64",
            _ => "shr.u32",
        };
        let count = self.op(Class::B32, "and.b32", &[count, &mask]);
        let rest = self.op(Class::B32, "sub.s32", &[&scalar.bits().to_string(), &count]);
        let one = self.op(class, name(there), &[x, &count]);
        // By the full width nothing is left, as PTX's shifts do not mask.
        let other = self.op(class, name(back), &[x, &rest]);
        let both = self.op(class, &format!("or.{}", bits_name(scalar)), &[&one, &other]);
        self.wrapped(scalar, both)
    }
}
