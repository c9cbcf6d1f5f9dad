//! The oracle: how rustc tells us the types of a kernel.
//!
//! Beside each kernel function the macros emit a copy of its body that never runs. It is full of calls to what is here:
//! *slots*, whose type parameter rustc's inference solves. After a binding `x` comes `bind(&slot, &x)`, around a struct
//! literal `slot.pass(..)`, before a call `slot.function(&f)`, beside a method call `x.name()` a call of the method's hidden
//! sibling (see [`methods`]), found by rustc's own method lookup. Then the tables of a [`FunctionTree`] are read off the
//! slots: `found(&slot)`, `resolved(&slot)`.
//!
//! All of the copy follows a call that does not return, so that the borrow checker does not look at it, and its tokens
//! have the user's spans, so that rustc's errors in it are those of the user's own function and are printed once.
//!
//! Nothing here is meant to be written by hand.
#![allow(unsafe_code)]

mod advice;
mod builtin;
mod chains;
mod constants;
mod fallible;
mod linked;
mod messages;
pub mod methods;
pub mod operators;

use std::any::TypeId;
use std::marker::PhantomData;

pub use advice::*;
pub use chains::*;
pub use constants::*;
pub use fallible::*;
pub use linked::*;
pub use messages::*;

use crate::argument::GivenAll;
use crate::ast::{Callee, FunctionTree};
use crate::launch::{Arguments, Body, Call, Definition};
use crate::types::{KernelValue, Tagged, Ty, TypeInfo};

/// Holds a type that inference finds. There is nothing in it. The macros emit one by its name, which costs rustc less than a
/// call does.
pub enum Slot<E> {
    /// The slot.
    Asked,
    /// Never.
    Never(PhantomData<fn() -> E>, std::convert::Infallible),
}

impl<E> Clone for Slot<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Slot<E> {}

impl<E> Slot<E> {
    /// Notes the type of a function that is called at once: only then does rustc know the parameters of closures among the
    /// arguments.
    pub fn through(&self, function: E) -> E {
        function
    }

    /// Notes the type of a function.
    pub fn function(&self, _: &E) {}
}

/// The description of the type that a slot has found: one row of the table of types.
pub fn found<E: TypeInfo>(_: &Slot<E>) -> &'static [Ty] {
    Rows::<E>::ONE
}

/// A parameter of a kernel.
pub struct Parameter<T: ?Sized>(PhantomData<T>);

impl<T: Tagged> Parameter<T> {
    /// The rows of its type.
    pub fn forms() -> &'static [Ty] {
        T::__lb_forms()
    }
}

/// The same of types that kernels do not have: that is said where the arguments are.
pub trait NoParameter {
    /// There are none.
    fn forms() -> &'static [Ty] {
        never()
    }
}
impl<T: ?Sized> NoParameter for Parameter<T> {}

/// Rows of the table of types.
pub(crate) struct Rows<T>(PhantomData<T>);

impl<T: TypeInfo> Rows<T> {
    const ONE: &'static [Ty] = &[T::DESC];
    /// Its own, and those of references to it and of slices. Parameters of a kernel are mostly of a few types in these forms:
    /// rustc is asked once.
    pub(crate) const FORMS: &'static [Ty] = &[
        T::DESC,
        <&'static T as TypeInfo>::DESC,
        <&'static mut T as TypeInfo>::DESC,
        <&'static [T] as TypeInfo>::DESC,
        <&'static mut [T] as TypeInfo>::DESC,
    ];
}

/// Starts the copy of the body: what follows is unreachable.
pub fn never() -> ! {
    unreachable!("the oracle never runs")
}

/// Tells instances of generic functions apart.
pub fn instance<T: 'static>() -> TypeId {
    TypeId::of::<T>()
}

/// The same, of a builder without type parameters. (That it is a function need not be asked: any type of its own will do.)
pub fn only_instance<F: 'static>(_: &F) -> TypeId {
    TypeId::of::<F>()
}

/// What a method is that was found.
pub fn resolved<M: Resolve>(_: &Slot<M>) -> Callee {
    M::callee()
}

/// What the hidden sibling of a method returns: tells which method it is by its type.
#[diagnostic::on_unimplemented(
    message = "this method cannot be called in a kernel",
    label = "not a kernel function",
    note = "a method of your own is marked `#[kernel_fn]`; of std's methods kernels have those that \
            `docs/kernel-language.md` lists"
)]
pub trait KernelFunction: Resolve + Sized {
    /// Notes what the hidden sibling of a method has returned.
    fn noted(_: &Slot<Self>, _: Self) {}

    /// The same of a method that may have type parameters of its own.
    fn linked(_: &Slot<Self>, _: &Self) {}
}

