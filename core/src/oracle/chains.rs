//! What rustc is asked about chains of iterators.

use super::Slot;
use super::builtin::Scalar;
use crate::types::Tagged;
use std::ops::{Range, RangeInclusive};

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

impl<E> Slot<E> {
    /// Notes the type of a range's items.
    pub fn range<R: Ranged<Item: Tagged<Erased = E>>>(&self, range: R) -> R {
        range
    }
}

/// What `sum` and `product` may give.
#[diagnostic::on_unimplemented(
    message = "`sum` and `product` give numbers in kernels, not `{Self}`",
    label = "not a number",
    note = "use `fold` with your own operator"
)]
pub trait Summed {}
#[diagnostic::do_not_recommend]
impl<T: Scalar> Summed for T {}

/// Checks what a chain is added up to.
pub fn summed<T: Summed>(sum: T) -> T {
    sum
}

/// What `min` and `max` may compare.
#[diagnostic::on_unimplemented(
    message = "`min` and `max` of a chain compare integers in kernels, not `{Self}`",
    label = "not an integer",
    note = "use `fold`, with `f32::max` for floats"
)]
pub trait Extreme {}
#[diagnostic::do_not_recommend]
impl<T: Scalar> Extreme for T {}

/// Checks what is compared.
pub fn extreme<T: Extreme>(option: Option<T>) -> Option<T> {
    option
}
