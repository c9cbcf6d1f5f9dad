//! The ways that this machine has, measured.

#[cfg(feature = "cuda")]
mod cuda;
mod data;
mod file;
mod host;
mod known;
mod node;
mod pieces;
mod uses;
mod wgpu;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use landbridge::backend::Backend;
use landbridge::backends::probe::{self, Effort};
use landbridge::backends::webgpu::{WgpuBackend, adapters};
use landbridge::planner::{Quantity, Rates};
use landbridge::prelude::*;

use super::cases::{Case, Sweep};
use super::outcomes::{Absent, Outcome, Point, Run};
use data::Data;
use known::{Kernel, Known, Moves};

/// Seconds by what they were for.
type Parts = Vec<(&'static str, f64)>;

/// Why a way cannot be gone, in words.
type Refusal = Box<dyn Error>;

/// A way from data at home to results at home.
trait Way {
    fn name(&self) -> &'static str;

    /// What it does, for the report.
    fn about(&self) -> &'static str;

    /// Whether it is no way to choose, but a bound.
    fn is_oracle(&self) -> bool {
        false
    }

    /// Whether it goes at all through such a case.
    fn suits(&self, case: &Case) -> bool {
        case.pages != super::cases::Pages::Unmapped
    }

    /// Goes through a case; what is done for the next repetition counts no time.
    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal>;

    /// Seconds that it is predicted to take, from rates and from what other launches of the kernels took.
    fn predict(&self, case: &Case, known: &Known) -> Option<f64>;
}

/// What this machine has, and what not.
#[derive(Default)]
struct Ways {
    here: Vec<Box<dyn Way>>,
    absent: Vec<Absent>,
}

impl Ways {
    fn absent(&mut self, method: &'static str, why: impl Into<String>) {
        self.absent.push(Absent { method, why: why.into() });
    }
}

/// Measures all cases by all ways, in about so many seconds.
pub(crate) fn measure(sweeps: &[Sweep], seconds: f64, effort: Effort) -> Result<Run, Box<dyn Error>> {
    eprintln!("measuring rates");
    let begin = Instant::now();
    let wgpu = open();
    let host = probe::host(Device::host().info(), effort).with(Rates::clone);
    let probed = |backend: &Arc<WgpuBackend>| {
        let backend: Arc<dyn Backend> = backend.clone();
        probe::device(&backend, effort).map(|rates| rates.with(Rates::clone))
    };
    let device = wgpu.as_ref().ok().map(probed).transpose()?;
    eprintln!("measuring kernels");
    let most = sweeps.iter().flat_map(|sweep| &sweep.cases).map(|case| case.bytes).max().unwrap_or(0);
    let mut data = Data::new(most.max(Kernel::taught()).max(Moves::MOST))?;
    let known = Known {
        device,
        host_kernel: host::learn(&mut data, &host)?,
        device_kernel: wgpu.as_ref().ok().map(|backend| wgpu::learn(backend, &mut data)).transpose()?,
        host,
        cache: known::cache(),
    };
    let mut ways = Ways::default();
    host::add(&mut ways, &mut data);
    file::add(&mut ways, sweeps)?;
    node::add(&mut ways, &mut data)?;
    wgpu::add(&mut ways, wgpu);
    #[cfg(feature = "cuda")]
    cuda::add(&mut ways, &mut data, effort)?;
    let machine = machine(&Device::host().info().name);
    let mut budget = Budget { end: begin + Duration::from_secs_f64(seconds), left: 0 };
    let (outcomes, huge) = outcomes(sweeps, &mut ways, &mut data, &known, &mut budget)?;
    let mut notes = notes(&ways);
    notes.extend(huge);
    Ok(Run { machine, model: false, notes, absent: ways.absent, roofs: roofs(&known), outcomes })
}

/// All cases, and whether huge pages were huge.
fn outcomes(
    sweeps: &[Sweep],
    ways: &mut Ways,
    data: &mut Data,
    known: &Known,
    budget: &mut Budget,
) -> Result<(Vec<Outcome>, Vec<String>), Box<dyn Error>> {
    let all = || sweeps.iter().flat_map(|sweep| &sweep.cases);
    budget.left = all().map(|case| ways.here.iter().filter(|way| way.suits(case)).count()).sum();
    let bar = progress(budget.left as u64);
    let (mut outcomes, mut notes) = (vec![], vec![]);
    for sweep in sweeps {
        if bar.is_hidden() {
            eprintln!("{}", sweep.name);
        }
        for case in &sweep.cases {
            data.lay_out(case)?;
            // Now: ways that move pages divide the mapping.
            if sweep.name == "pages"
                && let Some(huge) = data.huge_bytes().filter(|_| case.pages != super::cases::Pages::Unmapped)
            {
                let part = 100.0 * huge as f64 / data.source.slice().len() as f64;
                notes.push(format!("Pages {}: {part:.0} % of the data was in huge pages.", case.pages.name()));
            }
            let suited: Vec<_> = ways.here.iter().filter(|way| way.suits(case)).map(|way| &**way).collect();
            let end = budget.share(suited.len());
            let mut measured: Vec<Measured> = suited.iter().map(|_| Ok(vec![])).collect();
            for pass in 0..PASSES {
                for (way, runs) in suited.iter().zip(&mut measured) {
                    bar.set_message(format!("{}, {}", sweep.name, way.name()));
                    repeat(*way, case, data, runs, end / PASSES, pass);
                    bar.inc(u64::from(pass == 0));
                }
            }
            let mut points = vec![];
            for (way, runs) in suited.into_iter().zip(measured) {
                let method = way.name();
                match runs {
                    Ok(runs) => points.extend(way.predict(case, known).map(|predicted| point(way, runs, predicted))),
                    Err(why) if ways.absent.iter().all(|absent| absent.method != method) => {
                        ways.absent.push(Absent { method, why: format!("failed at {} bytes: {why}", case.bytes) });
                    }
                    Err(_) => {}
                }
            }
            outcomes.extend(Outcome::new(sweep.name, *case, points));
        }
    }
    bar.finish_and_clear();
    Ok((outcomes, notes))
}

/// Shares what is left of the time among what is left to measure.
struct Budget {
    end: Instant,
    left: usize,
}

impl Budget {
    /// What each of the next so many may take.
    fn share(&mut self, next: usize) -> Duration {
        let share = self.end.saturating_duration_since(Instant::now()) / self.left.max(1) as u32;
        self.left = self.left.saturating_sub(next);
        share
    }
}

/// The parts of each repetition, or why there are none.
type Measured = Result<Vec<Parts>, Refusal>;

/// A case goes so many times through all ways in turns, so that what disturbs the machine for a while meets all alike.
const PASSES: u32 = 3;

/// Repetitions of a way in a pass, after one that does not count: at most so many.
const MOST: usize = 11;

/// Adds repetitions of a way through a case: at least one in the first pass, and later as many as there is time for.
fn repeat(way: &dyn Way, case: &Case, data: &mut Data, all: &mut Measured, share: Duration, pass: u32) {
    let Ok(runs) = all else { return };
    let slow = |runs: &[Parts]| runs.iter().any(|run| 2.0 * total(run) > share.as_secs_f64());
    if pass > 0 && slow(runs) {
        return;
    }
    let begin = Instant::now();
    let before = runs.len();
    let mut run = || way.run(case, data);
    let mut go = || -> Result<(), Refusal> {
        run()?;
        while runs.len() == before || (runs.len() - before < MOST && begin.elapsed() < share) {
            runs.push(run()?);
        }
        Ok(())
    };
    if let Err(why) = go() {
        *all = Err(why);
    }
}

fn total(parts: &Parts) -> f64 {
    parts.iter().map(|part| part.1).sum()
}

/// The median repetition.
fn point(way: &dyn Way, mut runs: Vec<Parts>, predicted: f64) -> Point {
    runs.sort_by(|a, b| total(a).total_cmp(&total(b)));
    let parts = runs.swap_remove(runs.len() / 2);
    Point { method: way.name(), seconds: total(&parts), predicted, parts, oracle: way.is_oracle() }
}

fn open() -> Result<Arc<WgpuBackend>, String> {
    if adapters().is_empty() {
        return Err("no Vulkan adapter was found".into());
    }
    WgpuBackend::open(0).map(Arc::new).map_err(|error| error.to_string())
}

fn progress(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
    let bar = ProgressBar::new(total);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn machine(host: &str) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let adapter = adapters().first().map_or_else(|| "no adapter".to_owned(), |adapter| adapter.facts.name.clone());
    format!("{host}, {cores} cores; {adapter}")
}

fn notes(ways: &Ways) -> Vec<String> {
    let mut notes = vec![
        "End to end: moving in, all uses, moving back what was written; the median repetition after one that does not count, \
         each from data at home. Results stay where they are made: they are the same for all."
            .to_owned(),
    ];
    let mut named = vec![];
    for way in &ways.here {
        if !named.contains(&way.about()) {
            named.push(way.about());
            notes.push(format!("{}: {}.", way.name(), way.about()));
        }
    }
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

/// Cuts a time into named parts.
struct Clock {
    last: Instant,
    parts: Parts,
}

impl Clock {
    fn start() -> Self {
        Clock { last: Instant::now(), parts: vec![] }
    }

    fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.parts.push((name, (now - self.last).as_secs_f64()));
        self.last = now;
    }
}
