//! Messages of panics with arguments.
#![allow(unsafe_code)]

pub use std::format;
pub use std::option::Option::Some as Told;

use std::fmt;

use super::{KernelReceiver, SliceOf, Slot, never};
use crate::ast::Callee;
use crate::ir::{Format, Values};
use crate::types::{KernelType, Ty, TypeInfo};

/// What the message of a panic in a kernel may show.
#[diagnostic::on_unimplemented(
    message = "this cannot be shown in the message of a panic in a kernel",
    label = "no number, and no plain data that consists of numbers",
    note = "a device reports numbers, from which the host makes the text: show numbers, `bool`, arrays, tuples and types of \
            your own with `#[derive(KernelType)]`; of slices show `s.len()` and elements; compare slices by `assert!(a == b)`"
)]
pub trait Shown {}
#[diagnostic::do_not_recommend]
impl<T: KernelType> Shown for T {}

/// Notes the type of what is shown, below all references.
pub fn shown<T: KernelReceiver<Base = E> + ?Sized, E: Shown>(_: &Slot<E>, _: &T) {}

// That a slice cannot be shown is said once, by `Shown`: what else a message asks of its values is there, and never used.

// SAFETY: it is no `KernelNode`, of which a description would have to be true.
#[diagnostic::do_not_recommend]
unsafe impl<T: 'static> TypeInfo for SliceOf<T> {
    const DESC: Ty = <()>::DESC;
}

impl<T> fmt::Debug for SliceOf<T> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        never()
    }
}

impl<T> fmt::Display for SliceOf<T> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        never()
    }
}

/// The function that makes the text of a message.
pub fn message<F: Fn(&Values) -> Option<String> + Send + Sync + 'static>(text: F) -> Callee {
    Callee::Message(Format::new(text))
}
