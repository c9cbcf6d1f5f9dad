//! Operators that users overload: calls of the functions that rustc found, or, for operators of type parameters, of those
//! that the type's description lists.

use super::Signature;
use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::infer::is_comparison;
use super::place::{Place, is_place};
use crate::ast::{At, CalleeSlot, Expr, Operator};
use crate::ir::{Op, Type, TypeId, ValueId};
use crate::types::OperatorDesc;

impl Lowering<'_> {
    /// The user's function for `left op right` (or `op=`), by the types of the operands.
    pub(super) fn user_operator(
        &mut self,
        operator: Operator,
        assign: bool,
        left: TypeId,
        right: &'static Expr,
    ) -> Option<Signature> {
        let desc = self.find_operator(operator, assign, left, right)?;
        self.operator_signature(desc).ok()
    }

    fn find_operator(
        &mut self,
        operator: Operator,
        assign: bool,
        left: TypeId,
        right: &'static Expr,
    ) -> Option<&'static OperatorDesc> {
        let description = self.world.types.description(left)?;
        let candidates = description.operators.iter().filter(|o| o.operator == operator && o.assign == assign);
        let known = self.known(right);
        let stripped = self.known_stripped(right);
        let mut by_reference = None;
        for desc in candidates {
            let ty = self.world.types.intern(&mut self.build.module.types, (desc.right)());
            match known {
                Some(_) if ty == known => return Some(desc),
                // `a == b` names the types, not the references that the operator's function takes.
                Some(_) if ty == stripped => by_reference = Some(desc),
                Some(_) => {}
                None if ty.is_some_and(|ty| self.literal_fits(right, ty)) => return Some(desc),
                None => {}
            }
        }
        by_reference
    }

    /// Whether an expression whose type nothing but the context decides may be of this type.
    fn literal_fits(&self, e: &'static Expr, ty: TypeId) -> bool {
        match (e, self.as_scalar(ty)) {
            (Expr::Int(..), Some(scalar)) => scalar.is_integer(),
            (Expr::Float(..), Some(scalar)) => scalar.is_float(),
            (Expr::Neg(e, ..) | Expr::Not(e, _) | Expr::Block(_, Some(e)), _) => self.literal_fits(e, ty),
            (Expr::Binary(_, left, right, ..), _) => self.literal_fits(left, ty) || self.literal_fits(right, ty),
            (Expr::If(_, accept, _), _) => self.literal_fits(accept, ty),
            (Expr::Method(receiver, ..), _) => self.literal_fits(receiver, ty),
            (Expr::Array(_) | Expr::Repeat(..), None) => matches!(self.ty(ty), Type::Array { .. }),
            (Expr::Tuple(_), None) => matches!(self.ty(ty), Type::Struct(_)),
            _ => false,
        }
    }

    fn operator_signature(&mut self, desc: &OperatorDesc) -> Lowered<Signature> {
        let address = desc.tree as usize;
        if let Some(&id) = self.world.operators.get(&address) {
            return Ok(self.world.signature(id).clone());
        }
        let tree = (desc.tree)();
        let id = self.world.declare(self.build.module, &tree).map_err(|e| Stop::Error(Box::new(e)))?;
        self.world.operators.insert(address, id);
        Ok(self.world.signature(id).clone())
    }

    /// `left op right` with a user's type on the left; `None` where the language itself may know the operator.
    pub(super) fn user_binary(
        &mut self,
        operator: Operator,
        left_type: TypeId,
        left: &'static Expr,
        right: &'static Expr,
        at: At,
    ) -> Lowered<Option<ValueId>> {
        let Some(description) = self.world.types.description(left_type) else {
            return Ok(None);
        };
        if self.compares_by_parts(left_type, operator) {
            return Ok(None);
        }
        let mut found = self.find_operator(operator, false, left_type, right);
        // `!=` is what `==` is not, unless the user wrote one.
        let inverted = found.is_none() && operator == Operator::NotEqual;
        if inverted {
            found = self.find_operator(Operator::Equal, false, left_type, right);
        }
        let Some(desc) = found else {
            self.at = at;
            return self.unsupported(if is_comparison(operator) {
                format!("a comparison of whole `{}`s (compare their fields)", description.name)
            } else {
                unlisted(operator, description.name)
            });
        };
        let signature = self.operator_signature(desc)?;
        let value = self.call_operator(&signature, left, right)?;
        Ok(Some(if inverted { self.invert(value) } else { value }))
    }

    /// `left op right` by the user's function.
    pub(super) fn call_operator(
        &mut self,
        signature: &Signature,
        left: &'static Expr,
        right: &'static Expr,
    ) -> Lowered<ValueId> {
        let left = self.argument(left, signature.parameters[0])?;
        let right = self.argument(right, signature.parameters[1])?;
        Ok(self.call_function(signature, vec![left, right]))
    }

    /// The function of `+` between two of a type.
    pub(super) fn user_addition(&mut self, ty: TypeId) -> Lowered<Option<Signature>> {
        let Some(description) = self.world.types.description(ty) else { return Ok(None) };
        for desc in description.operators.iter().filter(|o| o.operator == Operator::Add && !o.assign) {
            if self.world.types.intern(&mut self.build.module.types, (desc.right)()) == Some(ty) {
                return self.operator_signature(desc).map(Some);
            }
        }
        Ok(None)
    }

    /// `left == right` of two values of users' types, by the function that the description of `left` lists.
    pub(super) fn user_equal(&mut self, left: ValueId, right: ValueId) -> Lowered<Option<ValueId>> {
        let (a, b) = (self.build.type_of(left), self.build.type_of(right));
        let Some(description) = self.world.types.description(a) else {
            return Ok(None);
        };
        for desc in description.operators.iter().filter(|o| o.operator == Operator::Equal) {
            if self.world.types.intern(&mut self.build.module.types, (desc.right)()) == Some(b) {
                let signature = self.operator_signature(desc)?;
                let left = self.adjust(Place::Value(left), signature.parameters[0])?;
                let right = self.adjust(Place::Value(right), signature.parameters[1])?;
                return Ok(Some(self.call_function(&signature, vec![left, right])));
            }
        }
        Ok(None)
    }

    /// `-a` or `!a` of a user's type.
    pub(super) fn user_unary(
        &mut self,
        operator: Operator,
        operand: &'static Expr,
        callee: CalleeSlot,
    ) -> Lowered<Option<ValueId>> {
        if let Some(signature) = self.signature(callee)? {
            let operand = self.argument(operand, signature.parameters[0])?;
            return Ok(Some(self.call_function(&signature, vec![operand])));
        }
        let Some(ty) = self.known_stripped(operand) else {
            return Ok(None);
        };
        let Some(description) = self.world.types.description(ty) else {
            return Ok(None);
        };
        let Some(signature) = self.unary_signature(operator, ty)? else {
            return self.unsupported(unlisted(operator, description.name));
        };
        let operand = self.argument(operand, signature.parameters[0])?;
        Ok(Some(self.call_function(&signature, vec![operand])))
    }

    fn unary_signature(&mut self, operator: Operator, ty: TypeId) -> Lowered<Option<Signature>> {
        let description = self.world.types.description(ty);
        let desc = description.and_then(|d| d.operators.iter().find(|o| o.operator == operator));
        desc.map(|desc| self.operator_signature(desc)).transpose()
    }

    /// The type of `-a` or `!a`, where `a` has the type `ty`.
    pub(super) fn unary_result(&mut self, e: &'static Expr, ty: TypeId) -> TypeId {
        let operator = match e {
            Expr::Neg(..) => Operator::Neg,
            _ => Operator::Not,
        };
        match self.unary_signature(operator, ty) {
            Ok(Some(signature)) => signature.result,
            _ => ty,
        }
    }

    /// `place op= value` of a user's type.
    pub(super) fn user_assign(
        &mut self,
        operator: Operator,
        left: TypeId,
        place: &'static Expr,
        value: &'static Expr,
        known: Option<Signature>,
    ) -> Lowered<()> {
        let Some(signature) = known.or_else(|| self.user_operator(operator, true, left, value)) else {
            return self.unsupported(format!(
                "operator {operator:?} with `=` of `{}` (it is not listed in the type's `#[kernel(..)]`)",
                self.type_name(left)
            ));
        };
        let place = self.exclusive_place(place)?;
        let place = self.strip(place)?;
        let pointer = self.address(place);
        let value = self.argument(value, signature.parameters[1])?;
        self.call_function(&signature, vec![pointer, value]);
        Ok(())
    }

    /// `place[index]` of a user's type, by its `Index` or, where `exclusive`, its `IndexMut`.
    pub(super) fn indexed_by_user(
        &mut self,
        place: Place,
        index: &'static Expr,
        exclusive: bool,
        at: At,
    ) -> Lowered<Option<Place>> {
        let ty = self.place_type(place);
        let description = self.world.types.description(ty);
        if !description.is_some_and(|d| d.operators.iter().any(|o| o.operator == Operator::Index)) {
            return Ok(None);
        }
        let operator = if exclusive { Operator::IndexMut } else { Operator::Index };
        let Some(desc) = self.find_operator(operator, false, ty, index) else {
            self.at = at;
            return self.unsupported(unlisted(operator, &self.type_name(ty)));
        };
        let signature = self.operator_signature(desc)?;
        let place = self.adjust(place, signature.parameters[0])?;
        let index = self.argument(index, signature.parameters[1])?;
        self.at = at;
        let pointer = self.call_function(&signature, vec![place, index]);
        self.deref(Place::Value(pointer)).map(Some)
    }

    /// The type of `base[index]`, where `base` has a user's type.
    pub(super) fn known_indexed(&mut self, base: TypeId, index: &'static Expr) -> Option<TypeId> {
        let result = self.user_operator(Operator::Index, false, base, index)?.result;
        match *self.ty(result) {
            Type::Pointer(to) => Some(to),
            _ => Some(result),
        }
    }

    /// An expression as an argument, by reference where the function takes one and the operator does not say so.
    pub(super) fn argument(&mut self, e: &'static Expr, ty: TypeId) -> Lowered<ValueId> {
        let place = if is_place(e) {
            self.place(e)?
        } else {
            let want = match (self.ty(ty), e) {
                (Type::Pointer(to), e) if !matches!(e, Expr::Borrow(..)) => *to,
                _ => ty,
            };
            Place::Value(self.value(e, Some(want))?)
        };
        self.adjust(place, ty)
    }

    /// Calls a function with values of its parameters' types.
    pub(super) fn call_function(&mut self, signature: &Signature, arguments: Vec<ValueId>) -> ValueId {
        let op = Op::Call { function: signature.id, arguments };
        self.build.value(signature.result, op)
    }
}

fn unlisted(operator: Operator, name: &str) -> String {
    format!("operator {operator:?} of `{name}` (it is not listed in the type's `#[kernel(..)]`)")
}
