//! The device that chooses: each launch goes where it is predicted to end soonest.
//!
//! What a launch takes somewhere is what launches of the kernel and of about its size took there, else what that device's
//! plan predicts from measured rates. The host is always among the candidates; a device is chosen only if it is predicted to
//! be faster than the host, by a margin as long as it has not run the kernel. What is not known - a device whose rates were
//! never measured, a kernel that has never run - stays on the host. A launch that the host does in less time than a device
//! needs to be submitted to is never asked about.
#![allow(unsafe_code)]

mod memory;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use landbridge_core::Error;
use landbridge_core::backend::{Backend, DeviceInfo, DeviceKind, StrategySupport};
use landbridge_core::error::Result;
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{Plan, Strategy};
use landbridge_core::planner;
use landbridge_core::report::Report;
use landbridge_core::text::Time;

use crate::probe::Background;
use memory::{Memory, Prediction};

/// Below this, in nanoseconds on one core of the host, no other device can win: submitting and waiting takes longer.
const NOT_WORTH_ASKING: f64 = 20_000.0;

/// A backend over others, the host first.
pub struct Auto {
    info: Arc<DeviceInfo>,
    host: Arc<dyn Backend>,
    others: Vec<Arc<dyn Backend>>,
    memory: Memory,
    probes: Option<Background>,
}

/// A candidate with its plan, or why it has none.
struct Candidate<'a> {
    backend: &'a Arc<dyn Backend>,
    /// 0 for the host.
    number: usize,
    plan: Result<Plan>,
    predicted: Prediction,
}

impl Auto {
    /// Chooses among the host and the others for each launch.
    pub fn new(host: Arc<dyn Backend>, others: Vec<Arc<dyn Backend>>) -> Self {
        Auto { info: Arc::new(describe(&host, &others)), host, others, memory: Memory::default(), probes: None }
    }

    /// The same, measuring what is not known of the others in small pieces beside the launches.
    pub fn with_probes(host: Arc<dyn Backend>, others: Vec<Arc<dyn Backend>>) -> Self {
        let probes = Some(Background::new(others.clone()));
        Auto { probes, ..Self::new(host, others) }
    }

    fn backends(&self) -> impl Iterator<Item = &Arc<dyn Backend>> {
        std::iter::once(&self.host).chain(&self.others)
    }

    /// Whether the host is the answer without asking anybody.
    fn obviously_host(&self, launch: &dyn Launch) -> bool {
        if self.others.is_empty() {
            return true;
        }
        let host_may = matches!(launch.strategy(), Strategy::Auto | Strategy::Direct);
        let known = launch.definition().item_nanoseconds();
        host_may && known.is_some_and(|item| item * launch.items() as f64 <= NOT_WORTH_ASKING)
    }

    /// All candidates, the best first, those without a plan last.
    fn candidates<'a>(&'a self, launch: &dyn Launch) -> Vec<Candidate<'a>> {
        let _span = tracing::debug_span!("choose device", kernel = launch.definition().name).entered();
        let ask = |(number, backend): (usize, &'a Arc<dyn Backend>)| {
            let plan = Backend::plan(&**backend, launch);
            let nothing = Prediction { seconds: None, measured: false };
            let predicted = plan.as_ref().map_or(nothing, |plan| self.memory.predict(launch, number, plan));
            Candidate { backend, number, plan, predicted }
        };
        let mut candidates: Vec<_> = self.backends().enumerate().map(ask).collect();
        let host = candidates[0].plan.is_ok().then_some(candidates[0].predicted.seconds);
        candidates.sort_by(|a, b| rank(a, host).partial_cmp(&rank(b, host)).unwrap_or(std::cmp::Ordering::Equal));
        candidates
    }
}

/// Where a candidate stands; `host`: the host's prediction, if it has a plan.
///
/// Devices worth leaving the host for come first, then the host, then the others; in each group the fastest first, and the
/// first in line among equals. Without the host all that counts is time.
fn rank(candidate: &Candidate<'_>, host: Option<Option<f64>>) -> (u8, f64) {
    let Prediction { seconds, measured } = candidate.predicted;
    let group = match host {
        _ if candidate.plan.is_err() => 3,
        _ if candidate.number == 0 => 1,
        Some(host) if planner::pays(seconds, measured, host) => 0,
        Some(_) => 2,
        None => 0,
    };
    (group, seconds.unwrap_or(f64::INFINITY))
}

