//! One launch: its operands, their strategies, the run, the report.
//!
//! `operand` pairs arguments with the slots of the kernel's launch block, `strategy` chooses how each gets to the card, `map` lends the
//! card the host's pages, `migrate` moves them there, `images` rebuilds linked arguments, `run` does the
//! rest, `piece` by `piece`, large ones in parts with copies `beside` their kernels.

mod beside;
mod images;
mod map;
mod migrate;
mod operand;
mod piece;
mod run;
mod strategy;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use landbridge_core::launch::{Definition, Gathered, Launch, Output};
use landbridge_core::plan::{ArgumentPlan, PlanStep, StepKind};
use landbridge_core::reduction;
use landbridge_core::report::Steps;
use landbridge_core::{Error, Extent, Plan, Report, Result, Strategy};

pub(crate) use images::{Copied, Images, Made, Room};
pub(crate) use migrate::Away;
pub(crate) use operand::{Entry, Given, Operand, entries};
pub(crate) use piece::begin;
pub(crate) use run::{Run, Stopped, patience_of};
pub(crate) use strategy::{Choice, Offer};

use super::backend::CudaBackend;
use super::kernel::Kernel;
use crate::codegen::ptx::interface::error_block::Failure as KernelFailure;
use crate::codegen::ptx::{Mode, ReduceOp};

/// [`landbridge_core::backend::Backend::launch`] on a card. `keeps`: where pages are noted that move there and do not go home with the launch.
#[allow(unsafe_code)]
pub(crate) fn launch(backend: &CudaBackend, launch: &dyn Launch, keeps: Option<&mut Away>) -> Result<Report> {
    let start = Instant::now();
    // SAFETY: only `Backend::launch` and the launch of a session lead here.
    let Some(mut gathered) = unsafe { Gathered::of(launch) }? else { return launch_plain(backend, launch, keeps) };
    let gathering = start.elapsed();
    let mut report = launch_plain(backend, &gathered, keeps)?;
    let start = Instant::now();
    // SAFETY: the launch has succeeded, and the card was waited for.
    unsafe { gathered.scatter() };
    report.steps.add(StepKind::Flatten, gathering);
    report.steps.add(StepKind::WriteBack, start.elapsed());
    Ok(report)
}

fn launch_plain(backend: &CudaBackend, launch: &dyn Launch, keeps: Option<&mut Away>) -> Result<Report> {
    let name = launch.definition().name;
    let _span = tracing::debug_span!("launch", kernel = name, device = %backend.info.id).entered();
    if launch.items() == 0 {
        return Ok(report(backend, launch, Vec::new(), Steps::default()));
    }
    let offer = backend.offer(launch.strategy());
    let mut steps = Steps::default();
    let mut images = rebuilt(backend, launch, &offer, &mut steps)?;
    let given = images.given(launch);
    let arguments = run_given(backend, launch, &given, &offer, &mut steps, keeps)?;
    images.write_back(&mut steps);
    let report = report(backend, launch, arguments, steps);
    backend.rates.note(launch, &report.arguments, &report.steps);
    Ok(report)
}

/// The images of linked arguments, where the card does not follow the host's pointers.
fn rebuilt<'l>(
    backend: &CudaBackend,
    launch: &'l dyn Launch,
    offer: &Offer<'_>,
    steps: &mut Steps,
) -> Result<Images<'l>> {
    if !images::has_links(launch) {
        return Ok(Images::default());
    }
    match (offer.asked, offer.no_direct) {
        (Strategy::Direct | Strategy::Migrate, _) => return Ok(Images::default()),
        (Strategy::Auto, None) if offer.is_near => return Ok(Images::default()),
        (Strategy::Map, _) => {
            let why = "linked data is used where it is (`Direct`, `Migrate`), or rebuilt as a copy".to_owned();
            return Err(unavailable(backend, launch.definition(), offer.asked, why));
        }
        _ => {}
    }
    // Nothing is rebuilt for a kernel that the card cannot run.
    launch.module()?;
    backend.kernel(launch.definition(), mode(launch.output()))?;
    Images::of_those(backend, launch, steps, &mut |_| true)
}

