//! Statements.

use landbridge_core::ir::{Block, Label, Statement, ValueId};

use super::emit::{Emitter, Result, Targets};
use super::val::Val;

impl Emitter<'_> {
    pub(super) fn block(&mut self, block: &Block) -> Result<()> {
        block.0.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Eval(id) => {
                let val = self.value(*id)?;
                self.values[id.0 as usize] = Some(val);
                Ok(())
            }
            Statement::Store { pointer, value } => self.store_value(*pointer, *value),
            Statement::If { condition, accept, reject } => self.branch(*condition, accept, reject),
            Statement::Loop { label, body, continuing, break_if } => self.repeat(*label, body, continuing, *break_if),
            Statement::Block { label, body } => {
                let done = self.label("after");
                self.targets.insert(*label, Targets { done: done.clone(), again: done.clone() });
                self.block(body)?;
                self.place(&done);
                Ok(())
            }
            Statement::Phase { .. } => Err(self.no_phases()),
            Statement::Break(label) => {
                let done = self.target(*label)?.done.clone();
                self.jump(&done);
                Ok(())
            }
            Statement::Continue(label) => {
                let again = self.target(*label)?.again.clone();
                self.jump(&again);
                Ok(())
            }
            Statement::Return(value) => {
                let val = value.map_or(Ok(Val::Unit), |value| self.val(value))?;
                self.returned(&val)
            }
            Statement::Check { condition, site, arguments } => {
                if self.facts.is_true(*condition) {
                    return Ok(());
                }
                let condition = self.operand(*condition)?;
                self.panic_unless(&condition, *site, arguments)
            }
            Statement::Panic { site, arguments } => self.panic(*site, arguments),
        }
    }

    fn target(&self, label: Label) -> Result<&Targets> {
        self.targets.get(&label).ok_or_else(|| self.defect("a jump to no label"))
    }

    fn branch(&mut self, condition: ValueId, accept: &Block, reject: &Block) -> Result<()> {
        let condition = self.operand(condition)?;
        let condition = self.predicate(&condition);
        let done = self.label("endif");
        if reject.0.is_empty() {
            self.jump_unless(&condition, &done);
            self.block(accept)?;
        } else if accept.0.is_empty() {
            self.jump_if(&condition, &done);
            self.block(reject)?;
        } else {
            let other = self.label("else");
            self.jump_unless(&condition, &other);
            self.block(accept)?;
            self.jump(&done);
            self.place(&other);
            self.block(reject)?;
        }
        self.place(&done);
        Ok(())
    }

    fn repeat(&mut self, label: Label, body: &Block, continuing: &Block, break_if: Option<ValueId>) -> Result<()> {
        let (head, again, done) = (self.label("loop"), self.label("again"), self.label("after"));
        self.targets.insert(label, Targets { done: done.clone(), again: again.clone() });
        self.place(&head);
        self.block(body)?;
        self.place(&again);
        self.block(continuing)?;
        match break_if {
            None => self.jump(&head),
            Some(condition) => {
                let condition = self.operand(condition)?;
                let condition = self.predicate(&condition);
                self.jump_unless(&condition, &head);
            }
        }
        self.place(&done);
        Ok(())
    }

    /// A `bool` in a register, for guards.
    pub(super) fn predicate(&mut self, operand: &str) -> super::val::Operand {
        match operand.starts_with('%') {
            true => operand.into(),
            false => self.copy(super::val::Class::Pred, operand),
        }
    }
}
