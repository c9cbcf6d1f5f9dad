//! Random modules for tests: valid ones, with arguments to run them on, and broken ones.
//!
//! `sample` makes modules that [`crate::ir::verify()`] accepts, that end, that never touch memory which rustc would
//! have kept from them, and (but for what [`SampleOptions`] allows) whose answer does not depend on the order of the
//! work-items. `mutate` changes one thing in a module, whatever comes of it.

mod choices;
mod compute;
mod function;
mod launch;
mod mutate;
mod place;
mod statement;
mod types;

pub use choices::Choices;
pub use launch::{SampleArgument, SampleBytes, SampleLaunch};
pub use mutate::mutate;

use super::{FunctionId, Module, Scalar};

/// What a sample may contain.
#[derive(Clone, Debug)]
pub struct SampleOptions {
    /// Types of numbers; `Bool`, `I32`, `U32` and `Usize` are always there.
    pub scalars: Vec<Scalar>,
    /// Operations that may panic when they run. Without it there are sites, too, but none is reached.
    pub panics: bool,
    /// Functions whose result differs between devices (`sin`, ...), and bits of floats as integers, which show the
    /// payload of NaN.
    pub inexact: bool,
    /// Pointers and slices in locals, in structs, and chosen by `Select`.
    pub references: bool,
    /// Atomic parameters, with operations whose order does not matter and whose result is not used.
    pub atomics: bool,
    /// All atomic operations, with results that are used: the answer depends on the order of the work-items.
    pub ordered_atomics: bool,
    /// How much code, about in values.
    pub size: u32,
    /// At most so many rounds of loops in a work-item, all together.
    pub iterations: u64,
}

impl SampleOptions {
    /// Everything.
    pub fn all() -> Self {
        SampleOptions {
            scalars: Scalar::ALL.to_vec(),
            panics: true,
            inexact: true,
            references: true,
            atomics: true,
            ordered_atomics: true,
            size: 200,
            iterations: 300,
        }
    }

    /// What gives the same bits on every device that has these types.
    pub fn exact(scalars: &[Scalar]) -> Self {
        SampleOptions { scalars: scalars.to_vec(), inexact: false, ordered_atomics: false, ..Self::all() }
    }
}

/// A valid module.
pub fn sample(options: &SampleOptions, choices: &mut Choices<'_>) -> Module {
    let mut module = Module { name: "sample".into(), ..Module::default() };
    let pool = types::Pool::new(&mut module, options, choices);
    let mut callables = vec![];
    for k in 0..choices.below(4) {
        let name = format!("helper_{k}");
        let callable = function::helper(&mut module, options, &pool, &callables, choices, &name);
        callables.push(callable);
    }
    module.entry = FunctionId(module.functions.len() as u32);
    function::entry(&mut module, options, &pool, &callables, choices);
    module
}
