//! Values: what computes each.

use std::rc::Rc;

use landbridge_core::ir::{CompareOp, Op, Type, TypeId, ValueId};

use super::emit::{Emitter, Place, Result, constant};
use super::interface::PtxError;
use super::survey::leaves;
use super::val::{Class, Operand, Pointer, Space, Val};

impl Emitter<'_> {
    pub(super) fn value(&mut self, id: ValueId) -> Result<Val> {
        let function = self.function;
        let ty = function[id].ty;
        match &function[id].op {
            Op::Constant(value) => {
                let scalar = self.scalar(ty)?;
                Ok(Val::Scalar(constant(scalar, *value)))
            }
            Op::Unit => Ok(Val::Unit),
            Op::Local(local) => Ok(match &self.locals[local.0 as usize] {
                Place::Memory(pointer) => Val::Pointer(pointer.clone()),
                // It has no address; the survey has found that nobody needs one.
                _ => Val::Pointer(Pointer::new("0", Space::Local)),
            }),
            Op::Data(data) => {
                self.data.insert(data.0);
                let place = Pointer::new(format!("data_{}", data.0), Space::Read);
                self.note(&place, self.data_align(data.0));
                Ok(Val::Pointer(place))
            }
            Op::Load(pointer) => self.load_value(id, *pointer, ty),
            Op::Field { .. }
            | Op::Element { .. }
            | Op::AsSlice(_)
            | Op::Subslice { .. }
            | Op::MakeSlice { .. }
            | Op::Node { .. }
            | Op::Length(_)
            | Op::PayloadPlace(_) => self.place_value(id, ty),
            Op::Null => Ok(Val::Pointer(Pointer::new("0", self.survey.loaded))),
            Op::Some(pointer) | Op::Payload(pointer) => Ok(Val::Pointer(self.pointer(*pointer)?)),
            Op::IsSome(nullable) => {
                let pointer = self.pointer(*nullable)?;
                let address = self.as_number(&pointer);
                Ok(Val::Scalar(self.test("ne.u64", &address, "0")))
            }
            Op::Make(parts) => Ok(Val::Parts(parts.iter().map(|p| self.val(*p)).collect::<Result<_>>()?)),
            Op::Repeat(part) => Ok(Val::Repeat(Rc::new(self.val(*part)?))),
            Op::Extract { base, index } => {
                let val = self.val(*base)?;
                Ok(self.part(&val, self.type_of(*base), *index)?.0)
            }
            Op::Select { condition, accept, reject } => {
                let condition = self.operand(*condition)?;
                let condition = self.predicate(&condition);
                let (accept, reject) = (self.val(*accept)?, self.val(*reject)?);
                self.select(&condition, &accept, &reject, ty)
            }
            Op::Compare { op, left, right } if self.types().as_scalar(self.type_of(*left)).is_none() => {
                let (left, right) = (self.pointer(*left)?, self.pointer(*right)?);
                let (left, right) = (self.generic_number(&left), self.generic_number(&right));
                let name = if *op == CompareOp::Equal { "eq.u64" } else { "ne.u64" };
                Ok(Val::Scalar(self.test(name, &left, &right)))
            }
            Op::Unary { .. }
            | Op::Binary { .. }
            | Op::Compare { .. }
            | Op::Cast(_)
            | Op::Bitcast(_)
            | Op::Math { .. } => Ok(Val::Scalar(self.compute(id, ty)?)),
            Op::Atomic { op, pointer, arguments } => self.atomic(*op, *pointer, arguments),
            Op::Call { .. } => Err(self.defect("a call that has not been inlined")),
        }
    }

    /// Operations on scalars.
    fn compute(&mut self, id: ValueId, ty: TypeId) -> Result<Operand> {
        let function = self.function;
        match &function[id].op {
            Op::Unary { op, operand, site } => self.unary(id, *op, *operand, *site),
            Op::Binary { op, left, right, site } => self.binary(id, *op, (*left, *right), *site),
            Op::Compare { op, left, right } => self.compare(*op, *left, *right),
            Op::Cast(operand) => {
                let (from, to) = (self.scalar_of(*operand)?, self.scalar(ty)?);
                let operand = self.operand(*operand)?;
                Ok(self.cast(from, to, &operand))
            }
            Op::Bitcast(operand) => {
                let (from, to) = (self.scalar_of(*operand)?, self.scalar(ty)?);
                let operand = self.operand(*operand)?;
                Ok(self.bitcast(from, to, &operand))
            }
            Op::Math { function, arguments } => self.math(*function, arguments),
            _ => Err(self.defect("computes no scalar")),
        }
    }

    /// Of constant memory: as its type asks, and as vectors do.
    pub(super) fn data_align(&self, number: u32) -> u64 {
        let data = &self.module.data[number as usize];
        self.types().align(data.ty).min(16).max(if data.bytes.len() < 16 { 1 } else { 16 })
    }

    /// The address as a number; null is 0.
    fn as_number(&mut self, pointer: &Pointer) -> Operand {
        match (&*pointer.base, pointer.offset) {
            ("0", 0) => "0".into(),
            _ => self.address(pointer),
        }
    }

    fn generic_number(&mut self, pointer: &Pointer) -> Operand {
        match (&*pointer.base, pointer.offset) {
            ("0", 0) => "0".into(),
            _ => self.generic(pointer),
        }
    }

    fn select(&mut self, condition: &str, accept: &Val, reject: &Val, ty: TypeId) -> Result<Val> {
        Ok(match (accept, reject) {
            (Val::Unit, _) | (_, Val::Unit) => Val::Unit,
            (Val::Scalar(a), Val::Scalar(b)) => {
                let class = Class::of(self.scalar(ty)?);
                Val::Scalar(self.select_scalar(class, condition, a, b))
            }
            (Val::Pointer(a), Val::Pointer(b)) => Val::Pointer(self.select_pointer(condition, a, b)),
            (Val::Slice(a, m), Val::Slice(b, n)) => {
                let first = self.select_pointer(condition, a, b);
                Val::Slice(first, self.select_scalar(Class::B64, condition, m, n))
            }
            _ if leaves(self.module, ty) > 64 => {
                let (a, b) = (self.in_memory(accept, ty)?, self.in_memory(reject, ty)?);
                Val::Memory(self.select_pointer(condition, &a, &b))
            }
            _ => {
                let count = match &self.types()[ty] {
                    Type::Array { length, .. } => *length as u32,
                    Type::Struct(s) => s.fields.len() as u32,
                    _ => return Err(self.defect("values of different types")),
                };
                let mut parts = vec![];
                for k in 0..count {
                    let ((a, part), (b, _)) = (self.part(accept, ty, k)?, self.part(reject, ty, k)?);
                    parts.push(self.select(condition, &a, &b, part)?);
                }
                Val::Parts(parts.into())
            }
        })
    }

    pub(super) fn select_scalar(&mut self, class: Class, condition: &str, accept: &str, reject: &str) -> Operand {
        match class {
            Class::Pred => {
                let yes = self.op(class, "and.pred", &[condition, accept]);
                let other = self.op(class, "not.pred", &[condition]);
                let no = self.op(class, "and.pred", &[&other, reject]);
                self.op(class, "or.pred", &[&yes, &no])
            }
            _ => self.op(class, &format!("selp.{}", class.name()), &[accept, reject, condition]),
        }
    }

    fn select_pointer(&mut self, condition: &str, accept: &Pointer, reject: &Pointer) -> Pointer {
        if accept.space == reject.space {
            let (a, b) = (self.as_number(accept), self.as_number(reject));
            return Pointer::new(self.select_scalar(Class::B64, condition, &a, &b), accept.space);
        }
        let is_local = |p: &Pointer| matches!(p.space, Space::Local | Space::Generic);
        let space = if is_local(accept) || is_local(reject) { Space::Generic } else { Space::Global };
        let (a, b) = (self.generic_number(accept), self.generic_number(reject));
        Pointer::new(self.select_scalar(Class::B64, condition, &a, &b), space)
    }

    /// A construct that is refused.
    pub(super) fn unsupported<T>(&self, what: &str, why: &str) -> Result<T> {
        Err(PtxError::new(what, why))
    }
}
