//! The whole launch: on which device, with which strategies, and why.

use std::borrow::Cow;

use super::choose::{Choice, Offer, offers, select};
use super::cost;
use super::machine::{Computer, Machine, Path};
use super::need::{Need, Residency, Work};
use super::words;
use crate::plan::{PlanStep, StepKind, Strategy};

/// A device that has not yet run the kernel must be predicted to be this much faster than the host.
pub const CAUTION: f64 = 1.25;

/// A step with its predicted time.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What happens.
    pub kind: StepKind,
    /// Predicted seconds, all launches of the work together.
    pub seconds: f64,
    /// What the prediction rests on.
    pub why: Cow<'static, str>,
}

impl From<Step> for PlanStep {
    fn from(step: Step) -> Self {
        PlanStep::new(step.kind, words::duration(step.seconds), step.why)
    }
}

/// A place where the work could run.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// `host`, or the device's id.
    pub id: String,
    /// Index in [`Machine::devices`]; `None` for the host.
    pub device: Option<usize>,
    /// The arguments there. Empty on the host, where all of it is used in place.
    pub choices: Vec<Choice>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Seconds of all of it, or why that cannot be predicted.
    pub total: Result<f64, String>,
    /// Whether the run step was measured, by launches of this kernel there.
    pub measured: bool,
}

/// Where the work runs, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The place chosen.
    pub chosen: Candidate,
    /// The others, the fastest first, those that cannot be predicted last.
    pub others: Vec<Candidate>,
    /// Why the first.
    pub why: String,
}

/// Decides where work runs and how its bytes get there. The host wins ties, and whatever is not known.
pub fn plan(work: &Work, machine: &Machine) -> Decision {
    let host = on_host(work, machine);
    let mut others: Vec<Candidate> = (0..machine.devices.len()).map(|index| on_device(work, machine, index)).collect();
    others.sort_by(|a, b| seconds(a).total_cmp(&seconds(b)));
    let better =
        { others.first() }.is_some_and(|best| pays(best.total.clone().ok(), best.measured, host.total.clone().ok()));
    let chosen = if better { std::mem::replace(&mut others[0], host) } else { host };
    others.sort_by(|a, b| seconds(a).total_cmp(&seconds(b)));
    let why = why(&chosen, &others);
    Decision { chosen, others, why }
}

/// The best device for work that must not run on the host; `None` without devices.
pub fn plan_without_host(work: &Work, machine: &Machine) -> Option<Decision> {
    let mut others: Vec<Candidate> = (0..machine.devices.len()).map(|index| on_device(work, machine, index)).collect();
    others.sort_by(|a, b| seconds(a).total_cmp(&seconds(b)));
    let chosen = (!others.is_empty()).then(|| others.remove(0))?;
    let why = why(&chosen, &others);
    Some(Decision { chosen, others, why })
}

fn seconds(candidate: &Candidate) -> f64 {
    *candidate.total.as_ref().unwrap_or(&f64::INFINITY)
}

/// Whether a device, predicted to take `there` seconds, is worth leaving the host for. `measured`: it has run the kernel
/// before. What is not known is no reason to leave.
pub fn pays(there: Option<f64>, measured: bool, host: Option<f64>) -> bool {
    let caution = if measured { 1.0 } else { CAUTION };
    matches!((there, host), (Some(there), Some(host)) if there * caution < host)
}

/// The host works in place, on data that is there.
fn on_host(work: &Work, machine: &Machine) -> Candidate {
    let arithmetic = work.item.map(|item| cost::spread(item * work.items, machine.threads, machine.wake));
    let traffic =
        machine.host.as_ref().map(|path| work.needs.iter().map(|need| need.uses * cost::pass(path, need)).sum());
    let run = match (work.on_host, arithmetic, traffic) {
        (Some(measured), ..) => Ok((work.launches * measured, Cow::Borrowed(AS_BEFORE))),
        (None, Some(arithmetic), traffic) => {
            let traffic: f64 = traffic.unwrap_or(0.0);
            let why = format!("{} a work-item on one core", words::seconds(arithmetic_of(work)));
            Ok(((work.launches * arithmetic).max(traffic), why.into()))
        }
        (None, None, _) => Err("the kernel has never run".to_owned()),
    };
    let fetched = fetched(work, machine);
    let mut steps: Vec<Step> = vec![];
    if fetched > 0.0 {
        steps.push(Step { kind: StepKind::CopyOut, seconds: fetched, why: "the valid bytes are on a device".into() });
    }
    let total = run.map(|(seconds, why)| {
        steps.push(Step { kind: StepKind::Run, seconds, why });
        fetched + seconds
    });
    Candidate { id: "host".into(), device: None, choices: vec![], steps, total, measured: work.on_host.is_some() }
}

const AS_BEFORE: &str = "as earlier launches took";

fn arithmetic_of(work: &Work) -> f64 {
    work.item.unwrap_or(0.0)
}

