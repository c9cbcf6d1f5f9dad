//! Atomics: relaxed, among the threads of the device.

use landbridge_core::ir::{AtomicOp, Scalar, Type, ValueId};

use super::emit::{Emitter, Result};
use super::val::{Class, Operand, Val, bits_name, type_name};

impl Emitter<'_> {
    pub(super) fn atomic(&mut self, op: AtomicOp, pointer: ValueId, arguments: &[ValueId]) -> Result<Val> {
        let Type::Atomic(scalar) = self.types()[self.pointee(pointer)?] else {
            return Err(self.defect("an atomic operation on no atomic"));
        };
        let place = self.pointer(pointer)?;
        let mut values: Vec<Operand> = vec![];
        for argument in arguments {
            values.push(self.operand(*argument)?);
        }
        let (class, bits, space) = (Class::of(scalar), bits_name(scalar), place.space.infix());
        let at = place.text();
        match op {
            AtomicOp::Load => {
                let name = format!("ld.relaxed.gpu{space}.{bits}");
                return Ok(Val::Scalar(self.op(class, &name, &[&at])));
            }
            AtomicOp::Store => {
                self.line(format!("st.relaxed.gpu{space}.{bits} {at}, {};", values[0]));
                return Ok(Val::Unit);
            }
            AtomicOp::Sub => {
                let signed = if scalar.size() == 8 { "neg.s64" } else { "neg.s32" };
                values[0] = self.op(class, signed, &[&values[0]]);
            }
            _ => {}
        }
        let name = format!("atom{space}.{}", operation(op, scalar));
        let operands: Vec<&str> = std::iter::once(&*at).chain(values.iter().map(|v| &**v)).collect();
        Ok(Val::Scalar(self.op(class, &name, &operands)))
    }
}

/// Name and type, as `atom` takes them.
fn operation(op: AtomicOp, scalar: Scalar) -> String {
    let (bits, unsigned) = (bits_name(scalar), if scalar.size() == 8 { "u64" } else { "u32" });
    match op {
        AtomicOp::Add | AtomicOp::Sub => format!("add.{unsigned}"),
        AtomicOp::Min => format!("min.{}", type_name(scalar)),
        AtomicOp::Max => format!("max.{}", type_name(scalar)),
        AtomicOp::And => format!("and.{bits}"),
        AtomicOp::Or => format!("or.{bits}"),
        AtomicOp::Xor => format!("xor.{bits}"),
        AtomicOp::CompareExchange => format!("cas.{bits}"),
        AtomicOp::Exchange | AtomicOp::Load | AtomicOp::Store => format!("exch.{bits}"),
    }
}
