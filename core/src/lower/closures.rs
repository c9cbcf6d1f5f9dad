//! Closures: each call is the body, in place.

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, LocalSlot, Pattern};
use crate::ir::{TypeId, ValueId};

/// A closure that a `let` has bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closure {
    parameters: &'static [Pattern],
    pub(super) body: &'static Expr,
}

impl Lowering<'_> {
    /// `let name = |parameters| body;`
    pub(super) fn define_closure(&mut self, slot: LocalSlot, parameters: &'static [Pattern], body: &'static Expr) {
        self.closures.insert(slot, Closure { parameters, body });
    }

    /// `name(arguments)`
    pub(super) fn call_closure(
        &mut self,
        slot: LocalSlot,
        arguments: &'static [Expr],
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        let Some(&closure) = self.closures.get(&slot) else {
            return self.bug("a call of an unknown closure");
        };
        if closure.parameters.len() != arguments.len() {
            return self.bug("a closure is called with the wrong number of arguments");
        }
        // All arguments first: an argument may call the same closure.
        let mut values = vec![];
        for (pattern, e) in closure.parameters.iter().zip(arguments) {
            values.push(match self.pattern_type(pattern) {
                Some(ty) => self.value_as(e, ty)?,
                None => self.value(e, None)?,
            });
        }
        for (pattern, value) in closure.parameters.iter().zip(values) {
            self.bind(pattern, Place::Value(value))?;
        }
        self.value(closure.body, want)
    }
}
