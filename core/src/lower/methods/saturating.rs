//! Saturating arithmetic, without a wider type: devices may have none.

use crate::ir::{BinaryOp, CompareOp, MathFunction, Scalar, UnaryOp, ValueId};
use crate::lower::function::Lowering;

impl Lowering<'_> {
    pub(super) fn saturating_add(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        if !scalar.is_signed() {
            // What can still be added is `MAX - x`, which is `!x`.
            let room = self.unary(UnaryOp::Not, x, None);
            let y = self.math(MathFunction::Min, vec![y, room]);
            return self.apply(BinaryOp::Add, x, y);
        }
        let sum = self.apply(BinaryOp::Add, x, y);
        // It overflowed if both operands have the sign that the sum has not.
        let a = self.apply(BinaryOp::Xor, x, sum);
        let b = self.apply(BinaryOp::Xor, y, sum);
        self.saturate(scalar, x, sum, a, b)
    }

    pub(super) fn saturating_sub(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        if !scalar.is_signed() {
            let y = self.math(MathFunction::Min, vec![x, y]);
            return self.apply(BinaryOp::Sub, x, y);
        }
        let difference = self.apply(BinaryOp::Sub, x, y);
        // It overflowed if the operands' signs differ, and the difference has not the first one's.
        let a = self.apply(BinaryOp::Xor, x, y);
        let b = self.apply(BinaryOp::Xor, x, difference);
        self.saturate(scalar, x, difference, a, b)
    }

    /// The end of the range on `x`'s side if `a & b` is negative, else `result`.
    fn saturate(&mut self, scalar: Scalar, x: ValueId, result: ValueId, a: ValueId, b: ValueId) -> ValueId {
        let (low, high) = scalar.range();
        let (low, high) = (self.number(scalar, low), self.number(scalar, high));
        let end = self.choose_by_sign(scalar, x, low, high);
        let overflow = self.apply(BinaryOp::And, a, b);
        self.choose_by_sign(scalar, overflow, end, result)
    }

    pub(super) fn saturating_mul(&mut self, scalar: Scalar, x: ValueId, y: ValueId) -> ValueId {
        let (product, overflow) = self.noted_mul(scalar, x, y);
        let (low, high) = scalar.range();
        let (low, high) = (self.number(scalar, low), self.number(scalar, high));
        if !scalar.is_signed() {
            return self.select(overflow, high, product);
        }
        let signs = self.apply(BinaryOp::Xor, x, y);
        let end = self.choose_by_sign(scalar, signs, low, high);
        self.select(overflow, end, product)
    }

    /// Whether the exact product of two unsigned numbers is above the limit.
    pub(super) fn exceeds(&mut self, scalar: Scalar, a: ValueId, b: ValueId, limit: ValueId) -> ValueId {
        let one = self.number(scalar, 1);
        let divisor = self.math(MathFunction::Max, vec![b, one]);
        let site = self.site(crate::ir::PanicKind::Division);
        let most = self.build.binary(BinaryOp::Div, limit, divisor, Some(site));
        self.is(CompareOp::Greater, a, most)
    }
}
