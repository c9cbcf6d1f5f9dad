//! A hash of how a type lies in memory: for tags, and for files, which another build of the program may read.

use crate::types::{FieldDesc, SharedDesc, Ty, TypeKind};

/// A hash of name, size, alignment and of every field's name, offset and type (of enums: of the tag, and each variant's name and value, too); of what handles lead to, the name and size.
pub(super) fn hash(ty: Ty) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    hash.ty(ty);
    hash.0 ^ (hash.0 >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// FNV-1a with a final mix: nothing here is secret, and it has to be the same for ever.
pub(super) struct Hash(pub(super) u64);

impl Hash {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn number(&mut self, number: usize) {
        self.bytes(&(number as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes(text.as_bytes());
    }

    fn outside(&mut self, ty: Ty) {
        self.text(ty.name);
        self.number(ty.size);
        self.number(ty.align);
    }

    fn fields(&mut self, fields: &[FieldDesc]) {
        self.number(fields.len());
        for field in fields {
            self.text(field.name);
            self.number(field.offset);
            self.ty((field.ty)());
        }
    }

    fn ty(&mut self, ty: Ty) {
        self.outside(ty);
        match ty.kind {
            TypeKind::Array(of, count) => {
                self.text("array");
                self.number(count);
                self.ty(of());
            }
            TypeKind::Struct(fields) => {
                self.text("struct");
                self.fields(fields);
            }
            TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..) => {
                let Some(desc) = ty.as_enum() else { return self.text("plain") };
                self.text("enum");
                self.number(desc.tag_offset);
                self.text(desc.tag.name());
                self.number(desc.variants.len());
                for variant in desc.variants {
                    self.text(variant.name);
                    self.bytes(&variant.value.to_le_bytes());
                    self.fields(variant.fields);
                }
            }
            TypeKind::Shared(SharedDesc { to, slice, nullable, some: _ }) => {
                self.text("shared");
                self.number(usize::from(slice) + 2 * usize::from(nullable));
                self.outside(to());
            }
            // told apart by their names
            _ => self.text("plain"),
        }
    }
}
