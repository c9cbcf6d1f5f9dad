//! `==` of what std compares part by part: arrays and tuples.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{At, Expr, Operator};
use crate::ir::{BinaryOp, CompareOp, Type, ValueId};

/// Elements of arrays that are compared one by one, without a loop.
const MOST_COMPARED: u64 = 256;

impl Lowering<'_> {
    /// `left == right` of scalars, arrays and tuples.
    pub(super) fn equal(&mut self, left: ValueId, right: ValueId) -> Lowered<ValueId> {
        let (a, b) = (self.build.type_of(left), self.build.type_of(right));
        match (self.ty(a).clone(), self.ty(b).clone()) {
            (Type::Scalar(x), Type::Scalar(y)) if x == y => Ok(self.build.compare(CompareOp::Equal, left, right)),
            (Type::Unit, Type::Unit) => Ok(self.build.boolean(true)),
            (Type::Array { element, length }, Type::Array { element: other, length: n }) if length == n => {
                if length > MOST_COMPARED {
                    return self.unsupported(format!("`==` of arrays of more than {MOST_COMPARED} elements"));
                }
                let parts = (0..length as u32).map(|k| (element, other, k));
                self.all_equal(left, right, parts.collect())
            }
            (Type::Struct(x), Type::Struct(y))
                if x.name.is_empty() && y.name.is_empty() && x.fields.len() == y.fields.len() =>
            {
                let parts = x.fields.iter().zip(&y.fields).enumerate();
                let parts = parts.map(|(k, (x, y))| (x.ty, y.ty, k as u32)).collect();
                self.all_equal(left, right, parts)
            }
            _ => self.no_operator(Operator::Equal, a, b),
        }
    }

    /// Nothing in a comparison can panic, so that all parts may be compared.
    fn all_equal(
        &mut self,
        left: ValueId,
        right: ValueId,
        parts: Vec<(crate::ir::TypeId, crate::ir::TypeId, u32)>,
    ) -> Lowered<ValueId> {
        let mut all = None;
        for (a, b, k) in parts {
            let (left, right) = (self.extract(left, a, k), self.extract(right, b, k));
            let (left, right) = (self.strip_value(left)?, self.strip_value(right)?);
            let equal = self.equal(left, right)?;
            all = Some(match all {
                Some(all) => self.build.binary(BinaryOp::And, all, equal, None),
                None => equal,
            });
        }
        Ok(all.unwrap_or_else(|| self.build.boolean(true)))
    }

    /// The condition of `assert_eq!` (`equal`) or `assert_ne!`.
    pub(super) fn compare_for_assert(
        &mut self,
        equal: bool,
        left: &'static Expr,
        right: &'static Expr,
        at: At,
    ) -> Lowered<ValueId> {
        let operator = if equal { Operator::Equal } else { Operator::NotEqual };
        self.binary(operator, left, right, at, None)
    }

    /// Whether a place holds this value.
    pub(super) fn holds(&mut self, place: Place, value: ValueId) -> Lowered<ValueId> {
        let held = self.load(place)?;
        self.equal(held, value)
    }
}
