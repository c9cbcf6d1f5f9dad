//! `a && b`, `a || b`.

use super::error::Lowered;
use super::function::Lowering;
use crate::ast::{Expr, Operator};
use crate::ir::{BinaryOp, Block, Function, Op, Scalar, Statement, ValueId};

/// Statements beyond which a branch costs less than evaluating both sides.
const MOST_STRICT: usize = 12;

impl Lowering<'_> {
    /// `left && right` (`and`) or `left || right`.
    pub(super) fn lazy(&mut self, and: bool, left: &'static Expr, right: &'static Expr) -> Lowered<ValueId> {
        let first = self.condition(left)?;
        let mut second = None;
        let (block, reached) = self.nested(|me| {
            second = Some(me.condition(right)?);
            Ok(())
        })?;
        if let (Some(second), true) = (second, reached)
            && !binds(left)
            && is_harmless(self.build.function(), &block)
        {
            self.splice(block);
            let op = if and { BinaryOp::And } else { BinaryOp::Or };
            return Ok(self.build.binary(op, first, second, None));
        }
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, first);
        let (right, _) = self.nested(|me| {
            me.splice(block);
            if let (Some(second), true) = (second, reached) {
                me.build.set(result, second);
            }
            Ok(())
        })?;
        let (accept, reject) = if and { (right, Block::default()) } else { (Block::default(), right) };
        self.build.push(Statement::If { condition: first, accept, reject });
        Ok(self.build.get(result))
    }
}

/// Whether the condition binds variables, which then hold nothing if it is false.
pub(super) fn binds(condition: &Expr) -> bool {
    match condition {
        Expr::Let(..) => true,
        Expr::Binary(Operator::LazyAnd, left, right, ..) => binds(left) || binds(right),
        _ => false,
    }
}

/// Whether the block does nothing but compute cheap values, none of which can panic.
fn is_harmless(function: &Function, block: &Block) -> bool {
    let harmless = |statement: &Statement| match statement {
        Statement::Eval(value) => match &function[*value].op {
            Op::Constant(_)
            | Op::Local(_)
            | Op::Data(_)
            | Op::Load(_)
            | Op::Field { .. }
            | Op::Length(_)
            | Op::Extract { .. }
            | Op::Compare { .. }
            | Op::Cast(_)
            | Op::Bitcast(_)
            | Op::Select { .. } => true,
            Op::Unary { site, .. } | Op::Binary { site, .. } => site.is_none(),
            _ => false,
        },
        _ => false,
    };
    block.0.len() <= MOST_STRICT && block.0.iter().all(harmless)
}
