//! Random statements.

use super::function::{Callable, Maker};
use crate::ir::{BinaryOp, CompareOp, PanicKind, Scalar, Statement, Type, TypeId, ValueId};

impl Maker<'_, '_> {
    /// So many statements, fewer if there is no fuel.
    pub(super) fn statements(&mut self, count: usize) {
        for _ in 0..count {
            if self.fuel > 0 {
                self.statement();
            }
        }
    }

    fn statement(&mut self) {
        let nested = self.targets.len() < 5 && !self.quiet;
        match self.choices.below(16) {
            0..=2 => self.let_local(),
            3..=7 => self.store(),
            8 if nested => self.branch(),
            9 | 10 if nested => self.counted_loop(),
            11 if nested => self.labelled_block(),
            12 if !self.quiet => self.leave_early(),
            13 if self.options.atomics => self.atomic(),
            14 if !self.quiet => self.check(),
            15 => {
                let callables: Vec<Callable> = self.callables.to_vec();
                if let Some(callable) = self.choices.pick(&callables)
                    && let Some(value) = self.call(&callable)
                {
                    self.know(value, false);
                }
            }
            _ => self.let_local(),
        }
    }

    fn plain_type(&mut self) -> TypeId {
        self.choices.pick(&self.pool.plain).expect("scalars are there")
    }

    fn bool(&mut self) -> ValueId {
        let bool = self.scalar_type(Scalar::Bool);
        self.expression(bool)
    }

    fn let_local(&mut self) {
        let plain = self.plain_type();
        let through = self.choices.once_in(2);
        let value = match self.choices.below(8) {
            6 if self.options.references => self.pointer(plain, through),
            7 if self.options.references => self.slice(plain, through),
            _ => self.expression(plain),
        };
        self.new_local(value, true);
    }

    fn store(&mut self) {
        let ty = if self.options.references && self.choices.once_in(12) {
            // Any type of a local, also a reference.
            let types: Vec<TypeId> = self.locals.iter().map(|l| l.ty).collect();
            self.choices.pick(&types).filter(|ty| self.is_value(*ty))
        } else {
            None
        };
        let ty = match ty {
            Some(ty) => ty,
            None => self.plain_type(),
        };
        let value = self.expression(ty);
        if let Some(pointer) = self.place(ty, true) {
            self.b.push(Statement::Store { pointer, value });
        }
    }

    fn is_value(&self, ty: TypeId) -> bool {
        match self.ty(ty) {
            Type::Pointer(to) | Type::Slice(to) => !matches!(self.ty(*to), Type::Atomic(_)),
            _ => true,
        }
    }

    /// A nested block of statements.
    fn nested(&mut self) -> crate::ir::Block {
        let count = 1 + self.choices.below(4);
        self.b.open();
        self.scoped(|this| this.statements(count));
        self.b.close()
    }

    fn branch(&mut self) {
        let condition = self.bool();
        let accept = self.nested();
        let reject = if self.choices.once_in(2) { self.nested() } else { crate::ir::Block::default() };
        self.b.push(Statement::If { condition, accept, reject });
    }

    fn labelled_block(&mut self) {
        let label = self.b.label();
        self.targets.push((label, false));
        let body = self.nested();
        self.targets.pop();
        self.b.push(Statement::Block { label, body });
    }

    /// A loop over a counter, which leaves at its head or at its end.
    fn counted_loop(&mut self) {
        let rounds = 1 + self.choices.below(5) as u64;
        let times = self.times * rounds;
        // A round more is begun where the loop leaves at its head.
        if self.iterations + times + self.times > self.options.iterations {
            return;
        }
        self.iterations += times + self.times;
        let zero = self.b.integer(Scalar::U32, 0);
        let counter = self.new_local(zero, false);
        let label = self.b.label();
        let at_head = self.choices.once_in(2);
        let before = self.times;
        self.times += times;
        self.targets.push((label, true));
        self.b.open();
        if at_head {
            self.b.open();
            self.b.push(Statement::Break(label));
            let accept = self.b.close();
            let count = self.b.get(counter);
            let end = self.b.integer(Scalar::U32, i128::from(rounds));
            let condition = self.b.compare(CompareOp::GreaterEqual, count, end);
            self.b.push(Statement::If { condition, accept, reject: crate::ir::Block::default() });
        }
        let count = 1 + self.choices.below(4);
        self.scoped(|this| this.statements(count));
        let body = self.b.close();
        self.targets.pop();
        self.b.open();
        let break_if = self.scoped(|this| {
            let quiet = std::mem::replace(&mut this.quiet, true);
            if this.choices.once_in(2) {
                this.statements(1);
            }
            let count = this.b.get(counter);
            let one = this.b.integer(Scalar::U32, 1);
            let next = this.b.binary(BinaryOp::Add, count, one, None);
            this.b.set(counter, next);
            let end = this.b.integer(Scalar::U32, i128::from(rounds));
            let last = this.b.compare(CompareOp::GreaterEqual, next, end);
            this.quiet = quiet;
            (!at_head).then_some(last)
        });
        let continuing = self.b.close();
        self.times = before;
        self.b.push(Statement::Loop { label, body, continuing, break_if });
    }

    /// A jump, a return or a panic under a condition; or a jump to the end of a block.
    fn leave_early(&mut self) {
        if self.choices.once_in(6) {
            let label = self.b.label();
            self.b.open();
            self.scoped(|this| this.statements(1));
            self.b.push(Statement::Break(label));
            self.scoped(|this| this.statements(1));
            let body = self.b.close();
            return self.b.push(Statement::Block { label, body });
        }
        let condition = self.bool();
        self.b.open();
        self.scoped(|this| this.jump());
        if self.choices.once_in(8) {
            // Never reached.
            self.scoped(|this| this.statements(1));
        }
        let accept = self.b.close();
        self.b.push(Statement::If { condition, accept, reject: crate::ir::Block::default() });
    }

    fn jump(&mut self) {
        let target = self.choices.pick(&self.targets);
        match (self.choices.below(4), target) {
            (0 | 1, Some((label, _))) => self.b.push(Statement::Break(label)),
            (2, Some((label, true))) => self.b.push(Statement::Continue(label)),
            (3, _) if self.options.panics && self.choices.once_in(3) => {
                let site = self.site(PanicKind::Message("sample".into()));
                let arguments = self.report(2);
                self.b.push(Statement::Panic { site, arguments });
            }
            _ => {
                let value = match *self.ty(self.result) {
                    Type::Unit => None,
                    _ => Some(self.expression(self.result)),
                };
                self.b.push(Statement::Return(value));
            }
        }
    }

    fn report(&mut self, most: usize) -> Vec<ValueId> {
        let count = self.choices.below(most + 1);
        (0..count)
            .map(|_| {
                let scalar = self.choices.pick(&self.pool.scalars).unwrap_or(Scalar::U32);
                let scalar = match scalar {
                    // The bits of a NaN differ between devices.
                    Scalar::F32 | Scalar::F64 if !self.options.inexact => Scalar::U32,
                    other => other,
                };
                let ty = self.scalar_type(scalar);
                self.expression(ty)
            })
            .collect()
    }

    /// A check that holds, or rarely may not.
    fn check(&mut self) {
        let mut condition = self.bool();
        if !self.daring() {
            let yes = self.b.boolean(true);
            condition = self.b.binary(BinaryOp::Or, condition, yes, None);
        }
        let site = self.site(PanicKind::Message("sample check".into()));
        let arguments = self.report(2);
        self.b.push(Statement::Check { condition, site, arguments });
    }
}
