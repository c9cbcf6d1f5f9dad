//! Checks that a module is well-formed: that generators and the interpreter may rely on it.

mod function;
mod graph;
mod module;
mod operation;
mod origin;
mod phase;
mod rule;
mod scalar;
mod types;

pub use rule::{Rule, VerifyError};

use super::Module;
use rule::{Fault, require};

/// Largest size of a type, in bytes.
pub const MAX_TYPE_SIZE: u64 = (1 << 31) - 1;
/// Largest size of a local or value, in bytes.
pub const MAX_VALUE_SIZE: u64 = 1 << 20;
/// Largest alignment of a type, in bytes.
pub const MAX_ALIGN: u64 = 4096;
/// How deep types may nest.
pub const MAX_TYPE_DEPTH: u32 = 64;
/// How many members a type may have, counted through nested structs.
pub const MAX_TYPE_MEMBERS: u64 = 1 << 16;
/// How deep calls may nest.
pub const MAX_CALL_DEPTH: u32 = 64;
/// How many values a panic may report: what fits an error block of 256 bytes.
pub const MAX_REPORTED: usize = 28;
/// How many lanes a group may have.
pub const MAX_LANES: u32 = 1024;
/// How deep blocks may nest in a function.
pub const MAX_NESTING: u32 = 512;

/// Checks every [`Rule`]; those are the list, with their numbers.
///
/// A module that passes has a meaning, and every generator can print it or says what it cannot express.
///
/// **Not checked**, because rustc has proved it for the source: that pointers point to live memory, that nothing is read
/// before it is stored, that exclusive references are, that a store goes to nothing shared where the pointer's origin is
/// not known here (it came through memory, or from a call's result). **Not checkable**: that offsets are those which rustc chose, that the kernel
/// terminates, that names, lines and columns are the user's. Each type is in its table once by construction.
///
/// # Errors
/// The first broken rule, and where; always a bug in landbridge.
pub fn verify(module: &Module) -> Result<(), VerifyError> {
    let error = |(rule, what): Fault, function: Option<&str>, place: String| VerifyError {
        rule,
        kernel: module.name.clone(),
        function: function.map(str::to_owned),
        place,
        what,
    };
    types::check(&module.types).map_err(|(fault, place)| error(fault, None, place))?;
    module::check(module).map_err(|(fault, place)| error(fault, None, place))?;
    let order = graph::callees_first(module)
        .map_err(|(fault, id)| error(fault, Some(&module[id].name), format!("fn {}", id.0)))?;
    let mut summaries = vec![function::Summary::default(); module.functions.len()];
    for id in order {
        summaries[id.0 as usize] = function::check(module, id, &summaries)
            .map_err(|(fault, place)| error(fault, Some(&module[id].name), place))?;
    }
    Ok(())
}
