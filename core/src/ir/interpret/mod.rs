//! The reference interpreter: what a kernel means, step by step, over the host's raw memory.
//!
//! It is slow and strict. Work-items run one after the other in a shuffled order, so that a kernel whose answer depends
//! on the order is found out, and so do the items of a phase. Every access is checked for alignment and against the memory that the work-item may touch
//! (its own element or row, the whole of shared slices, constant memory, live locals), and every byte of a local for
//! having been written: IR that breaks what rustc proved is an [`InterpretError::Invalid`], not undefined behaviour.

mod datum;
mod launch;
mod machine;
mod math;
mod memory;
mod scalar;

use std::fmt;
use std::mem::MaybeUninit;

use super::{SiteId, VerifyError};

/// An argument of a launch; its form follows from the parameter's [`super::Role`].
#[derive(Clone, Copy, Debug)]
pub enum InterpretArgument<'a> {
    /// For `Uniform`: the value's bytes, as many as the type's size, at any address. Padding may be anything.
    Value(&'a [MaybeUninit<u8>]),
    /// For `Item`, `Whole`, `Atomics`, `Row` and `Root`: elements of the parameter's type.
    Slice {
        /// The first; aligned.
        pointer: *mut u8,
        /// How many: for `Item` as many as work-items, for `Row` a multiple of that, for `Root` one, or none for `None`.
        elements: u64,
    },
    /// For `Index`: nothing, the extent says it.
    Index,
}

impl<'a> InterpretArgument<'a> {
    /// A uniform.
    pub fn value<T: Copy>(value: &'a T) -> Self {
        InterpretArgument::Value(memory::bytes_of(value))
    }

    /// A slice that is only read.
    pub fn shared<T>(slice: &'a [T]) -> Self {
        InterpretArgument::Slice { pointer: slice.as_ptr().cast_mut().cast(), elements: slice.len() as u64 }
    }

    /// A slice that may be written.
    pub fn exclusive<T>(slice: &'a mut [T]) -> Self {
        InterpretArgument::Slice { pointer: slice.as_mut_ptr().cast(), elements: slice.len() as u64 }
    }
}

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct InterpretLaunch {
    /// Number of work-items in each dimension: z, y, x.
    pub extent: [u64; 3],
    /// Decides the order of the work-items, and of the items of phases.
    pub seed: u64,
    /// How many statements a work-item may execute.
    pub step_limit: u64,
}

impl InterpretLaunch {
    /// So many work-items in one dimension, with a step limit of ten million.
    pub fn items(items: u64) -> Self {
        Self::extent([1, 1, items])
    }

    /// An extent in the order z, y, x, with a step limit of ten million.
    pub fn extent(extent: [u64; 3]) -> Self {
        InterpretLaunch { extent, seed: 0x5eed, step_limit: 10_000_000 }
    }
}

/// A panic of a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterpretPanic {
    /// What was reported.
    pub site: SiteId,
    /// Its arguments: an integer `as u64`, a `bool` as 0 or 1, a float's bits.
    pub values: Vec<u64>,
    /// Number of the work-item, x fastest.
    pub work_item: u64,
}

/// Why a launch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterpretError {
    /// The kernel panicked, at this one of all places and work-items where it did. All other work-items have run.
    Panic(InterpretPanic),
    /// An argument does not fit its parameter.
    Argument {
        /// Number of the parameter.
        parameter: usize,
        /// What is wrong.
        what: String,
    },
    /// The module is not well-formed.
    Verify(VerifyError),
    /// The kernel did what rustc should have ruled out: a bug in landbridge's lowering.
    Invalid {
        /// Number of the work-item.
        work_item: u64,
        /// The function, and the statement as [`super::print`] writes it.
        place: String,
        /// What it did.
        what: String,
    },
    /// More steps than the limit, or more nested calls and blocks than the interpreter's stack holds.
    Limit {
        /// Number of the work-item.
        work_item: u64,
        /// Which limit.
        what: &'static str,
    },
}

impl fmt::Display for InterpretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InterpretError::Panic(InterpretPanic { site, values, work_item }) => {
                write!(f, "work-item {work_item} panicked at site {} {values:?}", site.0)
            }
            InterpretError::Argument { parameter, what } => {
                write!(f, "argument {parameter}: {what}")
            }
            InterpretError::Verify(error) => error.fmt(f),
            InterpretError::Invalid { work_item, place, what } => write!(
                f,
                "work-item {work_item} at `{place}`: {what}. This is a bug in landbridge's lowering; please report it"
            ),
            InterpretError::Limit { work_item, what } => {
                write!(f, "work-item {work_item} stopped: {what}")
            }
        }
    }
}

impl std::error::Error for InterpretError {}

pub use launch::interpret;

/// What ends a work-item early.
enum Stop {
    Panic { site: SiteId, values: Vec<u64> },
    Invalid { place: String, what: String },
    Limit(&'static str),
}

impl Stop {
    fn invalid(what: impl Into<String>) -> Self {
        Stop::Invalid { place: String::new(), what: what.into() }
    }
}
