//! One launch: its operands, their strategies, the run, the report.
//!
//! `operand` pairs arguments with bindings, `strategy` chooses how each gets to the device, `cut` divides the launch so
//! that it fits, `run` and `group` do it, `bind` and `place` say where in which buffer a dispatch finds what.
//! `links` rebuilds linked arguments, `nodes` gathers those that are work-items' own, `parts` are whole slices that are larger than one binding, `packed` are operands that share one. `held` is the same for
//! scopes, whose data is there already. `ready`, and `small` for copied arguments, keep what the next launch of the same `shape` needs.

mod bind;
mod crew;
mod cut;
mod group;
mod held;
mod links;
pub(crate) mod nodes;
mod operand;
mod packed;
mod parts;
mod place;
mod ready;
mod run;
mod shape;
mod small;
mod strategy;

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use landbridge_core::launch::{Definition, Launch, Output};
use landbridge_core::plan::{ArgumentPlan, PlanStep, StepKind};
use landbridge_core::reduction;
use landbridge_core::report::Steps;
use landbridge_core::session::Trouble;
use landbridge_core::{Error, Extent, Plan, Report, Result, Strategy};

use crate::codegen::wgsl::error_block::Failure as KernelFailure;
use crate::codegen::wgsl::{Mode, ReduceOp, UsizeWidth};

use smallvec::SmallVec;

use super::backend::WgpuBackend;
use super::device::lock;
use super::kernel::Kernel;
pub(crate) use held::{HeldReady, kernel_error, run_held, start_held, start_ready};
pub(crate) use links::{Images, Made, There};
pub(crate) use operand::{Given, Kept, Memory, Rebuilt};
use operand::{Operand, Operands};
pub(crate) use ready::{Key, Ready, ReadyLaunches};
pub(crate) use run::reserve;
use run::{Finished, Run, Stopped};
pub(crate) use shape::Shape;
pub(crate) use small::Small;
use strategy::{Choice, Offer};

/// A list that is rarely longer: a launch on resident data takes microseconds, and each allocation a tenth of one.
pub(crate) type Few<T> = SmallVec<[T; 4]>;

/// A list that is rarely longer than one.
pub(crate) type One<T> = SmallVec<[T; 1]>;

/// [`landbridge_core::backend::Backend::launch`] on a wgpu device, of a launch whose nodes are gathered.
pub(crate) fn launch(backend: &WgpuBackend, launch: &dyn Launch) -> Result<Report> {
    let name = launch.definition().name;
    let _span = tracing::debug_span!("launch", kernel = name, device = %backend.info.id).entered();
    if launch.items() == 0 {
        return Ok(report(backend, launch, Vec::new(), Steps::default()));
    }
    let shape = small_shape(backend, launch);
    if let Some(done) = shape.as_ref().and_then(|shape| launch_again(backend, launch, shape)) {
        return done;
    }
    let mut steps = Steps::default();
    let mut images = rebuilt(backend, launch, &mut steps)?;
    let (arguments, ran) = in_either_width(backend, launch, &images.given(launch), shape.as_ref())?;
    ran.iter().for_each(|(kind, time)| steps.add(kind, time));
    images.write_back(&mut steps);
    Ok(report(backend, launch, arguments, steps))
}

/// The shape of a launch that may be small and kept ready: where its arguments are does not decide how they get to the device.
fn small_shape(backend: &WgpuBackend, launch: &dyn Launch) -> Option<Shape> {
    let copied = match launch.strategy() {
        Strategy::Copy => true,
        Strategy::Auto => backend.gpu.import.is_err(),
        _ => false,
    };
    if copied { Shape::of(launch, |_, _| Some([0, launch.strategy() as u64])) } else { None }
}

/// Launches what was kept ready of a launch of this shape; `None` if nothing was, or if it takes a wider `usize`.
fn launch_again(backend: &WgpuBackend, launch: &dyn Launch, shape: &Shape) -> Option<Result<Report>> {
    let kept = lock(&backend.small).get(&shape.key, backend.gpu.pool.trims())?;
    // Another thread's launch may have it.
    let small = kept.try_lock().ok()?;
    match run_small(backend, launch, shape, &small) {
        Ok((arguments, steps)) => Some(Ok(report(backend, launch, arguments, steps))),
        Err(Attempt::Failed(error)) => Some(Err(error)),
        Err(Attempt::Narrow(_)) => None,
    }
}

