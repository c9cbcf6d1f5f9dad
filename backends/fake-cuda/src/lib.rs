//! PTX, read and run on the CPU: for tests of kernels and of a CUDA backend on machines without a GPU.
//!
//! [`Program::from_ptx`] reads a text and refuses what it does not know; [`launch`] runs an entry over a grid, with every access
//! checked against a [`MemoryMap`]. README.md tells what the driver around it does.
//!
//! ptx (lexer, grammar) -> lower (names, types, one file a family of instructions) -> machine (values, threads, blocks).
#![deny(unsafe_code)]

mod lower;
mod machine;
mod ptx;

pub use machine::fault::{Fault, FaultKind};
pub use machine::grid::{Control, Launch, launch};
pub use machine::memory::{MemoryMap, Range};
pub use machine::program::{Function, Global, Program};
pub use ptx::{PtxError, Unsupported};

/// What a device and its driver take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Newest version of PTX.
    pub version: (u32, u32),
    /// Compute capability: 80 for 8.0.
    pub target: u32,
}

impl Program {
    /// Reads a text for a device.
    ///
    /// # Errors
    /// Whatever is not known or does not fit, with its line; and what is newer than the limits.
    pub fn from_ptx(text: &str, limits: Limits) -> Result<Program, PtxError> {
        let module = ptx::parser::parse(text)?;
        if module.version > limits.version {
            let (major, minor) = module.version;
            let mut error = PtxError::new(module.version_line, format!("PTX {major}.{minor} is newer than the driver"));
            error.unsupported = Some(Unsupported::Version);
            return Err(error);
        }
        if module.target > limits.target {
            let message = format!("sm_{} is newer than the device", module.target);
            let mut error = PtxError::new(module.target_line, message);
            error.unsupported = Some(Unsupported::Target);
            return Err(error);
        }
        lower::lower(&module)
    }
}
