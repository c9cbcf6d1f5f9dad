//! Values at run time, and how they lie in memory.

use std::rc::Rc;

use super::Stop;
use super::memory::Memory;
use crate::ir::{StructType, Type, TypeId, TypeTable};

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Datum {
    Unit,
    /// The bits of a scalar, zero-extended.
    Scalar(u64),
    /// An address.
    Pointer(u64),
    /// Address and number of elements.
    Slice(u64, u64),
    /// Fields or elements in the order of the type.
    Parts(Rc<[Datum]>),
    /// What a variant of an enum holds that is not the value's; reading it is a mistake in the IR.
    Absent,
}

impl Datum {
    /// The bits of a scalar.
    pub(super) fn bits(&self) -> Result<u64, Stop> {
        match self {
            Datum::Scalar(bits) => Ok(*bits),
            other => Err(Stop::invalid(format!("{other:?} is no scalar"))),
        }
    }

    /// The address of a pointer or slice.
    pub(super) fn address(&self) -> Result<u64, Stop> {
        match self {
            Datum::Pointer(address) | Datum::Slice(address, _) => Ok(*address),
            other => Err(Stop::invalid(format!("{other:?} is no pointer"))),
        }
    }

    /// The fields or elements.
    pub(super) fn parts(&self) -> Result<&Rc<[Datum]>, Stop> {
        match self {
            Datum::Parts(parts) => Ok(parts),
            other => Err(Stop::invalid(format!("{other:?} has no parts"))),
        }
    }
}

/// Sizes and alignments of all types.
pub(super) struct Layouts<'m> {
    pub(super) types: &'m TypeTable,
    known: Vec<(u64, u64)>,
}

impl<'m> Layouts<'m> {
    pub(super) fn new(types: &'m TypeTable) -> Self {
        let known = types.iter().map(|(id, _)| (types.size(id), types.align(id))).collect();
        Layouts { types, known }
    }

    pub(super) fn size(&self, id: TypeId) -> u64 {
        self.known[id.0 as usize].0
    }

    pub(super) fn align(&self, id: TypeId) -> u64 {
        self.known[id.0 as usize].1
    }

    /// Reads a value; padding is not touched. What pointers in an argument point to may be touched from then on.
    pub(super) fn load(&self, memory: &mut Memory, ty: TypeId, address: u64) -> Result<Datum, Stop> {
        match &self.types[ty] {
            Type::Unit => Ok(Datum::Unit),
            Type::Scalar(scalar) | Type::Atomic(scalar) => {
                let size = scalar.size();
                let mut bytes = [0; 8];
                memory.read(address, &mut bytes[..size as usize], size)?;
                Ok(Datum::Scalar(u64::from_le_bytes(bytes)))
            }
            Type::Pointer(to) | Type::Nullable(to) => {
                memory.follow(address, self.size(*to))?;
                word(memory, address).map(Datum::Pointer)
            }
            Type::Slice(_) => Ok(Datum::Slice(word(memory, address)?, word(memory, address.wrapping_add(8))?)),
            Type::Array { element, length } => {
                let size = self.size(*element);
                (0..*length)
                    .map(|k| self.load(memory, *element, address.wrapping_add(k * size)))
                    .collect::<Result<Rc<[Datum]>, Stop>>()
                    .map(Datum::Parts)
            }
            Type::Struct(s) if s.is_enum() => self.load_enum(memory, s, address),
            Type::Struct(s) => s
                .fields
                .iter()
                .map(|f| self.load(memory, f.ty, address.wrapping_add(f.offset)))
                .collect::<Result<Rc<[Datum]>, Stop>>()
                .map(Datum::Parts),
        }
    }

    /// Of an enum the tag, and the variant that it names; there is nothing in the others.
    fn load_enum(&self, memory: &mut Memory, s: &StructType, address: u64) -> Result<Datum, Stop> {
        let tag = self.load(memory, s.fields[0].ty, address.wrapping_add(s.fields[0].offset))?;
        let held = self.variant(s, &tag)?;
        let mut parts = vec![tag];
        for (k, field) in s.fields.iter().enumerate().skip(1) {
            parts.push(if k == held { self.load(memory, field.ty, address)? } else { Datum::Absent });
        }
        Ok(Datum::Parts(parts.into()))
    }

    /// The field of an enum's variant that a tag names.
    fn variant(&self, s: &StructType, tag: &Datum) -> Result<usize, Stop> {
        let scalar = self.types.as_scalar(s.fields[0].ty);
        let tag = scalar.map(|scalar| Ok(scalar.decode(&tag.bits()?.to_ne_bytes()))).transpose()?;
        let held = tag.and_then(|tag| s.variant_of(tag));
        held.map(|held| held as usize).ok_or_else(|| Stop::invalid(format!("{tag:?} is no tag of `{}`", s.name)))
    }

    /// Of an enum's value: the field of the variant that it is.
    fn held(&self, s: &StructType, parts: &[Datum]) -> Result<Option<usize>, Stop> {
        s.is_enum().then(|| self.variant(s, &parts[0])).transpose()
    }

    /// Writes a value; padding is not touched.
    pub(super) fn store(&self, memory: &mut Memory, ty: TypeId, address: u64, value: &Datum) -> Result<(), Stop> {
        match &self.types[ty] {
            Type::Unit => Ok(()),
            Type::Scalar(scalar) | Type::Atomic(scalar) => {
                let size = scalar.size();
                let bytes = value.bits()?.to_le_bytes();
                memory.write(address, &bytes[..size as usize], size)
            }
            Type::Pointer(_) | Type::Nullable(_) => memory.write(address, &value.address()?.to_le_bytes(), 8),
            Type::Slice(_) => {
                let Datum::Slice(to, length) = value else {
                    return Err(Stop::invalid(format!("{value:?} is no slice")));
                };
                memory.write(address, &to.to_le_bytes(), 8)?;
                memory.write(address.wrapping_add(8), &length.to_le_bytes(), 8)
            }
            Type::Array { element, length: _ } => {
                let size = self.size(*element);
                for (k, part) in (0..).zip(value.parts()?.iter()) {
                    self.store(memory, *element, address.wrapping_add(k * size), part)?;
                }
                Ok(())
            }
            Type::Struct(s) => {
                let held = self.held(s, value.parts()?)?;
                let parts = s.fields.iter().zip(value.parts()?.iter()).enumerate();
                for (_, (field, part)) in parts.filter(|(k, _)| held.is_none_or(|held| *k == 0 || *k == held)) {
                    let address = address.wrapping_add(field.offset);
                    self.store(memory, field.ty, address, part)?;
                }
                Ok(())
            }
        }
    }
}

fn word(memory: &Memory, address: u64) -> Result<u64, Stop> {
    let mut bytes = [0; 8];
    memory.read(address, &mut bytes, 8)?;
    Ok(u64::from_le_bytes(bytes))
}
