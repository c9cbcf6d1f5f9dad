//! Launches of a scope: on data that is on the device.

use std::cell::Cell;
use std::sync::Arc;

use landbridge_core::launch::{Definition, Launch};
use landbridge_core::session::Trouble;
use landbridge_core::{Error, Strategy};

use smallvec::smallvec;

use crate::codegen::wgsl::{UsizeWidth, error_block};

use super::super::backend::WgpuBackend;
use super::super::device::lock;
use super::super::failure::Failure;
use super::super::kernel::Kernel;
use super::super::session::{Flight, Ticket};
use super::super::submit;
use super::operand::{Given, Memory, Operands};
use super::ready::Prepared;
use super::run::{Run, Stopped};
use super::shape::Shape;
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

/// Submits a launch whose arguments are all on the device, or only read. One dispatch on nothing but data that is there is
/// kept ready under the shape.
pub(crate) fn start_held(
    backend: &WgpuBackend,
    launch: &dyn Launch,
    given: &[Given<'_>],
    ticket: &Ticket,
    flight: &mut Flight,
    shape: Option<Shape>,
) -> Result<(), Trouble> {
    with_run(backend, launch, given, ticket, |mut run, _, ticket| {
        let Some(shape) = shape else { return run.start(flight, ticket) };
        flight.room()?;
        flight.prepare(run.may_fail())?;
        let Some(prepared) = run.prepared(&ticket.kernel, flight.errors())? else {
            return run.start(flight, ticket);
        };
        let width = ticket.width;
        let held = HeldReady { prepared, errors: flight.errors().lease.id(), width };
        send(backend, launch, &held, ticket, flight)?;
        run.note_submission();
        lock(&backend.held).keep(&shape.key, Arc::new(held), backend.gpu.pool.trims());
        Ok(())
    })
}

/// A dispatch on data of a scope, kept for the next launch of its shape. Launches that are on their way share it.
pub(crate) struct HeldReady {
    prepared: Prepared,
    /// Which error block it binds.
    errors: u64,
    width: UsizeWidth,
}

/// Submits what was kept ready of a launch of this shape; `None` if nothing was.
pub(crate) fn start_ready(
    backend: &WgpuBackend,
    launch: &dyn Launch,
    shape: &Shape,
    number: u64,
    flight: &mut Flight,
) -> Option<Result<(), Trouble>> {
    let held = lock(&backend.held).get(&shape.key, backend.gpu.pool.trims())?;
    let (definition, kernel) = (launch.definition(), Arc::clone(&held.prepared.kernel));
    let ticket = Ticket { number, definition, kernel, width: held.width };
    let there = flight.room().map_err(Stopped::from).and_then(|()| Ok(flight.prepare(held.prepared.may_fail())?));
    let started = match there {
        // Another scope may have the error block.
        Ok(()) if flight.errors().lease.id() != held.errors => return None,
        Ok(()) => send(backend, launch, &held, &ticket, flight),
        failed => failed,
    };
    Some(started.map_err(|stopped| trouble(backend, &ticket, stopped, false)))
}

fn send(
    backend: &WgpuBackend,
    launch: &dyn Launch,
    held: &HeldReady,
    ticket: &Ticket,
    flight: &mut Flight,
) -> Result<(), Stopped> {
    let prepared = &held.prepared;
    let words = prepared.parameters.of(&prepared.kernel, launch)?;
    let reports = prepared.may_fail();
    let submission = {
        let mut turn = backend.take_turn()?;
        let submission = backend.gpu.scoped("submitting", || {
            let errors = flight.errors();
            let mut steps = submit::Steps { dispatches: smallvec![prepared.dispatch(&words)], ..Default::default() };
            steps.clears.extend(Some(errors.lease.buffer()).filter(|_| !errors.clean));
            steps.uploads.extend(flight.joining());
            steps.downloads.extend(reports.then(|| flight.report(prepared.kernel.text.error_bytes)));
            submit::submit(&backend.gpu, &steps)
        })?;
        turn.left_running(&prepared.kernel, &submission);
        submission
    };
    flight.sent(Some(ticket.clone()), submission, None, reports);
    Ok(())
}

fn with_run<'l>(
    backend: &WgpuBackend,
    launch: &'l dyn Launch,
    given: &[Given<'l>],
    ticket: &Ticket,
    go: impl FnOnce(Run<'_>, &Operands<'_>, &Ticket) -> Result<(), Stopped>,
) -> Result<(), Trouble> {
    let (ticket, operands) = prepared(backend, launch, given, ticket).map_err(Trouble::Refused)?;
    let kernel = &ticket.kernel;
    let choices = choose(backend, ticket.definition, Strategy::Copy, kernel, &operands);
    let mut choices = choices.map_err(Trouble::Refused)?;
    let submitted = Cell::new(false);
    let run = Run::new(backend, kernel, &operands, extent(launch.extent()), &mut choices);
    let done = run.and_then(|mut run| {
        run.submitted = Some(&submitted);
        go(run, &operands, &ticket)
    });
    let held = operands.bound.iter().any(|o| o.writable && matches!(o.memory, Memory::Resident { .. }));
    done.map_err(|stopped| trouble(backend, &ticket, stopped, submitted.get() && held))
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

/// What the scope is told. `changed`: whether anything on the device may be another than before the launch.
fn trouble(backend: &WgpuBackend, ticket: &Ticket, stopped: Stopped, changed: bool) -> Trouble {
    let lost = match stopped {
        Stopped::Earlier(trouble) => return trouble,
        Stopped::Device(Failure::Lost { .. } | Failure::Timeout { .. }) => true,
        _ => false,
    };
    let error = match stop(backend, ticket.definition, &ticket.kernel, stopped, changed) {
        Attempt::Failed(error) => error,
        Attempt::Narrow(what) => unsupported(backend, ticket.definition, what),
    };
    match (lost, changed) {
        (true, _) => Trouble::Failed { launch: 0, error },
        (false, true) => Trouble::Failed { launch: ticket.number, error },
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
