//! Statements: assignments, branches, loops that end, and ways out of them.

use landbridge_core::ast::{Expr, ForRange, Operator, Stmt};

use super::numbers::{operate, whole};
use super::program::{Generator, Leave, Step, TYPES, Ty, Value, from_i64};
use crate::support::*;

impl Generator<'_, '_> {
    pub(super) fn statement(&mut self) -> (Expr, Step) {
        if !self.spend() {
            return self.assignment();
        }
        match self.below(8) {
            0 | 1 => self.assignment(),
            2 | 3 => self.compound(),
            4 => self.branch(),
            5 => self.for_loop(),
            6 => self.while_loop(),
            _ => self.way_out(),
        }
    }

    fn assignment(&mut self) -> (Expr, Step) {
        let ty = self.pick(&TYPES);
        let (k, slot) = self.variable(ty);
        let value = self.expression(ty, true);
        let step: Step = Box::new(move |s| {
            s.variables[k] = (value.run)(s)?;
            Ok(())
        });
        (assign(local(slot), value.tree), step)
    }

    /// `variable op= value`: the value comes first.
    fn compound(&mut self) -> (Expr, Step) {
        let ty = self.pick(&[Ty::I32, Ty::U8, Ty::I64, Ty::F32]);
        let (k, slot) = self.variable(ty);
        let value = self.expression(ty, true);
        let op = self.pick(&[Operator::Add, Operator::Sub, Operator::Mul, Operator::Div]);
        let step: Step = Box::new(move |s| {
            let value = (value.run)(s)?;
            s.variables[k] = operate(op, s.variables[k], value, 0, s.checks)?;
            Ok(())
        });
        (assign_op(op, local(slot), value.tree), step)
    }

    fn statements(&mut self) -> (Expr, Step) {
        let (trees, steps): (Vec<_>, Vec<_>) = (0..1 + self.below(3)).map(|_| self.statement()).unzip();
        let step: Step = Box::new(move |s| steps.iter().try_for_each(|step| step(s)));
        (block(trees.into_iter().map(Stmt::Expr).collect(), None), step)
    }

    fn branch(&mut self) -> (Expr, Step) {
        let condition = self.expression(Ty::Bool, true);
        let (accept, yes) = self.statements();
        let (reject, no) = self.statements();
        let step: Step = Box::new(move |s| match (condition.run)(s)? {
            Value::Bool(true) => yes(s),
            _ => no(s),
        });
        (if_else(condition.tree, accept, reject), step)
    }

    /// A loop's label and body.
    fn body(&mut self) -> (u16, Expr, Step) {
        let label = self.labels;
        self.labels += 1;
        self.loops.push(label);
        let (tree, step) = self.statements();
        self.loops.pop();
        (label, tree, step)
    }

    /// `for x in a..b { .. }` with adaptors; the ends are close to each other, and near the ends of the type.
    fn for_loop(&mut self) -> (Expr, Step) {
        let ty = self.pick(&[Ty::I32, Ty::U8, Ty::I64]);
        let (low, high) = match ty {
            Ty::I32 => (i32::MIN.into(), i32::MAX.into()),
            Ty::U8 => (0, 255),
            _ => (i64::MIN, i64::MAX),
        };
        let length = self.below(5) as i64;
        let from = self.pick(&[0_i64, 3, high - length, 250 - length]).clamp(low, high);
        let to = from + length;
        let (inclusive, reversed) = (self.below(2) == 0, self.below(2) == 0);
        let step = self.pick(&[None, None, Some(1_usize), Some(2), Some(300)]);
        let variable = self.declare(ty);
        let number = self.variables.len();
        let fixed = self.variables.clone();
        let (label, body, run) = self.body();
        assert_eq!(fixed.len(), number, "statements declare no variables");
        let (k, slot) = self.variable(ty);
        let keep = assign(local(slot), local(variable));
        let range = ForRange {
            label,
            variable,
            from: int(from as u128),
            to: int(to as u128),
            inclusive,
            reversed,
            step: step.map(|n| int(n as u128)),
            body: block(vec![Stmt::Expr(keep), Stmt::Expr(body)], None),
            at: at(6),
        };
        let mut rounds: Vec<i64> = if inclusive { (from..=to).collect() } else { (from..to).collect() };
        if reversed {
            rounds.reverse();
        }
        let rounds: Vec<i64> = rounds.into_iter().step_by(step.unwrap_or(1)).collect();
        let step: Step = Box::new(move |s| {
            for &round in &rounds {
                s.variables[k] = from_i64(ty, round);
                match run(s) {
                    Err(Leave::Break(l)) if l == label => break,
                    Err(Leave::Continue(l)) if l == label => {}
                    other => other?,
                }
            }
            Ok(())
        });
        (Expr::ForRange(leak(range)), step)
    }

    /// `{ let mut n = 0; while n < 3 && c { n += 1; .. } }`
    fn while_loop(&mut self) -> (Expr, Step) {
        let counter = self.declare(Ty::I32);
        let condition = self.expression(Ty::Bool, true);
        let (label, body, run) = self.body();
        let few = binary(Operator::Less, local(counter), int(3));
        let count = assign_op(Operator::Add, local(counter), int(1));
        let inside = block(vec![Stmt::Expr(count), Stmt::Expr(body)], None);
        let looped = Expr::While(label, leak(binary(Operator::LazyAnd, few, condition.tree)), leak(inside));
        let tree = block(vec![Stmt::Expr(assign(local(counter), int(0))), Stmt::Expr(looped)], None);
        let step: Step = Box::new(move |s| {
            for _ in 0..3 {
                if whole((condition.run)(s)?) == 0 {
                    break;
                }
                match run(s) {
                    Err(Leave::Break(l)) if l == label => break,
                    Err(Leave::Continue(l)) if l == label => {}
                    other => other?,
                }
            }
            Ok(())
        });
        (tree, step)
    }

    /// `if c { break 'label }`, `if c { continue 'label }`, `if c { return }`, `assert!(c)`
    fn way_out(&mut self) -> (Expr, Step) {
        let condition = self.expression(Ty::Bool, true);
        let label = if self.loops.is_empty() { None } else { Some(self.pick(&self.loops.clone())) };
        let (tree, leave) = match (self.below(8), label) {
            (0, _) => (Expr::Return(None), Leave::Return),
            (1, _) => (Expr::Panic("left", at(8)), Leave::Panic("left".into())),
            (2..=4, Some(label)) => (Expr::Break(label, None), Leave::Break(label)),
            (5..=7, Some(label)) => (Expr::Continue(label), Leave::Continue(label)),
            _ => {
                let step: Step = Box::new(move |s| (condition.run)(s).map(drop));
                return (condition.tree, step);
            }
        };
        let step: Step = Box::new(move |s| match (condition.run)(s)? {
            Value::Bool(true) => Err(leave.clone()),
            _ => Ok(()),
        });
        (Expr::If(leak(condition.tree), leak(tree), None), step)
    }
}
