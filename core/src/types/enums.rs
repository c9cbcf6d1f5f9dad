//! Descriptions of enums.

use super::{FieldDesc, TypeDesc, TypeKind};
use crate::ir::Scalar;

/// An enum with `repr(C)` or `repr` of an integer, whose variants may have fields; or an `Option` or `Result`.
pub struct EnumDesc {
    /// Where the tag lies, in bytes.
    pub tag_offset: usize,
    /// An integer type.
    pub tag: Scalar,
    /// In the order of the declaration.
    pub variants: &'static [VariantDesc],
    /// The last variant is what every other tag stands for, and its fields may lie over the tag: its `value` means nothing.
    pub rest: bool,
}

impl EnumDesc {
    /// The tags of all variants that have one.
    pub fn numbers(&self) -> impl Iterator<Item = &'static i128> {
        self.variants.iter().take(self.variants.len() - usize::from(self.rest)).map(|variant| &variant.value)
    }

    /// The variant that a tag stands for.
    pub fn variant(&self, tag: i128) -> Option<&VariantDesc> {
        let at = self.numbers().position(|&number| number == tag);
        at.map(|at| &self.variants[at]).or_else(|| self.variants.last().filter(|_| self.rest))
    }
}

impl TypeDesc {
    /// What it is as an enum, if it lies in memory as one.
    pub fn as_enum(&self) -> Option<&'static EnumDesc> {
        match self.kind {
            TypeKind::Enum(desc) => Some(desc),
            TypeKind::Optional(_, layout) | TypeKind::Fallible(.., layout) => layout(),
            _ => None,
        }
    }
}

/// A variant of an enum.
pub struct VariantDesc {
    /// As in Rust.
    pub name: &'static str,
    /// Of the tag.
    pub value: i128,
    /// With offsets from the start of the enum.
    pub fields: &'static [FieldDesc],
}