/// Runs what is kept ready; it is forgotten if it fails.
fn run_small(
    backend: &WgpuBackend,
    launch: &dyn Launch,
    shape: &Shape,
    small: &Small,
) -> Result<(Vec<ArgumentPlan>, Steps), Attempt> {
    let steps = small.run(backend, launch, shape).map_err(|stopped| {
        lock(&backend.small).forget(&shape.key);
        stop(backend, launch.definition(), &small.prepared.kernel, stopped, false)
    })?;
    let arguments = small.arguments();
    backend.rates.note(launch, &arguments, &steps);
    Ok((arguments, steps))
}

fn in_either_width<'l>(
    backend: &WgpuBackend,
    launch: &'l dyn Launch,
    given: &[Given<'l>],
    shape: Option<&Shape>,
) -> Result<(Vec<ArgumentPlan>, Steps)> {
    let width = first_width(backend, launch)?;
    let ran = match attempt(backend, launch, given, width, shape) {
        Err(Attempt::Narrow(why)) if backend.gpu.facts.int64 => {
            tracing::debug!(%why, "again with 64-bit usize");
            attempt(backend, launch, given, UsizeWidth::Wide, None)
        }
        other => other,
    };
    ran.map_err(|stopped| match stopped {
        Attempt::Failed(error) => error,
        Attempt::Narrow(what) => unsupported(backend, launch.definition(), what),
    })
}

/// What is written where it lies is not as it was if the kernel has to run once more: where mapping is asked for, a kernel whose
/// `usize` may pass 32 bits has 64 from the start.
fn first_width(backend: &WgpuBackend, launch: &dyn Launch) -> Result<UsizeWidth> {
    let kernel = || backend.kernel(launch.definition(), mode(launch.output()), UsizeWidth::Auto);
    let wide = launch.strategy() == Strategy::Map && backend.gpu.facts.int64 && kernel()?.text.may_exceed_range;
    Ok(if wide { UsizeWidth::Wide } else { UsizeWidth::Auto })
}

/// The images of linked arguments, if the device can run the kernel.
fn rebuilt<'l>(backend: &WgpuBackend, launch: &'l dyn Launch, steps: &mut Steps) -> Result<Images<'l>> {
    if !links::has_links(launch) {
        return Ok(Images::none());
    }
    launch.module()?;
    let kernel = backend.kernel(launch.definition(), mode(launch.output()), UsizeWidth::Auto)?;
    Images::of(backend, launch, &kernel, steps)
}

