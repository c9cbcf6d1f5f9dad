//! `cmp` and its kin, and the methods of `Ordering`.

use crate::ast::Expr;
use crate::ir::{BinaryOp, CompareOp, Scalar, TypeId, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

/// Whether the method gives the order of two values.
pub(super) fn gives_order(name: &str) -> bool {
    ["cmp", "partial_cmp", "total_cmp"].contains(&name)
}

impl Lowering<'_> {
    /// `a.cmp(&b)`, `a.partial_cmp(&b)`, `a.total_cmp(&b)`
    pub(super) fn order_method(
        &mut self,
        place: Place,
        name: &'static str,
        arguments: &'static [Expr],
    ) -> Lowered<ValueId> {
        let ty = self.place_type(place);
        let [other] = arguments else { return self.no_method(name, ty) };
        let left = self.comparand_of(place)?;
        let right = self.comparand(other, Some(ty))?;
        if name == "total_cmp" {
            let (left, right) = (self.total_order(left)?, self.total_order(right)?);
            let scalar = self.scalar_of(left)?;
            let order = self.numbers_order(scalar, left, right);
            return self.ordering(order);
        }
        let order = self.order(left, right)?;
        match name {
            "cmp" => self.ordering(order),
            _ => self.partial_ordering(order),
        }
    }

    /// An integer that comes before another one where the float does in IEEE 754's total order.
    fn total_order(&mut self, float: ValueId) -> Lowered<ValueId> {
        let scalar = self.scalar_of(float)?;
        let Some(bits) = self.float_method("to_bits", scalar, &[float]) else {
            return self.bug("`total_cmp` of no float");
        };
        let (signed, unsigned) = match scalar {
            Scalar::F32 => (Scalar::I32, Scalar::U32),
            _ => (Scalar::I64, Scalar::U64),
        };
        let bits = self.bitcast(bits, signed);
        // all but the sign are turned where it is set
        let count = self.build.integer(Scalar::U32, i128::from(scalar.bits()) - 1);
        let sign = self.apply(BinaryOp::Shr, bits, count);
        let sign = self.bitcast(sign, unsigned);
        let one = self.build.integer(Scalar::U32, 1);
        let mask = self.apply(BinaryOp::Shr, sign, one);
        let mask = self.bitcast(mask, signed);
        Ok(self.apply(BinaryOp::Xor, bits, mask))
    }

    /// A method of an `Ordering`; `None` where the type is none.
    pub(super) fn ordering_method(
        &mut self,
        ty: TypeId,
        place: Place,
        name: &str,
        arguments: &'static [Expr],
    ) -> Lowered<Option<ValueId>> {
        const TESTS: [(&str, CompareOp); 6] = [
            ("is_lt", CompareOp::Less),
            ("is_le", CompareOp::LessEqual),
            ("is_gt", CompareOp::Greater),
            ("is_ge", CompareOp::GreaterEqual),
            ("is_eq", CompareOp::Equal),
            ("is_ne", CompareOp::NotEqual),
        ];
        let test = TESTS.iter().find(|test| test.0 == name);
        if test.is_none() && !["reverse", "then", "then_with"].contains(&name) || ty != self.ordering_type()? {
            return Ok(None);
        }
        let whole = self.load(place)?;
        let order = self.order_in(whole)?;
        let zero = self.build.integer(Scalar::I8, 0);
        if let Some(&(_, op)) = test {
            return Ok(Some(self.is(op, order, zero)));
        }
        let equal = self.is(CompareOp::Equal, order, zero);
        match (name, arguments) {
            ("reverse", []) => {
                let reversed = self.apply(BinaryOp::Sub, zero, order);
                self.ordering(reversed).map(Some)
            }
            ("then", [other]) => {
                let other = self.value_as(other, ty)?;
                self.one_of(equal, ty, |_| Ok(other), |_| Ok(whole)).map(Some)
            }
            ("then_with", [other]) => {
                self.one_of(equal, ty, |me| me.inlined(other, &[], Some(ty)), |_| Ok(whole)).map(Some)
            }
            _ => self.no_method(name, ty),
        }
    }
}
