//! What launches cost on a device that keeps their data, by its measured rates.

use landbridge_core::argument::{ArgumentView, Span};
use landbridge_core::backend::DeviceInfo;
use landbridge_core::launch::Launch;
use landbridge_core::planner::{self, Computer, Copying, Need, Path, Quantity, Residency, Work};
use landbridge_core::{Strategy, plan::StepKind};

use crate::rates;

/// Rates of a device for data that stays there.
pub(super) struct Kept {
    device: Computer,
    copying: Copying,
}

impl Kept {
    /// `None` as long as something was not measured.
    pub(super) fn of(info: &DeviceInfo) -> Option<Self> {
        rates::of(info).with(|rates| {
            let known = rates.computer(info.id.as_str(), None);
            let launch = rates.get(Quantity::KeptLaunch)?;
            let own = Path::streaming(rates.get(Quantity::KeptMemory)?);
            let copying = known.copying?;
            let device = Computer { launch: Some(launch), own: Some(own), speed: Some(known.speed?), ..known };
            Some(Kept { device, copying })
        })
    }

    /// Seconds of a launch with all that it uses there.
    pub(super) fn run(&self, launch: &dyn Launch) -> Option<f64> {
        let definition = launch.definition();
        let need = |span: &Span| Need { residency: Residency::Device, ..Need::of_span(definition.name, span) };
        let needs: Vec<Need> = spans(launch).iter().map(need).collect();
        let strategies = vec![Strategy::Copy; needs.len()];
        let mut work = Work::new(definition.name, launch.items() as f64, needs);
        work.item = definition.item_nanoseconds().map(|nanoseconds| nanoseconds * 1e-9);
        let steps = planner::predict(&work, &self.device, None, &strategies).ok()?;
        Some(steps.iter().filter(|step| step.kind == StepKind::Run).map(|step| step.seconds).sum())
    }

    /// Seconds to bring bytes there.
    pub(super) fn way_there(&self, bytes: usize) -> f64 {
        if bytes == 0 { 0.0 } else { self.copying.latency + bytes as f64 / self.copying.into }
    }

    /// Seconds to bring bytes home.
    pub(super) fn way_home(&self, bytes: usize) -> f64 {
        if bytes == 0 { 0.0 } else { self.copying.latency + bytes as f64 / self.copying.back }
    }
}

/// The memory of a launch's arguments.
pub(super) fn spans(launch: &dyn Launch) -> Vec<Span> {
    let mut spans = vec![];
    launch.describe(&mut |view| {
        if let ArgumentView::Span(span) = view {
            spans.push(span);
        }
    });
    spans
}
