//! Why a tree could not be lowered, and whose fault that is.

use std::fmt;

use crate::ast::{At, FunctionTree};

/// A place in the user's source, inside one kernel function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The function, as the user wrote it.
    pub function: &'static str,
    /// As `file!()` gives it.
    pub file: &'static str,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

impl Location {
    pub(super) fn new(tree: &FunctionTree, At(line, column): At) -> Self {
        Location { function: tree.name, file: tree.file, line, column }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { function, file, line, column } = self;
        write!(f, "`{function}` at {file}:{line}:{column}")
    }
}

/// What [`super::lower`] answers where it has no meaning for a tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// Rust that kernels cannot contain yet: the user has to write it differently.
    #[error("{construct} is not supported in kernels yet (in kernel function {location})")]
    Unsupported {
        /// What the user wrote.
        construct: String,
        /// Where.
        location: Location,
    },
    /// The tree contradicts itself: the macros or this crate are wrong, not the user.
    #[error("this is a bug in landbridge, please report it: {what} (in kernel function {location})")]
    Bug {
        /// What does not fit.
        what: String,
        /// Where.
        location: Location,
    },
}

/// Why lowering of an expression ended without a result.
#[derive(Debug)]
pub(super) enum Stop {
    /// The expression never gives a value: control has left it, and what follows is dead code.
    Diverges,
    /// The whole tree cannot be lowered.
    Error(Box<LowerError>),
}

/// Result of lowering one expression.
pub(super) type Lowered<T> = Result<T, Stop>;
