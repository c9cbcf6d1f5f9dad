//! Values of constants, as bytes without padding.

use crate::ast::Const;
use crate::types::{KernelNode, KernelValue, Ty, TypeInfo, TypeKind};
use std::sync::atomic::Ordering;

macro_rules! const_parameters {
    ($($name:ident $t:ty;)*) => {$(
        /// Stands for the value of a const parameter in a type.
        #[allow(non_camel_case_types)]
        pub struct $name<const VALUE: $t>;
    )*};
}
const_parameters! {
    Const_bool bool;
    Const_usize usize;
    Const_u8 u8;
    Const_u16 u16;
    Const_u32 u32;
    Const_u64 u64;
    Const_isize isize;
    Const_i8 i8;
    Const_i16 i16;
    Const_i32 i32;
    Const_i64 i64;
}

/// What may be a constant or a `static` in a kernel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a constant in a kernel",
    label = "not plain data",
    note = "constants and statics in kernels are plain `Copy` data: numbers, `bool`, arrays, tuples and types with \
            `#[derive(KernelType)]`"
)]
pub trait Constant {
    /// Its type.
    fn ty() -> Ty;

    /// The value's bytes.
    fn bytes(&self) -> Vec<u8>;

    /// The type and the bytes of a constant.
    fn __lb_constant(value: &Self) -> Const {
        Const { ty: Self::ty(), bytes: value.bytes() }
    }
}

#[diagnostic::do_not_recommend]
impl<T: KernelValue> Constant for T {
    fn ty() -> Ty {
        T::DESC
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; size_of::<T>()];
        // SAFETY: `self` is a value of the type that the description describes, and it is initialised but for padding.
        unsafe { copy(T::DESC, std::ptr::from_ref(self).cast(), &mut bytes) };
        bytes
    }
}

#[diagnostic::do_not_recommend]
impl Constant for Ordering {
    fn ty() -> Ty {
        Ordering::DESC
    }

    fn bytes(&self) -> Vec<u8> {
        vec![0; size_of::<Ordering>()] // all are relaxed
    }
}

/// The type and the bytes of a constant in a pattern, or of a variant without fields there. Links in it are left out.
pub fn in_pattern<T: KernelNode>(value: &T) -> Const {
    let mut bytes = vec![0; size_of::<T>()];
    // SAFETY: the description of a `KernelNode` describes its layout, which does not depend on lifetimes; `value` is
    // initialised but for padding.
    unsafe { copy(T::Erased::DESC, std::ptr::from_ref(value).cast(), &mut bytes) };
    Const { ty: T::Erased::DESC, bytes }
}

/// Copies what is not padding.
///
/// # Safety
/// `from` points to an initialised value of type `ty`, which is plain data; `to` has its size.
unsafe fn copy(ty: Ty, from: *const u8, to: &mut [u8]) {
    match ty.kind {
        TypeKind::Array(element, count) => {
            let element = element();
            for k in 0..count {
                let at = k * element.size;
                // SAFETY: element `k` lies inside the array.
                unsafe { copy(element, from.add(at), &mut to[at..at + element.size]) };
            }
        }
        TypeKind::Struct(fields) => {
            for field in fields {
                let ty = (field.ty)();
                // SAFETY: the offset comes from `offset_of!` for this very type.
                unsafe { copy(ty, from.add(field.offset), &mut to[field.offset..field.offset + ty.size]) };
            }
        }
        TypeKind::Enum(_) | TypeKind::Optional(..) | TypeKind::Fallible(..) => {
            let Some(desc) = ty.as_enum() else { return };
            let tag = desc.tag_offset..desc.tag_offset + desc.tag.size() as usize;
            for at in tag.clone() {
                // SAFETY: the tag lies there, and has no padding.
                to[at] = unsafe { from.add(at).read() };
            }
            let value = desc.tag.decode(&to[tag]);
            for field in desc.variant(value).map_or(&[][..], |variant| variant.fields) {
                let ty = (field.ty)();
                // SAFETY: the tag says that the value is this variant, whose fields lie at these offsets.
                unsafe { copy(ty, from.add(field.offset), &mut to[field.offset..field.offset + ty.size]) };
            }
        }
        TypeKind::Scalar(_) | TypeKind::Char | TypeKind::Shared(_) => {
            for (k, byte) in to.iter_mut().enumerate() {
                // SAFETY: scalars and handles have no padding.
                *byte = unsafe { from.add(k).read() };
            }
        }
        // not `Copy` plain data: never here
        TypeKind::Unit
        | TypeKind::Atomic(_)
        | TypeKind::Ordering
        | TypeKind::Reference(_)
        | TypeKind::Slice(_)
        | TypeKind::Boxed(_)
        | TypeKind::Counted(..)
        | TypeKind::Nullable(_)
        | TypeKind::Range(..)
        | TypeKind::Vector(..)
        | TypeKind::BoxedSlice(..)
        | TypeKind::Region => {}
    }
}
