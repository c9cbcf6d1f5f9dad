//! What rustc is asked about `?`: what it leaves the function with.

use super::builtin::Scalar;
use super::{Intrinsic, Resolve, Slot, never};
use crate::ast::{Callee, FunctionTree};
use crate::types::{Assigned, Tagged};
use std::marker::PhantomData;

/// What `?` is applied to, in a function with this result. rustc itself says where the two do not fit together.
pub trait Tried<R> {
    /// How its error becomes that of the result.
    type Raised: Resolve;
}
impl<T, U> Tried<Option<U>> for Option<T> {
    type Raised = Intrinsic;
}
/// In a function that cannot be left by `?`, as rustc says itself.
impl<T> Tried<()> for T {
    type Raised = Intrinsic;
}
impl<T, U, E, F> Tried<Result<U, F>> for Result<T, E>
where
    E: Tagged,
    F: Tagged<Erased: Raised<E::Erased>>,
{
    type Raised = Converted<F::Erased, E::Erased>;
}

/// Notes what `?` is applied to.
pub fn tried<T: Tried<R>, R>(_: &Slot<T::Raised>, value: T) -> T {
    value
}

/// The same in a closure, whose result the slot has.
pub fn tried_inside<T: Tried<R>, R>(_: &Slot<T::Raised>, _: &Slot<R>, value: T) -> T {
    value
}

/// `F: From<E>`, as [`Raised`] has it.
pub struct Converted<F, E>(PhantomData<(F, E)>);

impl<F: Raised<E>, E> Resolve for Converted<F, E> {
    fn callee() -> Callee {
        F::callee()
    }
}

/// An error that `?` makes of another one, in a kernel.
#[diagnostic::on_unimplemented(
    message = "`?` makes a `{Self}` of a `{E}` here, by a `From` that is no kernel function",
    label = "not marked `#[kernel_fn]`",
    note = "put `#[kernel_fn]` on the `impl From<{E}> for {Self}`, or convert before: `.map_err(..)?`"
)]
pub trait Raised<E> {
    /// Builds the tree of the user's function.
    fn tree() -> FunctionTree {
        never()
    }

    /// What converts it: the language, unless the user does.
    fn callee() -> Callee {
        Callee::Intrinsic
    }
}
impl<E> Raised<E> for E {}

macro_rules! widened {
    ($($to:ident: $($from:ident)*;)*) => {$($(
        const _: fn($from) -> $to = <$to as std::convert::From<$from>>::from;
        impl Raised<$from> for $to {}
    )*)*};
}
widened! {
    u8: bool;
    u16: bool u8;
    u32: bool u8 u16 char;
    u64: bool u8 u16 u32 char;
    usize: bool u8 u16;
    i8: bool;
    i16: bool u8 i8;
    i32: bool u8 i8 u16 i16;
    i64: bool u8 i8 u16 i16 u32 i32;
    isize: bool u8 i8 i16;
    f32: bool u8 i8 u16 i16;
    f64: bool u8 i8 u16 i16 u32 i32 f32;
    char: u8;
}

/// What `Default` is all zeros, `false` and `None` of, in kernels.
#[diagnostic::on_unimplemented(
    message = "kernels do not know the `Default` of `{Self}`",
    label = "only that of numbers, `bool`, options, arrays and tuples of these, and what `#[kernel_type(Default)]` makes",
    note = "give the value yourself: `unwrap_or(..)`, `mem::replace(.., ..)`"
)]
pub trait Zeroed: Sized {
    /// Checks what a default is taken of.
    fn checked(value: Self) -> Self {
        value
    }
}
#[diagnostic::do_not_recommend]
impl<T: Scalar> Zeroed for T {}
#[diagnostic::do_not_recommend]
impl<T> Zeroed for Option<T> {}
#[diagnostic::do_not_recommend]
impl Zeroed for () {}
#[diagnostic::do_not_recommend]
impl<T: Zeroed, const N: usize> Zeroed for [T; N] {}

macro_rules! tuples {
    ($($t:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<$($t: Zeroed),*> Zeroed for ($($t,)*) {}
    };
}
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);

/// `mem::swap` of what kernels may assign.
pub fn memory_swap<T: Assigned>(_: fn(&mut T, &mut T), _: &mut T, _: &mut T) {}

/// `mem::replace`, likewise.
pub fn memory_replace<T: Assigned>(_: fn(&mut T, T) -> T, _: &mut T, new: T) -> T {
    new
}

/// `mem::take`, likewise, of what kernels know the `Default` of.
pub fn memory_take<T: Assigned + Zeroed>(_: fn(&mut T) -> T, _: &mut T) -> T {
    never()
}
