//! What the planner's choices cost against the best that could have been chosen.
//!
//! - `host + wgpu`: the device that chooses, over the host and a Vulkan device (a software one too), against the best of
//!   them forced. Median at most 1.10, worst at most 2.
//! - `wgpu alone`: mapping or copying, against the better of them forced. The same.
//! - `against rayon`: where the host is best, the device that chooses against the same loop in plain rayon. At most 1.05.
//!
//! The first launches of a kernel (nothing is known of it) are told apart and do not count; rates are probed before.
//!
//! `cargo bench --bench planner_regret -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Instant;

use landbridge::Error;
use landbridge::backend::Backend;
use landbridge::backends::auto::Auto;
use landbridge::backends::host::Host;
use landbridge::backends::probe::{self, Effort};
use landbridge::backends::webgpu::{INSTALL_HINT, WgpuBackend, adapters};
use landbridge::prelude::*;
use rayon::prelude::*;
use support::{Contestant, Entry, Options, Report as Table, measure, seconds};

/// Bound by memory.
#[kernel]
fn scale(a: f32, x: &f32, y: &mut f32) {
    *y += a * *x;
}

/// Bound by arithmetic.
#[kernel]
fn churn(rounds: u32, x: &f32, y: &mut f32) {
    let mut value = *x;
    for _ in 0..rounds {
        value = value * 0.75 + 0.5;
    }
    *y = value;
}

/// Reads a table here and there.
#[kernel]
fn gather(t: &[f32], x: &f32, i: Index, y: &mut f32) {
    *y = *x + t[i * 4099 % t.len()];
}

struct Data {
    x: Vec<f32>,
    y: Vec<f32>,
    table: Vec<f32>,
}

impl Data {
    fn new(items: usize) -> Self {
        Data { x: vec![0.5; items], y: vec![1.0; items], table: vec![2.0; 1 << 20] }
    }
}

#[derive(Clone, Copy)]
enum Kernel {
    Scale,
    Churn(u32),
    Gather,
}

impl Kernel {
    const ALL: [Kernel; 4] = [Kernel::Scale, Kernel::Churn(16), Kernel::Churn(512), Kernel::Gather];

    fn name(self) -> String {
        match self {
            Kernel::Scale => "scale".into(),
            Kernel::Churn(rounds) => format!("churn {rounds}"),
            Kernel::Gather => "gather".into(),
        }
    }

    fn run(self, device: &Device, strategy: Strategy, data: &mut Data) -> Result<Report, Error> {
        let Data { x, y, table } = data;
        match self {
            Kernel::Scale => device.run(scale(2.0, &*x, y).strategy(strategy)),
            Kernel::Churn(rounds) => device.run(churn(rounds, &*x, y).strategy(strategy)),
            Kernel::Gather => device.run(gather(&*table, &*x, y).strategy(strategy)),
        }
    }

    fn run_rayon(self, data: &mut Data) {
        let Data { x, y, table } = data;
        let pairs = x.par_iter().zip(y.par_iter_mut());
        match self {
            Kernel::Scale => pairs.for_each(|(x, y)| *y += 2.0 * x),
            Kernel::Churn(rounds) => {
                pairs.for_each(|(x, y)| *y = (0..rounds).fold(*x, |value, _| value * 0.75 + 0.5));
            }
            Kernel::Gather => {
                pairs.enumerate().for_each(|(i, (x, y))| *y = x + table[i * 4099 % table.len()]);
            }
        }
    }
}

