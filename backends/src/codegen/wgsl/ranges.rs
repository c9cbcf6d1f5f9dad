//! What is known about values, so that checks are left out.

use std::collections::HashSet;

use landbridge_core::ir::ValueId;

/// What the analysis has proved.
#[derive(Default)]
pub(super) struct Facts {
    exact: HashSet<ValueId>,
    in_bounds: HashSet<ValueId>,
    is_true: HashSet<ValueId>,
}

impl Facts {
    /// Whether an operation's exact result lies in its type (for `usize` in 32 bits: in those).
    pub(super) fn exact(&self, value: ValueId) -> bool {
        self.exact.contains(&value)
    }

    /// Whether an `Element` or `Subslice` cannot panic.
    pub(super) fn in_bounds(&self, value: ValueId) -> bool {
        self.in_bounds.contains(&value)
    }

    /// Whether a `bool` is always true where it is computed.
    pub(super) fn is_true(&self, value: ValueId) -> bool {
        self.is_true.contains(&value)
    }
}
