//! Methods with type parameters of their own: which instance is called follows from the arguments.
//!
//! The hidden sibling of a user's method returns a value through which the oracle passes the arguments on their way to the call.
//! What comes from a method without own parameters gives them back as they are; what comes from one with them knows the types
//! that they have to be of, so that rustc's inference joins the sibling's type parameters with those of the call.

use super::{Intrinsic, KernelFunction, NotAKernelFunction, Resolve, User};
use crate::ast::{Callee, FunctionTree};
use std::marker::PhantomData;

/// A user's method with type parameters of its own: its builder, and the types of its arguments.
pub struct Own<F, A = (), B = (), C = (), D = (), E = (), G = ()>(F, Arguments<A, B, C, D, E, G>);

type Arguments<A, B, C, D, E, G> = PhantomData<fn(A, B, C, D, E, G)>;

/// The method that this builds.
pub fn own<F, A, B, C, D, E, G>(builder: F) -> Own<F, A, B, C, D, E, G> {
    Own(builder, PhantomData)
}

#[diagnostic::do_not_recommend]
impl<F: Fn() -> FunctionTree + Copy, A, B, C, D, E, G> KernelFunction for Own<F, A, B, C, D, E, G> {}
impl<F: Fn() -> FunctionTree + Copy, A, B, C, D, E, G> Resolve for Own<F, A, B, C, D, E, G> {
    fn callee() -> Callee {
        User::<F>::callee()
    }
}

macro_rules! passed {
    ($([$($generics:tt)*] $ty:ty: $(($name:ident $own:ident))*;)*) => {$(
        impl<$($generics)*> $ty {
            $(
                /// Passes an argument on.
                pub fn $name(&self, value: $own) -> $own {
                    value
                }
            )*
        }
    )*};
}
passed! {
    [F, A, B, C, D, E, G] Own<F, A, B, C, D, E, G>: (a0 A) (a1 B) (a2 C) (a3 D) (a4 E) (a5 G);
}

macro_rules! as_it_is {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> $ty {
            /// Passes an argument on.
            pub fn a0<T>(&self, value: T) -> T { value }
            /// Passes an argument on.
            pub fn a1<T>(&self, value: T) -> T { value }
            /// Passes an argument on.
            pub fn a2<T>(&self, value: T) -> T { value }
            /// Passes an argument on.
            pub fn a3<T>(&self, value: T) -> T { value }
            /// Passes an argument on.
            pub fn a4<T>(&self, value: T) -> T { value }
            /// Passes an argument on.
            pub fn a5<T>(&self, value: T) -> T { value }
        }
    )*};
}
as_it_is! {
    [F] User<F>;
    [] Intrinsic;
    [] NotAKernelFunction;
}
