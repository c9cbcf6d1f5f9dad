//! What launches on this device took, to predict the next.
//!
//! The rates are those of steps as launches report them: `copy in` is the way into memory that the driver sees, and transfers
//! that a submission makes are part of `run`, so [`Quantity::OwnMemory`] and [`Quantity::MappedMemory`] are what one launch
//! sees that goes through its arguments once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{ArgumentPlan, PlanStep, StepKind};
use landbridge_core::planner::{self, Computer, History, Load, Need, Origin, Quantity, Rates as Known, Work};
use landbridge_core::report::Steps;
use landbridge_core::{DeviceInfo, Strategy};

use crate::rates::{self, Shared};

/// Measured rates of one device, and what kernels took on it.
pub(crate) struct Rates {
    shared: Arc<Shared>,
    history: Mutex<History>,
}

/// Launches that move less say nothing of the rate.
const TELLING: u64 = 1 << 20;

/// A nanosecond.
const SECONDS: f64 = 1e-9;

impl Rates {
    /// Of a device, shared with whoever else measures it.
    pub(crate) fn of(info: &DeviceInfo) -> Self {
        Rates { shared: rates::of(info), history: Mutex::default() }
    }

    /// Notes what a launch took.
    pub(crate) fn note(&self, launch: &dyn Launch, arguments: &[ArgumentPlan], steps: &Steps) {
        if let Some(run) = steps.get(StepKind::Run) {
            let place = signature(launch, arguments.iter().map(|argument| argument.strategy));
            let seconds = run.as_secs_f64();
            lock(&self.history).note(kernel(launch.definition()), place, Load::of(launch), seconds);
        }
        let (into, back) = moved(arguments);
        if into >= TELLING || back >= TELLING {
            let learned = self.shared.with(|known| copied(known, arguments, steps));
            self.shared.note(Origin::Launches, &learned);
        }
    }

    /// Looks at what is known of the device.
    pub(crate) fn computer(&self, info: &DeviceInfo) -> Computer {
        let memory = (info.memory > 0).then_some(info.memory as f64);
        self.shared.with(|known| known.computer(info.id.as_str(), memory))
    }

    /// The steps that a launch with these needs and strategies would take. One step of unknown time, if that is not known.
    pub(crate) fn predict(
        &self,
        launch: &dyn Launch,
        needs: Vec<Need>,
        strategies: &[Strategy],
        info: &DeviceInfo,
    ) -> Vec<PlanStep> {
        let (definition, items) = (launch.definition(), launch.items());
        let device = self.computer(info);
        let fixed = device.launch.unwrap_or(0.0);
        let place = signature(launch, strategies.iter().copied());
        let measured = lock(&self.history).estimate(kernel(definition), place, Load::of(launch), fixed);
        let mut work = Work::new(definition.name, items as f64, needs);
        work.item = definition.item_nanoseconds().map(|nanoseconds| nanoseconds * SECONDS);
        match planner::predict(&work, &device, measured.map(|estimate| estimate.seconds), strategies) {
            Ok(steps) => steps.into_iter().map(PlanStep::from).collect(),
            Err(why) => vec![PlanStep::unknown(StepKind::Run, why)],
        }
    }
}

fn lock(history: &Mutex<History>) -> MutexGuard<'_, History> {
    // Nothing here panics half-way through an update.
    history.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kernels are told apart by their addresses.
fn kernel(definition: &'static Definition) -> u64 {
    std::ptr::from_ref(definition).addr() as u64
}

/// Runs of one kernel on arguments that are reached over the bus and on copied ones take different times, and so do those whose results
/// are dropped, collected or folded.
fn signature(launch: &dyn Launch, strategies: impl Iterator<Item = Strategy>) -> u64 {
    let mapped = strategies.fold(1, |sum, strategy| sum << 1 | u64::from(strategy != Strategy::Copy));
    mapped << 2 | launch.output().number()
}

/// The rates of copies that a launch shows.
fn copied(known: &Known, arguments: &[ArgumentPlan], steps: &Steps) -> Vec<(Quantity, f64)> {
    let (into, back) = moved(arguments);
    let latency = known.get(Quantity::CopyLatency).unwrap_or(0.0);
    let rate = |kind, bytes: u64, copies: usize| {
        let seconds = steps.get(kind)?.as_secs_f64();
        (bytes >= TELLING).then(|| bytes as f64 / (seconds - copies as f64 * latency).max(seconds * 0.5))
    };
    let count = |bytes: fn(&ArgumentPlan) -> u64| arguments.iter().filter(|argument| bytes(argument) > 0).count();
    let into = rate(StepKind::CopyIn, into, count(|argument| argument.bytes_in));
    let back = rate(StepKind::CopyOut, back, count(|argument| argument.bytes_out));
    let both = [(Quantity::CopyIn, into), (Quantity::CopyOut, back)];
    both.into_iter().filter_map(|(quantity, rate)| Some((quantity, rate?))).collect()
}

fn moved(arguments: &[ArgumentPlan]) -> (u64, u64) {
    let sum = |bytes: fn(&ArgumentPlan) -> u64| arguments.iter().map(bytes).sum();
    (sum(|argument| argument.bytes_in), sum(|argument| argument.bytes_out))
}
