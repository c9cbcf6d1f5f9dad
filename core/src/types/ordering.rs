//! `core::cmp::Ordering`: an enum of std's with the `repr` of an `i8`.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::cmp::Ordering;

use super::{Assigned, ByParts, EnumDesc, KernelNode, KernelType, Tagged, TypeDesc, TypeInfo, TypeKind, VariantDesc};
use crate::ir::Scalar;

const fn variant(name: &'static str, value: Ordering) -> VariantDesc {
    VariantDesc { name, value: value as i128, fields: &[] }
}

// SAFETY: std's `Ordering` has `repr(i8)`: it is its tag, and the tags are the compiler's own.
#[diagnostic::do_not_recommend]
unsafe impl TypeInfo for Ordering {
    const DESC: &'static TypeDesc = &TypeDesc {
        name: "Ordering",
        id: TypeId::of::<Self>,
        size: size_of::<Self>(),
        align: align_of::<Self>(),
        kind: TypeKind::Enum(&EnumDesc {
            tag_offset: 0,
            tag: Scalar::I8,
            rest: false,
            variants: &[
                variant("Less", Ordering::Less),
                variant("Equal", Ordering::Equal),
                variant("Greater", Ordering::Greater),
            ],
        }),
        operators: &[],
        by_parts: ByParts { equal: true, ordered: true },
    };
}
const _: () = assert!(size_of::<Ordering>() == 1 && Ordering::Less as i8 == -1);
// SAFETY: it is this type, without lifetimes.
#[diagnostic::do_not_recommend]
unsafe impl Tagged for Ordering {
    type Erased = Self;
    type Base = Self;
}
// SAFETY: it owns nothing.
#[diagnostic::do_not_recommend]
unsafe impl Assigned for Ordering {}
// SAFETY: a number, described above.
#[diagnostic::do_not_recommend]
unsafe impl KernelNode for Ordering {
    type Parts = ();
    const HAS_LINKS: bool = false;
}
// SAFETY: as above; it owns nothing and has no pointer.
#[diagnostic::do_not_recommend]
unsafe impl KernelType for Ordering {}
