//! The ways that this machine has, measured.

mod ways;

use std::error::Error;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use landbridge::backends::webgpu::{WgpuBackend, adapters};
use landbridge::planner::{Path, Quantity, Rates, cost};
use landbridge::prelude::*;

use super::cases::{Case, Outcome, Point, Run, Sweep};
use super::model::need;
use ways::{Data, Way};

/// A use that reads: element `i * stride` of the data, and some arithmetic on it.
#[kernel]
pub(crate) fn pick(stride: u32, rounds: u32, t: &[f32], i: Index, y: &mut f32) {
    let mut value = t[i * stride as usize];
    for _ in 0..rounds {
        value = value * 0.75 + 0.5;
    }
    *y = value;
}

/// A use that also writes all of it.
#[kernel]
pub(crate) fn update(x: &mut f32) {
    *x = *x * 0.75 + 0.5;
}

/// What the predictions rest on: rates of the probes, and what the kernels take by the item, from one launch of each at a
/// size that no case has.
pub(crate) struct Known {
    pub(crate) host: Rates,
    pub(crate) device: Option<Rates>,
    pub(crate) host_kernel: Kernel,
    pub(crate) device_kernel: Option<Kernel>,
}

/// Seconds of an item of the kernels, beyond what a launch costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel {
    fixed: f64,
    pick: f64,
    round: f64,
    update: f64,
}

/// Items of the launches that teach.
const TAUGHT: usize = 600_000;
const TAUGHT_ROUNDS: u32 = 24;

impl Kernel {
    /// From launches on a device; `run` tells their seconds.
    fn learn(fixed: f64, mut run: impl FnMut(&Case) -> f64, mut write: impl FnMut(&Case) -> f64) -> Self {
        let case = |rounds| Case {
            bytes: TAUGHT * size_of::<f32>(),
            touched: 1.0,
            scattered: false,
            reuse: 1,
            written: false,
            rounds,
        };
        let mut best = |rounds| (0..4).map(|_| run(&case(rounds))).fold(f64::INFINITY, f64::min);
        let (plain, heavy) = (best(0), best(TAUGHT_ROUNDS));
        let written = (0..4).map(|_| write(&case(0))).fold(f64::INFINITY, f64::min);
        let item = |seconds: f64| (seconds - fixed).max(seconds * 0.1) / TAUGHT as f64;
        let round = (heavy - plain).max(0.0) / TAUGHT as f64 / f64::from(TAUGHT_ROUNDS);
        Kernel { fixed, pick: item(plain), round, update: item(written) }
    }

    /// Seconds of all uses of a case, over a path.
    pub(crate) fn uses(&self, case: &Case, path: Option<Path>) -> f64 {
        let items = case.items() as f64;
        let run = items * (self.pick + self.round * f64::from(case.rounds));
        let memory = path.map_or(0.0, |path| cost::pass(&path, &need(case)));
        let written = if case.written { self.fixed + case.elements() as f64 * self.update } else { 0.0 };
        f64::from(case.reuse) * (self.fixed + run.max(memory) + written)
    }
}

/// Measures all cases by all ways.
pub(crate) fn measure(sweeps: &[Sweep], quick: bool) -> Result<Run, Box<dyn Error>> {
    eprintln!("measuring rates");
    let wgpu = open();
    let probed = Device::options().probe();
    let rates = |id: &str| -> Option<Rates> {
        let found = probed.iter().find(|probed| probed.info.id == id)?;
        Some(found.rates.as_ref().ok()?.with(Rates::clone))
    };
    let host = rates("host").ok_or("the host has no rates")?;
    let most = sweeps.iter().flat_map(|sweep| &sweep.cases).map(Case::elements).max().unwrap_or(0).max(TAUGHT);
    let mut data = Data::new(most);
    let known = Known {
        device: wgpu.as_ref().and_then(|_| rates("wgpu:0")),
        host_kernel: learn_host(&mut data, &host),
        device_kernel: wgpu.as_ref().map(|backend| ways::learn(backend, &mut data)),
        host,
    };
    let ways = Way::all(wgpu);
    let mut outcomes = vec![];
    let total = sweeps.iter().map(|sweep| sweep.cases.len() * ways.len()).sum::<usize>();
    let bar = progress(total as u64);
    for sweep in sweeps {
        for case in &sweep.cases {
            let mut points = vec![];
            for way in &ways {
                bar.set_message(format!("{}, {}", sweep.name, way.name()));
                points.extend(point(way, case, &mut data, &known, quick));
                bar.inc(1);
            }
            outcomes.extend(Outcome::new(sweep.name, *case, points));
        }
    }
    bar.finish_and_clear();
    Ok(Run {
        machine: machine(&probed[0].info.name),
        model: false,
        notes: notes(&ways),
        roofs: roofs(&known),
        outcomes,
    })
}