/// Seconds to bring home what only a device has: from that device.
fn fetched(work: &Work, machine: &Machine) -> f64 {
    let holder = machine.devices.get(work.holder.unwrap_or(0));
    let away = work.needs.iter().filter(|need| need.residency == Residency::Device);
    match holder.and_then(|device| device.copying) {
        Some(copying) => away.map(|need| copying.latency + need.bytes / copying.back).sum(),
        None => 0.0,
    }
}

fn on_device(work: &Work, machine: &Machine, index: usize) -> Candidate {
    if index == work.holder.unwrap_or(0) {
        return on_this(work, machine, index);
    }
    // What another device has comes home first, and goes on from there.
    let fetched = fetched(work, machine);
    let mut from_home = work.clone();
    from_home.needs.iter_mut().for_each(|need| need.residency = Residency::Host);
    let mut candidate = on_this(&from_home, machine, index);
    if let (true, Ok(total)) = (fetched > 0.0, &mut candidate.total) {
        *total += fetched;
        let why = "the valid bytes are on another device".into();
        candidate.steps.insert(0, Step { kind: StepKind::CopyOut, seconds: fetched, why });
    }
    candidate
}

fn on_this(work: &Work, machine: &Machine, index: usize) -> Candidate {
    let device = &machine.devices[index];
    let measured = work.on_devices.get(index).copied().flatten();
    let unknown = |why: String| Candidate {
        id: device.id.clone(),
        device: Some(index),
        choices: vec![],
        steps: vec![],
        total: Err(why),
        measured: false,
    };
    let run = match run_of(work, device, measured) {
        Ok(run) => run,
        Err(why) => return unknown(why),
    };
    let Some(choices) = assign(work, device, &run) else {
        return unknown("there is no way to get its arguments there".into());
    };
    let all: Vec<&Offer> = choices.iter().map(|choice| &choice.offer).collect();
    let steps = steps(work, &all, &run);
    let total = Ok(steps.iter().map(|step| step.seconds).sum());
    Candidate { id: device.id.clone(), device: Some(index), choices, steps, total, measured: measured.is_some() }
}

/// The steps of work on a device whose strategies are given, one for each need.
///
/// # Errors
/// What is not known of the device or of the kernel, in words.
pub fn predict(
    work: &Work,
    device: &Computer,
    measured: Option<f64>,
    strategies: &[Strategy],
) -> Result<Vec<Step>, String> {
    let run = run_of(work, device, measured)?;
    // A measured run holds its memory traffic: what the device's memory does alone is not asked.
    let mut device = Cow::Borrowed(device);
    if measured.is_some() && device.own.is_none() {
        device.to_mut().own = Some(Path::streaming(f64::INFINITY));
    }
    let given = |(need, strategy): (&Need, &Strategy)| {
        let found = offers(need, &device).into_iter().flatten().find(|offer| offer.strategy == *strategy);
        found.ok_or_else(|| format!("the rates of {strategy} were never measured"))
    };
    let offers: Vec<Offer> = work.needs.iter().zip(strategies).map(given).collect::<Result<_, _>>()?;
    Ok(steps(work, &offers.iter().collect::<Vec<_>>(), &run))
}

/// What the run step takes apart from memory traffic.
struct RunCost {
    /// Seconds a launch, however small.
    launch: f64,
    /// Seconds of arithmetic a launch.
    arithmetic: f64,
    /// Seconds of a launch as earlier ones took, traffic and all.
    measured: Option<f64>,
}

fn run_of(work: &Work, device: &Computer, measured: Option<f64>) -> Result<RunCost, String> {
    if measured.is_some() {
        return Ok(RunCost { launch: 0.0, arithmetic: 0.0, measured });
    }
    let launch = device.launch.ok_or("its launches were never measured")?;
    let speed = device.speed.ok_or("its arithmetic was never measured")?;
    let item = work.item.ok_or("the kernel has never run, on the host neither")?;
    Ok(RunCost { launch, arithmetic: item * work.items / speed, measured: None })
}

impl RunCost {
    fn seconds(&self, work: &Work, traffic: f64) -> f64 {
        match self.measured {
            Some(measured) => work.launches * measured,
            None => work.launches * self.launch + (work.launches * self.arithmetic).max(traffic),
        }
    }
}

/// The assignment of strategies that ends soonest, as far as improving one argument at a time finds it: from each argument's
/// cheapest, and from all of them staying. Arguments depend on each other where traffic hides behind arithmetic, and where
/// they share the device's memory.
fn assign(work: &Work, device: &Computer, run: &RunCost) -> Option<Vec<Choice>> {
    let all: Vec<Vec<Offer>> =
        work.needs.iter().map(|need| offers(need, device).into_iter().flatten().collect()).collect();
    if all.iter().any(Vec::is_empty) {
        return None;
    }
    let alone = all.iter().zip(&work.needs).map(|(offers, need)| cheapest(offers, need.uses)).collect();
    let total = |chosen: &[usize]| whole(work, device, run, &all, chosen);
    let first = improve(alone, &all, &total);
    let second = improve(vec![0; all.len()], &all, &total);
    let (best, chosen) = if second.0 < first.0 { second } else { first };
    let choices = work.needs.iter().zip(all).zip(chosen).map(|((need, offers), index)| select(need, offers, index));
    best.is_finite().then(|| choices.collect())
}