/// The other half of [`KernelFunction`]; also for what is none, so that the error is reported once.
pub trait Resolve {
    /// The method.
    fn callee() -> Callee;
}

/// The method is one of std that kernels know.
pub struct Intrinsic;

#[diagnostic::do_not_recommend]
impl KernelFunction for Intrinsic {}
impl Resolve for Intrinsic {
    fn callee() -> Callee {
        Callee::Intrinsic
    }
}

/// The method is a user's; `F` is the type of the function that builds its tree.
pub struct User<F>(pub F);

#[diagnostic::do_not_recommend]
impl<F: Fn() -> FunctionTree + Copy> KernelFunction for User<F> {}
impl<F: Fn() -> FunctionTree + Copy> Resolve for User<F> {
    fn callee() -> Callee {
        Callee::User(named::<F>)
    }
}

/// The method has no hidden sibling.
pub struct NotAKernelFunction;

impl Resolve for NotAKernelFunction {
    fn callee() -> Callee {
        never()
    }
}

/// Calls a builder of which only the type is known.
///
/// # Panics
/// If it is not the type of a function whose name is that of a builder.
fn named<F: Fn() -> FunctionTree + Copy>() -> FunctionTree {
    let name = std::any::type_name::<F>();
    assert!(is_builder(name), "not the builder of a kernel function: {name}");
    // SAFETY: what has size 0 and can be called is the type of a function or of a closure, and a closure's name does not
    // end as a builder's does. A value of a function's type holds nothing: it may be made anywhere.
    unsafe { conjured::<F>() }
}

/// Whether a type's name ends in that of a builder, as a function's does (maybe with type arguments behind it) but a closure's
/// (`path::{{closure}}`) never.
fn is_builder(type_name: &str) -> bool {
    without_arguments(type_name).ends_with("_kernel_fn")
}

/// The name without the `<..>` at its end.
fn without_arguments(type_name: &str) -> &str {
    if !type_name.ends_with('>') {
        return type_name;
    }
    let mut depth = 0;
    for (at, character) in type_name.char_indices().rev() {
        match character {
            // the arrow of `fn() -> T` closes nothing
            '>' if !type_name[..at].ends_with('-') => depth += 1,
            '<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &type_name[..at];
        }
    }
    type_name
}

/// Calls a function or closure of which only the type is known.
///
/// # Safety
/// A value of the type may be made here: there has been one that could be copied to here, or it holds nothing.
unsafe fn conjured<F: Fn() -> FunctionTree + Copy>() -> FunctionTree {
    const { assert!(size_of::<F>() == 0, "builders capture nothing") };
    // SAFETY: `F` has size 0, and the caller promises that a value of it may be here.
    let builder: F = unsafe { std::mem::transmute_copy(&()) };
    builder()
}

/// The builder of an `each!`, which captures nothing but slots.
pub fn builder<F: Fn() -> FunctionTree + Copy + Send + Sync + 'static>(_: F) -> fn() -> FunctionTree {
    // SAFETY: there is a value, which is `Copy`, `'static` and `Sync`: every thread may copy it at any time.
    || unsafe { conjured::<F>() }
}

/// Notes the type of what a closure returns.
pub fn result<T: Tagged, F: FnOnce() -> T>(_: &Slot<T::Erased>, _: &F) {}

/// What an `each!` may capture.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be captured by a kernel",
    label = "captured here",
    note = "variables around `each!` are copied to the device, so they are plain `Copy` data; pass slices as parameters"
)]
pub trait Captured: Sized {
    /// A captured variable is a uniform.
    fn captured(value: Self) -> crate::argument::Uniform<Self> {
        crate::argument::Uniform(value)
    }
}
#[diagnostic::do_not_recommend]
impl<T: KernelValue> Captured for T {}

/// The call of an `each!`; the bounds tell rustc the types of the closure's parameters.
pub fn call<'s, A: Arguments, F: Body<A>>(
    definition: &'static Definition,
    arguments: impl GivenAll<'s, Arguments = A>,
    body: F,
) -> Call<'s, A, F> {
    Call::new(definition, arguments, body)
}

/// What methods are looked up on: the type below all references.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be used in a kernel",
    label = "`{Self}` has no representation on devices"
)]
pub trait KernelReceiver {
    /// `T` for `&&mut T`, [`SliceOf`] for slices.
    type Base;

    /// The receiver of the hidden sibling of a method.
    fn __lb_base(_: &Self) -> &Self::Base {
        never()
    }
}

/// Stands for `[T]` in method lookup.
pub struct SliceOf<T>(PhantomData<T>);

#[diagnostic::do_not_recommend]
impl<T: Tagged> KernelReceiver for T {
    type Base = T::Base;
}
#[diagnostic::do_not_recommend]
impl<T> KernelReceiver for [T] {
    type Base = SliceOf<T>;
}

