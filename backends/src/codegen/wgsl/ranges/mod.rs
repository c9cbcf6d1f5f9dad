//! What is known about values, so that checks are left out.
//!
//! One walk over the function keeps differences between numbers (`a + c <= b`) as they hold where a statement runs: from
//! conditions that were taken, from checks that were passed, from what operations give. A loop's variables are unknown at
//! its head but for guesses - not below, not above the value before the loop - that the walk confirms or drops.
//!
//! An operation that is checked is exact once it has passed, so what it gives may be relied on; nothing else that may wrap
//! is.

mod known;
mod operations;
mod walk;

use std::collections::HashSet;

use landbridge_core::ir::{Module, ValueId};

use super::survey::Survey;

/// What the analysis has proved.
#[derive(Default)]
pub(in crate::codegen) struct Facts {
    exact: HashSet<ValueId>,
    in_bounds: HashSet<ValueId>,
    is_true: HashSet<ValueId>,
}

impl Facts {
    /// Analyses the entry. `wide` says how `usize` is computed.
    pub(super) fn of(module: &Module, survey: &Survey, wide: bool) -> Facts {
        // The parameters' packer refuses more than 2^32 bytes.
        walk::analyse(module, survey, wide, 1 << 32)
    }

    /// As [`Self::of`], in 64 bits, where slices are as large as they can be.
    pub(in crate::codegen) fn of_64_bits(module: &Module) -> Facts {
        let survey = Survey::of(module.entry_function());
        walk::analyse(module, &survey, true, 1 << 63)
    }

    /// Whether an operation's exact result lies in its type (for `usize` in 32 bits: in those); of divisions and shifts,
    /// whether they cannot panic.
    pub(in crate::codegen) fn exact(&self, value: ValueId) -> bool {
        self.exact.contains(&value)
    }

    /// Whether an `Element` or `Subslice` cannot panic.
    pub(in crate::codegen) fn in_bounds(&self, value: ValueId) -> bool {
        self.in_bounds.contains(&value)
    }

    /// Whether the condition of a `Check` is always true there.
    pub(in crate::codegen) fn is_true(&self, value: ValueId) -> bool {
        self.is_true.contains(&value)
    }
}
