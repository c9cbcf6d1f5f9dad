//! Messages with arguments: the user's own format string, applied to values that a device has reported.
//!
//! Any type of plain data can be shown: its bytes are put together from the scalars that are reported, checked, and handed to
//! the user's `Debug` or `Display`. What a report claims is believed in nothing that could make a value invalid.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::ir::Scalar;
use crate::oracle::Slot;
use crate::types::{FieldDesc, Ty, TypeInfo, TypeKind};

/// A message that is made of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// What std writes before the user's text.
    pub before: String,
    /// What is shown.
    pub values: Vec<Layout>,
    /// What makes text of it.
    pub format: Format,
}

/// Where the scalars of a value lie that is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// In bytes.
    pub size: u64,
    /// Offset and type of each, in the order of the report.
    pub parts: Vec<(u64, Scalar)>,
}

impl Layout {
    /// The types of the scalars.
    pub fn scalars(&self) -> impl Iterator<Item = Scalar> {
        self.parts.iter().map(|part| part.1)
    }

    /// Whether all parts lie inside, each for itself.
    pub fn fits(&self) -> bool {
        let mut parts: Vec<_> = self.parts.iter().map(|(offset, scalar)| (*offset, scalar.size())).collect();
        parts.sort_unstable();
        let mut end = 0;
        parts.into_iter().all(|(offset, size)| {
            let free = offset >= end;
            end = offset.saturating_add(size);
            free && end <= self.size
        })
    }

    /// The value's bytes; those that no part covers are 0.
    fn bytes(&self, values: &mut impl Iterator<Item = u64>) -> Vec<u8> {
        let mut bytes = vec![0; self.size as usize];
        for (offset, scalar) in &self.parts {
            let value = values.next().unwrap_or(0).to_le_bytes();
            let range = *offset as usize..(*offset + scalar.size()) as usize;
            if let Some(place) = bytes.get_mut(range) {
                place.copy_from_slice(&value[..scalar.size() as usize]);
            }
        }
        bytes
    }
}

impl Message {
    /// The message with these values of the report.
    pub(super) fn text(&self, values: &mut impl Iterator<Item = u64>) -> String {
        let values = Values(self.values.iter().map(|layout| layout.bytes(values)).collect());
        // A `Debug` of the user's may panic; that is no reason to lose the error.
        let text = catch_unwind(AssertUnwindSafe(|| (self.format.text)(&values))).ok().flatten();
        format!("{}{}", self.before, text.as_deref().unwrap_or("(the values of this message cannot be shown)"))
    }
}

/// What is shown, as bytes.
pub struct Values(Vec<Vec<u8>>);

impl Values {
    /// Where the macros could make no text, since rustc has more to say about the format string.
    pub fn nothing(&self) -> Option<&'static str> {
        None
    }

    /// The value of this number, which has the slot's type; `None` if its bytes are no value of that type.
    pub fn get<T: TypeInfo>(&self, _: &Slot<T>, number: usize) -> Option<T> {
        self.of(number)
    }

    /// The value of this number, of a type that is written.
    pub fn of<T: TypeInfo>(&self, number: usize) -> Option<T> {
        let bytes = self.0.get(number)?;
        if bytes.len() != size_of::<T>() || !is_valid(T::DESC, bytes) {
            return None;
        }
        // SAFETY: there are as many bytes as a `T` has, all initialized, and `read_unaligned` asks for no alignment. `DESC`
        // describes the layout exactly, as `TypeInfo` promises of the types that have a kind which is accepted here (a slice's
        // stand-in has no bytes, and one value). Of these all consist of plain data, own nothing, and what the description
        // says has been compared: each `bool` is 0 or 1, each tag is that of a variant; numbers may be anything.
        Some(unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
    }
}

