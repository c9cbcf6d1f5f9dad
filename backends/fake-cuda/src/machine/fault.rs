//! What stops a launch.

use std::fmt;

/// Why a launch stopped, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// The entry.
    pub entry: String,
    /// Of the text.
    pub line: u32,
    /// The block's coordinates, then the thread's within it.
    pub thread: [[u32; 3]; 2],
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An access where there is no memory.
    Illegal {
        /// Within its state space.
        address: u64,
        /// Bytes.
        size: u64,
        /// A store or atomic operation.
        writes: bool,
    },
    /// An access that is not aligned to its size.
    Misaligned {
        /// Within its state space.
        address: u64,
        /// Bytes.
        size: u64,
    },
    /// The kernel asked for it.
    Trap,
    /// More steps than allowed.
    Steps,
    /// The context was reset.
    Aborted,
    /// Threads of a block wait at different barriers.
    Barrier,
    /// Calls nested too deeply.
    Stack,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { kind, entry, line, thread: [block, thread] } = self;
        match kind {
            FaultKind::Illegal { address, size, writes } => {
                let what = if *writes { "write" } else { "read" };
                write!(f, "illegal {what} of {size} bytes at {address:#x}")?;
            }
            FaultKind::Misaligned { address, size } => write!(f, "misaligned access of {size} bytes at {address:#x}")?,
            FaultKind::Trap => write!(f, "trap")?,
            FaultKind::Steps => write!(f, "more steps than allowed")?,
            FaultKind::Aborted => write!(f, "aborted")?,
            FaultKind::Barrier => write!(f, "threads of a block wait at different barriers")?,
            FaultKind::Stack => write!(f, "calls nested too deeply")?,
        }
        write!(f, " in {entry}, line {line}, block {block:?}, thread {thread:?}")
    }
}

impl std::error::Error for Fault {}
