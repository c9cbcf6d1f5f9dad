//! Addresses: of fields, elements, parts of slices, nodes.

use landbridge_core::ir::{Op, SiteId, Type, TypeId, ValueId};

use super::emit::{Emitter, Place, Result};
use super::val::{Class, Operand, Pointer, Val};
use super::vectors::power_in;

impl Emitter<'_> {
    pub(super) fn place_value(&mut self, id: ValueId, ty: TypeId) -> Result<Val> {
        if self.is_in_registers(id) {
            // A place that has no address; loads and stores know where it is.
            return Ok(Val::Pointer(Pointer::new("0", super::val::Space::Local)));
        }
        let function = self.function;
        match &function[id].op {
            Op::Field { base, index } => {
                let pointee = self.pointee(*base)?;
                let Type::Struct(s) = &self.types()[pointee] else {
                    return Err(self.defect("a field of no struct"));
                };
                let base = self.pointer(*base)?;
                self.note(&base, self.types().align(pointee));
                Ok(Val::Pointer(base.plus(s.fields[*index as usize].offset)))
            }
            Op::Element { base, index, site } => self.element(id, *base, *index, *site),
            Op::AsSlice(base) => {
                let (first, length, _) = self.elements(*base)?;
                Ok(Val::Slice(first, length))
            }
            Op::Subslice { base, from, to, order, end } => self.subslice(id, *base, (*from, *to), (*order, *end)),
            Op::MakeSlice { data, length } => {
                let (first, length) = (self.pointer(*data)?, self.operand(*length)?);
                Ok(Val::Slice(first, length))
            }
            Op::Node { region, word } => {
                let (first, _, size) = self.elements(*region)?;
                let word = self.operand(*word)?;
                Ok(Val::Pointer(self.indexed(&first, &word, size)))
            }
            Op::Length(base) => Ok(Val::Scalar(self.elements(*base)?.1)),
            Op::PayloadPlace(pointer) => Ok(Val::Pointer(self.pointer(*pointer)?)),
            _ => Err(self.defect(&format!("`{}` makes no address", self.types().name(ty)))),
        }
    }

    fn is_in_registers(&self, id: ValueId) -> bool {
        let chain = self.survey.chains[id.0 as usize].as_ref();
        chain.is_some_and(|chain| !matches!(self.locals[chain.local.0 as usize], Place::Memory(_)))
    }

    /// Address, number and size of the elements behind a slice or a pointer to an array.
    fn elements(&mut self, base: ValueId) -> Result<(Pointer, Operand, u64)> {
        match (self.val(base)?, &self.types()[self.type_of(base)]) {
            (Val::Slice(first, length), Type::Slice(of)) => Ok((first, length, self.types().size(*of))),
            (Val::Pointer(first), Type::Pointer(to)) => match &self.types()[*to] {
                Type::Array { element, length } => Ok((first, length.to_string().into(), self.types().size(*element))),
                _ => Err(self.defect("elements of no array")),
            },
            _ => Err(self.defect("elements of no array")),
        }
    }

    fn element(&mut self, id: ValueId, base: ValueId, index: ValueId, site: SiteId) -> Result<Val> {
        let (first, length, size) = self.elements(base)?;
        self.note(&first, self.types().align(self.pointee(id)?));
        let known = self.known(index);
        let number = self.operand(index)?;
        let in_length = matches!((known, length.parse::<i128>()), (Some(index), Ok(length)) if index < length);
        if !in_length && !self.facts.in_bounds(id) {
            let label = self.cold_numbers(site, &[&number, &length]);
            let outside = self.test("ge.u64", &number, &length);
            self.jump_if(&outside, &label);
        }
        match known {
            // An index that is always outside is never reached: no instruction names a place that is not there.
            Some(_) if !in_length && length.parse::<u64>().is_ok() => Ok(Val::Pointer(first)),
            Some(index) => Ok(Val::Pointer(first.plus((index as u64).wrapping_mul(size)))),
            None => Ok(Val::Pointer(self.indexed(&first, &number, size))),
        }
    }

    /// The place so many elements further.
    pub(super) fn indexed(&mut self, first: &Pointer, index: &str, size: u64) -> Pointer {
        let bytes = match size {
            0 => return first.clone(),
            1 => index.into(),
            _ if size.is_power_of_two() => self.op(Class::B64, "shl.b64", &[index, &size.trailing_zeros().to_string()]),
            _ => self.op(Class::B64, "mul.lo.s64", &[index, &size.to_string()]),
        };
        // What is constant stays in the instructions' own offsets.
        let base = self.address(&Pointer { offset: 0, ..first.clone() });
        let known = self.noted(&first.base).min(power_in(size));
        let base = self.op(Class::B64, "add.s64", &[&base, &bytes]);
        self.note(&Pointer::new(base.clone(), first.space), known);
        Pointer { base, ..first.clone() }
    }

    fn subslice(
        &mut self,
        id: ValueId,
        base: ValueId,
        (from, to): (ValueId, ValueId),
        (order, end): (SiteId, SiteId),
    ) -> Result<Val> {
        let (first, length, size) = self.elements(base)?;
        let (from, to) = (self.operand(from)?, self.operand(to)?);
        if !self.facts.in_bounds(id) {
            let behind = self.cold_numbers(order, &[&length, &from]);
            let is_behind = self.test("gt.u64", &from, &length);
            self.jump_if(&is_behind, &behind);
            let turned = self.cold_numbers(order, &[&from, &to]);
            let is_turned = self.test("gt.u64", &from, &to);
            self.jump_if(&is_turned, &turned);
            let past = self.cold_numbers(end, &[&to, &length]);
            let is_past = self.test("gt.u64", &to, &length);
            self.jump_if(&is_past, &past);
        }
        let count = self.op(Class::B64, "sub.s64", &[&to, &from]);
        Ok(Val::Slice(self.indexed(&first, &from, size), count))
    }
}