/// What `a[i]` may be written of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be indexed in a kernel",
    label = "not a slice or array",
    note = "kernels index slices and arrays, and types of your own with `#[kernel(Index<usize>)]` beside the derive and \
            `#[kernel_fn] impl Index`"
)]
pub trait Indexed {}
#[diagnostic::do_not_recommend]
impl<T> Indexed for SliceOf<T> {}
#[diagnostic::do_not_recommend]
impl Indexed for crate::region::Region {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Indexed for [T; N] {}

/// Checks what is indexed.
pub fn indexed<T: KernelReceiver<Base: Indexed> + ?Sized>(base: &T) -> &T {
    base
}

/// What `rest @ ..` may bind.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be bound by `@ ..` in a kernel",
    label = "the rest of an array by `&mut`",
    note = "match a slice instead: `[first, rest @ ..] = &mut array[..]`"
)]
pub trait Rest {
    /// Checks what `rest @ ..` binds.
    fn checked(_: &Self) {}
}
#[diagnostic::do_not_recommend]
impl<T> Rest for &[T] {}
#[diagnostic::do_not_recommend]
impl<T> Rest for &mut [T] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Rest for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Rest for &[T; N] {}

/// What may be cloned and swapped in a kernel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither cloned nor swapped in kernels",
    label = "it owns what it leads to, or holds what does",
    note = "kernels follow links by reference; they clone and swap plain data"
)]
pub trait OwnsNothing: Sized {
    /// What `clone` makes: a value, and no second owner of what a node owns.
    fn cloned(value: Self) -> Self {
        value
    }
}
#[diagnostic::do_not_recommend]
impl<T: crate::types::Assigned> OwnsNothing for T {}

/// Two functions that have to be one: each has a type of its own.
pub fn same_function<F>(_: &F, _: &F) {}

/// What a `for` loop may go over by `.iter()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be iterated over in a kernel",
    label = "not a slice or array",
    note = "loops in kernels go over ranges, slices and arrays"
)]
pub trait Iterated {}
#[diagnostic::do_not_recommend]
impl<T> Iterated for SliceOf<T> {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Iterated for [T; N] {}

/// Checks what `.iter()` is called on.
pub fn iterated<T: KernelReceiver<Base: Iterated> + ?Sized>(_: &T) {}

/// What a `for` loop may go over as it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be iterated over in a kernel",
    label = "not a slice or array",
    note = "loops in kernels go over ranges, slices and arrays"
)]
pub trait Sequence: Sized {
    /// Checks what a `for` loop goes over.
    fn checked(sequence: Self) -> Self {
        sequence
    }
}
#[diagnostic::do_not_recommend]
impl<T> Sequence for &[T] {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for &Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for &Box<[T]> {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for &mut Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for &mut Box<[T]> {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for &mut [T] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Sequence for &[T; N] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Sequence for &mut [T; N] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Sequence for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for std::ops::Range<T> {}
#[diagnostic::do_not_recommend]
impl<T> Sequence for std::ops::RangeInclusive<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn norm_kernel_fn() -> FunctionTree {
        unreachable!("only its name is asked for")
    }

    /// What the user's siblings return is theirs to write: a type of which there never was a value, to be conjured.
    fn evil(nothing: std::convert::Infallible) -> User<impl Fn() -> FunctionTree + Copy> {
        User(move || match nothing {})
    }

    fn name<F>(_: fn(std::convert::Infallible) -> User<F>) -> &'static str {
        std::any::type_name::<F>()
    }

    fn slot_of<M>(_: fn(std::convert::Infallible) -> M) -> Slot<M> {
        Slot::Asked
    }

    #[test]
    fn only_functions_are_conjured() {
        assert!(is_builder(std::any::type_name_of_val(&norm_kernel_fn)));
        assert!(is_builder("a::B<fn(u8) -> C<u8>>::norm_kernel_fn<fn(u8) -> C<u8>>"));
        assert!(!is_builder("a::norm_kernel_fn<u8>::{{closure}}"));
        assert!(!is_builder("a::Wrapped<a::norm_kernel_fn>"));
        assert!(!is_builder(name(evil)), "{}", name(evil));
        fn inside_kernel_fn() -> &'static str {
            std::any::type_name_of_val(&|| ())
        }
        assert!(!is_builder(inside_kernel_fn()), "{}", inside_kernel_fn());
    }

    #[test]
    #[should_panic(expected = "not the builder of a kernel function")]
    fn a_closure_that_cannot_exist_is_not_called() {
        let Callee::User(tree) = resolved(&slot_of(evil)) else { unreachable!() };
        tree();
    }
}
