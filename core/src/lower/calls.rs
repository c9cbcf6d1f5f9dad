//! Calls of users' kernel functions and methods.

use super::Signature;
use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::place::{Place, is_place};
use crate::ast::{At, Callee, CalleeSlot, Expr, NONE, TypeSlot};
use crate::ir::{TypeId, ValueId};
use crate::types::Ty;

impl Lowering<'_> {
    fn callee(&self, slot: CalleeSlot) -> Lowered<Callee> {
        match self.tree.callees.get(usize::from(slot)) {
            Some(callee) => Ok(*callee),
            None => self.bug(format!("callee slot {slot} is not known")),
        }
    }

    /// The user's function behind a callee; `None` for what std defines, and for what only types will tell.
    pub(super) fn signature(&mut self, slot: CalleeSlot) -> Lowered<Option<Signature>> {
        if slot == NONE {
            return Ok(None);
        }
        if let Some(known) = self.resolved.get(&slot) {
            return Ok(known.clone());
        }
        let signature = match self.callee(slot)? {
            Callee::Intrinsic | Callee::IntrinsicOf(_) | Callee::ByType => None,
            Callee::User(tree) => {
                let tree = tree();
                let id = self.world.declare(self.build.module, &tree).map_err(|e| Stop::Error(Box::new(e)))?;
                Some(self.world.signature(id).clone())
            }
        };
        self.resolved.insert(slot, signature.clone());
        Ok(signature)
    }

    /// `function(arguments)`
    pub(super) fn call(&mut self, callee: CalleeSlot, arguments: &'static [Expr]) -> Lowered<ValueId> {
        let Some(signature) = self.signature(callee)? else {
            return self.bug("a call of no function");
        };
        let arguments = self.values_as(arguments, &signature.parameters)?;
        Ok(self.call_function(&signature, arguments))
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
        let Some(signature) = self.signature(callee)? else {
            return self.std_method(receiver, name, arguments, slot, at, want);
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
        if let Some(signature) = self.signature(callee)? {
            let values = self.values_as(arguments, &signature.parameters)?;
            return Ok(self.call_function(&signature, values));
        }
        let Callee::IntrinsicOf(ty) = self.callee(callee)? else {
            return self.bug(format!("`{name}` of no type"));
        };
        let Some(ty) = self.intern(ty) else {
            return self.bug(format!("`{name}` of a type without values"));
        };
        self.std_associated(name, ty, arguments, slot, at, want)
    }

    /// The type of `Type::name(..)`.
    pub(super) fn known_associated(&mut self, name: &'static str, callee: CalleeSlot) -> Option<TypeId> {
        if let Some(signature) = self.signature(callee).ok()? {
            return Some(signature.result);
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