/// Why the first candidate: its predicted time against that of the others.
fn why(candidates: &[Candidate<'_>]) -> Cow<'static, str> {
    let time = |seconds: f64| Time(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
    let Some((best, rest)) = candidates.split_first() else { return "".into() };
    let mut text = match (&best.plan, best.predicted.seconds) {
        (Err(error), _) => format!("no plan here: {error}"),
        (Ok(_), Some(seconds)) => format!("predicted {} here", time(seconds)),
        (Ok(plan), None) => format!("not predicted here: {}", unknown(plan)),
    };
    for other in rest {
        let id = &other.backend.info().id;
        text += &match (&other.plan, other.predicted.seconds) {
            (Err(error), _) => format!(", none on {id}: {error}"),
            (Ok(_), Some(seconds)) => format!(", {} on {id}", time(seconds)),
            (Ok(plan), None) => format!(", unknown on {id}: {}", unknown(plan)),
        };
    }
    text.into()
}

fn unknown(plan: &Plan) -> &str {
    plan.unknown().map_or("nothing was measured", |step| &step.why)
}

fn describe(host: &Arc<dyn Backend>, others: &[Arc<dyn Backend>]) -> DeviceInfo {
    let ids: Vec<_> = std::iter::once(host).chain(others).map(|b| b.info().id.as_str()).collect();
    DeviceInfo {
        id: "auto".into(),
        name: format!("best of {}", ids.join(", ")),
        driver: String::new(),
        kind: if others.is_empty() { DeviceKind::Host } else { DeviceKind::Other },
        memory: host.info().memory,
        units: host.info().units,
        capabilities: host.info().capabilities.clone(),
        strategies: all_strategies(host, others),
    }
}

/// A strategy is possible if any device has it.
fn all_strategies(host: &Arc<dyn Backend>, others: &[Arc<dyn Backend>]) -> Vec<StrategySupport> {
    let mut all: Vec<StrategySupport> = host.info().strategies.clone();
    for support in others.iter().flat_map(|other| &other.info().strategies) {
        match all.iter_mut().find(|known| known.strategy == support.strategy) {
            Some(known) if support.missing.is_none() => known.missing = None,
            Some(_) => {}
            None => all.push(support.clone()),
        }
    }
    all
}

// SAFETY: the answer is that of one of its backends, which keep the promises; no launch goes to two at once.
unsafe impl Backend for Auto {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        if self.others.is_empty() {
            return self.host.plan(launch);
        }
        let mut candidates = self.candidates(launch);
        let why = why(&candidates);
        let mut plan = candidates.swap_remove(0).plan?;
        plan.why = why;
        Ok(plan)
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        for backend in self.backends() {
            match backend.prepare(definition) {
                Err(error) if !error.host_can_help() => return Err(error),
                Err(error) => tracing::info!(kernel = definition.name, %error, "not prepared"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    #[inline]
    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        if self.obviously_host(launch) {
            let _running = self.probes.as_ref().and_then(Background::short_launch);
            return self.host.launch(launch);
        }
        self.launch_on_best(launch)
    }
}

impl Auto {
    fn launch_on_best(&self, launch: &dyn Launch) -> Result<Report> {
        let _running = self.probes.as_ref().map(Background::launch);
        let candidates = self.candidates(launch);
        let why = why(&candidates);
        let mut refusal: Option<Error> = None;
        for Candidate { backend, number, plan, .. } in candidates {
            if let Err(error) = plan {
                // The candidates after this one have no plan either.
                return Err(refusal.unwrap_or(error));
            }
            match backend.launch(launch) {
                Err(error) if error.host_can_help() => {
                    tracing::info!(kernel = launch.definition().name, %error, "trying the next device");
                    refusal.get_or_insert(error);
                }
                Err(error) => return Err(error),
                Ok(mut report) => {
                    self.memory.note(launch, number, &report);
                    report.why = refusal.map_or(why, |error| format!("fell back: {error}").into());
                    return Ok(report);
                }
            }
        }
        refusal.map_or_else(|| self.host.launch(launch), Err)
    }
}