fn main() {
    let options = Options::from_args();
    if adapters().is_empty() {
        println!("skipped: no adapter. {INSTALL_HINT}");
        return;
    }
    let wgpu: Arc<dyn Backend> = Arc::new(WgpuBackend::open(0).expect("the adapter opens"));
    let host: Arc<dyn Backend> = Arc::new(Host::new());
    println!("{} and {}", host.info(), wgpu.info());
    probe::device(&wgpu, Effort::Thorough).expect("the adapter can be measured");
    let both = Device::from_backend(Arc::new(Auto::new(host.clone(), vec![wgpu.clone()])), None);
    let (host, wgpu) = (Device::from_backend(host, None), Device::from_backend(wgpu, None));
    let mut table = Table::new("planner_regret", &["first launch", "chosen"]);
    let sizes: &[usize] = if options.quick {
        &[1 << 10, 1 << 16, 1 << 20]
    } else {
        &[1 << 8, 1 << 12, 1 << 16, 1 << 18, 1 << 20, 1 << 22]
    };
    for kernel in Kernel::ALL {
        for &items in sizes {
            let case = |group: &str| format!("{group}/{}/{items}", kernel.name());
            let mut data = Data::new(items);
            let ways =
                [(&both, Strategy::Auto), (&host, Strategy::Auto), (&wgpu, Strategy::Copy), (&wgpu, Strategy::Map)];
            compare(&options, &mut table, &case("host + wgpu"), kernel, &ways, &mut data);
            let ways = [(&wgpu, Strategy::Auto), (&wgpu, Strategy::Copy), (&wgpu, Strategy::Map)];
            compare(&options, &mut table, &case("wgpu alone"), kernel, &ways, &mut data);
            against_rayon(&options, &mut table, &case("against rayon"), kernel, &both, &mut data);
        }
    }
    table.finish();
    verdict(&table, "host + wgpu");
    verdict(&table, "wgpu alone");
    let worst = ratios(&table, "against rayon").last().copied();
    if let Some(worst) = worst {
        println!("against rayon: worst {worst:.2}, target 1.05");
    }
}

/// The first way against the best of the others.
fn compare(
    options: &Options,
    table: &mut Table,
    case: &str,
    kernel: Kernel,
    ways: &[(&Device, Strategy)],
    data: &mut Data,
) {
    if !options.wants(case) {
        return;
    }
    let (first, chosen) = begin(kernel, ways[0], data);
    // What cannot be done is no way.
    let mut possible: Vec<_> = ways[1..].iter().filter(|way| kernel.run(way.0, way.1, data).is_ok()).collect();
    possible.insert(0, &ways[0]);
    let contestant = |way: &&(&Device, Strategy)| {
        let (device, strategy) = **way;
        let device = device.clone();
        let name = format!("{} {strategy}", device.info().id);
        Contestant::new(name, move |data: &mut Data| {
            let _ = kernel.run(&device, strategy, data).expect("the kernel runs");
        })
    };
    let mut contestants: Vec<_> = possible.iter().map(contestant).collect();
    let samples = measure(options, data, &mut contestants);
    let Some((ours, others)) = samples.split_first() else { return };
    let Some(best) = others.iter().min_by(|a, b| a.median().total_cmp(&b.median())) else { return };
    table.add(Entry::compare(case.into(), ours, best, vec![seconds(first), chosen]));
}

fn against_rayon(options: &Options, table: &mut Table, case: &str, kernel: Kernel, both: &Device, data: &mut Data) {
    if !options.wants(case) {
        return;
    }
    let (first, chosen) = begin(kernel, (both, Strategy::Auto), data);
    // Only where the host is best.
    if !chosen.starts_with("host") {
        return;
    }
    let mut contestants = [
        Contestant::new("auto", |data: &mut Data| {
            let _ = kernel.run(both, Strategy::Auto, data).expect("the kernel runs");
        }),
        Contestant::new("rayon", |data: &mut Data| kernel.run_rayon(data)),
    ];
    let samples = measure(options, data, &mut contestants);
    table.add(Entry::compare(case.into(), &samples[0], &samples[1], vec![seconds(first), chosen]));
}

/// The first launch's time, and what is chosen once a few launches have taught.
fn begin(kernel: Kernel, (device, strategy): (&Device, Strategy), data: &mut Data) -> (f64, String) {
    let begin = Instant::now();
    let _ = kernel.run(device, strategy, data).expect("the kernel runs");
    let first = begin.elapsed().as_secs_f64();
    let mut chosen = String::new();
    for _ in 0..5 {
        let report = kernel.run(device, strategy, data).expect("the kernel runs");
        let strategy = report.arguments.first().map_or(Strategy::Direct, |argument| argument.strategy);
        chosen = format!("{} {strategy}", report.device.id);
    }
    (first, chosen)
}

/// The ratios of a group, rising.
fn ratios(table: &Table, group: &str) -> Vec<f64> {
    let entries = table.entries().iter().filter(|entry| entry.case.starts_with(group));
    let mut all: Vec<f64> = entries.map(|entry| entry.ratio).collect();
    all.sort_by(f64::total_cmp);
    all
}

fn verdict(table: &Table, group: &str) {
    let all = ratios(table, group);
    if let (Some(median), Some(worst)) = (all.get(all.len() / 2), all.last()) {
        println!("{group}: median {median:.2}, target 1.10; worst {worst:.2}, target 2");
    }
}
