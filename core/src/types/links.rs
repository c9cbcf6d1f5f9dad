//! Descriptions of what links nodes: `Box`, `Arc`, `Option` of a link, `Vec`, `Box<[T]>`. (`&T` is in the parent module.)
#![allow(unsafe_code)]

use std::sync::Arc;

use super::{KernelNode, Others, Tagged, Ty, TypeDesc, TypeInfo, TypeKind, choices, describe, probe};
use crate::oracle::SliceOf;

/// `$link` of a `T`, of kind `$kind`; methods are looked up on `$base`. Where it is one pointer, `Option` of it is a pointer too.
macro_rules! links {
    ($($link:ty, $erased:ty, $base:ty, $parts:ty, $kind:expr $(, $option:expr)?;)*) => {$(
        // SAFETY: the size, alignment and kind are this type's.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: TypeInfo> TypeInfo for $link {
            const DESC: &'static TypeDesc = &describe::<Self>("", $kind);
            $(const OPTION: (&'static str, TypeKind) = ("", $option);)?
        }
        // SAFETY: it is this type, without lifetimes.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: Tagged> Tagged for $link {
            type Erased = $erased;
            type Base = $base;
        }
        // SAFETY: std promises the layout, or `probe` asks a value of this very type for it; what it leads to is a
        // `KernelNode`. Shared owners and references give no mutable access to it.
        #[diagnostic::do_not_recommend]
        unsafe impl<T: KernelNode> KernelNode for $link { type Parts = $parts; }
    )*};
}
links! {
    Box<T>, Box<T::Erased>, T::Base, (T, ()), TypeKind::Boxed(T::desc), TypeKind::Nullable(Self::desc);
    Arc<T>, Arc<T::Erased>, T::Base, Others, TypeKind::Counted(T::desc, probe::counted::<T>), TypeKind::Nullable(Self::desc);
    Vec<T>, Vec<T::Erased>, SliceOf<T>, (T, ()), TypeKind::Vector(T::desc, probe::vector::<T>);
    Box<[T]>, Box<[T::Erased]>, SliceOf<T>, (T, ()), TypeKind::BoxedSlice(T::desc, probe::boxed_slice::<T>);
}

// SAFETY: the size and alignment are this type's; the kind is what `T` says, whose implementation promises it.
#[diagnostic::do_not_recommend]
unsafe impl<T: TypeInfo> TypeInfo for Option<T> {
    const DESC: &'static TypeDesc = &describe::<Self>(T::OPTION.0, T::OPTION.1);
}
// SAFETY: it is this type, without lifetimes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Tagged> Tagged for Option<T> {
    type Erased = Option<T::Erased>;
    type Base = Self;
}
// SAFETY: the size and alignment are this type's; it is no `KernelNode`, so that no memory is read as it.
#[diagnostic::do_not_recommend]
unsafe impl<T: TypeInfo, E: TypeInfo> TypeInfo for Result<T, E> {
    const DESC: &'static TypeDesc =
        &describe::<Self>("", TypeKind::Fallible(T::desc, E::desc, choices::result::<T, E>));
}
// SAFETY: it is this type, without lifetimes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Tagged, E: Tagged> Tagged for Result<T, E> {
    type Erased = Result<T::Erased, E::Erased>;
    type Base = Self;
}
// SAFETY: a reference is a pointer; what it leads to is a `KernelNode`, which no kernel writes through it.
#[diagnostic::do_not_recommend]
unsafe impl<T: KernelNode> KernelNode for &T {
    type Parts = Others;
}

/// The type, if it holds links.
#[inline]
pub(crate) fn linked(ty: Ty) -> Option<Ty> {
    // Most elements are numbers, and every launch asks of each of its arguments.
    if matches!(ty.kind, TypeKind::Scalar(_)) { None } else { with_links(ty) }
}

fn with_links(ty: Ty) -> Option<Ty> {
    let links = match ty.kind {
        TypeKind::Unit
        | TypeKind::Scalar(_)
        | TypeKind::Char
        | TypeKind::Range(..)
        | TypeKind::Atomic(_)
        | TypeKind::Ordering
        | TypeKind::Slice(_)
        | TypeKind::Shared(_)
        | TypeKind::Region => false,
        TypeKind::Array(of, _) | TypeKind::Optional(of, _) => linked(of()).is_some(),
        TypeKind::Fallible(ok, err, _) => linked(ok()).or_else(|| linked(err())).is_some(),
        TypeKind::Struct(fields) => fields.iter().any(|field| linked((field.ty)()).is_some()),
        TypeKind::Enum(desc) => {
            let mut fields = desc.variants.iter().flat_map(|variant| variant.fields);
            fields.any(|field| linked((field.ty)()).is_some())
        }
        TypeKind::Reference(_)
        | TypeKind::Boxed(_)
        | TypeKind::Counted(..)
        | TypeKind::Nullable(_)
        | TypeKind::Vector(..)
        | TypeKind::BoxedSlice(..) => true,
    };
    links.then_some(ty)
}
