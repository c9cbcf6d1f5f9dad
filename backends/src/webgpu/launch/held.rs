//! Launches of a scope: on data that is on the device.

use std::cell::Cell;

use landbridge_core::launch::{Definition, Launch};
use landbridge_core::session::Trouble;
use landbridge_core::{Error, Strategy};

use crate::codegen::wgsl::error_block;

use super::super::backend::WgpuBackend;
use super::super::failure::Failure;
use super::super::kernel::Kernel;
use super::super::session::{Flight, Ticket};
use super::operand::{Given, Memory, Operands};
use super::run::{Run, Stopped};
use super::{Attempt, choose, extent, fold, mispaired, mode, parts, stop, unsupported};

/// Runs a launch and waits, because it has results or writes the user's memory.
pub(crate) fn run_held(
    backend: &WgpuBackend,
    launch: &dyn Launch,
    given: &[Given<'_>],
    ticket: &Ticket,
) -> Result<(), Trouble> {
    with_run(backend, launch, given, ticket, |mut run, operands, _| {
        let finished = run.finish()?;
        fold(launch, &finished, operands);
        Ok(())
    })
}

/// Submits a launch whose arguments are all on the device, or only read.
pub(crate) fn start_held(
    backend: &WgpuBackend,
    launch: &dyn Launch,
    given: &[Given<'_>],
    ticket: &Ticket,
    flight: &mut Flight,
) -> Result<(), Trouble> {
    with_run(backend, launch, given, ticket, |run, _, ticket| run.start(flight, ticket))
}

fn with_run<'l>(
    backend: &WgpuBackend,
    launch: &'l dyn Launch,
    given: &[Given<'l>],
    ticket: &Ticket,
    go: impl FnOnce(Run<'_>, &Operands<'_>, &Ticket) -> Result<(), Stopped>,
) -> Result<(), Trouble> {
    let (ticket, operands) = prepared(backend, launch, given, ticket).map_err(Trouble::Refused)?;
    let Ticket { number, definition, ref kernel, .. } = ticket;
    let choices = choose(backend, definition, Strategy::Copy, kernel, &operands);
    let mut choices = choices.map_err(Trouble::Refused)?;
    let submitted = Cell::new(false);
    let run = Run::new(backend, kernel, &operands, extent(launch.extent()), &mut choices);
    let done = run.and_then(|mut run| {
        run.submitted = Some(&submitted);
        go(run, &operands, &ticket)
    });
    done.map_err(|stopped| trouble(backend, definition, kernel, stopped, &operands, number, submitted.get()))
}

/// The kernel that suits the arguments, and how it binds them.
fn prepared<'l>(
    backend: &WgpuBackend,
    launch: &'l dyn Launch,
    given: &[Given<'l>],
    ticket: &Ticket,
) -> Result<(Ticket, Operands<'l>), Error> {
    let wrong = |what| mispaired(backend, launch, what);
    let operands = Operands::of_given(launch, given, &ticket.kernel).map_err(wrong)?;
    let Some(parts) = parts::needed(&operands, &backend.gpu.facts.limits) else {
        return Ok((ticket.clone(), operands));
    };
    let kernel = backend.kernel_in_parts(ticket.definition, mode(launch.output()), ticket.width, Some(parts))?;
    let operands = Operands::of_given(launch, given, &kernel).map_err(wrong)?;
    Ok((Ticket { kernel, ..ticket.clone() }, operands))
}

/// What the scope is told: whether anything on the device may have changed.
fn trouble(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Kernel,
    stopped: Stopped,
    operands: &Operands<'_>,
    number: u64,
    submitted: bool,
) -> Trouble {
    let lost = match stopped {
        Stopped::Earlier(trouble) => return trouble,
        Stopped::Device(Failure::Lost { .. } | Failure::Timeout { .. }) => true,
        _ => false,
    };
    let held = operands.bound.iter().any(|o| o.writable && matches!(o.memory, Memory::Resident { .. }));
    let changed = submitted && held;
    let error = match stop(backend, definition, kernel, stopped, changed) {
        Attempt::Failed(error) => error,
        Attempt::Narrow(what) => unsupported(backend, definition, what),
    };
    match (lost, changed) {
        (true, _) => Trouble::Failed { launch: 0, error },
        (false, true) => Trouble::Failed { launch: number, error },
        (false, false) => Trouble::Refused(error),
    }
}

/// The error of a kernel that reported a failure after its launch was accepted.
pub(crate) fn kernel_error(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Kernel,
    failure: error_block::Failure,
) -> Error {
    match stop(backend, definition, kernel, Stopped::Kernel(failure), true) {
        Attempt::Failed(error) => error,
        Attempt::Narrow(what) => unsupported(backend, definition, what),
    }
}
