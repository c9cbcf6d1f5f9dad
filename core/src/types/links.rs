//! Descriptions of what links nodes: `Box`, `Arc`, `Option` of a link, `Vec`, `Box<[T]>`. (`&T` is in the parent module.)
#![allow(unsafe_code)]

use std::sync::Arc;

use super::{KernelNode, Tagged, Ty, TypeDesc, TypeInfo, TypeKind, describe, probe};
use crate::oracle::SliceOf;

/// `$link` of a `T`, of kind `$kind`; methods are looked up on `$base`.
macro_rules! links {
    ($($link:ty, $erased:ty, $base:ty, $kind:expr;)*) => {$(
        // SAFETY: the size, alignment and kind are this type's.
        unsafe impl<T: TypeInfo> TypeInfo for $link {
            const DESC: &'static TypeDesc = &describe::<Self>("", $kind);
        }
        // SAFETY: it is this type, without lifetimes.
        unsafe impl<T: Tagged> Tagged for $link {
            type Erased = $erased;
            type Base = $base;
        }
        // SAFETY: std promises the layout, or `probe` asks a value of this very type for it; what it leads to is a
        // `KernelNode`. Shared owners and references give no mutable access to it.
        unsafe impl<T: KernelNode> KernelNode for $link {}
    )*};
}
links! {
    Box<T>, Box<T::Erased>, T::Base, TypeKind::Boxed(T::desc);
    Arc<T>, Arc<T::Erased>, T::Base, TypeKind::Counted(T::desc, probe::counted::<T>);
    Vec<T>, Vec<T::Erased>, SliceOf<T>, TypeKind::Vector(T::desc, probe::vector::<T>);
    Box<[T]>, Box<[T::Erased]>, SliceOf<T>, TypeKind::BoxedSlice(T::desc, probe::boxed_slice::<T>);
    Option<Box<T>>, Option<Box<T::Erased>>, Self, TypeKind::Nullable(Box::<T>::desc);
    Option<Arc<T>>, Option<Arc<T::Erased>>, Self, TypeKind::Nullable(Arc::<T>::desc);
}

// SAFETY: the size, alignment and kind are this type's.
unsafe impl<T: TypeInfo> TypeInfo for Option<&'static T> {
    const DESC: &'static TypeDesc = &describe::<Self>("", TypeKind::Nullable(<&'static T>::desc));
}
// SAFETY: it is this type, without lifetimes.
unsafe impl<T: Tagged> Tagged for Option<&T> {
    type Erased = Option<&'static T::Erased>;
    type Base = Self;
}
// SAFETY: std promises that it is a pointer, null for `None`; what it leads to is a `KernelNode`.
unsafe impl<T: KernelNode> KernelNode for Option<&T> {}
// SAFETY: a reference is a pointer; what it leads to is a `KernelNode`, which no kernel writes through it.
unsafe impl<T: KernelNode> KernelNode for &T {}

// SAFETY: the size, alignment and kind are this type's.
unsafe impl<T: TypeInfo> TypeInfo for Option<&'static mut T> {
    const DESC: &'static TypeDesc = &describe::<Self>("", TypeKind::Nullable(<&'static mut T>::desc));
}
// SAFETY: it is this type, without lifetimes.
unsafe impl<T: Tagged> Tagged for Option<&mut T> {
    type Erased = Option<&'static mut T::Erased>;
    type Base = Self;
}

/// The type, if it holds links.
pub(crate) fn linked(ty: Ty) -> Option<Ty> {
    let links = match ty.kind {
        TypeKind::Unit
        | TypeKind::Scalar(_)
        | TypeKind::Atomic(_)
        | TypeKind::Ordering
        | TypeKind::Slice(_)
        | TypeKind::Shared(_)
        | TypeKind::Region => false,
        TypeKind::Array(of, _) => linked(of()).is_some(),
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
