//! PTX from a verified module: for NVIDIA devices of compute capability 7.0 and up, through the driver's own compiler.
//!
//! [`interface`] is what a backend needs to know: how a kernel is launched and how it reports failures.
//!
//! # How the IR's meaning is met
//! - **Values** are virtual registers, which cost nothing: the driver's compiler allocates the real ones. Structs and small arrays are
//!   registers for each scalar; what has more than 64 is in the thread's own memory (`memory`).
//! - **Locals** whose address nobody needs are registers as well, that stores change (`survey`).
//! - **Pointers** are addresses of 64 bits with the memory that they are known to be in: arguments that nobody writes during the launch are
//!   read through `ld.global.nc`; where a pointer may be to a local or to an argument, the hardware finds out (`val::Space`).
//! - **Integers** of 8 and 16 bits are computed in registers of 32. Checks that `ranges` proves are left out (`integer`). Division by a
//!   constant is a multiplication (`division`).
//! - **Panics** branch to blocks behind the body, all of which meet in one that claims the error block (`panics`).
//! - **Floats**: every operation names its rounding (`.rn`), so that nothing is contracted; nothing flushes subnormals. `mul_add` is `fma.rn`.
//! - **Functions of std** that PTX lacks are kernel functions of our own, in `library`, which states their accuracy.
//! - **Vectors**: neighbours in memory go through one instruction where the address is known to be aligned (`vectors`).
//! - **Control flow** is structured and becomes labels and branches (`control`). Calls are inlined.

mod atomics;
mod cast;
mod control;
mod division;
mod emit;
mod entry;
mod integer;
pub mod interface;
mod layout;
mod library;
mod limits;
mod math;
mod memory;
mod panics;
mod places;
mod survey;
mod val;
mod values;
mod vectors;

pub use interface::{LaunchLayout, Mode, Piece, PtxError, PtxKernel, PtxTarget, ReduceOp, Slot, SlotKind, SlotValue};
pub use library::{bound as library_bound, computed as library_value};

use landbridge_core::ir::Module;

use crate::codegen::wgsl::ranges::Facts;
use emit::Emitter;
use interface::error_block;

/// Makes PTX text of a module that [`landbridge_core::ir::verify()`] accepts. Calls are inlined.
///
/// # Errors
/// [`PtxError`] names what this generator, or the target, cannot express.
pub fn generate(module: &Module, target: &PtxTarget, mode: Mode) -> Result<PtxKernel, PtxError> {
    let linked = library::link(module)?;
    let module = &landbridge_core::ir::inline(linked.as_ref().unwrap_or(module));
    limits::check(module)?;
    let layout = layout::layout(module, mode, target.aligned_elements)?;
    let known = (survey::Survey::of(module, &layout), Facts::of_64_bits(module));
    let mut emitter = Emitter::new(module, &layout, mode, target.block_size, known);
    emitter.body(module.entry_function())?;
    emitter.merge_accesses();
    if emitter.unproved {
        return Err(emitter.defect("an index of a library function is not proved to be in bounds"));
    }
    let entry = entry_name(&module.name);
    let text = emitter.text(&entry, target.version, target.sm);
    let (may_panic, error_bytes) = (emitter.may_panic, error_block::bytes(emitter.most_reported));
    limits::check_memory(module, &emitter.depots)?;
    Ok(PtxKernel { text, entry, block_size: target.block_size, launch: layout, may_panic, error_bytes })
}

/// The kernel's name, so that profilers show it, in letters that PTX takes.
fn entry_name(kernel: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("lb_{}", kernel.chars().map(letter).collect::<String>())
}
