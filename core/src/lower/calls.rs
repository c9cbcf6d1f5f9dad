//! Calls of users' kernel functions and methods.

use super::Signature;
use super::error::{Lowered, Stop};
use super::frames::{Given, helper};
use super::function::Lowering;
use super::place::{Place, is_place};
use crate::ast::{At, Callee, CalleeSlot, Expr, FunctionTree, NONE, TypeSlot};
use crate::ir::{TypeId, ValueId};
use crate::types::Ty;

/// What stands behind a callee.
#[derive(Clone)]
pub(super) enum Resolved {
    /// A function or method of std, or what only types will tell.
    Std,
    Function(Signature),
    /// A function that takes closures.
    Helper(&'static FunctionTree),
}

impl Lowering<'_> {
    fn callee(&self, slot: CalleeSlot) -> Lowered<Callee> {
        match self.tree.callees.get(usize::from(slot)) {
            Some(callee) => Ok(*callee),
            None => self.bug(format!("callee slot {slot} is not known")),
        }
    }

    /// The user's function behind a callee; `None` for what std defines, and for what only types will tell.
    pub(super) fn signature(&mut self, slot: CalleeSlot) -> Lowered<Option<Signature>> {
        match self.resolve(slot)? {
            Resolved::Function(signature) => Ok(Some(signature)),
            Resolved::Std | Resolved::Helper(_) => Ok(None),
        }
    }

    /// What stands behind a callee.
    pub(super) fn resolve(&mut self, slot: CalleeSlot) -> Lowered<Resolved> {
        if slot == NONE {
            return Ok(Resolved::Std);
        }
        if let Some(known) = self.resolved.get(&slot) {
            return Ok(known.clone());
        }
        let found = match self.callee(slot)? {
            Callee::Intrinsic | Callee::IntrinsicOf(_) | Callee::ByType | Callee::Message(_) => Resolved::Std,
            Callee::User(build) => {
                let tree = build();
                if !tree.closures.is_empty() {
                    let tree = helper(build, tree);
                    // What rustc says about tuples counts before this function builds any.
                    for &ty in &tree.types {
                        self.world.types.intern(&mut self.build.module.types, ty);
                    }
                    self.resolved.insert(slot, Resolved::Helper(tree));
                    return Ok(Resolved::Helper(tree));
                }
                let id = self.world.declare(self.build.module, &tree).map_err(|e| Stop::Error(Box::new(e)))?;
                Resolved::Function(self.world.signature(id).clone())
            }
        };
        self.resolved.insert(slot, found.clone());
        Ok(found)
    }

    /// `function(arguments)`
    pub(super) fn call(&mut self, callee: CalleeSlot, arguments: &'static [Expr]) -> Lowered<ValueId> {
        match self.resolve(callee)? {
            Resolved::Std => self.bug("a call of no function"),
            Resolved::Function(signature) => {
                let arguments = self.values_as(arguments, &signature.parameters)?;
                Ok(self.call_function(&signature, arguments))
            }
            Resolved::Helper(tree) => {
                let given = self.given(tree, 0, arguments)?;
                self.inline(tree, given)
            }
        }
    }

    /// `receiver.name(arguments)`
    #[expect(clippy::too_many_arguments, reason = "the parts of the expression")]
    pub(super) fn method(
        &mut self,
        receiver: &'static Expr,
        name: &'static str,
        callee: CalleeSlot,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        self.at = at;
        let signature = match self.resolve(callee)? {
            Resolved::Function(signature) => signature,
            Resolved::Std => return self.std_method(receiver, name, arguments, slot, at, want),
            Resolved::Helper(tree) => {
                let first = self.helper_parameter(tree, tree.parameters[0])?;
                let place = self.receiver(receiver, Some(first))?;
                let mut given = vec![Given::Value(self.adjust(place, first)?)];
                given.extend(self.given(tree, 1, arguments)?);
                return self.inline(tree, given);
            }
        };
        let Some((&first, others)) = signature.parameters.split_first() else {
            return self.bug(format!("method `{name}` without a receiver"));
        };
        let place = self.receiver(receiver, Some(first))?;
        let mut values = vec![self.adjust(place, first)?];
        values.extend(self.values_as(arguments, others)?);
        Ok(self.call_function(&signature, values))
    }

    /// The place that a method is called on.
    pub(super) fn receiver(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<Place> {
        if is_place(e) { self.place(e) } else { Ok(Place::Value(self.value(e, want)?)) }
    }

    /// `Type::name(arguments)`
    pub(super) fn associated(
        &mut self,
        name: &'static str,
        callee: CalleeSlot,
        arguments: &'static [Expr],
        slot: TypeSlot,
        at: At,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        self.at = at;
        if callee == NONE {
            // `Default::default()`, of what it is all zeros of
            let ty = self.known_slot_type(slot)?;
            return self.zero(ty);
        }
        if !matches!(self.resolve(callee)?, Resolved::Std) {
            return self.call(callee, arguments);
        }
        let ty = match (self.callee(callee)?, arguments) {
            (Callee::IntrinsicOf(ty), _) => ty,
            // from a type to itself
            (Callee::Intrinsic, [value]) if name == "from" => return self.value(value, want),
            _ => return self.bug(format!("`{name}` of no type")),
        };
        if let ("from_u32" | "from_digit", _) = (name, &ty.kind) {
            return match ty.kind {
                crate::types::TypeKind::Char => self.char_function(name, arguments),
                _ => self.unsupported(format!("`{name}` of other than `char`")),
            };
        }
        let Some(ty) = self.intern(ty) else {
            return self.bug(format!("`{name}` of a type without values"));
        };
        self.std_associated(name, ty, arguments, slot, at, want)
    }

    /// The type of `Type::name(..)`.
    pub(super) fn known_associated(&mut self, name: &'static str, callee: CalleeSlot) -> Option<TypeId> {
        if let Some(result) = self.known_result(callee) {
            return Some(result);
        }
        match self.callee(callee).ok()? {
            Callee::IntrinsicOf(ty) => {
                let ty = self.intern(ty)?;
                self.associated_result(name, ty)
            }
            _ => None,
        }
    }

    fn intern(&mut self, ty: Ty) -> Option<TypeId> {
        self.world.types.intern(&mut self.build.module.types, ty)
    }
}
