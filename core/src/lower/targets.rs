//! Where `break`, `continue` and `return` go, and how several ways to an end agree on one value.

use super::error::{Lowered, Stop};
use super::function::Lowering;
use crate::ast::{Expr, LabelSlot};
use crate::ir::{Block, Label, LocalId, Statement, TypeId, ValueId};

/// Index into [`Lowering::joins`].
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinId(usize);

/// The value of an expression that can be reached in several ways (`if`, `match`, `loop`, labelled blocks).
#[derive(Clone, Copy, Debug)]
pub(super) struct Join {
    /// `None` until known; the first value decides where the context does not.
    ty: Option<TypeId>,
    /// Where the values are stored.
    local: Option<LocalId>,
    /// Whether any way leads here.
    reached: bool,
    /// The value is not wanted.
    discard: bool,
}

/// A loop or labelled block that can be left from inside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// Its number in the tree, if the tree knows it.
    slot: Option<LabelSlot>,
    /// Its label in the IR.
    pub(super) label: Label,
    /// What it gives.
    join: JoinId,
    /// Whether a `Break` names it.
    used: bool,
    /// It is what a loop does with one item: `continue` leaves it, `break` does not.
    item: bool,
}

impl Lowering<'_> {
    fn new_join(&mut self, ty: Option<TypeId>, local: Option<LocalId>, discard: bool) -> JoinId {
        self.joins.push(Join { ty, local, reached: false, discard });
        JoinId(self.joins.len() - 1)
    }

    /// For an expression whose value nobody wants.
    pub(super) fn join_nothing(&mut self) -> JoinId {
        self.new_join(None, None, true)
    }

    /// For a value of this type, where known.
    pub(super) fn join_value(&mut self, ty: Option<TypeId>) -> JoinId {
        self.new_join(ty, None, false)
    }

    /// For a value that is stored to this local.
    pub(super) fn join_into(&mut self, local: LocalId) -> JoinId {
        let ty = self.build.function()[local].ty;
        self.new_join(Some(ty), Some(local), false)
    }

    /// Control gets there without a value.
    pub(super) fn reach(&mut self, join: JoinId) {
        self.joins[join.0].reached = true;
    }

    /// One way to a join: lowers the expression and keeps its value.
    pub(super) fn arrive(&mut self, to: JoinId, e: &'static Expr) -> Lowered<()> {
        if matches!(e, Expr::If(..) | Expr::Match(..) | Expr::Block(..)) {
            return self.control(e, to);
        }
        let join = self.joins[to.0];
        if join.discard || join.ty.is_some_and(|ty| self.is_unit(ty)) {
            self.effect(e)?;
            self.reach(to);
            return Ok(());
        }
        let value = self.value(e, join.ty)?;
        self.arrive_with(to, value)
    }

    /// One way to a join, with a value.
    pub(super) fn arrive_with(&mut self, to: JoinId, value: ValueId) -> Lowered<()> {
        let Join { ty, discard, .. } = self.joins[to.0];
        self.reach(to);
        if discard {
            return Ok(());
        }
        let value = match ty {
            Some(ty) => self.coerce(value, ty)?,
            None => value,
        };
        let ty = self.build.type_of(value);
        self.joins[to.0].ty = Some(ty);
        if self.is_unit(ty) {
            return Ok(());
        }
        let local = match self.joins[to.0].local {
            Some(local) => local,
            None => self.build.local("", ty),
        };
        self.joins[to.0].local = Some(local);
        self.build.set(local, value);
        Ok(())
    }

    /// After all ways have been lowered: whether control goes on here.
    pub(super) fn joined(&mut self, join: JoinId) -> Lowered<()> {
        if self.joins[join.0].reached { Ok(()) } else { Err(Stop::Diverges) }
    }

    /// The value after all ways have been lowered.
    pub(super) fn joined_value(&mut self, join: JoinId) -> Lowered<ValueId> {
        self.joined(join)?;
        match self.joins[join.0].local {
            Some(local) => Ok(self.build.get(local)),
            None => Ok(self.unit()),
        }
    }

    /// Lowers `body` into a block inside a new target; gives the block and the target, which is closed again.
    pub(super) fn in_target(
        &mut self,
        slot: Option<LabelSlot>,
        join: JoinId,
        body: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<(Block, Target)> {
        let label = self.build.label();
        self.targets.push(Target { slot, label, join, used: false, item: false });
        let (block, _) = self.nested(body)?;
        let target = self.targets.pop().expect("the target pushed above");
        Ok((block, target))
    }

    /// What a loop of several IR loops does with one item.
    pub(super) fn in_item(&mut self, slot: LabelSlot, body: impl FnOnce(&mut Self) -> Lowered<()>) -> Lowered<()> {
        let (label, join) = (self.build.label(), self.join_nothing());
        self.targets.push(Target { slot: Some(slot), label, join, used: false, item: true });
        let (block, ends) = self.nested(body)?;
        let target = self.targets.pop().expect("the target pushed above");
        let goes_on = ends || target.used;
        self.push_block(target, block);
        if goes_on { Ok(()) } else { Err(Stop::Diverges) }
    }

    /// Appends a `Block` around the statements where something breaks to it, else only the statements.
    pub(super) fn push_block(&mut self, target: Target, body: Block) {
        if target.used {
            let label = target.label;
            self.build.push(Statement::Block { label, body });
        } else {
            self.splice(body);
        }
    }

    /// Leaves the innermost target if the condition is false.
    pub(super) fn break_unless(&mut self, condition: ValueId) {
        self.exit_unless(condition, self.targets.len() - 1);
    }

    /// Leaves this target, an index into [`Lowering::targets`], if the condition is false.
    pub(super) fn exit_unless(&mut self, condition: ValueId, target: usize) {
        let target = &mut self.targets[target];
        target.used = true;
        let Target { label, join, .. } = *target;
        self.reach(join);
        self.build.push(Statement::If {
            condition,
            accept: Block::default(),
            reject: Block(vec![Statement::Break(label)]),
        });
    }

    /// `break 'label value`
    pub(super) fn break_to(&mut self, slot: LabelSlot, e: Option<&'static Expr>) -> Lowered<()> {
        let Some(target) = self.targets.iter().rposition(|t| t.slot == Some(slot) && !t.item) else {
            return self.bug(format!("`break` to an unknown label {slot}"));
        };
        let Target { label, join, .. } = self.targets[target];
        match e {
            Some(e) => self.arrive(join, e)?,
            None => self.reach(join),
        }
        self.targets[target].used = true;
        self.build.push(Statement::Break(label));
        Err(Stop::Diverges)
    }

    /// Leaves a target from inside of others.
    pub(super) fn break_out(&mut self, target: usize) {
        let target = &mut self.targets[target];
        target.used = true;
        let label = target.label;
        self.build.push(Statement::Break(label));
    }

    /// `continue 'label`
    pub(super) fn continue_to(&mut self, slot: LabelSlot) -> Lowered<()> {
        match self.targets.iter_mut().rev().find(|t| t.slot == Some(slot)) {
            Some(target) if target.item => {
                target.used = true;
                let (label, join) = (target.label, target.join);
                self.reach(join);
                self.build.push(Statement::Break(label));
                Err(Stop::Diverges)
            }
            Some(target) => {
                let label = target.label;
                self.build.push(Statement::Continue(label));
                Err(Stop::Diverges)
            }
            None => self.bug(format!("`continue` to an unknown label {slot}")),
        }
    }

    /// `return value`
    pub(super) fn return_from(&mut self, e: Option<&'static Expr>) -> Lowered<()> {
        if let Some(to) = self.returns {
            return self.return_to(to, e);
        }
        let result = self.build.function().result;
        let value = match e {
            Some(e) if self.is_unit(result) => {
                self.effect(e)?;
                None
            }
            Some(e) => Some(self.value_as(e, result)?),
            None => None,
        };
        self.build.push(Statement::Return(value));
        Err(Stop::Diverges)
    }
}
