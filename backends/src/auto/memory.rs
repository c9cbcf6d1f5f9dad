//! What launches took, on the host and on each device: what the choice learns from.

use std::sync::{Mutex, MutexGuard, PoisonError};

use landbridge_core::launch::Launch;
use landbridge_core::plan::{ArgumentPlan, Plan, StepKind, Strategy};
use landbridge_core::planner::{History, Load};
use landbridge_core::report::Report;

use super::kernel;

/// Whole launches, transfers included, by kernel, device and size.
#[derive(Debug, Default)]
pub(super) struct Memory {
    history: Mutex<History>,
}

/// A prediction of one launch on one device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prediction {
    /// Seconds, if anything is known; of moves that serve launches to come, this one's share.
    pub(super) seconds: Option<f64>,
    /// Whether it rests on launches of this kernel there, and not on the plan.
    pub(super) measured: bool,
}

/// A first launch meets cold caches and sleeping drivers: until there are so many, the plan's own estimate counts if smaller.
const CONFIRMED: u32 = 3;

impl Memory {
    fn lock(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a launch that ran on the device of this number.
    pub(super) fn note(&self, launch: &dyn Launch, device: usize, report: &Report) {
        // What happens once, or is shared with the launches to come, is the plan's to say.
        let once = [StepKind::Compile, StepKind::Migrate].map(|kind| report.steps.get(kind).unwrap_or_default());
        let seconds = report.total().saturating_sub(once[0] + once[1]).as_secs_f64();
        // Too little to be timed says nothing.
        if seconds > 0.0 {
            let place = place(launch, device, &report.arguments);
            self.lock().note(kernel(launch), place, Load::of(launch), seconds);
        }
    }

    /// What a launch would take there: as launches of about its size took, else as its plan says.
    pub(super) fn predict(&self, launch: &dyn Launch, device: usize, plan: &Plan) -> Prediction {
        let planned = plan.shared_seconds();
        let place = place(launch, device, &plan.arguments);
        let seen = self.lock().estimate(kernel(launch), place, Load::of(launch), 0.0);
        let Some(seen) = seen.filter(|seen| seen.near) else {
            return Prediction { seconds: planned, measured: false };
        };
        let seconds = seen.seconds + moves(plan);
        match planned {
            // What nothing but the plan promises is as uncertain as before the first launch.
            Some(planned) if seen.launches < CONFIRMED && planned < seconds => {
                Prediction { seconds: Some(planned), measured: false }
            }
            _ => Prediction { seconds: Some(seconds), measured: true },
        }
    }
}

/// Launches on data that is kept on a device are told apart from others by this.
const KEPT: u64 = 1 << 63;

impl Memory {
    /// Notes what launches of a scope took on the device that keeps its data.
    pub(super) fn note_kept(&self, kernel: u64, device: usize, load: Load, seconds: f64) {
        if seconds > 0.0 {
            self.lock().note(kernel, KEPT | device as u64, load, seconds);
        }
    }

    /// What such a launch takes, if any has shown it.
    pub(super) fn kept(&self, kernel: u64, device: usize, load: Load) -> Option<f64> {
        let seen = self.lock().estimate(kernel, KEPT | device as u64, load, 0.0);
        seen.filter(|seen| seen.near).map(|seen| seen.seconds)
    }
}

/// This launch's share of the moves, in seconds.
fn moves(plan: &Plan) -> f64 {
    let moves = plan.steps.iter().filter(|step| step.kind == StepKind::Migrate);
    moves.filter_map(|step| Some(step.time?.as_secs_f64() / step.serves)).sum()
}

/// A launch that asks for a strategy is another one than a launch that leaves it open, and so is one with results, or with
/// arguments that are on the device's node.
fn place(launch: &dyn Launch, device: usize, arguments: &[ArgumentPlan]) -> u64 {
    let strategy = match launch.strategy() {
        Strategy::Direct => 1,
        Strategy::Migrate => 2,
        Strategy::Map => 3,
        Strategy::Copy => 4,
        _ => 0,
    };
    let moved = arguments.iter().any(|argument| argument.strategy == Strategy::Migrate);
    (device as u64) << 6 | u64::from(moved) << 5 | launch.output().number() << 3 | strategy
}