/// Runs a launch on arguments that are given one by one, and waits for it. What happened to each.
///
/// # Errors
/// As [`landbridge_core::backend::Backend::launch`].
pub(crate) fn run_given(
    backend: &CudaBackend,
    launch: &dyn Launch,
    given: &[Given],
    offer: &Offer<'_>,
    steps: &mut Steps,
    keeps: Option<&mut Away>,
) -> Result<Vec<ArgumentPlan>> {
    let start = Instant::now();
    let (kernel, entries) = prepared(backend, launch, given)?;
    let compiled = start.elapsed();
    let mut choices = choose(backend, launch.definition(), &entries, offer)?;
    let mut run = Run {
        card: &backend.card,
        kernel: &kernel,
        entries: &entries,
        choices: &mut choices,
        extent: extent(launch.extent()),
        items: launch.items() as u64,
        folds: matches!(launch.output(), Output::Reduce(_)),
        keeps,
    };
    let finished = run.finish().map_err(|stopped| stop(backend, launch.definition(), &kernel, stopped))?;
    fold(launch, &finished.partials, &entries);
    finished.steps.iter().for_each(|(kind, time)| steps.add(kind, time));
    // A look into the cache takes less; the first launch's real compilation takes milliseconds.
    if compiled > Duration::from_micros(100) {
        steps.add(StepKind::Compile, compiled);
    }
    Ok(arguments(&entries, &choices))
}

/// The compiled kernel, and how its slots are filled.
pub(crate) fn prepared<'l>(
    backend: &CudaBackend,
    launch: &'l dyn Launch,
    given: &[Given],
) -> Result<(Arc<Kernel>, Vec<Entry<'l>>)> {
    // The card will do with the arguments what the IR says, so it has to be the IR of a kernel that takes them.
    launch.module()?;
    let kernel = backend.kernel(launch.definition(), mode(launch.output()))?;
    let entries = entries(launch, given, &kernel).map_err(|what| {
        let what = format!("its text {what}, which is a bug of landbridge");
        Error::Unsupported { kernel: launch.definition().name, device: backend.info.to_string(), what }
    })?;
    Ok((kernel, entries))
}

/// One for each entry; those of uniforms mean nothing.
pub(crate) fn choose(
    backend: &CudaBackend,
    definition: &'static Definition,
    entries: &[Entry<'_>],
    offer: &Offer<'_>,
) -> Result<Vec<Choice>> {
    let choose = |entry: &Entry<'_>| match entry {
        Entry::Memory(operand) => {
            strategy::choose(operand, offer).map_err(|why| unavailable(backend, definition, offer.asked, why))
        }
        Entry::Uniform { .. } => Ok(Choice { strategy: Strategy::Copy, why: Cow::Borrowed(""), moved: 0 }),
    };
    entries.iter().map(choose).collect()
}

