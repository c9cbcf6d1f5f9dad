//! What runs a program: threads, blocks, memory.

pub(crate) mod fault;
pub(crate) mod grid;
pub(crate) mod memory;
pub(crate) mod program;
pub(crate) mod thread;
pub(crate) mod values;

/// Where a thread's own parameter memory begins; below are the launch's parameters.
pub(crate) const PARAM_BASE: u64 = 1 << 20;
