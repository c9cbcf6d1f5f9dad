//! Nodes that are work-items' own: side by side for the device, and back to where they are after success.
#![allow(unsafe_code)]

use std::time::{Duration, Instant};

use landbridge_core::launch::{Gathered, Launch};
use landbridge_core::plan::{PlanStep, StepKind};
use landbridge_core::{Plan, Report, Result};

use super::super::backend::WgpuBackend;

/// [`super::launch`] of any launch.
pub(crate) fn launch(backend: &WgpuBackend, launch: &dyn Launch) -> Result<Report> {
    let Some((mut gathered, gathering)) = gathered(launch)? else { return super::launch(backend, launch) };
    let mut report = super::launch(backend, &gathered)?;
    let start = Instant::now();
    // SAFETY: the launch has succeeded, and `super::launch` has waited for the device.
    unsafe { gathered.scatter() };
    report.steps.add(StepKind::Flatten, gathering);
    report.steps.add(StepKind::WriteBack, start.elapsed());
    Ok(report)
}

/// [`super::plan`] of any launch.
pub(crate) fn plan(backend: &WgpuBackend, launch: &dyn Launch) -> Result<Plan> {
    let Some((gathered, gathering)) = gathered(launch)? else { return super::plan(backend, launch) };
    let mut plan = super::plan(backend, &gathered)?;
    let why = "nodes side by side: as long as it took just now";
    plan.steps.insert(0, PlanStep::new(StepKind::Flatten, gathering, why));
    plan.steps.push(PlanStep::new(StepKind::WriteBack, gathering, "to the nodes: as long as gathering them took"));
    Ok(plan)
}

/// The launch with its nodes gathered, and how long that took; `None` if it has none.
fn gathered(launch: &dyn Launch) -> Result<Option<(Gathered<'_>, Duration)>> {
    let start = Instant::now();
    // SAFETY: only `Backend::launch` and `Backend::plan` lead here.
    let gathered = unsafe { Gathered::of(launch) }?;
    Ok(gathered.map(|gathered| (gathered, start.elapsed())))
}
