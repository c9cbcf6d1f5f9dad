//! Expressions that give values.

use super::control::is_control;
use super::error::{Lowered, Stop};
use super::function::Lowering;
use super::place::{Place, is_place};
use crate::ast::{Expr, Operator, TypeSlot};
use crate::ir::{Op, PanicKind, Scalar, Statement, Type, TypeId, ValueId};

impl Lowering<'_> {
    /// Lowers for a value. `want` is the type that the context would like, which literals take; the result may have
    /// another one ([`Self::value_as`] coerces).
    pub(super) fn value(&mut self, e: &'static Expr, want: Option<TypeId>) -> Lowered<ValueId> {
        match e {
            Expr::Int(..) | Expr::Float(..) => self.literal(e, false, want),
            Expr::Bool(value) => Ok(self.build.boolean(*value)),
            Expr::Unit => Ok(self.unit()),
            _ if is_place(e) => {
                let place = self.place_of(e, want)?;
                self.load(place)
            }
            _ if super::links::is_link(e) => self.link_value(e),
            Expr::Neg(operand, callee, at) => self.negate(operand, *callee, *at, want),
            Expr::Not(operand, callee) => self.not(operand, *callee, want),
            Expr::Borrow(exclusive, operand) => self.borrow(*exclusive, operand, want),
            Expr::Binary(operator, left, right, callee, at) => self.binary(*operator, left, right, *callee, *at, want),
            Expr::Cast(operand, slot) => self.cast(operand, *slot),
            Expr::Memory(name, arguments, _) => self.of_memory(name, arguments),
            Expr::Call(callee, arguments) => self.call(*callee, arguments),
            Expr::ArrayFromFn(f, slot) => self.array_from_fn(f, *slot),
            Expr::CallLocal(closure, arguments) => self.call_closure(*closure, arguments, want),
            Expr::Method(receiver, name, callee, arguments, slot, at) => {
                self.method(receiver, name, *callee, arguments, *slot, *at, want)
            }
            Expr::Static(name, callee, arguments, slot, at) => {
                self.associated(name, *callee, arguments, *slot, *at, want)
            }
            Expr::Tuple(elements) => self.tuple(elements, want),
            Expr::TupleStruct(name, fields, slot) => self.tuple_struct(name, fields, *slot),
            Expr::Struct(name, fields, base, slot) => self.struct_literal(name, fields, *base, *slot),
            Expr::Array(elements) => self.array(elements, want),
            Expr::Repeat(element, length) => self.repeat(element, *length, want),
            Expr::Let(..) => self.condition(e),
            Expr::Chain(source, stages, sink, slot, at) => self.chain(source, stages, sink, *slot, *at),
            Expr::Leaving(body, slot) => self.leaving(body, *slot),
            _ if is_control(e) => self.control_value(e, want),
            _ => {
                self.effect(e)?;
                Ok(self.unit())
            }
        }
    }

    /// Lowers for what it does, where nobody wants the value.
    pub(super) fn effect(&mut self, e: &'static Expr) -> Lowered<()> {
        match e {
            Expr::Unit => Ok(()),
            Expr::Assign(place, value) => self.assign(place, value),
            Expr::AssignOp(operator, place, value, callee, at) => self.assign_op(*operator, place, value, *callee, *at),
            Expr::Leaving(body, slot) => self.leaving(body, *slot).map(drop),
            _ if is_control(e) => self.control_effect(e),
            Expr::While(label, condition, body) => self.while_loop(*label, condition, body),
            Expr::ForRange(range) => self.for_range(range),
            Expr::ForEach(label, pattern, items, body) => self.for_each(*label, pattern, items, body),
            Expr::Break(label, value) => self.break_to(*label, *value),
            Expr::Continue(label) => self.continue_to(*label),
            Expr::Return(value) => self.return_from(*value),
            Expr::Panic(message, at) => {
                self.at = *at;
                let site = self.site(PanicKind::Message((*message).into()));
                let arguments = vec![];
                self.build.push(Statement::Panic { site, arguments });
                Err(Stop::Diverges)
            }
            Expr::Assert(condition, message, at) => {
                let condition = self.value(condition, None)?;
                let condition = self.strip_value(condition)?;
                self.at = *at;
                self.check(condition, message);
                Ok(())
            }
            Expr::Tell(before, telling, at) => self.tell(before, telling, &[], *at),
            Expr::AssertEq(equal, left, right, callee, message, telling, at) => {
                let operator = if *equal { Operator::Equal } else { Operator::NotEqual };
                self.assert_operands(operator, (left, right, *callee), message, telling.as_ref(), *at)
            }
            _ if is_place(e) => self.place(e).map(drop),
            _ => self.value(e, None).map(drop),
        }
    }

    /// `&a`, `&mut a`
    fn borrow(&mut self, exclusive: bool, operand: &'static Expr, want: Option<TypeId>) -> Lowered<ValueId> {
        let inner = want.and_then(|ty| match (self.ty(ty).clone(), operand) {
            (Type::Pointer(to), _) => Some(to),
            (Type::Slice(of), Expr::Array(elements)) => Some(self.build.module.types.array(of, elements.len() as u64)),
            // Only the element's type counts here; the length comes from the expression.
            (Type::Slice(of), Expr::Repeat(..)) => Some(self.build.module.types.array(of, 0)),
            _ => None,
        });
        let place = if is_place(operand) && exclusive {
            self.exclusive_place(operand)?
        } else if is_place(operand) {
            self.place(operand)?
        } else {
            let value = self.value(operand, inner)?;
            let fits = inner.filter(|&ty| !matches!(self.ty(ty), Type::Array { length: 0, .. }));
            Place::Value(match fits {
                // A tuple is built with the layout that the reference's type has.
                Some(ty) if matches!(self.ty(ty), Type::Struct(_)) => self.coerce(value, ty)?,
                _ => value,
            })
        };
        Ok(self.address(place))
    }

    /// `a as T`
    fn cast(&mut self, operand: &'static Expr, slot: TypeSlot) -> Lowered<ValueId> {
        let to = self.known_slot_type(slot)?;
        let hint = takes_type_of_cast(operand).then_some(to);
        let value = self.value(operand, hint)?;
        if self.build.type_of(value) == to {
            return Ok(value);
        }
        if self.as_enum(self.build.type_of(value)).is_some() {
            let tag = self.tag(Place::Value(value))?;
            return self.cast_to(tag, to);
        }
        self.cast_to(value, to)
    }

    /// Rust's `as` between scalars.
    pub(super) fn cast_to(&mut self, value: ValueId, to: TypeId) -> Lowered<ValueId> {
        let from = self.scalar_of(value)?;
        let Some(target) = self.as_scalar(to) else {
            return self.unsupported(format!("a cast to `{}`", self.type_name(to)));
        };
        if from == target {
            return Ok(value);
        }
        if from == Scalar::Bool && target.is_float() {
            let bit = self.cast_scalar(value, Scalar::U8);
            return Ok(self.cast_scalar(bit, target));
        }
        Ok(self.cast_scalar(value, target))
    }

    /// A number as another type of number.
    pub(super) fn cast_scalar(&mut self, value: ValueId, to: Scalar) -> ValueId {
        let ty = self.scalar_type(to);
        if self.build.type_of(value) == ty {
            return value;
        }
        self.build.value(ty, Op::Cast(value))
    }

    fn tuple(&mut self, elements: &'static [Expr], want: Option<TypeId>) -> Lowered<ValueId> {
        let wanted: Option<Vec<TypeId>> = want.and_then(|ty| match self.ty(ty) {
            Type::Struct(s) if s.name.is_empty() && s.fields.len() == elements.len() => {
                Some(s.fields.iter().map(|f| f.ty).collect())
            }
            _ => None,
        });
        if let (Some(types), Some(ty)) = (wanted, want) {
            let parts = self.values_as(elements, &types)?;
            return Ok(self.build.value(ty, Op::Make(parts)));
        }
        let mut parts = vec![];
        for e in elements {
            parts.push(self.value(e, None)?);
        }
        Ok(self.make_tuple(parts))
    }

    /// A tuple of values.
    pub(super) fn make_tuple(&mut self, parts: Vec<ValueId>) -> ValueId {
        let types: Vec<_> = parts.iter().map(|&v| self.build.type_of(v)).collect();
        let ty = self.tuple_type(&types);
        self.build.value(ty, Op::Make(parts))
    }

    /// Expressions in order, each as the type beside it.
    pub(super) fn values_as(&mut self, elements: &'static [Expr], types: &[TypeId]) -> Lowered<Vec<ValueId>> {
        if elements.len() != types.len() {
            return self.bug(format!("{} values where {} are needed", elements.len(), types.len()));
        }
        elements.iter().zip(types).map(|(e, &ty)| self.value_as(e, ty)).collect()
    }

    fn tuple_struct(&mut self, name: &str, fields: &'static [Expr], slot: TypeSlot) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        let (inside, variant) = self.literal_type(ty, name)?;
        let types: Vec<_> = self.fields(inside)?.into_iter().map(|(_, ty)| ty).collect();
        let parts = self.values_as(fields, &types)?;
        self.made(ty, variant, parts)
    }

    /// Names and types of a struct's fields.
    pub(super) fn fields(&self, ty: TypeId) -> Lowered<Vec<(String, TypeId)>> {
        match self.ty(ty) {
            Type::Struct(s) => Ok(s.fields.iter().map(|f| (f.name.clone(), f.ty)).collect()),
            _ => self.bug(format!("`{}` is no struct", self.type_name(ty))),
        }
    }

    fn struct_literal(
        &mut self,
        name: &str,
        given: &'static [(&'static str, Expr)],
        base: Option<&'static Expr>,
        slot: TypeSlot,
    ) -> Lowered<ValueId> {
        let ty = self.known_slot_type(slot)?;
        let (inside, variant) = self.literal_type(ty, name)?;
        let fields = self.fields(inside)?;
        // Fields are evaluated as they are written, the base last; the value has them as they were declared.
        let mut values = vec![None; fields.len()];
        for (name, e) in given {
            let Some(index) = fields.iter().position(|f| f.0 == *name) else {
                return self.bug(format!("`{}` has no field `{name}`", self.type_name(ty)));
            };
            values[index] = Some(self.value_as(e, fields[index].1)?);
        }
        let base = match base {
            Some(e) => {
                let place = self.place(e)?;
                Some(self.strip(place)?)
            }
            None => None,
        };
        let mut parts = vec![];
        for (value, (name, _)) in values.into_iter().zip(&fields) {
            parts.push(match (value, base) {
                (Some(value), _) => value,
                (None, Some(base)) => {
                    let field = self.field(base, name)?;
                    self.load(field)?
                }
                (None, None) => return self.bug(format!("field `{name}` is missing")),
            });
        }
        self.made(ty, variant, parts)
    }

    fn array(&mut self, elements: &'static [Expr], want: Option<TypeId>) -> Lowered<ValueId> {
        let element = self.wanted_element(want).or_else(|| {
            let known = elements.iter().find_map(|e| self.known(e));
            known.or_else(|| self.fallback_of(elements.first()?))
        });
        let Some(element) = element else {
            return self.unsupported("an array of unknown type (write its type where it is bound)");
        };
        let parts: Vec<_> = elements.iter().map(|e| self.value_as(e, element)).collect::<Lowered<_>>()?;
        let ty = self.build.module.types.array(element, parts.len() as u64);
        Ok(self.build.value(ty, Op::Make(parts)))
    }

    fn repeat(
        &mut self,
        element: &'static Expr,
        length: crate::ast::ConstSlot,
        want: Option<TypeId>,
    ) -> Lowered<ValueId> {
        let length = self.constant_length(length)?;
        let value = match self.wanted_element(want) {
            Some(ty) => self.value_as(element, ty)?,
            None => self.value(element, None)?,
        };
        let element = self.build.type_of(value);
        let ty = self.build.module.types.array(element, length);
        Ok(self.build.value(ty, Op::Repeat(value)))
    }

    fn wanted_element(&self, want: Option<TypeId>) -> Option<TypeId> {
        match self.ty(want?) {
            Type::Array { element, .. } => Some(*element),
            _ => None,
        }
    }

    /// The type that an expression of nothing but literals falls back to.
    fn fallback_of(&mut self, e: &'static Expr) -> Option<TypeId> {
        match e {
            Expr::Int(..) => Some(self.scalar_type(Scalar::I32)),
            Expr::Float(..) => Some(self.scalar_type(Scalar::F64)),
            Expr::Neg(e, ..) | Expr::Not(e, _) => self.fallback_of(e),
            Expr::Binary(_, left, right, ..) => self.fallback_of(left).or_else(|| self.fallback_of(right)),
            Expr::Array(elements) => {
                let element = self.fallback_of(elements.first()?)?;
                let length = elements.len() as u64;
                Some(self.build.module.types.array(element, length))
            }
            Expr::Tuple(elements) => {
                let types: Option<Vec<_>> =
                    elements.iter().map(|e| self.known(e).or_else(|| self.fallback_of(e))).collect();
                Some(self.tuple_type(&types?))
            }
            _ => None,
        }
    }
}

/// Whether rustc lets a cast of the expression decide the type of the literal in it; it does so not through operators of
/// two operands.
fn takes_type_of_cast(e: &Expr) -> bool {
    match e {
        Expr::Int(..) | Expr::Float(..) => true,
        Expr::Neg(e, ..) | Expr::Not(e, _) | Expr::Block([], Some(e)) => takes_type_of_cast(e),
        _ => false,
    }
}
