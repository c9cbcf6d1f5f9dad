//! The device that chooses: each launch goes where it is predicted to end soonest.
//!
//! What a launch takes somewhere is what launches of the kernel and of about its size took there, else what that device's
//! plan predicts from measured rates. The host is always among the candidates; a device is chosen only if it is predicted to
//! be faster than the host, by a margin as long as it has not run the kernel. What is not known - a device whose rates were
//! never measured, a kernel that has never run - stays on the host. A launch that the host does in less time than a device
//! needs to be submitted to is never asked about.
//!
//! Memory nodes are candidates too, on machines with several: their plans say what moving pages there takes, and how many
//! launches it will serve. What a device refused at a launch it is not asked for again until some launches later.
#![allow(unsafe_code)]

mod kept;
mod memory;
mod refusals;
mod session;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use landbridge_core::Error;
use landbridge_core::backend::{Backend, DeviceInfo, DeviceKind, StrategySupport};
use landbridge_core::error::Result;
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{Plan, Strategy};
use landbridge_core::planner::{self, Load};
use landbridge_core::report::Report;
use landbridge_core::session::Session;
use landbridge_core::text::Time;

use crate::probe::Background;
use crate::{nodes, uses};
use memory::{Memory, Prediction};
use refusals::{Refusals, Standing};
use session::AutoSession;

/// Below this, in nanoseconds on one core of the host, no other device can win: submitting and waiting takes longer.
const NOT_WORTH_ASKING: f64 = 20_000.0;

/// A backend over others, the host first.
pub struct Auto {
    info: Arc<DeviceInfo>,
    host: Arc<dyn Backend>,
    others: Vec<Arc<dyn Backend>>,
    memory: Memory,
    refusals: Refusals,
    probes: Option<Background>,
    /// Those of the nodes, where there are several.
    node_probes: Option<&'static Background>,
    /// Whether any of the others is a node: then uses of arguments count.
    has_nodes: bool,
}

/// A candidate with its plan, or why it has none.
struct Candidate<'a> {
    backend: &'a Arc<dyn Backend>,
    /// 0 for the host.
    number: usize,
    plan: Result<Plan>,
    predicted: Prediction,
    /// Why there is no plan: it refused before.
    refused: Option<Standing>,
}

impl Auto {
    /// Chooses among the host and the others for each launch.
    pub fn new(host: Arc<dyn Backend>, others: Vec<Arc<dyn Backend>>) -> Self {
        let has_nodes = others.iter().any(is_node);
        Auto {
            info: Arc::new(describe(&host, &others)),
            host,
            others,
            memory: Memory::default(),
            refusals: Refusals::default(),
            probes: None,
            node_probes: None,
            has_nodes,
        }
    }

    /// The same, measuring what is not known of the others in small pieces beside the launches.
    pub fn with_probes(host: Arc<dyn Backend>, others: Vec<Arc<dyn Backend>>) -> Self {
        let probes = others.iter().filter(|other| !is_node(other)).cloned().collect();
        let auto = Self::new(host, others);
        let node_probes = auto.has_nodes.then(nodes::probes).flatten();
        Auto { probes: Some(Background::new(probes)), node_probes, ..auto }
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

    /// All candidates, the best first, those without a plan last. `launching`: for a launch, not for a plan.
    fn candidates<'a>(&'a self, launch: &dyn Launch, launching: bool) -> Vec<Candidate<'a>> {
        let _span = tracing::debug_span!("choose device", kernel = launch.definition().name).entered();
        let ask = |(number, backend): (usize, &'a Arc<dyn Backend>)| {
            let plan = Backend::plan(&**backend, launch);
            let nothing = Prediction { seconds: None, measured: false };
            let predicted = plan.as_ref().map_or(nothing, |plan| self.memory.predict(launch, number, plan));
            Candidate { backend, number, plan, predicted, refused: None }
        };
        let mut candidates: Vec<_> = self.backends().enumerate().map(ask).collect();
        if candidates[0].plan.is_ok() {
            self.pass_over(launch, launching, &mut candidates);
        }
        let host = candidates[0].plan.is_ok().then_some(candidates[0].predicted.seconds);
        candidates.sort_by(|a, b| rank(a, host).partial_cmp(&rank(b, host)).unwrap_or(std::cmp::Ordering::Equal));
        candidates
    }

    /// Those that have refused the kernel have no plan, as long as the host has.
    fn pass_over(&self, launch: &dyn Launch, launching: bool, candidates: &mut [Candidate<'_>]) {
        let (kernel, bytes) = (kernel(launch), Load::of(launch).bytes);
        for candidate in &mut candidates[1..] {
            candidate.refused = self.refusals.standing(kernel, candidate.number, bytes, launching);
            if let Some(Standing { error, .. }) = &candidate.refused {
                candidate.plan = Err(error.clone());
            }
        }
    }
}

fn is_node(backend: &Arc<dyn Backend>) -> bool {
    backend.info().kind == DeviceKind::Node
}

/// Kernels are told apart by their addresses.
fn kernel(launch: &dyn Launch) -> u64 {
    std::ptr::from_ref(launch.definition()).addr() as u64
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
            (Err(error), _) => match &other.refused {
                None => format!(", none on {id}: {error}"),
                Some(Standing { left, .. }) => {
                    format!(", none on {id}, which refused: {error} (tried again in {left} launches)")
                }
            },
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
        let mut candidates = self.candidates(launch, false);
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
            let _beside_nodes = self.node_probes.and_then(Background::short_launch);
            return self.host.launch(launch);
        }
        self.launch_on_best(launch)
    }

    /// Data stays on a device between a scope's launches where that pays.
    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        Ok((!self.others.is_empty()).then(|| Box::new(AutoSession::new(self)) as Box<dyn Session>))
    }
}

impl Auto {
    /// A scope's launch on the user's memory, wherever.
    fn launch_in_place(&self, launch: &dyn Launch) -> Result<Report> {
        Backend::launch(self, launch)
    }

    /// Seconds of a launch on the user's memory, on the host or a node: the best.
    fn predict_in_place(&self, launch: &dyn Launch) -> Option<f64> {
        let candidates = self.candidates(launch, false);
        let works_there = |candidate: &&Candidate<'_>| candidate.number == 0 || is_node(candidate.backend);
        let predicted = candidates.iter().filter(works_there).filter_map(|candidate| candidate.predicted.seconds);
        predicted.min_by(f64::total_cmp)
    }

    /// Whether a device has refused the kernel and is not to be asked yet.
    fn refuses(&self, launch: &dyn Launch, number: usize) -> bool {
        self.refusals.standing(kernel(launch), number, Load::of(launch).bytes, true).is_some()
    }

    fn launch_on_best(&self, launch: &dyn Launch) -> Result<Report> {
        let _running = self.probes.as_ref().map(Background::launch);
        let _beside_nodes = self.node_probes.map(Background::launch);
        let candidates = self.candidates(launch, true);
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
                    self.refusals.note(kernel(launch), number, Load::of(launch).bytes, &error);
                    refusal.get_or_insert(error);
                }
                Err(error) => return Err(error),
                Ok(mut report) => {
                    self.memory.note(launch, number, &report);
                    self.refusals.forget(kernel(launch), number);
                    // A node counts them itself.
                    if self.has_nodes && !is_node(backend) {
                        uses::all().note(launch);
                    }
                    report.why = refusal.map_or(why, |error| format!("fell back: {error}").into());
                    return Ok(report);
                }
            }
        }
        refusal.map_or_else(|| self.host.launch(launch), Err)
    }
}