/// Changes the argument whose change gains most, until none gains.
fn improve(mut chosen: Vec<usize>, all: &[Vec<Offer>], total: &impl Fn(&[usize]) -> f64) -> (f64, Vec<usize>) {
    let mut best = total(&chosen);
    loop {
        let mut step = None;
        for (argument, offers) in all.iter().enumerate() {
            let before = chosen[argument];
            for other in 0..offers.len() {
                chosen[argument] = other;
                let seconds = total(&chosen);
                if seconds < best {
                    (best, step) = (seconds, Some((argument, other)));
                }
            }
            chosen[argument] = before;
        }
        match step {
            Some((argument, other)) => chosen[argument] = other,
            None => return (best, chosen),
        }
    }
}

fn cheapest(offers: &[Offer], uses: f64) -> usize {
    let mut best = 0;
    for (index, offer) in offers.iter().enumerate() {
        if offer.total(uses) < offers[best].total(uses) {
            best = index;
        }
    }
    best
}

/// Seconds of the work with these offers.
fn whole(work: &Work, device: &Computer, run: &RunCost, all: &[Vec<Offer>], chosen: &[usize]) -> f64 {
    let offers = || all.iter().zip(chosen).map(|(offers, &index)| &offers[index]);
    if !fits(work, device, offers()) {
        return f64::INFINITY;
    }
    let once: f64 = offers().map(Offer::once).sum();
    once + run.seconds(work, traffic(work, offers())) + repeated(work, offers())
}

/// Seconds of memory traffic of all launches.
fn traffic<'o>(work: &Work, offers: impl Iterator<Item = &'o Offer>) -> f64 {
    work.needs.iter().zip(offers).map(|(need, offer)| need.uses * offer.each).sum()
}

/// Seconds of moves that are made anew at each use.
fn repeated<'o>(work: &Work, offers: impl Iterator<Item = &'o Offer>) -> f64 {
    work.needs.iter().zip(offers).map(|(need, offer)| need.uses * offer.repeated).sum()
}

/// Whether what is to be in the device's memory at the same time fits it.
fn fits<'o>(work: &Work, device: &Computer, offers: impl Iterator<Item = &'o Offer>) -> bool {
    let Some(memory) = device.memory else { return true };
    let there = { work.needs.iter().zip(offers) }.filter(|(_, offer)| match offer.strategy {
        Strategy::Migrate => true,
        Strategy::Copy => offer.repeated == 0.0,
        _ => false,
    });
    there.map(|(need, _)| need.bytes).sum::<f64>() <= memory
}

/// The steps of the work, those of one kind together.
fn steps(work: &Work, offers: &[&Offer], run: &RunCost) -> Vec<Step> {
    const BEFORE: [StepKind; 3] = [StepKind::Map, StepKind::Migrate, StepKind::CopyIn];
    const AFTER: [StepKind; 2] = [StepKind::CopyOut, StepKind::Return];
    let mut steps: Vec<Step> = BEFORE.iter().filter_map(|&kind| moved(kind, work, offers)).collect();
    let traffic = traffic(work, offers.iter().copied());
    steps.push(Step { kind: StepKind::Run, seconds: run.seconds(work, traffic), why: run_words(work, run, traffic) });
    let seconds = repeated(work, offers.iter().copied());
    if seconds > 0.0 {
        steps.push(Step { kind: StepKind::Wait, seconds, why: "pieces that do not fit come and go".into() });
    }
    steps.extend(AFTER.iter().filter_map(|&kind| moved(kind, work, offers)));
    steps
}

fn moved(kind: StepKind, work: &Work, offers: &[&Offer]) -> Option<Step> {
    let mut seconds = 0.0;
    let mut names = String::new();
    for (need, offer) in work.needs.iter().zip(offers) {
        for step in offer.moves.iter().filter(|step| step.0 == kind) {
            seconds += step.1;
            let comma = if names.is_empty() { "" } else { ", " };
            names.extend([comma, need.name]);
        }
    }
    (!names.is_empty()).then(|| Step { kind, seconds, why: names.into() })
}

fn run_words(work: &Work, run: &RunCost, traffic: f64) -> Cow<'static, str> {
    if run.measured.is_some() {
        return AS_BEFORE.into();
    }
    let arithmetic = work.launches * run.arithmetic;
    let bound = if traffic > arithmetic { "memory" } else { "arithmetic" };
    format!(
        "bound by {bound}: arithmetic {}, memory {}; {} a launch",
        words::seconds(arithmetic),
        words::seconds(traffic),
        words::seconds(run.launch)
    )
    .into()
}

/// The chosen place against the others.
fn why(chosen: &Candidate, others: &[Candidate]) -> String {
    let mut text = match &chosen.total {
        Ok(seconds) => format!("predicted {} here", words::seconds(*seconds)),
        Err(why) => format!("not predicted here: {why}"),
    };
    for other in others {
        text += &match &other.total {
            Ok(seconds) => format!(", {} on {}", words::seconds(*seconds), other.id),
            Err(why) => format!(", unknown on {}: {why}", other.id),
        };
    }
    text
}
