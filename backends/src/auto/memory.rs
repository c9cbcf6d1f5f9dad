//! What launches took, on the host and on each device: what the choice learns from.

use std::sync::{Mutex, MutexGuard, PoisonError};

use landbridge_core::launch::Launch;
use landbridge_core::plan::{Plan, StepKind, Strategy};
use landbridge_core::planner::History;
use landbridge_core::report::Report;

/// Whole launches, transfers included, by kernel, device and size.
#[derive(Debug, Default)]
pub(super) struct Memory {
    history: Mutex<History>,
}

/// A prediction of one launch on one device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prediction {
    /// Seconds, if anything is known.
    pub(super) seconds: Option<f64>,
    /// Whether it rests on launches of this kernel there.
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
        let compiled = report.steps.get(StepKind::Compile).unwrap_or_default();
        let seconds = report.total().saturating_sub(compiled).as_secs_f64();
        // Too little to be timed says nothing.
        if seconds > 0.0 {
            self.lock().note(kernel(launch), place(launch, device), launch.items(), seconds);
        }
    }

    /// What a launch would take there: as launches of about its size took, else as its plan says.
    pub(super) fn predict(&self, launch: &dyn Launch, device: usize, plan: &Plan) -> Prediction {
        let planned = plan.total().map(|total| total.as_secs_f64());
        let seen = self.lock().estimate(kernel(launch), place(launch, device), launch.items(), 0.0);
        match seen.filter(|seen| seen.near) {
            Some(seen) if seen.launches < CONFIRMED => {
                let seconds = planned.map_or(seen.seconds, |planned| planned.min(seen.seconds));
                Prediction { seconds: Some(seconds), measured: true }
            }
            Some(seen) => Prediction { seconds: Some(seen.seconds), measured: true },
            None => Prediction { seconds: planned, measured: false },
        }
    }
}

fn kernel(launch: &dyn Launch) -> u64 {
    std::ptr::from_ref(launch.definition()).addr() as u64
}

/// A launch that asks for a strategy is another one than a launch that leaves it open.
fn place(launch: &dyn Launch, device: usize) -> u64 {
    let strategy = match launch.strategy() {
        Strategy::Direct => 1,
        Strategy::Migrate => 2,
        Strategy::Map => 3,
        Strategy::Copy => 4,
        _ => 0,
    };
    (device as u64) << 3 | strategy
}