enum Attempt {
    Failed(Error),
    Narrow(String),
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The arguments as they were passed, and the steps. `shape`: what the launch is to be kept ready under.
fn attempt<'l>(
    backend: &WgpuBackend,
    launch: &'l dyn Launch,
    given: &[Given<'l>],
    width: UsizeWidth,
    shape: Option<&Shape>,
) -> Result<(Vec<ArgumentPlan>, Steps), Attempt> {
    let start = Instant::now();
    let (kernel, operands) = prepared(backend, launch, given, width)?;
    let compiled = start.elapsed();
    let mut choices = choose(backend, launch.definition(), launch.strategy(), &kernel, &operands)?;
    if let Some(shape) = shape {
        let trims = backend.gpu.pool.trims(); // before anything is taken: what is trimmed meanwhile is not kept
        let plans = || arguments(&operands, &choices);
        let small = Small::new(backend, &kernel, &operands, (&choices, &plans), extent(launch.extent()));
        let small = small.map_err(|stopped| stop(backend, launch.definition(), &kernel, stopped, false))?;
        if let Some(small) = small {
            let (arguments, mut steps) = run_small(backend, launch, shape, &small)?;
            lock(&backend.small).keep(&shape.key, Arc::new(Mutex::new(small)), trims);
            note_compilation(&mut steps, compiled);
            return Ok((arguments, steps));
        }
    }
    let run = Run::new(backend, &kernel, &operands, extent(launch.extent()), &mut choices);
    let mapped = choices.iter().any(|choice| choice.strategy == Strategy::Map);
    let finished = run.and_then(|mut run| run.finish());
    let finished = finished.map_err(|stopped| stop(backend, launch.definition(), &kernel, stopped, mapped))?;
    fold(launch, &finished, &operands);
    let mut steps = finished.steps;
    note_compilation(&mut steps, compiled);
    let arguments = arguments(&operands, &choices);
    backend.rates.note(launch, &arguments, &steps);
    Ok((arguments, steps))
}

fn note_compilation(steps: &mut Steps, took: Duration) {
    // A look into the cache takes less; the first launch's real compilation takes milliseconds.
    if took > Duration::from_micros(100) {
        steps.add(StepKind::Compile, took);
    }
}

/// The compiled kernel that suits the arguments, and how it binds them.
fn prepared<'l>(
    backend: &WgpuBackend,
    launch: &'l dyn Launch,
    given: &[Given<'l>],
    width: UsizeWidth,
) -> Result<(Arc<Kernel>, Operands<'l>)> {
    // The device will do with the arguments what the IR says, so it has to be the IR of a kernel that takes them.
    launch.module()?;
    let (definition, mode) = (launch.definition(), mode(launch.output()));
    let operands_of =
        |kernel| Operands::of_given(launch, given, kernel).map_err(|what| mispaired(backend, launch, what));
    let kernel = backend.kernel(definition, mode, width)?;
    let operands = operands_of(&kernel)?;
    let Some(parts) = parts::needed(&operands, &backend.gpu.facts.limits) else {
        return Ok((kernel, operands));
    };
    let kernel = backend.kernel_in_parts(definition, mode, width, Some(parts))?;
    let operands = operands_of(&kernel)?;
    Ok((kernel, operands))
}

/// How a kernel is compiled for what happens to its results.
pub(crate) fn mode(output: Output) -> Mode {
    match output {
        Output::None => Mode::Run,
        Output::Collect { .. } => Mode::Collect,
        Output::Reduce(operation) => Mode::Reduce(match operation {
            reduction::ReduceOp::Sum => ReduceOp::Sum,
            reduction::ReduceOp::Product => ReduceOp::Product,
            reduction::ReduceOp::Min => ReduceOp::Min,
            reduction::ReduceOp::Max => ReduceOp::Max,
        }),
    }
}

/// Runs a kernel on arguments that are given one by one; there is nothing to deliver.
///
/// # Errors
/// As [`launch`].
pub(crate) fn run_given<'l>(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Arc<Kernel>,
    shape: Extent,
    given: &[Given<'l>],
    output: Output,
) -> Result<Steps> {
    let _span = tracing::debug_span!("launch", kernel = definition.name, device = %backend.info.id).entered();
    let items = shape.items().unwrap_or(0);
    if items == 0 {
        return Ok(Steps::default());
    }
    let (kernel, operands) = prepared_given(backend, definition, kernel, items, given, output)?;
    let kernel = &kernel;
    let mut choices = choose(backend, definition, Strategy::Copy, kernel, &operands)?;
    let finished = Run::new(backend, kernel, &operands, extent(shape), &mut choices).and_then(|mut run| run.finish());
    match finished {
        Ok(finished) => Ok(finished.steps),
        Err(stopped) => Err(stop_resident(backend, definition, kernel, stopped)),
    }
}

/// As [`prepared`], for arguments that are given one by one.
fn prepared_given<'l>(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Arc<Kernel>,
    items: usize,
    given: &[Given<'l>],
    output: Output,
) -> Result<(Arc<Kernel>, Operands<'l>)> {
    let name = |position| definition.parameter(position);
    let operands = Operands::new(given, output, items, kernel, &name);
    let Some(parts) = parts::needed(&operands, &backend.gpu.facts.limits) else {
        return Ok((Arc::clone(kernel), operands));
    };
    let kernel = backend.kernel_in_parts(definition, mode(output), UsizeWidth::Auto, Some(parts))?;
    let operands = Operands::new(given, output, items, &kernel, &name);
    Ok((kernel, operands))
}

/// The same launch as a dispatch that can be kept, if it can.
///
/// # Errors
/// As [`launch`].
pub(crate) fn make_ready<'l>(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Arc<Kernel>,
    shape: Extent,
    given: &[Given<'l>],
) -> Result<Option<Ready>> {
    let items = shape.items().unwrap_or(0);
    let (kernel, operands) = prepared_given(backend, definition, kernel, items, given, Output::None)?;
    let kernel = &kernel;
    let mut choices = choose(backend, definition, Strategy::Copy, kernel, &operands)?;
    let ready = Run::new(backend, kernel, &operands, extent(shape), &mut choices).and_then(|mut run| run.ready(kernel));
    ready.map_err(|stopped| stop_resident(backend, definition, kernel, stopped))
}

/// Runs a dispatch that was kept.
///
/// # Errors
/// As [`launch`].
pub(crate) fn run_ready(backend: &WgpuBackend, definition: &'static Definition, ready: &mut Ready) -> Result<Steps> {
    let _span = tracing::debug_span!("launch", kernel = definition.name, device = %backend.info.id).entered();
    ready.run(backend).map_err(|stopped| stop_resident(backend, definition, &ready.prepared.kernel, stopped))
}

fn stop_resident(backend: &WgpuBackend, definition: &'static Definition, kernel: &Kernel, stopped: Stopped) -> Error {
    match stop(backend, definition, kernel, stopped, false) {
        Attempt::Failed(error) => error,
        Attempt::Narrow(what) => unsupported(backend, definition, what),
    }
}

/// Nothing has run yet, so the host may help.
#[cold]
fn mispaired(backend: &WgpuBackend, launch: &dyn Launch, what: &'static str) -> Error {
    unsupported(backend, launch.definition(), format!("its text {what}, which is a bug of landbridge"))
}

fn unsupported(backend: &WgpuBackend, definition: &'static Definition, what: String) -> Error {
    Error::Unsupported { kernel: definition.name, device: backend.info.to_string(), what }
}

/// x, y, z, as the kernel wants it.
fn extent(extent: Extent) -> [u64; 3] {
    let [z, y, x] = extent.sizes;
    [x as u64, y as u64, z as u64]
}

fn choose(
    backend: &WgpuBackend,
    definition: &'static Definition,
    asked: Strategy,
    kernel: &Kernel,
    operands: &Operands<'_>,
) -> Result<Few<Choice>> {
    let facts = &backend.gpu.facts;
    let open = asked == Strategy::Auto && backend.gpu.import.is_ok();
    let computer = open.then(|| backend.rates.computer(&backend.info));
    let offer = Offer {
        asked,
        no_import: backend.gpu.import.as_ref().err().map(String::as_str),
        shares_memory: facts.shares_memory,
        may_rerun: kernel.text.may_exceed_range,
        buffer_bytes: facts.limits.buffer_bytes,
        measured: computer.as_ref(),
    };
    let unavailable = |why| {
        tracing::debug!(kernel = definition.name, %asked, %why, "strategy not possible");
        Error::StrategyUnavailable { strategy: asked, device: backend.info.to_string(), why }
    };
    operands.bound.iter().map(|operand| strategy::choose(operand, &offer).map_err(unavailable)).collect()
}

fn stop(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Kernel,
    stopped: Stopped,
    mapped: bool,
) -> Attempt {
    match stopped {
        Stopped::Narrow(why) => Attempt::Narrow(why),
        Stopped::Kernel(KernelFailure::RangeExceeded { item }) => {
            Attempt::Narrow(format!("a usize passes 32 bits in work-item {item}"))
        }
        Stopped::Kernel(KernelFailure::TooManyRounds { item }) => {
            Attempt::Failed(too_many_rounds(backend, definition, item, mapped))
        }
        Stopped::Earlier(Trouble::Refused(error) | Trouble::Failed { error, .. }) => Attempt::Failed(error),
        Stopped::Device(failure) => Attempt::Failed(failure.into_error(&backend.info, definition.name)),
        Stopped::Kernel(KernelFailure::Panic { site, item, values }) => {
            Attempt::Failed(panic(backend, definition, kernel, site, item, &values))
        }
    }
}

/// An error where the driver would have given wrong results. The host can help only if nothing has been written yet.
fn too_many_rounds(backend: &WgpuBackend, definition: &'static Definition, item: u64, mapped: bool) -> Error {
    let device = backend.info.to_string();
    let what = format!("work-item {item} has loops of more rounds than the driver allows (65535 together)");
    match mapped {
        true => Error::Driver { device, operation: "running a kernel on mapped memory".to_owned(), why: what },
        false => Error::Unsupported { kernel: definition.name, device, what },
    }
}

fn panic(
    backend: &WgpuBackend,
    definition: &'static Definition,
    kernel: &Kernel,
    site: u32,
    item: u64,
    values: &[u64],
) -> Error {
    let Some(site) = kernel.module.sites.get(site as usize) else {
        return Error::Driver {
            device: backend.info.to_string(),
            operation: "reading the kernel's report".to_owned(),
            why: format!("it names place {site}, which the kernel does not have"),
        };
    };
    let of_index = |k: usize| values.get(k).copied().filter(|_| site.kind.has_index());
    Error::KernelPanic {
        kernel: definition.name,
        message: site.kind.message(values),
        file: site.file.to_owned(),
        line: site.line,
        work_item: item as usize,
        index: of_index(0),
        length: of_index(1),
    }
}

/// Hands partial results to the launch, which folds them.
#[allow(unsafe_code)]
fn fold(launch: &dyn Launch, finished: &Finished, operands: &Operands<'_>) {
    let size = operands.bound.iter().find_map(|operand| match operand.share {
        operand::Share::PerBlock(bytes) => Some(bytes as usize),
        _ => None,
    });
    if let Some(size @ 1..) = size {
        let count = finished.partials.len() / size;
        // SAFETY: the kernel wrote `count` values of its result type, each of `size` bytes.
        unsafe { launch.fold(finished.partials.as_ptr().cast(), count) };
    }
}

fn arguments(operands: &Operands<'_>, choices: &[Choice]) -> Vec<ArgumentPlan> {
    let plan = |(operand, choice): (&Operand<'_>, &Choice)| {
        let copied = choice.strategy == Strategy::Copy;
        let bytes = |moved: bool| if copied && moved { operand.bytes } else { 0 };
        ArgumentPlan {
            name: operand.name,
            strategy: choice.strategy,
            why: choice.why.clone(),
            bytes_in: bytes(operand.is_uploaded()),
            bytes_out: bytes(operand.is_downloaded()),
        }
    };
    operands.bound.iter().zip(choices).map(plan).collect()
}

fn report(backend: &WgpuBackend, launch: &dyn Launch, arguments: Vec<ArgumentPlan>, steps: Steps) -> Report {
    let definition = launch.definition();
    Report {
        kernel: definition.name,
        device: backend.info.clone(),
        why: Cow::Borrowed(""),
        extent: launch.extent(),
        parameters: definition.parameters,
        arguments,
        steps,
    }
}

/// [`landbridge_core::backend::Backend::plan`] on a wgpu device, of a launch whose nodes are gathered.
pub(crate) fn plan(backend: &WgpuBackend, launch: &dyn Launch) -> Result<Plan> {
    let definition = launch.definition();
    let mut arguments_planned = Vec::new();
    let mut steps = Vec::new();
    if launch.items() > 0 {
        let mut flattened = Steps::default();
        let mut images = rebuilt(backend, launch, &mut flattened)?;
        let (kernel, operands) = prepared(backend, launch, &images.given(launch), UsizeWidth::Auto)?;
        let choices = choose(backend, definition, launch.strategy(), &kernel, &operands)?;
        arguments_planned = arguments(&operands, &choices);
        let strategies: Vec<Strategy> = choices.iter().map(|choice| choice.strategy).collect();
        steps = backend.rates.predict(
            launch,
            operands.bound.iter().map(Operand::need).collect(),
            &strategies,
            &backend.info,
        );
        if let Some(time) = flattened.get(StepKind::Flatten) {
            steps.insert(0, PlanStep::new(StepKind::Flatten, time, "as long as it took just now"));
        }
    }
    Ok(Plan {
        kernel: definition.name,
        device: backend.info.clone(),
        why: Cow::Borrowed(""),
        extent: launch.extent(),
        arguments: arguments_planned,
        steps,
    })
}
