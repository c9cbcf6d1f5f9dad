//! PTX from a verified module: for NVIDIA devices of compute capability 7.0 and up, through the driver's own compiler.
//!
//! [`interface`] is what a backend needs to know: how a kernel is launched and how it reports failures.

pub mod interface;
mod layout;

pub use interface::{LaunchLayout, Mode, Piece, PtxError, PtxKernel, PtxTarget, ReduceOp, Slot, SlotKind, SlotValue};

use landbridge_core::ir::Module;

/// Makes PTX text of a module that [`landbridge_core::ir::verify()`] accepts. Calls are inlined.
///
/// # Errors
/// [`PtxError`] names what this generator, or the target, cannot express.
pub fn generate(module: &Module, target: &PtxTarget, mode: Mode) -> Result<PtxKernel, PtxError> {
    let launch = layout::layout(module, mode)?;
    let _ = (launch, target);
    Err(PtxError::new(format!("the kernel `{}`", module.name), "there is no generator yet"))
}
