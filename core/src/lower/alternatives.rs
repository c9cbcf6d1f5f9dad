//! Alternatives under a guard: it is asked again for each alternative that matches, with what that one binds.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, Pattern};
use crate::ir::{Scalar, ValueId};

/// Which alternative is meant of each pattern that has several.
type Choice = Vec<(*const Pattern, usize)>;

impl Lowering<'_> {
    /// Whether the pattern matches and the guard holds; then all is bound.
    pub(super) fn guarded_pattern(
        &mut self,
        pattern: &'static Pattern,
        place: Place,
        guard: &'static Expr,
    ) -> Lowered<ValueId> {
        self.first_choice(&choices(pattern), pattern, place, guard)
    }

    fn first_choice(
        &mut self,
        choices: &[Choice],
        pattern: &'static Pattern,
        place: Place,
        guard: &'static Expr,
    ) -> Lowered<ValueId> {
        let (choice, others) = choices.split_first().expect("a pattern has an alternative");
        let around = self.chosen.len();
        self.chosen.extend(choice);
        let matches = self.test(pattern, place)?;
        let holds = self.guarded(matches, |me| {
            me.bind(pattern, place)?;
            me.chosen.truncate(around);
            me.condition(guard)
        });
        self.chosen.truncate(around);
        let holds = holds?;
        if others.is_empty() {
            return Ok(holds);
        }
        let bool = self.scalar_type(Scalar::Bool);
        let result = self.build.local("", bool);
        self.build.set(result, holds);
        self.branch(
            holds,
            |_| Ok(()),
            |me| {
                let holds = me.first_choice(others, pattern, place, guard)?;
                me.build.set(result, holds);
                Ok(())
            },
        )?;
        Ok(self.build.get(result))
    }

    /// The one of its alternatives that is meant now.
    pub(super) fn chosen(&self, pattern: &'static Pattern) -> Option<&'static Pattern> {
        let Pattern::Or(cases) = pattern else { return None };
        let chosen = self.chosen.iter().rev().find(|(of, _)| std::ptr::eq(*of, pattern))?;
        cases.get(chosen.1)
    }
}

impl Pattern {
    /// The patterns right inside of it.
    fn parts(&'static self) -> Vec<&'static Pattern> {
        match self {
            Pattern::At(_, inner) | Pattern::Some(inner) | Pattern::Ref(inner) => vec![inner],
            Pattern::Tuple(parts) | Pattern::Or(parts) => parts.iter().collect(),
            Pattern::TupleEnds(parts) | Pattern::Struct(_, parts) => parts.iter().map(|part| &part.1).collect(),
            Pattern::Slice(before, rest, after) => before.iter().chain(*rest).chain(*after).collect(),
            Pattern::Wild
            | Pattern::Bind(..)
            | Pattern::None
            | Pattern::Variant(_)
            | Pattern::Value(_)
            | Pattern::Range(..) => vec![],
        }
    }
}

/// Whether the pattern binds anything.
pub(super) fn binds(pattern: &'static Pattern) -> bool {
    matches!(pattern, Pattern::Bind(..) | Pattern::At(..)) || pattern.parts().into_iter().any(binds)
}

/// All ways to choose, in the order in which they are tried. What binds nothing is tried as one, as rustc does.
fn choices(pattern: &'static Pattern) -> Vec<Choice> {
    match pattern {
        Pattern::Or(cases) if binds(pattern) && !exclude_each_other(cases) => {
            let of_case = |(k, case)| {
                let with = move |mut choice: Choice| {
                    choice.insert(0, (std::ptr::from_ref(pattern), k));
                    choice
                };
                choices(case).into_iter().map(with)
            };
            cases.iter().enumerate().flat_map(of_case).collect()
        }
        Pattern::Or(_) => vec![vec![]],
        _ => pattern.parts().into_iter().fold(vec![vec![]], |all, part| {
            let of_part = choices(part);
            all.iter().flat_map(|before| of_part.iter().map(|after| [&before[..], after].concat())).collect()
        }),
    }
}

/// Different variants, without alternatives inside: at most one of them matches.
fn exclude_each_other(cases: &'static [Pattern]) -> bool {
    let plain = |part: &&Pattern| matches!(part, Pattern::Bind(..) | Pattern::Wild);
    cases.iter().enumerate().all(|(k, case)| {
        let Pattern::Struct(name, _) = case else { return false };
        let others = &cases[..k];
        case.parts().iter().all(plain)
            && !others.iter().any(|other| matches!(other, Pattern::Struct(n, _) if n == name))
    })
}
