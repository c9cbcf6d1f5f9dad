//! Loads and stores: of scalars, of structs field by field, and of what is large as bytes.

use landbridge_core::ir::{Scalar, StructType, Type, TypeId, ValueId};

use super::emit::{Emitter, Place, Result};
use super::survey::leaves;
use super::val::{Class, Operand, Pointer, Space, Val, memory_name};

/// Values with more scalars than this are copied as bytes.
const MOST_LEAVES: u64 = 64;

/// Copies of more pieces than this are loops.
const UNROLLED: u64 = 16;

impl Emitter<'_> {
    /// What [`landbridge_core::ir::Op::Load`] gives.
    pub(super) fn load_value(&mut self, id: ValueId, pointer: ValueId, ty: TypeId) -> Result<Val> {
        if let Some(chain) = self.survey.chains[pointer.0 as usize].clone() {
            let is_last = self.survey.last[id.0 as usize];
            match &self.locals[chain.local.0 as usize] {
                Place::Value(val) => {
                    let val = val.clone();
                    return self.member(val, self.function[chain.local].ty, &chain.path);
                }
                Place::Registers(val) => {
                    let val = self.member(val.clone(), self.function[chain.local].ty, &chain.path)?;
                    // Stores all come before it in the text, so before the next use in each round of a loop.
                    if !is_last {
                        return self.copy_of(&val, ty);
                    }
                    self.note_last(&val);
                    return Ok(val);
                }
                Place::Memory(_) => {}
                Place::Nowhere => return Err(self.defect("a local that nobody names is read")),
            }
        }
        let pointer = self.pointer(pointer)?;
        self.load(&pointer, ty)
    }

    /// [`landbridge_core::ir::Statement::Store`].
    pub(super) fn store_value(&mut self, pointer: ValueId, value: ValueId) -> Result<()> {
        let (val, ty) = (self.val(value)?, self.type_of(value));
        if let Some(chain) = self.survey.chains[pointer.0 as usize].clone()
            && let Place::Registers(place) = &self.locals[chain.local.0 as usize]
        {
            let place = self.member(place.clone(), self.function[chain.local].ty, &chain.path)?;
            return self.assign_all(&place, &val, ty);
        }
        let pointer = self.pointer(pointer)?;
        self.store(&pointer, ty, &val)
    }

    /// A member of a member of a value.
    fn member(&mut self, val: Val, ty: TypeId, path: &[u32]) -> Result<Val> {
        let (mut val, mut ty) = (val, ty);
        for index in path {
            (val, ty) = self.part(&val, ty, *index)?;
        }
        Ok(val)
    }

    /// Field or element of a value, with its type.
    pub(super) fn part(&mut self, val: &Val, ty: TypeId, index: u32) -> Result<(Val, TypeId)> {
        let (offset, part) = match &self.types()[ty] {
            Type::Struct(s) => {
                let field = &s.fields[index as usize];
                (field.offset, field.ty)
            }
            Type::Array { element, .. } => (u64::from(index) * self.types().size(*element), *element),
            _ => return Err(self.defect("a part of what has none")),
        };
        let val = match val {
            Val::Unit => Val::Unit,
            Val::Parts(parts) => parts[index as usize].clone(),
            Val::Repeat(part) => Val::clone(part),
            Val::Memory(pointer) => self.load_shared(&pointer.plus(offset), part)?,
            Val::Scalar(_) | Val::Pointer(_) | Val::Slice(..) => {
                return Err(self.defect("a part of what has none"));
            }
        };
        Ok((val, part))
    }

    pub(super) fn load(&mut self, pointer: &Pointer, ty: TypeId) -> Result<Val> {
        self.note(pointer, self.types().align(ty));
        if leaves(self.module, ty) <= MOST_LEAVES {
            return self.load_parts(pointer, ty);
        }
        let own = self.depot(self.types().size(ty), self.types().align(ty));
        self.copy_bytes(&own, pointer, ty);
        Ok(Val::Memory(own))
    }

    /// As [`Self::load`], of memory that does not change while the value is in use.
    fn load_shared(&mut self, pointer: &Pointer, ty: TypeId) -> Result<Val> {
        match leaves(self.module, ty) <= MOST_LEAVES {
            true => self.load_parts(pointer, ty),
            false => Ok(Val::Memory(pointer.clone())),
        }
    }

    fn load_parts(&mut self, pointer: &Pointer, ty: TypeId) -> Result<Val> {
        let types = self.types();
        if leaves(self.module, ty) == 0 {
            return Ok(Val::Unit);
        }
        Ok(match &types[ty] {
            Type::Unit => Val::Unit,
            Type::Scalar(scalar) => Val::Scalar(self.load_scalar(pointer, *scalar)),
            Type::Pointer(_) | Type::Nullable(_) => Val::Pointer(self.load_link(pointer)),
            Type::Slice(_) => {
                let first = self.load_link(pointer);
                let length = self.load_scalar(&pointer.plus(8), Scalar::Usize);
                Val::Slice(first, length)
            }
            Type::Array { element, length } => {
                let size = types.size(*element);
                let parts = (0..*length).map(|k| self.load_parts(&pointer.plus(k * size), *element));
                Val::Parts(parts.collect::<Result<_>>()?)
            }
            Type::Struct(s) => {
                let parts = s.fields.iter().map(|f| self.load_parts(&pointer.plus(f.offset), f.ty));
                Val::Parts(parts.collect::<Result<_>>()?)
            }
            Type::Atomic(_) => return Err(self.defect("an atomic is read as a whole")),
        })
    }

    fn load_link(&mut self, pointer: &Pointer) -> Pointer {
        let base = self.load_scalar(pointer, Scalar::Usize);
        Pointer::new(base, self.survey.loaded)
    }

    pub(super) fn load_scalar(&mut self, pointer: &Pointer, scalar: Scalar) -> Operand {
        let class = match scalar {
            Scalar::Bool => Class::B32,
            _ => Class::of(scalar),
        };
        let name = format!("{}.{}", pointer.space.load(), memory_name(scalar));
        let value = self.op(class, &name, &[&pointer.text()]);
        match scalar {
            Scalar::Bool => self.test("ne.u32", &value, "0"),
            _ => value,
        }
    }

    pub(super) fn store(&mut self, pointer: &Pointer, ty: TypeId, val: &Val) -> Result<()> {
        let types = self.types();
        self.note(pointer, types.align(ty));
        match (&types[ty], val) {
            _ if leaves(self.module, ty) == 0 => Ok(()),
            (_, Val::Memory(from)) => {
                self.copy_bytes(pointer, from, ty);
                Ok(())
            }
            (Type::Scalar(scalar) | Type::Atomic(scalar), Val::Scalar(value)) => {
                self.store_scalar(pointer, *scalar, value);
                Ok(())
            }
            (Type::Pointer(_) | Type::Nullable(_), Val::Pointer(link)) => {
                let address = self.generic(link);
                self.store_scalar(pointer, Scalar::Usize, &address);
                Ok(())
            }
            (Type::Slice(_), Val::Slice(first, length)) => {
                let address = self.generic(first);
                self.store_scalar(pointer, Scalar::Usize, &address);
                self.store_scalar(&pointer.plus(8), Scalar::Usize, length);
                Ok(())
            }
            (Type::Array { element, .. }, Val::Parts(parts)) => {
                let size = types.size(*element);
                let mut places = (0..).map(|k: u64| pointer.plus(k * size));
                parts
                    .iter()
                    .try_for_each(|part| self.store(&places.next().unwrap_or_else(|| pointer.clone()), *element, part))
            }
            (Type::Array { element, length }, Val::Repeat(part)) => self.fill(pointer, *element, *length, part),
            (Type::Struct(s), Val::Parts(parts)) if s.is_enum() => self.store_enum(pointer, s, parts),
            (Type::Struct(s), Val::Parts(parts)) => s
                .fields
                .iter()
                .zip(parts.iter())
                .try_for_each(|(field, part)| self.store(&pointer.plus(field.offset), field.ty, part)),
            _ => Err(self.defect("a value of another type is stored")),
        }
    }

    fn store_scalar(&mut self, pointer: &Pointer, scalar: Scalar, value: &str) {
        let byte;
        let value = match scalar {
            Scalar::Bool => {
                byte = self.op(Class::B32, "selp.b32", &["1", "0", value]);
                &byte
            }
            _ => value,
        };
        // Stores know no sign.
        let name = memory_name(scalar).replace('s', "u");
        self.line(format!("{}.{name} {}, {value};", pointer.space.store(), pointer.text()));
    }

    /// The tag, and the variant that it names.
    fn store_enum(&mut self, pointer: &Pointer, s: &StructType, parts: &[Val]) -> Result<()> {
        let Val::Scalar(tag) = &parts[0] else { return Err(self.defect("an enum without a tag")) };
        let scalar = self.scalar(s.fields[0].ty)?;
        self.store_scalar(&pointer.plus(s.fields[0].offset), scalar, tag);
        for (k, field) in s.fields[1..].iter().enumerate() {
            if leaves(self.module, field.ty) == 0 {
                continue;
            }
            let Some(variant) = s.variants.get(k) else {
                self.store_rest(pointer, s, (tag, &parts[k + 1]))?;
                continue;
            };
            let number = super::emit::constant(scalar, landbridge_core::ir::Constant::Int(*variant));
            if !tag.starts_with('%') {
                if *tag == number {
                    self.store(&pointer.plus(field.offset), field.ty, &parts[k + 1])?;
                }
                continue;
            }
            let other = self.label("variant");
            let is_this = self.test(&format!("eq.{}", super::val::type_name(scalar)), tag, &number);
            self.jump_unless(&is_this, &other);
            self.store(&pointer.plus(field.offset), field.ty, &parts[k + 1])?;
            self.place(&other);
        }
        Ok(())
    }

    /// The variant of all tags that no other has.
    fn store_rest(&mut self, pointer: &Pointer, s: &StructType, (tag, part): (&str, &Val)) -> Result<()> {
        let (scalar, field) = (self.scalar(s.fields[0].ty)?, &s.fields[s.variants.len() + 1]);
        let numbers: Vec<_> = s
            .variants
            .iter()
            .map(|number| super::emit::constant(scalar, landbridge_core::ir::Constant::Int(*number)))
            .collect();
        if numbers.iter().any(|number| *tag == **number) {
            return Ok(());
        }
        let other = self.label("variant");
        for number in numbers.iter().filter(|_| tag.starts_with('%')) {
            let is_this = self.test(&format!("ne.{}", super::val::type_name(scalar)), tag, number);
            self.jump_unless(&is_this, &other);
        }
        self.store(&pointer.plus(field.offset), field.ty, part)?;
        self.place(&other);
        Ok(())
    }

    /// The same value in all elements of an array.
    fn fill(&mut self, pointer: &Pointer, element: TypeId, length: u64, part: &Val) -> Result<()> {
        let size = self.types().size(element);
        if length <= UNROLLED {
            return (0..length).try_for_each(|k| self.store(&pointer.plus(k * size), element, part));
        }
        let base = self.address(pointer);
        let at = self.op(Class::B64, "mov.b64", &[&base]);
        let end = self.op(Class::B64, "add.s64", &[&base, &(size * length).to_string()]);
        let head = self.label("fill");
        self.place(&head);
        self.store(&Pointer::new(at.clone(), pointer.space), element, part)?;
        self.line(format!("add.s64 {at}, {at}, {size};"));
        let more = self.test("lt.u64", &at, &end);
        self.jump_if(&more, &head);
        Ok(())
    }

    /// All bytes of a type, padding too, from one place to another.
    fn copy_bytes(&mut self, to: &Pointer, from: &Pointer, ty: TypeId) {
        let (size, unit) = (self.types().size(ty), self.types().align(ty).min(8));
        for place in [to, from] {
            self.note(place, self.types().align(ty));
        }
        let (class, name) = match unit {
            8 => (Class::B64, "u64"),
            4 => (Class::B32, "u32"),
            2 => (Class::B32, "u16"),
            _ => (Class::B32, "u8"),
        };
        let (load, store) = (format!("{}.{name}", from.space.load()), format!("{}.{name}", to.space.store()));
        if size / unit <= UNROLLED {
            let places: Vec<u64> = (0..size).step_by(unit as usize).collect();
            // By as many as a vector may have.
            for places in places.chunks((16 / unit).min(4) as usize) {
                let values: Vec<_> = places.iter().map(|at| self.op(class, &load, &[&from.plus(*at).text()])).collect();
                for (at, value) in places.iter().zip(values) {
                    self.line(format!("{store} {}, {value};", to.plus(*at).text()));
                }
            }
            return;
        }
        let (source, target) = (self.address(from), self.address(to));
        let from_at = self.op(Class::B64, "mov.b64", &[&source]);
        let to_at = self.op(Class::B64, "mov.b64", &[&target]);
        let end = self.op(Class::B64, "add.s64", &[&source, &size.to_string()]);
        let head = self.label("copy");
        self.place(&head);
        let value = self.op(class, &load, &[&format!("[{from_at}]")]);
        self.line(format!("{store} [{to_at}], {value};"));
        self.line(format!("add.s64 {from_at}, {from_at}, {unit};"));
        self.line(format!("add.s64 {to_at}, {to_at}, {unit};"));
        let more = self.test("lt.u64", &from_at, &end);
        self.jump_if(&more, &head);
    }

    /// A place in memory that holds the value and does not change while it is in use.
    pub(super) fn in_memory(&mut self, val: &Val, ty: TypeId) -> Result<Pointer> {
        if let Val::Memory(pointer) = val {
            return Ok(pointer.clone());
        }
        let own = self.depot(self.types().size(ty), self.types().align(ty));
        self.store(&own, ty, val)?;
        Ok(own)
    }

    /// Registers for a value of a type, that can be assigned.
    pub(super) fn registers_for(&mut self, ty: TypeId) -> Result<Val> {
        let types = self.types();
        if leaves(self.module, ty) == 0 {
            return Ok(Val::Unit);
        }
        Ok(match &types[ty] {
            Type::Unit => Val::Unit,
            Type::Scalar(scalar) => Val::Scalar(self.register(Class::of(*scalar))),
            Type::Pointer(_) | Type::Nullable(_) => {
                Val::Pointer(Pointer::new(self.register(Class::B64), self.survey.loaded))
            }
            Type::Slice(_) => {
                let first = Pointer::new(self.register(Class::B64), self.survey.loaded);
                Val::Slice(first, self.register(Class::B64))
            }
            Type::Array { element, length } => {
                Val::Parts((0..*length).map(|_| self.registers_for(*element)).collect::<Result<_>>()?)
            }
            Type::Struct(s) => Val::Parts(s.fields.iter().map(|f| self.registers_for(f.ty)).collect::<Result<_>>()?),
            Type::Atomic(_) => return Err(self.defect("a local atomic")),
        })
    }

    /// Gives registers a value.
    pub(super) fn assign_all(&mut self, place: &Val, val: &Val, ty: TypeId) -> Result<()> {
        match (place, val) {
            (Val::Unit, _) => Ok(()),
            (Val::Scalar(register), Val::Scalar(value)) => {
                let class = Class::of(self.scalar(ty)?);
                self.assign(class, register, value);
                Ok(())
            }
            (Val::Pointer(register), Val::Pointer(pointer)) => {
                self.assign_pointer(register, pointer);
                Ok(())
            }
            (Val::Slice(register, count), Val::Slice(pointer, length)) => {
                self.assign_pointer(register, pointer);
                self.assign(Class::B64, count, length);
                Ok(())
            }
            (Val::Parts(places), _) => {
                for (k, place) in places.iter().enumerate() {
                    let (part, part_type) = self.part(val, ty, k as u32)?;
                    self.assign_all(place, &part, part_type)?;
                }
                Ok(())
            }
            _ => Err(self.defect("a value of another type is stored")),
        }
    }

    fn assign_pointer(&mut self, register: &Pointer, pointer: &Pointer) {
        let address = match self.survey.loaded {
            Space::Generic => self.generic(pointer),
            _ => self.address(pointer),
        };
        self.assign(Class::B64, &register.base, &address);
        self.note_assigned(&register.base, pointer);
    }

    /// The value that is in registers now, whatever they hold later.
    fn copy_of(&mut self, val: &Val, ty: TypeId) -> Result<Val> {
        Ok(match val {
            Val::Unit => Val::Unit,
            Val::Scalar(register) => {
                let class = Class::of(self.scalar(ty)?);
                Val::Scalar(self.copy(class, register))
            }
            Val::Pointer(pointer) => Val::Pointer(self.copy_of_pointer(pointer)),
            Val::Slice(pointer, length) => {
                let pointer = self.copy_of_pointer(pointer);
                Val::Slice(pointer, self.copy(Class::B64, length))
            }
            Val::Parts(parts) => {
                let mut copies = vec![];
                for k in 0..parts.len() {
                    let (part, part_type) = self.part(val, ty, k as u32)?;
                    copies.push(self.copy_of(&part, part_type)?);
                }
                Val::Parts(copies.into())
            }
            Val::Repeat(..) | Val::Memory(_) => return Err(self.defect("registers in memory")),
        })
    }

    fn copy_of_pointer(&mut self, pointer: &Pointer) -> Pointer {
        Pointer::new(self.copy(Class::B64, &pointer.base), pointer.space)
    }
}