/// Whether bytes are a value of a type of plain data.
fn is_valid(ty: Ty, bytes: &[u8]) -> bool {
    match ty.kind {
        TypeKind::Unit => true,
        TypeKind::Shared(handle) => handle.nullable || bytes.iter().any(|byte| *byte != 0),
        TypeKind::Scalar(Scalar::Bool) => bytes.first().is_some_and(|byte| *byte <= 1),
        TypeKind::Char => bytes.try_into().is_ok_and(|bytes| char::from_u32(u32::from_le_bytes(bytes)).is_some()),
        TypeKind::Scalar(_) | TypeKind::Atomic(_) => true,
        TypeKind::Array(element, length) => {
            let (element, size) = (element(), element().size);
            (0..length).all(|k| bytes.get(k * size..(k + 1) * size).is_some_and(|part| is_valid(element, part)))
        }
        TypeKind::Struct(fields) => fields.iter().all(|field| is_valid_field(field, bytes)),
        TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..) => {
            let Some(description) = ty.as_enum() else { return false };
            let Some(tag) = integer(description.tag, bytes.get(description.tag_offset..)) else { return false };
            description
                .variant(tag)
                .is_some_and(|variant| variant.fields.iter().all(|field| is_valid_field(field, bytes)))
        }
        _ => false,
    }
}

fn is_valid_field(field: &FieldDesc, bytes: &[u8]) -> bool {
    let ty = (field.ty)();
    bytes.get(field.offset..field.offset + ty.size).is_some_and(|part| is_valid(ty, part))
}

/// The integer that begins bytes.
fn integer(scalar: Scalar, bytes: Option<&[u8]>) -> Option<i128> {
    let size = scalar.size() as usize;
    let mut wide = [0; 8];
    wide[..size].copy_from_slice(bytes?.get(..size)?);
    let bits = u64::from_le_bytes(wide);
    let unused = 64 - 8 * size as u32;
    Some(match scalar.is_signed() {
        true => i128::from(((bits << unused) as i64) >> unused),
        false => i128::from(bits),
    })
}

/// The user's format string, as a function.
#[derive(Clone, Copy)]
pub struct Format {
    /// Of the function: it differs between instances of a generic kernel.
    id: TypeId,
    text: &'static (dyn Fn(&Values) -> Option<String> + Send + Sync),
}

impl Format {
    /// Takes the function that the macros make of a format string.
    pub fn new<F: Fn(&Values) -> Option<String> + Send + Sync + 'static>(text: F) -> Self {
        // It captures nothing that has bytes, so that nothing is lost here; at worst a little once a kernel.
        Format { id: TypeId::of::<F>(), text: Box::leak(Box::new(text)) }
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Format {}

impl Hash for Format {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Format")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Slot;

    fn values(layouts: &[(u64, &[(u64, Scalar)])], report: &[u64]) -> Values {
        let mut report = report.iter().copied();
        let layout = |&(size, parts): &(u64, &[(u64, Scalar)])| Layout { size, parts: parts.to_vec() };
        Values(layouts.iter().map(|one| layout(one).bytes(&mut report)).collect())
    }

    #[test]
    fn values_are_put_together_of_what_is_reported() {
        let pair: &[(u64, Scalar)] = &[(0, Scalar::F32), (4, Scalar::I16)];
        let values = values(&[(8, pair), (1, &[(0, Scalar::Bool)])], &[1.5_f32.to_bits().into(), -3_i64 as u64, 1]);
        assert_eq!(values.of::<[u32; 2]>(0), Some([1.5_f32.to_bits(), 0xfffd]));
        assert_eq!(values.get(&Slot::<bool>::Asked, 1), Some(true));
        assert_eq!(values.get(&Slot::<u8>::Asked, 2), None, "there is no third");
        assert_eq!(values.of::<u32>(0), None, "of another size");
    }

    /// A report may come from a driver with errors.
    #[test]
    fn what_is_no_value_of_a_type_becomes_none() {
        let bytes: &[(u64, Scalar)] = &[(0, Scalar::U8), (1, Scalar::U8)];
        let of = |first, second| values(&[(2, bytes)], &[first, second]);
        assert_eq!(of(1, 0).of::<[bool; 2]>(0), Some([true, false]));
        assert_eq!(of(1, 2).of::<[bool; 2]>(0), None);
        assert_eq!(of(255, 2).of::<(u8, bool)>(0), None);
        assert_eq!(of(255, 1).of::<(u8, bool)>(0).map(|pair| pair.1), Some(true));
    }

    #[test]
    fn a_message_that_cannot_be_made_says_so() {
        let message = |format| Message { before: "no: ".into(), values: vec![], format };
        let none = message(Format::new(|values| values.of::<u8>(0).map(|n| n.to_string())));
        let panics = message(Format::new(|_| -> Option<String> { panic!("a Debug that panics") }));
        for message in [none, panics] {
            assert_eq!(message.text(&mut std::iter::empty()), "no: (the values of this message cannot be shown)");
        }
    }
}
