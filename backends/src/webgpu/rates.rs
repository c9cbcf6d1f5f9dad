//! What launches on this device took, to predict the next.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{ArgumentPlan, StepKind};
use landbridge_core::report::Steps;
use landbridge_core::{DeviceInfo, DeviceKind, Strategy};

use super::device::lock;

/// Measured rates of one device; before the first launch, what is common.
pub(crate) struct Rates {
    known: Mutex<Known>,
}

struct Known {
    /// Nanoseconds a byte, to the device and back.
    copy_in: f64,
    copy_out: f64,
    /// Nanoseconds to map an argument.
    map: f64,
    /// Nanoseconds a work-item, by kernel.
    items: HashMap<usize, f64>,
}

/// Submitting an empty dispatch and waiting for it takes about this long, nanoseconds.
const EMPTY_LAUNCH: f64 = 50_000.0;
/// A software driver runs a kernel this many times slower than the host does.
const SOFTWARE_PENALTY: f64 = 20.0;
/// Nanoseconds a work-item of a kernel that was never measured, on one core of the host.
const UNKNOWN_ITEM: f64 = 1.0;
/// Launches that move less say nothing of the rate.
const TELLING: u64 = 1 << 16;

impl Default for Rates {
    fn default() -> Self {
        let known = Known { copy_in: 0.2, copy_out: 0.2, map: 10_000.0, items: HashMap::new() };
        Self { known: Mutex::new(known) }
    }
}

impl Rates {
    /// Notes what a launch took.
    pub(crate) fn note(
        &self,
        definition: &'static Definition,
        items: usize,
        arguments: &[ArgumentPlan],
        steps: &Steps,
    ) {
        let (into, back) = moved(arguments);
        let mut known = lock(&self.known);
        let per = |kind, count: u64| Some(steps.get(kind)?.as_nanos() as f64 / count as f64);
        if into >= TELLING {
            blend(&mut known.copy_in, per(StepKind::CopyIn, into));
        }
        if back >= TELLING {
            blend(&mut known.copy_out, per(StepKind::CopyOut, back));
        }
        let maps = arguments.iter().filter(|argument| argument.strategy == Strategy::Map).count();
        if maps > 0 {
            blend(&mut known.map, per(StepKind::Map, maps as u64));
        }
        if let Some(run) = steps.get(StepKind::Run) {
            let beyond = (run.as_nanos() as f64 - EMPTY_LAUNCH).max(0.0) / items.max(1) as f64;
            let key = std::ptr::from_ref(definition).addr();
            blend(known.items.entry(key).or_insert(beyond), Some(beyond));
        }
    }

    /// The steps that a launch with these arguments would take.
    pub(crate) fn predict(
        &self,
        arguments: &[ArgumentPlan],
        launch: &dyn Launch,
        info: &DeviceInfo,
    ) -> Vec<(StepKind, Duration)> {
        let known = lock(&self.known);
        let (into, back) = moved(arguments);
        let maps = arguments.iter().filter(|argument| argument.strategy == Strategy::Map).count();
        let definition = launch.definition();
        let item = known.items.get(&std::ptr::from_ref(definition).addr()).copied();
        let item = item.unwrap_or_else(|| unmeasured(definition, info));
        let steps = [
            (StepKind::Map, maps as f64 * known.map),
            (StepKind::CopyIn, into as f64 * known.copy_in),
            (StepKind::Run, EMPTY_LAUNCH + launch.items() as f64 * item),
            (StepKind::CopyOut, back as f64 * known.copy_out),
        ];
        let time = |nanoseconds: f64| Duration::from_nanos(nanoseconds as u64);
        steps.into_iter().filter(|step| step.1 > 0.0).map(|(kind, ns)| (kind, time(ns))).collect()
    }
}

/// Nanoseconds a work-item of a kernel that has not run here yet.
fn unmeasured(definition: &Definition, info: &DeviceInfo) -> f64 {
    let host = definition.item_nanoseconds().unwrap_or(UNKNOWN_ITEM);
    match info.kind {
        DeviceKind::Software => host * SOFTWARE_PENALTY / f64::from(info.units.max(1)),
        // A GPU is as fast as dozens of cores at least.
        _ => host / 50.0,
    }
}

fn moved(arguments: &[ArgumentPlan]) -> (u64, u64) {
    let sum = |bytes: fn(&ArgumentPlan) -> u64| arguments.iter().map(bytes).sum();
    (sum(|argument| argument.bytes_in), sum(|argument| argument.bytes_out))
}

/// Follows a change within a few launches, and one odd launch hardly.
fn blend(value: &mut f64, measured: Option<f64>) {
    if let Some(measured) = measured {
        *value += 0.25 * (measured - *value);
    }
}
