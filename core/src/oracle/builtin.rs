//! The operators that the language itself has: of numbers and `bool`, and comparisons of what is made of them.

use super::SliceOf;
use super::operators::{Concrete, Equated, Operator, Ordered, Plain};
use crate::ast::{Callee, FunctionTree};
use crate::extent::{Index2, Index3};
use crate::region::Shared;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64};

/// Numbers, `bool`, and references to them. Which pairs an operator takes is rustc's business.
pub trait Scalar {}

macro_rules! scalars {
    ($($t:ty)*) => {$(
        impl Scalar for $t {}
        impl Scalar for &$t {}
        impl Concrete for $t {}
        impl Plain for $t {}
        arithmetic!($t);
        arithmetic!(&$t);
        #[diagnostic::do_not_recommend]
        impl Equated<$t> for $t {}
        #[diagnostic::do_not_recommend]
        impl Ordered<$t> for $t {}
    )*};
}
macro_rules! arithmetic {
    ($t:ty) => {
        #[diagnostic::do_not_recommend]
        impl<Kind, Right: Scalar> Operator<Kind, Right> for $t {
            fn tree() -> FunctionTree {
                super::never()
            }
            fn callee() -> Callee {
                Callee::Intrinsic
            }
        }
    };
}
scalars!(bool char i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);

/// Concrete, without operators of its own.
macro_rules! concrete {
    ($($t:ty)*) => {$(
        impl Concrete for $t {}
        impl Plain for $t {}
    )*};
}
concrete!(() std::num::TryFromIntError std::array::TryFromSliceError AtomicU32 AtomicI32 AtomicU64 AtomicI64 Index2 Index3 std::cmp::Ordering);

impl<T: Plain + ?Sized> Plain for &T {}
impl<T: Plain + ?Sized> Plain for &mut T {}
impl<T: Plain> Plain for [T] {}
impl<T: Plain> Concrete for [T] {}
impl<T> Concrete for SliceOf<T> {}
impl<T> Concrete for Option<T> {}
impl<T, E> Concrete for Result<T, E> {}
impl<T: Plain> Plain for Option<T> {}
impl<T: Plain, E: Plain> Plain for Result<T, E> {}
impl<T: Plain, const N: usize> Plain for [T; N] {}
impl<T: Plain, const N: usize> Concrete for [T; N] {}

/// Comparisons of references compare what they refer to.
macro_rules! references {
    ($(($($left:tt)*) ($($right:tt)*);)*) => {$(
        impl<L: Equated<R> + ?Sized, R: ?Sized> Equated<$($right)* R> for $($left)* L {
            fn callee() -> Callee {
                L::callee()
            }
        }
        impl<L: Ordered<R> + ?Sized, R: ?Sized> Ordered<$($right)* R> for $($left)* L {}
    )*};
}
references! {
    (&) (&);
    (&mut) (&);
    (&) (&mut);
    (&mut) (&mut);
}

/// Handles of regions are compared by their numbers.
macro_rules! handles {
    ($($t:ty;)*) => {$(
        impl<T: ?Sized> Equated<$t> for $t {}
        impl<T: ?Sized> Ordered<$t> for $t {}
        impl<T: ?Sized> Plain for $t {}
    )*};
}
handles!(Shared<T>;);
impl<T: ?Sized> Concrete for Shared<T> {}

/// What std compares element by element.
macro_rules! sequences {
    ($($left:ty, $right:ty;)*) => {$(
        impl<L: Equated<R>, R, const N: usize> Equated<$right> for $left {}
    )*};
}
sequences! {
    [L; N], [R; N];
    [L; N], [R];
    [L], [R; N];
    [L; N], &[R];
    [L; N], &mut [R];
    &[L], [R; N];
    &mut [L], [R; N];
}
impl<L: Equated<R>, R> Equated<[R]> for [L] {}
impl<L: Ordered<R>, R> Ordered<[R]> for [L] {}
impl<L: Ordered<R>, R, const N: usize> Ordered<[R; N]> for [L; N] {}
// where rustc makes a slice of the right array
impl<L: Ordered<R>, R, const N: usize> Ordered<[R; N]> for [L] {}

impl<T: Equated<T>> Equated<Option<T>> for Option<T> {}
impl<T: Ordered<T>> Ordered<Option<T>> for Option<T> {}
impl<T: Equated<T>, E: Equated<E>> Equated<Result<T, E>> for Result<T, E> {}
impl<T: Ordered<T>, E: Ordered<E>> Ordered<Result<T, E>> for Result<T, E> {}
impl Equated<std::cmp::Ordering> for std::cmp::Ordering {}
impl Ordered<std::cmp::Ordering> for std::cmp::Ordering {}

impl Equated<()> for () {}
impl Equated<std::num::TryFromIntError> for std::num::TryFromIntError {}
impl Ordered<()> for () {}

macro_rules! tuples {
    ($($t:ident)*) => {
        impl<$($t: Plain),*> Plain for ($($t,)*) {}
        impl<$($t: Plain),*> Concrete for ($($t,)*) {}
        impl<$($t: Equated<$t>),*> Equated<($($t,)*)> for ($($t,)*) {}
        impl<$($t: Ordered<$t>),*> Ordered<($($t,)*)> for ($($t,)*) {}
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
