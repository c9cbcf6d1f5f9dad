//! Closures: each call is the body, in place.

use super::error::Lowered;
use super::frames::FrameId;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, LocalSlot, Pattern, TypeSlot};
use crate::ir::{LocalId, TypeId, ValueId};

/// A closure or function that a variable stands for.
#[derive(Clone, Debug)]
pub(super) struct Closure {
    code: Code,
    /// Where it is written.
    frame: FrameId,
    /// A `move` closure's own copies of variables.
    captures: Vec<(LocalSlot, LocalId)>,
}

#[derive(Clone, Copy, Debug)]
enum Code {
    /// Parameters, body and the type of the body, where known.
    Body(&'static [Pattern], &'static Expr, TypeSlot),
    /// A call with these variables as arguments, as many of them as there are.
    Named(&'static Expr, &'static [LocalSlot]),
}

impl Lowering<'_> {
    /// `let name = |parameters| body;`
    pub(super) fn define_closure(&mut self, slot: LocalSlot, parameters: &'static [Pattern], body: &'static Expr) {
        let code = Code::Body(parameters, body, crate::ast::NONE);
        self.closures.insert(slot, Closure { code, frame: self.current, captures: vec![] });
    }

    /// `let name = move |parameters| body;`, `let name = function;`, `let name = &other;`
    pub(super) fn define_function(&mut self, slot: LocalSlot, e: &'static Expr) -> Lowered<()> {
        let closure = self.closure_given(e)?;
        self.closures.insert(slot, closure);
        Ok(())
    }

    /// The closure or function that an expression gives; `move` closures take their copies now.
    pub(super) fn closure_given(&mut self, e: &'static Expr) -> Lowered<Closure> {
        let frame = self.current;
        match e {
            Expr::Closure(parameters, body, slot) => {
                Ok(Closure { code: Code::Body(parameters, body, *slot), frame, captures: vec![] })
            }
            Expr::ByName(call, parameters) => {
                Ok(Closure { code: Code::Named(call, parameters), frame, captures: vec![] })
            }
            Expr::Moved(captures, inner) => {
                let mut closure = self.closure_given(inner)?;
                for &(from, to) in *captures {
                    closure.captures.push((to, self.copied_local(from)?));
                }
                Ok(closure)
            }
            Expr::Borrow(_, inner) => match &**inner {
                Expr::Local(slot) => match self.closures.get(slot) {
                    Some(closure) => Ok(closure.clone()),
                    None => self.bug("a closure is needed"),
                },
                inner => self.closure_given(inner),
            },
            Expr::Local(slot) => {
                let Some(mut closure) = self.closures.get(slot).cloned() else {
                    return self.bug("a closure is needed");
                };
                // By value: what it has moved in goes along, and the original keeps its own.
                for (_, local) in &mut closure.captures {
                    *local = self.copy_of(*local);
                }
                Ok(closure)
            }
            _ => self.bug("a closure is needed"),
        }
    }

    /// A closure as an argument of a method of std, whose `move` has taken place.
    pub(super) fn created(&mut self, e: &'static Expr) -> Lowered<&'static Expr> {
        let Expr::Moved(captures, inner) = e else { return Ok(e) };
        for &(from, to) in *captures {
            let copy = self.copied_local(from)?;
            self.place_local(to, copy);
        }
        Ok(inner)
    }

    fn copied_local(&mut self, slot: LocalSlot) -> Lowered<LocalId> {
        let local = self.local(slot, None)?;
        Ok(self.copy_of(local))
    }

    fn copy_of(&mut self, local: LocalId) -> LocalId {
        let (ty, value) = (self.build.function()[local].ty, self.build.get(local));
        let copy = self.build.local("", ty);
        self.build.set(copy, value);
        copy
    }

    /// `name(arguments)`
    pub(super) fn call_closure(
        &mut self,
        slot: LocalSlot,
        arguments: &'static [Expr],
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        let Some(closure) = self.closures.get(&slot).cloned() else {
            return self.bug("a call of an unknown closure");
        };
        let (declared, result) = self.declared_types(slot);
        // All arguments first: an argument may call the same closure.
        let mut values = vec![];
        for (k, e) in arguments.iter().enumerate() {
            let ty = match &declared {
                Some(types) => types.get(k).copied(),
                None => self.parameter_type(&closure, k),
            };
            values.push(match ty {
                Some(ty) => self.value_as(e, ty)?,
                None => self.value(e, None)?,
            });
        }
        let want = result.or(want);
        self.in_frame(closure.frame, |me| me.enter(&closure, values, want))
    }

    /// The body, in its own frame.
    fn enter(&mut self, closure: &Closure, values: Vec<ValueId>, want: Option<TypeId>) -> Lowered<ValueId> {
        for &(slot, local) in &closure.captures {
            self.place_local(slot, local);
        }
        match closure.code {
            Code::Body(parameters, body, slot) => {
                if parameters.len() != values.len() {
                    return self.bug("a closure is called with the wrong number of arguments");
                }
                for (pattern, value) in parameters.iter().zip(values) {
                    self.bind(pattern, Place::Value(value))?;
                }
                match self.slot_type(slot).or(want) {
                    Some(ty) if self.is_unit(ty) => {
                        self.effect(body)?;
                        Ok(self.unit())
                    }
                    Some(ty) => self.value_as(body, ty),
                    None => self.value(body, None),
                }
            }
            Code::Named(call, slots) => {
                let n = values.len();
                if slots.len() < n {
                    return self.unsupported(format!("a function by name with {n} parameters (write a closure)"));
                }
                for (&slot, value) in slots.iter().zip(values) {
                    let local = self.build.local("", self.build.type_of(value));
                    self.build.set(local, value);
                    self.place_local(slot, local);
                }
                match call {
                    Expr::Call(callee, arguments) => self.call(*callee, &arguments[..n]),
                    Expr::Static(name, callee, arguments, slot, at) => {
                        self.associated(name, *callee, &arguments[..n], *slot, *at, want)
                    }
                    _ => self.bug("a name of no function"),
                }
            }
        }
    }

    /// A call of the closure with these values, where its value is not wanted.
    pub(super) fn call_with(&mut self, closure: &Closure, values: Vec<ValueId>) -> Lowered<()> {
        let unit = self.unit_type();
        self.in_frame(closure.frame, |me| me.enter(closure, values, Some(unit))).map(drop)
    }

    /// The type of a closure's parameter, as far as its pattern tells.
    fn parameter_type(&mut self, closure: &Closure, k: usize) -> Option<TypeId> {
        match closure.code {
            Code::Body(parameters, ..) => {
                let pattern = parameters.get(k)?;
                self.in_frame(closure.frame, |me| me.pattern_type(pattern))
            }
            Code::Named(..) => None,
        }
    }

    /// Types of the parameters and of the result that a helper's own parameter has been declared with.
    fn declared_types(&mut self, slot: LocalSlot) -> (Option<Vec<TypeId>>, Option<TypeId>) {
        let Some((_, parameters, result)) = self.tree.closures.iter().find(|c| c.0 == slot) else {
            return (None, None);
        };
        let types = parameters.iter().map(|&row| self.slot_type(row)).collect();
        (types, self.slot_type(*result))
    }

    /// The type of `name(..)`.
    pub(super) fn known_closure(&mut self, slot: LocalSlot) -> Option<TypeId> {
        if let (_, Some(result)) = self.declared_types(slot) {
            return Some(result);
        }
        let closure = self.closures.get(&slot)?;
        let (code, frame) = (closure.code, closure.frame);
        let e = match code {
            Code::Body(_, body, row) => match self.in_frame(frame, |me| me.slot_type(row)) {
                Some(ty) => return Some(ty),
                None => body,
            },
            Code::Named(call, _) => call,
        };
        self.in_frame(frame, |me| me.known(e))
    }
}
