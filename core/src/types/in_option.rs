//! `Option` and `Result` in memory: what they may hold.
#![allow(unsafe_code)]

use std::sync::Arc;

use super::{KernelNode, KernelType, KernelValue, Others, Tagged, Ty, TypeInfo};

/// What an `Option` in memory may hold: a pointer, a handle, or plain data that is copied.
///
/// # Safety
/// Implemented here and by `#[derive(KernelType)]`. The description of `Option<Self>` is that of a pointer or handle, or all is
/// plain data; `Inside` and `LINKS` are what [`KernelNode`] promises of the `Option`.
#[doc(hidden)]
pub unsafe trait InOption: KernelNode {
    /// See [`KernelNode`].
    type Inside;
    /// See [`KernelNode`].
    const LINKS: bool;
}

// SAFETY: elements of plain data that is copied.
unsafe impl<T: KernelValue, const N: usize> InOption for [T; N] {
    type Inside = (T, ());
    const LINKS: bool = false;
}

macro_rules! in_options {
    ($($t:ty)*) => {$(
        // SAFETY: a number.
        unsafe impl InOption for $t {
            type Inside = ();
            const LINKS: bool = false;
        }
    )*};
}
in_options!(bool char i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);
in_options!(std::cmp::Ordering crate::extent::Index2 crate::extent::Index3);

macro_rules! parts {
    () => { () };
    ($first:ident $($rest:ident)*) => { ($first, parts!($($rest)*)) };
}

macro_rules! tuples {
    ($($t:ident)*) => {
        // SAFETY: fields of plain data that is copied.
        unsafe impl<$($t: KernelValue),*> InOption for ($($t,)*) {
            type Inside = parts!($($t)*);
            const LINKS: bool = false;
        }
    };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
tuples!(A B C D E F G);
tuples!(A B C D E F G H);
tuples!(A B C D E F G H I);
tuples!(A B C D E F G H I J);
tuples!(A B C D E F G H I J K);
tuples!(A B C D E F G H I J K L);

// SAFETY: the description is that of a pointer, or of an enum that was found by looking at values; where neither fits, it is
// that of nothing in memory, and no launch takes it. What it holds is a `KernelNode`.
#[diagnostic::do_not_recommend]
unsafe impl<T: InOption> KernelNode for Option<T> {
    const DESCRIPTION: fn() -> Ty = {
        assert!(align_of::<T>() <= 8, "kernels know no `Option` in memory of what is aligned to more than 8 bytes");
        <<Self as Tagged>::Erased as TypeInfo>::desc
    };
    type Parts = T::Inside;
    const HAS_LINKS: bool = T::LINKS;
}
// SAFETY: as above; it is plain data where what it holds is.
#[diagnostic::do_not_recommend]
unsafe impl<T: InOption + KernelType> KernelType for Option<T> {}

// SAFETY: std promises that it is a pointer, null for `None`; what it leads to is a `KernelNode`.
unsafe impl<T: KernelNode> InOption for Box<T> {
    type Inside = (T, ());
    const LINKS: bool = true;
}
// SAFETY: as above, and `probe` looks whether it is so.
unsafe impl<T: KernelNode> InOption for Arc<T> {
    type Inside = Others;
    const LINKS: bool = true;
}
// SAFETY: as for `Box`.
unsafe impl<T: KernelNode> InOption for &T {
    type Inside = Others;
    const LINKS: bool = true;
}
// SAFETY: plain data that is copied.
unsafe impl<T: InOption + KernelValue> InOption for Option<T> {
    type Inside = ();
    const LINKS: bool = false;
}
// SAFETY: plain data that is copied.
unsafe impl<T: Side, E: Side> InOption for Result<T, E> {
    type Inside = ();
    const LINKS: bool = false;
}
// SAFETY: as of `Option`: an enum that was found by looking at values, or what no launch takes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Side, E: Side> KernelNode for Result<T, E> {
    const DESCRIPTION: fn() -> Ty = {
        let aligned = align_of::<T>() <= 8 && align_of::<E>() <= 8;
        assert!(aligned, "kernels know no `Result` in memory of what is aligned to more than 8 bytes");
        <Self as TypeInfo>::desc
    };
    type Parts = (T, (E, ()));
    const HAS_LINKS: bool = false;
}
// SAFETY: as above; it is plain data.
#[diagnostic::do_not_recommend]
unsafe impl<T: Side, E: Side> KernelType for Result<T, E> {}

/// What a `Result` in memory holds: plain data, or nothing.
pub trait Side: Copy + TypeInfo + Tagged<Erased = Self> + super::Assigned + Send + Sync {}
impl<T: KernelValue> Side for T {}
impl Side for () {}
