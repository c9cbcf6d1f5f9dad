//! What a launch did.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::DeviceInfo;
use crate::extent::Extent;
use crate::plan::{ArgumentPlan, StepKind};

/// What a launch did: device, strategy of each argument and why, bytes moved, time of each step.
#[derive(Clone, Debug)]
pub struct Report {
    /// Name of the kernel.
    pub kernel: &'static str,
    /// Where it ran.
    pub device: Arc<DeviceInfo>,
    /// Why there: a fallback's reason, or the planner's choice. Empty if the device was asked for by name.
    pub why: Cow<'static, str>,
    /// Number and shape of the work-items.
    pub extent: Extent,
    /// Names of the parameters, in order.
    pub parameters: &'static [&'static str],
    /// What happened to the arguments that have memory. Empty on the host, where all of it is used in place.
    pub arguments: Vec<ArgumentPlan>,
    /// Measured time of each step, in order; steps that did not happen are missing.
    pub steps: Steps,
}

/// Measured steps of a launch, at most one of each kind; held inline, since a small launch on the host must not allocate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    /// Nanoseconds and one; 0 if the step did not happen.
    times: [u64; Steps::ORDER.len()],
}

impl Steps {
    const ORDER: [StepKind; 10] = [
        StepKind::Compile,
        StepKind::Flatten,
        StepKind::Map,
        StepKind::Migrate,
        StepKind::CopyIn,
        StepKind::Run,
        StepKind::Wait,
        StepKind::CopyOut,
        StepKind::WriteBack,
        StepKind::Return,
    ];

    fn slot(kind: StepKind) -> usize {
        match kind {
            StepKind::Compile => 0,
            StepKind::Flatten => 1,
            StepKind::Map => 2,
            StepKind::Migrate => 3,
            StepKind::CopyIn => 4,
            StepKind::Run => 5,
            StepKind::Wait => 6,
            StepKind::CopyOut => 7,
            StepKind::WriteBack => 8,
            StepKind::Return => 9,
        }
    }

    /// Adds time to a step.
    pub fn add(&mut self, kind: StepKind, time: Duration) {
        let slot = &mut self.times[Self::slot(kind)];
        *slot = (*slot).max(1).saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Time of a step, if it happened.
    pub fn get(&self, kind: StepKind) -> Option<Duration> {
        self.times[Self::slot(kind)].checked_sub(1).map(Duration::from_nanos)
    }

    /// The steps that happened, in order.
    pub fn iter(&self) -> impl Iterator<Item = (StepKind, Duration)> + '_ {
        Self::ORDER.iter().filter_map(|&kind| Some((kind, self.get(kind)?)))
    }
}

impl Report {
    /// Time of the whole launch.
    pub fn total(&self) -> Duration {
        self.steps.iter().map(|s| s.1).sum()
    }

    /// Bytes that went to the device.
    pub fn bytes_in(&self) -> u64 {
        self.arguments.iter().map(|a| a.bytes_in).sum()
    }

    /// Bytes that came back.
    pub fn bytes_out(&self) -> u64 {
        self.arguments.iter().map(|a| a.bytes_out).sum()
    }
}