#[cold]
fn unavailable(backend: &CudaBackend, definition: &'static Definition, strategy: Strategy, why: String) -> Error {
    tracing::debug!(kernel = definition.name, %strategy, %why, "strategy not possible");
    Error::StrategyUnavailable { strategy, device: backend.info.to_string(), why }
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

/// x, y, z, as the kernel wants it.
pub(crate) fn extent(extent: Extent) -> [u64; 3] {
    let [z, y, x] = extent.sizes;
    [x as u64, y as u64, z as u64]
}

pub(crate) fn stop(backend: &CudaBackend, definition: &'static Definition, kernel: &Kernel, stopped: Stopped) -> Error {
    match stopped {
        Stopped::Device(failure) => failure.into_error(&backend.info, definition.name),
        Stopped::Stays(why) => unavailable(backend, definition, Strategy::Migrate, why),
        Stopped::Kernel(failure) => kernel_error(backend, definition, kernel, failure),
    }
}

/// The error for a kernel's report.
#[cold]
pub(crate) fn kernel_error(
    backend: &CudaBackend,
    definition: &'static Definition,
    kernel: &Kernel,
    failure: KernelFailure,
) -> Error {
    let fault = |why: String| Error::Driver {
        device: backend.info.to_string(),
        operation: "reading the kernel's report".to_owned(),
        why,
    };
    let KernelFailure::Panic { site, item, values } = failure else {
        return fault(format!("it is of a kind that kernels in PTX do not make: {failure:?}"));
    };
    let Some(site) = kernel.module.sites.get(site as usize) else {
        return fault(format!("it names place {site}, which the kernel does not have"));
    };
    let of_index = |k: usize| values.get(k).copied().filter(|_| site.kind.has_index());
    Error::KernelPanic {
        kernel: definition.name,
        message: site.kind.message(&values),
        file: site.file.to_owned(),
        line: site.line,
        work_item: item as usize,
        index: of_index(0),
        length: of_index(1),
    }
}

/// Hands partial results to the launch, which folds them.
#[allow(unsafe_code)]
fn fold(launch: &dyn Launch, partials: &[std::mem::MaybeUninit<u8>], entries: &[Entry<'_>]) {
    let size = entries.iter().find_map(|entry| match entry {
        Entry::Memory(Operand { memory: operand::Memory::Partials, element_bytes, .. }) => {
            Some(*element_bytes as usize)
        }
        _ => None,
    });
    if let Some(size @ 1..) = size {
        // SAFETY: the kernel wrote so many values of its result type, each of `size` bytes.
        unsafe { launch.fold(partials.as_ptr(), partials.len() / size) };
    }
}

fn arguments(entries: &[Entry<'_>], choices: &[Choice]) -> Vec<ArgumentPlan> {
    let plan = |(entry, choice): (&Entry<'_>, &Choice)| {
        let Entry::Memory(operand) = entry else { return None };
        let copied = choice.strategy == Strategy::Copy;
        let bytes = |moved: bool| if copied && moved { operand.bytes() } else { 0 };
        Some(ArgumentPlan {
            name: operand.name,
            strategy: choice.strategy,
            why: choice.why.clone(),
            bytes_in: bytes(operand.is_uploaded()) + choice.moved,
            bytes_out: bytes(operand.is_downloaded()),
        })
    };
    entries.iter().zip(choices).filter_map(plan).collect()
}

fn report(backend: &CudaBackend, launch: &dyn Launch, arguments: Vec<ArgumentPlan>, steps: Steps) -> Report {
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

/// [`landbridge_core::backend::Backend::plan`] on a card.
#[allow(unsafe_code)]
pub(crate) fn plan(backend: &CudaBackend, launch: &dyn Launch) -> Result<Plan> {
    let start = Instant::now();
    // SAFETY: only `Backend::plan` leads here.
    let gathered = unsafe { Gathered::of(launch) }?;
    let gathering = gathered.as_ref().map(|_| start.elapsed());
    let mut plan = plan_plain(backend, gathered.as_ref().map_or(launch, |gathered| gathered))?;
    if let Some(gathering) = gathering {
        let why = "nodes side by side: as long as it took just now";
        plan.steps.insert(0, PlanStep::new(StepKind::Flatten, gathering, why));
        plan.steps.push(PlanStep::new(StepKind::WriteBack, gathering, "to the nodes: as long as gathering them took"));
    }
    Ok(plan)
}

fn plan_plain(backend: &CudaBackend, launch: &dyn Launch) -> Result<Plan> {
    let definition = launch.definition();
    let (mut planned, mut steps) = (Vec::new(), Vec::new());
    if launch.items() > 0 {
        let offer = backend.offer(launch.strategy());
        let mut flattened = Steps::default();
        let mut images = rebuilt(backend, launch, &offer, &mut flattened)?;
        let (_, entries) = prepared(backend, launch, &images.given(launch))?;
        planned = arguments(&entries, &choose(backend, definition, &entries, &offer)?);
        let needs = entries.iter().filter_map(|entry| match entry {
            Entry::Memory(operand) => Some(operand.need()),
            Entry::Uniform { .. } => None,
        });
        let strategies: Vec<Strategy> = planned.iter().map(|argument| argument.strategy).collect();
        steps = backend.rates.predict(launch, needs.collect(), &strategies, &backend.info);
        if let Some(time) = flattened.get(StepKind::Flatten) {
            steps.insert(0, PlanStep::new(StepKind::Flatten, time, "as long as it took just now"));
        }
    }
    Ok(Plan {
        kernel: definition.name,
        device: backend.info.clone(),
        why: Cow::Borrowed(""),
        extent: launch.extent(),
        arguments: planned,
        steps,
    })
}
