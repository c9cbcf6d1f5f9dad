//! The device that chooses: each launch goes where its plan says it ends soonest.
//!
//! The host is always among the candidates, so by the plans' own estimates no launch is slower than on the host. A launch
//! that the host does in less time than it takes to ask the others is never asked about.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::sync::Arc;

use landbridge_core::Error;
use landbridge_core::backend::{Backend, DeviceInfo, DeviceKind, StrategySupport};
use landbridge_core::error::Result;
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::plan::{Plan, Strategy};
use landbridge_core::report::Report;
use landbridge_core::text::Time;

/// Below this, in nanoseconds on one core of the host, no other device can win: submitting and waiting takes longer.
const NOT_WORTH_ASKING: f64 = 20_000.0;

/// A backend over others, the host first.
pub struct Auto {
    info: Arc<DeviceInfo>,
    host: Arc<dyn Backend>,
    others: Vec<Arc<dyn Backend>>,
}

/// A candidate with its plan, or why it has none.
struct Candidate<'a> {
    backend: &'a Arc<dyn Backend>,
    plan: Result<Plan>,
}

impl Auto {
    /// Chooses among the host and the others for each launch.
    pub fn new(host: Arc<dyn Backend>, others: Vec<Arc<dyn Backend>>) -> Self {
        Auto { info: Arc::new(describe(&host, &others)), host, others }
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

    /// All candidates, the best first: those with a plan by predicted total (the host first among equals), then the rest.
    fn candidates(&self, launch: &dyn Launch) -> Vec<Candidate<'_>> {
        let _span = tracing::debug_span!("choose device", kernel = launch.definition().name).entered();
        let ask = |backend| Candidate { backend, plan: Backend::plan(&**backend, launch) };
        let mut candidates: Vec<_> = self.backends().map(ask).collect();
        candidates.sort_by_key(|c| c.plan.as_ref().map_or(std::time::Duration::MAX, Plan::total));
        candidates
    }
}

/// Why the first candidate: its predicted time against that of the others.
fn why(candidates: &[Candidate<'_>]) -> Cow<'static, str> {
    let Some((best, rest)) = candidates.split_first() else { return "".into() };
    let mut text = match &best.plan {
        Ok(plan) => format!("predicted {} here", Time(plan.total())),
        Err(error) => format!("no plan here: {error}"),
    };
    for other in rest {
        let id = &other.backend.info().id;
        text += &match &other.plan {
            Ok(plan) => format!(", {} on {id}", Time(plan.total())),
            Err(error) => format!(", none on {id}: {error}"),
        };
    }
    text.into()
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
            return self.host.launch(launch);
        }
        self.launch_on_best(launch)
    }
}

impl Auto {
    fn launch_on_best(&self, launch: &dyn Launch) -> Result<Report> {
        let candidates = self.candidates(launch);
        let why = why(&candidates);
        let mut refusal: Option<Error> = None;
        for Candidate { backend, plan } in candidates {
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
                    report.why = refusal.map_or(why, |error| format!("fell back: {error}").into());
                    return Ok(report);
                }
            }
        }
        refusal.map_or_else(|| self.host.launch(launch), Err)
    }
}
