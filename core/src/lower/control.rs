//! `if`, blocks and loops.

use super::error::Lowered;
use super::function::Lowering;
use super::targets::JoinId;
use crate::ast::{Expr, LabelSlot, Stmt};
use crate::ir::{Block, Statement, TypeId, ValueId};

/// Whether several ways may lead to the value.
pub(super) fn is_control(e: &Expr) -> bool {
    matches!(e, Expr::If(..) | Expr::Match(..) | Expr::Loop(..) | Expr::Block(..) | Expr::LabelledBlock(..))
}

impl Lowering<'_> {
    /// Control flow as an expression whose value is wanted.
    pub(super) fn control_value(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<ValueId> {
        if let Expr::Block(statements, Some(value)) = e {
            self.statements(statements)?;
            return self.value(value, want);
        }
        // What the context wants of the whole comes before what the parts are by themselves.
        let ty = want.or_else(|| self.known(e));
        let join = self.join_value(ty);
        self.control(e, join)?;
        self.joined_value(join)
    }

    /// Control flow as a statement.
    pub(super) fn control_effect(&mut self, e: &'static Expr) -> Lowered<()> {
        let join = self.join_nothing();
        self.control(e, join)
    }

    /// Control flow whose ways lead to a join.
    pub(super) fn control(&mut self, e: &'static Expr, join: JoinId) -> Lowered<()> {
        match e {
            Expr::Block(statements, value) => {
                self.statements(statements)?;
                match value {
                    Some(value) => self.arrive(join, value),
                    None => {
                        self.reach(join);
                        Ok(())
                    }
                }
            }
            Expr::If(condition, accept, reject) => {
                let condition = self.condition(condition)?;
                self.branch(
                    condition,
                    |me| me.arrive(join, accept),
                    |me| match reject {
                        Some(reject) => me.arrive(join, reject),
                        None => {
                            me.reach(join);
                            Ok(())
                        }
                    },
                )
            }
            Expr::Match(value, arms) => self.match_arms(value, arms, join),
            Expr::Loop(label, body) => {
                let (body, target) = self.in_target(Some(*label), join, |me| me.effect(body))?;
                self.push_loop(target.label, body, Block::default(), None);
                self.joined(join)
            }
            Expr::LabelledBlock(label, body) => {
                let (body, target) = self.in_target(Some(*label), join, |me| me.arrive(join, body))?;
                self.push_block(target, body);
                self.joined(join)
            }
            _ => self.bug("not control flow"),
        }
    }

    pub(super) fn push_loop(
        &mut self,
        label: crate::ir::Label,
        body: Block,
        continuing: Block,
        break_if: Option<ValueId>,
    ) {
        self.build.push(Statement::Loop { label, body, continuing, break_if });
    }

    /// `while condition { body }`
    pub(super) fn while_loop(
        &mut self,
        label: LabelSlot,
        condition: &'static Expr,
        body: &'static Expr,
    ) -> Lowered<()> {
        let join = self.join_nothing();
        let (body, target) = self.in_target(Some(label), join, |me| {
            let condition = me.condition(condition)?;
            me.break_unless(condition);
            me.effect(body)
        })?;
        self.push_loop(target.label, body, Block::default(), None);
        Ok(())
    }

    /// A `bool`, which may come from `let` patterns.
    pub(super) fn condition(&mut self, e: &'static Expr) -> Lowered<ValueId> {
        let Expr::Let(pattern, value) = e else {
            return self.operand(e, None);
        };
        let place = self.scrutinee(value, None)?;
        match self.test(pattern, place)? {
            Some(matches) => {
                let (accept, _) = self.nested(|me| me.bind(pattern, place))?;
                if !accept.0.is_empty() {
                    self.build.push(Statement::If { condition: matches, accept, reject: Block::default() });
                }
                Ok(matches)
            }
            None => {
                self.bind(pattern, place)?;
                Ok(self.build.boolean(true))
            }
        }
    }

    /// Statements of a block, in order.
    pub(super) fn statements(&mut self, statements: &'static [Stmt]) -> Lowered<()> {
        for statement in statements {
            match statement {
                Stmt::Expr(e) => self.effect(e)?,
                Stmt::Closure(slot, parameters, body) => self.define_closure(*slot, parameters, body),
                Stmt::Function(slot, e) => self.define_function(*slot, e)?,
                Stmt::Chain(slot, source, stages, resumed) => self.define_chain(*slot, source, stages, *resumed)?,
                Stmt::Let(_, None, _) => {}
                Stmt::Let(pattern, Some(value), None) => self.let_binding(pattern, value)?,
                Stmt::Let(pattern, Some(value), Some(otherwise)) => self.let_else(pattern, value, otherwise)?,
            }
        }
        Ok(())
    }
}
