//! `match`: a chain of tests in the order of the arms.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use super::targets::JoinId;
use crate::ast::{Arm, Expr};
use crate::ir::{PanicKind, Scalar, Statement, ValueId};

impl Lowering<'_> {
    /// `match value { arms }`
    pub(super) fn match_arms(&mut self, value: &'static Expr, arms: &'static [Arm], join: JoinId) -> Lowered<()> {
        let want = arms.iter().find_map(|arm| self.pattern_type(&arm.0));
        let place = self.scrutinee(value, want)?;
        self.arms(place, arms, join)?;
        self.joined(join)
    }

    fn arms(&mut self, place: Place, arms: &'static [Arm], join: JoinId) -> Lowered<()> {
        let Some((Arm(pattern, guard, body), others)) = arms.split_first() else {
            // rustc has proved that some arm matches.
            let kind = PanicKind::Message("internal error: entered unreachable code".into());
            let site = self.site(kind);
            let arguments = vec![];
            self.build.push(Statement::Panic { site, arguments });
            return Err(super::error::Stop::Diverges);
        };
        if let Some(guard) = guard {
            let condition = self.guarded_pattern(pattern, place, guard)?;
            return self.branch(condition, |me| me.arrive(join, body), |me| me.arms(place, others, join));
        }
        match if others.is_empty() { None } else { self.test(pattern, place)? } {
            None => {
                self.bind(pattern, place)?;
                self.arrive(join, body)
            }
            Some(matches) => self.branch(
                matches,
                |me| {
                    me.bind(pattern, place)?;
                    me.arrive(join, body)
                },
                |me| me.arms(place, others, join),
            ),
        }
    }

    /// `matches && guard`, where the guard may only be evaluated if the pattern matches.
    pub(super) fn guarded(
        &mut self,
        matches: Option<ValueId>,
        guard: impl FnOnce(&mut Self) -> Lowered<ValueId>,
    ) -> Lowered<ValueId> {
        let Some(matches) = matches else {
            return guard(self);
        };
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, matches);
        self.branch(
            matches,
            |me| {
                let holds = guard(me)?;
                me.build.set(result, holds);
                Ok(())
            },
            |_| Ok(()),
        )?;
        Ok(self.build.get(result))
    }
}
