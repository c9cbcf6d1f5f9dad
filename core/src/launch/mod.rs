//! Calls and launches: from `saxpy(2.0, &x, &mut y)` to what a backend sees.
//!
//! `#[kernel] fn saxpy(a: f32, x: &f32, y: &mut f32)` becomes a function of the same name that takes the arguments in
//! their roles and returns a [`Call`]: borrowed arguments, the user's function untouched ([`Body`]) and the kernel's
//! [`Definition`], from which devices get the IR. `device.run(call)` checks lengths, makes a [`Launch`] of it and hands it
//! to the device's backend as `&dyn Launch`.

mod body;
mod definition;
mod gathered;
mod pending;
mod planned;
mod sink;
mod wide;

pub use body::{Arguments, Body};
pub use definition::{Definition, Site};
pub use gathered::Gathered;
pub use pending::{Launch, Output, Pending};
pub(crate) use planned::Planned;
pub use sink::{Collect, Discard, EachItem, Fold, Sink, take_failed_item};

use std::marker::PhantomData;

use crate::argument::taken::private::Token;
use crate::argument::{GivenAll, Shape};
use crate::error::{Error, Result};
use crate::extent::Extent;
use crate::plan::Strategy;

/// A kernel with its arguments, not yet launched. `'s` is the scope that it belongs to: the one of its handles, or any
/// if it has none.
#[must_use = "a call does nothing until it is given to a device, as in `device.run(call)`"]
pub struct Call<'s, A, F> {
    pub(crate) definition: &'static Definition,
    pub(crate) arguments: A,
    pub(crate) body: F,
    pub(crate) strategy: Strategy,
    /// Neither a longer nor a shorter lifetime will do: it names one scope.
    scope: PhantomData<fn(&'s ()) -> &'s ()>,
}

impl<'s, A, F> Call<'s, A, F> {
    /// For code that macros generate: arguments in their roles, and the user's function.
    #[doc(hidden)]
    #[inline]
    pub fn new(definition: &'static Definition, arguments: impl GivenAll<'s, Arguments = A>, body: F) -> Self {
        Self::of(definition, arguments.take(Token(())), body)
    }

    /// The arguments are of scope `'s`, or of none.
    #[inline(always)]
    pub(crate) fn of(definition: &'static Definition, arguments: A, body: F) -> Self {
        Call { definition, arguments, body, strategy: Strategy::Auto, scope: PhantomData }
    }
}

impl<'s, A, F> Call<'s, A, F> {
    /// The call without its arguments, and those.
    #[inline(always)]
    fn take_arguments(self) -> (Call<'s, (), F>, A) {
        let Call { definition, arguments, body, strategy, scope } = self;
        (Call { definition, arguments: (), body, strategy, scope }, arguments)
    }
}

impl<A: Arguments, F: Body<A>> Call<'_, A, F> {
    /// Forces a strategy for all arguments instead of [`Strategy::Auto`].
    #[inline]
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// What the kernel is.
    pub fn definition(&self) -> &'static Definition {
        self.definition
    }

    /// The number of work-items, if the arguments agree on it.
    ///
    /// # Errors
    /// `WrongLength`, `WrongExtent`, `NotDivisible`, `ExtentTooLarge`, `SharedAtomics`.
    #[inline]
    pub fn extent(&self) -> Result<Extent> {
        self.arguments.extent(self.definition)
    }
}

/// Adds one argument's shape to what is known of the extent.
#[inline(always)]
fn merge(
    definition: &'static Definition,
    found: &mut Option<(usize, Extent)>,
    position: usize,
    shape: Shape,
) -> Result<()> {
    let extent = match shape {
        Shape::Any => return Ok(()),
        Shape::Items(items) => Extent::linear(items),
        Shape::Extent(extent) => extent,
        Shape::Ragged(length, group) => return Err(ragged(definition, position, length, group)),
        Shape::SharedAtomics => return Err(shared_atomics(definition, position)),
    };
    let Some(items) = extent.items() else {
        return Err(Error::ExtentTooLarge { kernel: definition.name, extent });
    };
    match *found {
        None => *found = Some((position, extent)),
        Some((other, known)) => {
            let shaped = known.dimensions > 1 && extent.dimensions > 1;
            if known.items() != Some(items) || (shaped && known != extent) {
                return Err(disagreement(definition, (position, extent), (other, known)));
            }
            if extent.dimensions > known.dimensions {
                *found = Some((position, extent));
            }
        }
    }
    Ok(())
}

#[cold]
fn ragged(definition: &'static Definition, position: usize, length: usize, group: usize) -> Error {
    Error::NotDivisible { kernel: definition.name, parameter: definition.parameter(position), length, group }
}

#[cold]
fn shared_atomics(definition: &'static Definition, position: usize) -> Error {
    Error::SharedAtomics { kernel: definition.name, parameter: definition.parameter(position) }
}

#[cold]
fn disagreement(definition: &'static Definition, here: (usize, Extent), there: (usize, Extent)) -> Error {
    let kernel = definition.name;
    let (parameter, other) = (definition.parameter(here.0), definition.parameter(there.0));
    match (here.1.items(), there.1.items()) {
        (Some(found), Some(expected)) if found != expected => {
            Error::WrongLength { kernel, parameter, found, other, expected }
        }
        _ => Error::WrongExtent { kernel, parameter, found: here.1.into(), other, expected: there.1.into() },
    }
}
