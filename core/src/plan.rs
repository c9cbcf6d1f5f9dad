//! Strategies, and what a launch is expected to do and cost.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::DeviceInfo;
use crate::extent::Extent;

/// How an argument's bytes get to the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// The planner chooses, and says why.
    #[default]
    Auto,
    /// The device works on the bytes where they are.
    Direct,
    /// The pages move to the device's memory; addresses stay.
    Migrate,
    /// The pages are mapped into the device's address space, in place.
    Map,
    /// The bytes are copied to memory of the device and back.
    Copy,
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Strategy::Auto => "auto",
            Strategy::Direct => "direct",
            Strategy::Migrate => "migrate",
            Strategy::Map => "map",
            Strategy::Copy => "copy",
        })
    }
}

/// Where pages that moved to a device's node are after the launch or the scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Home {
    /// On the device's node, for the next launch there. Their addresses are the same.
    #[default]
    Stay,
    /// Where they were before.
    Return,
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Home::Stay => "stay",
            Home::Return => "return",
        })
    }
}

/// What happens to one argument in a launch, planned or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentPlan {
    /// Name of the parameter; `result` for what `collect` or `reduce` gives.
    pub name: &'static str,
    /// Never [`Strategy::Auto`].
    pub strategy: Strategy,
    /// Why this one.
    pub why: Cow<'static, str>,
    /// Bytes that go to the device.
    pub bytes_in: u64,
    /// Bytes that come back.
    pub bytes_out: u64,
}

/// A step of a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Translating the kernel and letting the driver compile it; only at the first launch.
    Compile,
    /// Rebuilding linked structures as images for the device.
    Flatten,
    /// Mapping pages.
    Map,
    /// Pages to the device's node.
    Migrate,
    /// Bytes to the device.
    CopyIn,
    /// The kernel.
    Run,
    /// For what the device or its link does meanwhile.
    Wait,
    /// Bytes from the device.
    CopyOut,
    /// What the kernel changed in an image, to the nodes it was made from.
    WriteBack,
    /// Pages back to where they were.
    Return,
}

impl fmt::Display for StepKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            StepKind::Compile => "compile",
            StepKind::Flatten => "flatten",
            StepKind::Map => "map",
            StepKind::Migrate => "migrate",
            StepKind::CopyIn => "copy in",
            StepKind::Run => "run",
            StepKind::Wait => "wait",
            StepKind::CopyOut => "copy out",
            StepKind::WriteBack => "write back",
            StepKind::Return => "return",
        })
    }
}

/// A step with its predicted time.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStep {
    /// What happens.
    pub kind: StepKind,
    /// How long; `None` if nothing measured says.
    pub time: Option<Duration>,
    /// What the prediction rests on, or why there is none. May be empty.
    pub why: Cow<'static, str>,
    /// Launches that it serves, at least 1: pages that have moved stay for those after this one.
    pub serves: f64,
}

impl PlanStep {
    /// A step that takes this long.
    pub fn new(kind: StepKind, time: Duration, why: impl Into<Cow<'static, str>>) -> Self {
        PlanStep { kind, time: Some(time), why: why.into(), serves: 1.0 }
    }

    /// A step of which nobody knows how long it takes.
    pub fn unknown(kind: StepKind, why: impl Into<Cow<'static, str>>) -> Self {
        PlanStep { kind, time: None, why: why.into(), serves: 1.0 }
    }

    /// The same, for this many launches together.
    #[must_use]
    pub fn serving(self, launches: f64) -> Self {
        PlanStep { serves: launches.max(1.0), ..self }
    }
}

/// What a launch would do on a device, with predicted times. From `device.plan(&call)`.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Name of the kernel.
    pub kernel: &'static str,
    /// Where it would run.
    pub device: Arc<DeviceInfo>,
    /// Why there.
    pub why: Cow<'static, str>,
    /// Number and shape of the work-items.
    pub extent: Extent,
    /// What would happen to each argument that has memory.
    pub arguments: Vec<ArgumentPlan>,
    /// Predicted time of each step.
    pub steps: Vec<PlanStep>,
}

impl Plan {
    /// Predicted time of the whole launch, at most [`Duration::MAX`]; `None` if that of a step is not known.
    pub fn total(&self) -> Option<Duration> {
        self.steps.iter().try_fold(Duration::ZERO, |total, step| Some(total.saturating_add(step.time?)))
    }

    /// Predicted seconds of the launch if each step is shared by all launches that it serves; `None` as [`Self::total`].
    pub fn shared_seconds(&self) -> Option<f64> {
        self.steps.iter().try_fold(0.0, |total, step| Some(total + step.time?.as_secs_f64() / step.serves))
    }

    /// The first step of unknown time, and why it is not known.
    pub fn unknown(&self) -> Option<&PlanStep> {
        self.steps.iter().find(|step| step.time.is_none())
    }
}
