//! Methods of atomics: all are relaxed, whatever ordering they name.

use crate::ast::{At, Expr};
use crate::ir::{AtomicOp, Op, Scalar, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;

impl Lowering<'_> {
    /// `atomic.name(value, ordering)`; orderings are not evaluated.
    pub(super) fn atomic_method(
        &mut self,
        pointer: ValueId,
        scalar: Scalar,
        name: &str,
        arguments: &'static [Expr],
        at: At,
    ) -> Lowered<ValueId> {
        let op = match name {
            "load" => AtomicOp::Load,
            "store" => AtomicOp::Store,
            "fetch_add" => AtomicOp::Add,
            "fetch_sub" => AtomicOp::Sub,
            "fetch_min" => AtomicOp::Min,
            "fetch_max" => AtomicOp::Max,
            "fetch_and" => AtomicOp::And,
            "fetch_or" => AtomicOp::Or,
            "fetch_xor" => AtomicOp::Xor,
            "swap" => AtomicOp::Exchange,
            _ => return self.unsupported(format!("method `{name}` of atomics")),
        };
        let ty = self.scalar_type(scalar);
        let mut values = vec![];
        if op != AtomicOp::Load {
            let Some(value) = arguments.first() else {
                return self.bug(format!("`{name}` without a value"));
            };
            let value = self.operand(value, Some(ty))?;
            values.push(self.coerce(value, ty)?);
        }
        self.at = at;
        let result = match op {
            AtomicOp::Store => self.unit_type(),
            _ => ty,
        };
        let op = Op::Atomic { op, pointer, arguments: values };
        Ok(self.build.value(result, op))
    }
}
