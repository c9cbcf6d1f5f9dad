//! Integers and floats as their bytes, and back.

use crate::ir::{BinaryOp, Op, Scalar, TypeId, ValueId};
use crate::lower::function::Lowering;
use crate::lower::ranges::unsigned;

impl Lowering<'_> {
    /// `[u8; size]`
    pub(in crate::lower) fn bytes_type(&mut self, scalar: Scalar) -> TypeId {
        let byte = self.scalar_type(Scalar::U8);
        self.build.module.types.array(byte, scalar.size())
    }

    /// `to_le_bytes`, `to_be_bytes`; `ne` is `le`, as on every device.
    pub(super) fn bytes_of(&mut self, name: &str, scalar: Scalar, x: ValueId) -> ValueId {
        let bits = bits(scalar);
        let x = if scalar.is_float() { self.bitcast(x, bits) } else { self.cast_scalar(x, bits) };
        let mut bytes = vec![];
        for k in 0..scalar.size() {
            let count = self.number(Scalar::U32, (8 * k).into());
            let byte = self.apply(BinaryOp::Shr, x, count);
            bytes.push(self.cast_scalar(byte, Scalar::U8));
        }
        if name.contains("_be_") {
            bytes.reverse();
        }
        let ty = self.bytes_type(scalar);
        self.build.value(ty, Op::Make(bytes))
    }

    /// `from_le_bytes`, `from_be_bytes`
    pub(in crate::lower) fn of_bytes(&mut self, name: &str, scalar: Scalar, bytes: ValueId) -> ValueId {
        let bits = bits(scalar);
        let byte = self.scalar_type(Scalar::U8);
        let mut value = None;
        for k in 0..scalar.size() {
            let index = if name.contains("_be_") { scalar.size() - 1 - k } else { k };
            let part = self.extract(bytes, byte, index as u32);
            let part = self.cast_scalar(part, bits);
            let count = self.number(Scalar::U32, (8 * k).into());
            let part = self.apply(BinaryOp::Shl, part, count);
            value = Some(match value {
                Some(value) => self.apply(BinaryOp::Or, value, part),
                None => part,
            });
        }
        let value = value.expect("no scalar is empty");
        if scalar.is_float() { self.bitcast(value, scalar) } else { self.cast_scalar(value, scalar) }
    }
}

/// The unsigned integer with the same bits.
fn bits(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::F32 => Scalar::U32,
        Scalar::F64 => Scalar::U64,
        other => unsigned(other),
    }
}