fn open() -> Option<std::sync::Arc<WgpuBackend>> {
    adapters().first()?;
    WgpuBackend::open(0).map(Into::into).map_err(|error| eprintln!("wgpu is left out: {error}")).ok()
}

fn learn_host(data: &mut Data, rates: &Rates) -> Kernel {
    let fixed = rates.get(Quantity::HostWake).unwrap_or(0.0);
    let host = Device::host();
    let items = data.source.len();
    let (mut from, mut results) = (std::mem::take(&mut data.source), std::mem::take(&mut data.results));
    let run = |case: &Case| time(|| ways::read(&host, case, &from[..case.elements()], &mut results, Strategy::Auto));
    let kernel = Kernel::learn(fixed, run, |_| 0.0);
    let write = |case: &Case| time(|| ways::write(&host, &mut from[..case.elements()], case, Strategy::Auto));
    let kernel = Kernel { update: Kernel::learn(fixed, |_| 0.0, write).update, ..kernel };
    debug_assert_eq!(from.len(), items);
    (data.source, data.results) = (from, results);
    kernel
}

fn time(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_secs_f64()
}

/// A way through a case: the median of several repetitions after one that does not count.
fn point(way: &Way, case: &Case, data: &mut Data, known: &Known, quick: bool) -> Option<Point> {
    let predicted = way.predict(case, known)?;
    let (least, most, budget) = if quick { (2, 5, 0.25) } else { (3, 9, 3.0) };
    let begin = Instant::now();
    way.run(case, data)?;
    let mut all = vec![];
    while all.len() < least || (all.len() < most && begin.elapsed() < Duration::from_secs_f64(budget)) {
        all.push(way.run(case, data)?);
    }
    let total = |parts: &Vec<(&str, f64)>| parts.iter().map(|part| part.1).sum::<f64>();
    all.sort_by(|a, b| total(a).total_cmp(&total(b)));
    let parts = all.swap_remove(all.len() / 2);
    Some(Point { method: way.name(), seconds: total(&parts), predicted, parts, oracle: way.is_oracle() })
}

fn progress(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
    let bar = ProgressBar::new(total);
    // The template is right or the bar is plain.
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

fn machine(processor: &str) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let adapter = adapters().first().map_or("no Vulkan device".to_owned(), |adapter| adapter.facts.name.clone());
    format!("{processor}, {cores} cores, {adapter}")
}

fn notes(ways: &[Way]) -> Vec<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_else(|_| "unknown".into()).trim().to_owned();
    let mut notes = vec![
        format!("Linux {}", read("/proc/sys/kernel/osrelease")),
        format!("transparent huge pages: {}", read("/sys/kernel/mm/transparent_hugepage/enabled")),
        "Median of repetitions after one that does not count; end to end. Each starts from data at home.".to_owned(),
    ];
    notes.extend(ways.iter().map(|way| format!("{}: {}", way.name(), way.about())));
    notes
}

fn roofs(known: &Known) -> Vec<(String, f64)> {
    let mut roofs = vec![];
    let mut add = |name: &str, rate: Option<f64>| roofs.extend(rate.map(|rate| (name.to_owned(), rate)));
    add("host streams", known.host.get(Quantity::HostStreamAll));
    add("host copies, one thread", known.host.get(Quantity::HostCopyOne));
    add("wgpu copies in", known.device.as_ref().and_then(|device| device.get(Quantity::CopyIn)));
    roofs
}
