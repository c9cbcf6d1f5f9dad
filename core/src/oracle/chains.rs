//! What rustc is asked about chains of iterators.

use super::Slot;
use super::builtin::Scalar;
use crate::types::Tagged;
use std::ops::{Range, RangeFrom, RangeInclusive};

/// A range that a chain goes over.
pub trait Ranged {
    /// Of its items.
    type Item;
}
impl<T> Ranged for Range<T> {
    type Item = T;
}
impl<T> Ranged for RangeInclusive<T> {
    type Item = T;
}

impl<T> Ranged for RangeFrom<T> {
    type Item = T;
}

impl<E> Slot<E> {
    /// Notes the type of a range's items.
    pub fn range<R: Ranged<Item: Tagged<Erased = E>>>(&self, range: R) -> R {
        range
    }
}

/// What `product` may give.
#[diagnostic::on_unimplemented(
    message = "`product` gives numbers in kernels, not `{Self}`",
    label = "not a number",
    note = "use `fold` with your own operator"
)]
pub trait Multiplied: Sized {
    /// Checks what a chain is multiplied to.
    fn checked(product: Self) -> Self {
        product
    }
}
#[diagnostic::do_not_recommend]
impl<T: Scalar> Multiplied for T {}

/// What `sum` may give.
#[diagnostic::on_unimplemented(
    message = "`sum` gives numbers in kernels, not `{Self}`",
    label = "not a number",
    note = "use `fold` with your own operator, or let `#[kernel_type(Default, Sum)]` make the `Sum` of your type"
)]
pub trait Summed: Sized {
    /// Checks what a chain is added up to.
    fn checked(sum: Self) -> Self {
        sum
    }
}
#[diagnostic::do_not_recommend]
impl<T: Scalar> Summed for T {}

/// What `min` and `max` may compare.
#[diagnostic::on_unimplemented(
    message = "`min` and `max` of a chain compare integers in kernels, not `{Self}`",
    label = "not an integer",
    note = "use `reduce(f32::max)` for floats, `max_by(|a, b| a.cmp(b))` for what has an order of its own"
)]
pub trait Extreme {}
#[diagnostic::do_not_recommend]
impl<T: Scalar> Extreme for T {}

/// Checks what is compared.
pub fn extreme<T: Extreme>(option: Option<T>) -> Option<T> {
    option
}

/// What `flatten` may take apart.
#[diagnostic::on_unimplemented(
    message = "`flatten` of `{Self}`s is not supported in kernels",
    label = "neither slices, arrays nor `Option`s",
    note = "write `flat_map` with a closure that makes the inner iterator, or a loop inside a loop"
)]
pub trait Flattened {}
#[diagnostic::do_not_recommend]
impl<T> Flattened for &[T] {}
#[diagnostic::do_not_recommend]
impl<T> Flattened for &mut [T] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Flattened for &[T; N] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Flattened for &mut [T; N] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Flattened for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T> Flattened for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T> Flattened for &Option<T> {}
#[diagnostic::do_not_recommend]
impl<T> Flattened for &mut Option<T> {}

/// Checks what is flattened.
pub fn flattened<I: Iterator<Item: Flattened>>(items: I) -> I {
    items
}

macro_rules! sources {
    ($($name:ident: [$($generics:tt)*] $ty:ty;)*) => {$(
        /// Is it really the function of `std::iter`?
        pub fn $name<$($generics)*>(items: $ty) -> $ty {
            items
        }
    )*};
}
sources! {
    iter_once: [T] std::iter::Once<T>;
    iter_repeat_n: [T] std::iter::RepeatN<T>;
    iter_successors: [T, F] std::iter::Successors<T, F>;
    iter_from_fn: [F] std::iter::FromFn<F>;
    iter_zip: [A, B] std::iter::Zip<A, B>;
}

/// Two functions that have to be one, of which the first is called.
pub fn one_function<F>(function: F, _: F) -> F {
    function
}
