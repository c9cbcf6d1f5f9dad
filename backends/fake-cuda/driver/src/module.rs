//! Modules, and launches of their functions.

use std::ffi::c_int;
use std::sync::Arc;

use landbridge_fake_cuda::{
    Control, Fault, FaultKind, Launch, Limits, MemoryMap, Program, PtxError, Unsupported, launch,
};

use crate::code::*;
use crate::context::{Context, Shared};
use crate::device::Profile;
use crate::injection::injection;
use crate::memory::{Kind, Memory};

pub(crate) struct Module {
    pub(crate) context: u64,
    pub(crate) program: Arc<Program>,
    /// Of each variable.
    pub(crate) addresses: Vec<u64>,
}

#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) module: u64,
    pub(crate) program: Arc<Program>,
    pub(crate) entry: usize,
}

/// Newest PTX that this driver takes, as 580 does.
pub(crate) const NEWEST_PTX: (u32, u32) = (9, 0);

/// Reads a text and gives its variables their memory.
///
/// # Errors
/// The code, and for texts what is wrong with them.
pub(crate) fn load(
    text: &str,
    profile: &Profile,
    context: &Context,
    memory: &mut Memory,
) -> Result<Module, (c_int, Option<PtxError>)> {
    let limits = Limits { version: NEWEST_PTX, target: profile.capability };
    let mut program = Program::from_ptx(text, limits).map_err(|error| {
        let code = match error.unsupported {
            Some(Unsupported::Version) => UNSUPPORTED_PTX_VERSION,
            Some(Unsupported::Target) => NO_BINARY_FOR_GPU,
            None => INVALID_PTX,
        };
        (code, Some(error))
    })?;
    let mut addresses = vec![];
    for global in program.globals() {
        let size = (global.bytes.len() as u64).max(1);
        let address =
            memory.allocate(size, Kind::Device, context.number, profile.is_apart()).map_err(|code| (code, None))?;
        if let Some(host) = memory.host(address, size) {
            crate::pointer::copy(host, global.bytes.as_ptr() as u64, global.bytes.len() as u64);
        }
        if global.is_constant {
            memory.make_constant(address);
        }
        addresses.push(address);
    }
    program.place(&addresses);
    Ok(Module { context: context.number, program: Arc::new(program), addresses })
}

/// A launch that waits for its turn.
pub(crate) struct Prepared {
    pub(crate) function: Function,
    pub(crate) grid: [u32; 3],
    pub(crate) block: [u32; 3],
    pub(crate) dynamic_shared: u64,
    pub(crate) parameters: Vec<u8>,
    pub(crate) memory: Arc<MemoryMap>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) profile: Arc<Profile>,
}

impl Prepared {
    /// What the driver checks before it takes a launch.
    pub(crate) fn check(&self) -> Answer<()> {
        let function = self.function.program.function(self.function.entry);
        let threads = self.block.iter().map(|axis| u64::from(*axis)).product::<u64>();
        let [x, y, z] = self.block;
        let empty = threads == 0 || self.grid.contains(&0);
        let too_large =
            x > 1024 || y > 1024 || z > 64 || threads > 1024 || self.grid[1] > 65535 || self.grid[2] > 65535;
        if empty || too_large || threads > u64::from(function.most_threads()) || self.grid[0] > c_int::MAX as u32 {
            return Err(INVALID_VALUE);
        }
        match function.shared_bytes() + self.dynamic_shared > 48 << 10 {
            true => Err(INVALID_VALUE),
            false => Ok(()),
        }
    }

    /// Runs it; a fault's code.
    pub(crate) fn run(self) -> Answer<()> {
        let control = Control { steps: self.profile.steps, abort: &self.shared.abort };
        let result = launch(&Launch {
            program: &self.function.program,
            entry: self.function.entry,
            grid: self.grid,
            block: self.block,
            dynamic_shared: self.dynamic_shared,
            parameters: &self.parameters,
            memory: &self.memory,
            control,
            host_threads: self.profile.host_threads,
        });
        result.map_err(|fault| {
            if self.profile.verbose {
                eprintln!("fake CUDA: {fault}");
            }
            injection().fault = fault.to_string();
            code_of(&fault)
        })
    }
}

fn code_of(fault: &Fault) -> c_int {
    match fault.kind {
        FaultKind::Illegal { .. } => ILLEGAL_ADDRESS,
        FaultKind::Misaligned { .. } => MISALIGNED_ADDRESS,
        FaultKind::Steps => LAUNCH_TIMEOUT,
        FaultKind::Trap | FaultKind::Aborted | FaultKind::Barrier | FaultKind::Stack => LAUNCH_FAILED,
    }
}
