//! Kernels on resident data against CUDA C++ of the same semantics.

use bytemuck::Pod;
use landbridge::backends::cuda::cust::module::Module;
use landbridge::prelude::*;

use crate::kernels::{Body, histogram, nbody, saxpy, stencil, triad};
use crate::raw::{Card, Launch};
use crate::support::{Contestant, geometric_mean, measure, seconds};
use crate::{Bench, linked, nvcc};

/// Of the geometric mean of the ratios.
const LIMIT: f64 = 1.02;
/// What the table calls those.
const OTHER: &str = "nvcc";
/// Launches between waits, so that the card does not wait for the host.
const LAUNCHES: usize = 32;

pub(crate) fn all(bench: &mut Bench, device: &Device, card: &Card) {
    let module = nvcc::module(card);
    if let Err(why) = &module {
        println!("skipped: the comparison with nvcc: {why}");
    }
    let cases = Cases { device, card, module: module.as_ref().ok() };
    type Run = fn(&mut Bench, &Cases<'_>, &str);
    let all: [(&str, Run); 7] = [
        ("saxpy", run_saxpy),
        ("triad", run_triad),
        ("n-body", run_nbody),
        ("stencil", run_stencil),
        ("histogram", run_histogram),
        ("list walk", linked::run_list),
        ("tree walk", linked::run_tree),
    ];
    for (name, run) in all {
        if bench.options.wants(name) {
            run(bench, &cases, name);
        }
    }
}

/// The mean of what was measured against nvcc, and whether it keeps its limit.
pub(crate) fn print_mean(bench: &Bench) {
    let ratios = bench.table.entries().iter().filter(|entry| entry.other == OTHER).map(|entry| entry.ratio);
    if let Some(mean) = geometric_mean(ratios).filter(|_| !bench.options.smoke) {
        let kept = if mean <= LIMIT { "kept" } else { "MISSED" };
        println!("{mean:.3} of the time of nvcc's kernels, as a geometric mean; at most {LIMIT}: {kept}");
    }
}

/// What all cases need.
pub(crate) struct Cases<'c> {
    pub(crate) device: &'c Device,
    pub(crate) card: &'c Card,
    /// nvcc's kernels, where they are.
    module: Option<&'c Module>,
}

impl<'c> Cases<'c> {
    /// A launch of nvcc's kernel of this name.
    pub(crate) fn theirs(&self, name: &str, row: usize, rows: usize) -> Option<Launch<'c>> {
        self.module.map(|module| Launch::new(self.card, module, name, row, rows))
    }
}

/// Launches ours on what it has attached, and these results.
pub(crate) type Launcher<'s, T> = Box<dyn FnMut(&mut ResidentMut<'s, T>) -> landbridge::Result<()> + 's>;

/// What a case computes.
pub(crate) struct Results<'r, T> {
    /// Before the first launch.
    pub(crate) first: &'r mut [T],
    /// After it, by the host.
    pub(crate) expected: &'r [T],
}

/// Checks both sides' results, and measures them. `bytes`: what a launch has to move.
pub(crate) fn compare<'env, T: KernelValue + KernelType + Pod + PartialEq>(
    bench: &mut Bench,
    cases: &Cases<'_>,
    name: &str,
    bytes: usize,
    results: Results<'env, T>,
    theirs: Option<Launch<'_>>,
    attach: impl for<'s> FnOnce(&'s Scope<'s, 'env>) -> Launcher<'s, T>,
) {
    let Results { first, expected } = results;
    let launches = bench.size(LAUNCHES, 2);
    let done = cases.device.scope(|s| {
        let mut launch = attach(s);
        let mut out = s.attach_mut(first);
        launch(&mut out)?;
        assert!(s.read(&out, ..)? == expected, "{name} computes something else than the host");
        let ours = Contestant::new("landbridge", |_: &mut ()| {
            (0..launches).for_each(|_| launch(&mut out).expect("launched"));
            s.read(&out, ..1).expect("runs");
        });
        let Some(theirs) = &theirs else {
            let samples = measure(&bench.options, &mut (), &mut [ours]);
            println!("{name}: {} a launch, compared with nothing", seconds(samples[0].median() / launches as f64));
            return Ok(());
        };
        theirs.start();
        let mut there = vec![T::zeroed(); expected.len()];
        theirs.results(bytemuck::cast_slice_mut(&mut there));
        assert!(there == expected, "nvcc's {name} computes something else");
        let by_hand = Contestant::new(OTHER, |_: &mut ()| {
            (0..launches).for_each(|_| theirs.start());
            theirs.finish();
        });
        let samples = measure(&bench.options, &mut (), &mut [ours, by_hand]);
        bench.add(name.to_owned(), &samples[0], &samples[1], None, Some(bytes * launches));
        Ok(())
    });
    done.expect("runs");
}

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|k| (k % 1009) as f32 / 1009.0).collect()
}

fn run_saxpy(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let items = bench.size(1 << 25, 1000);
    let (x, mut y) = (numbers(items), vec![1.0_f32; items]);
    let mut expected = y.clone();
    Device::host().run(saxpy(2.0, &x, &mut expected)).expect("the host runs it");
    let theirs = cases
        .theirs("saxpy", items, 1)
        .map(|launch| launch.number(items).float(2.0).input(bytemuck::cast_slice(&x)).output(bytemuck::cast_slice(&y)));
    let results = Results { first: &mut y, expected: &expected };
    compare(bench, cases, name, 12 * items, results, theirs, |s| {
        let x = s.attach(&x);
        Box::new(move |y| s.launch(saxpy(2.0, &x, y)))
    });
}

fn run_triad(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let items = bench.size(1 << 25, 1000);
    let (b, c, mut a) = (numbers(items), numbers(items + 7)[7..].to_vec(), vec![0.0_f32; items]);
    let mut expected = a.clone();
    Device::host().run(triad(3.0, &b, &c, &mut expected)).expect("the host runs it");
    let theirs = cases.theirs("triad", items, 1).map(|launch| {
        let launch = launch.number(items).float(3.0);
        launch.input(bytemuck::cast_slice(&b)).input(bytemuck::cast_slice(&c)).output(bytemuck::cast_slice(&a))
    });
    let results = Results { first: &mut a, expected: &expected };
    compare(bench, cases, name, 12 * items, results, theirs, |s| {
        let (b, c) = (s.attach(&b), s.attach(&c));
        Box::new(move |a| s.launch(triad(3.0, &b, &c, a)))
    });
}

/// Body `k` of a disc.
fn body(k: usize, bodies: usize) -> Body {
    let radius = ((k as f32 + 0.5) / bodies as f32).sqrt();
    let (sin, cos) = (k as f32 * 2.399_963_2).sin_cos();
    let place = [radius * cos, radius * sin, 0.02 * (k as f32 * 0.7).sin()];
    Body { place, speed: [-radius * sin, radius * cos, 0.0], mass: 1.0 / bodies as f32 }
}

fn run_nbody(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let items = bench.size(1 << 14, 100);
    let bodies: Vec<Body> = (0..items).map(|k| body(k, items)).collect();
    let mut next = bodies.clone();
    let mut expected = bodies.clone();
    Device::host().run(nbody(1e-3, &bodies, &bodies, &mut expected)).expect("the host runs it");
    let theirs = cases.theirs("nbody", items, 1).map(|launch| {
        let launch = launch.number(items).float(1e-3).input(bytemuck::cast_slice(&bodies)).number(items);
        launch.input(bytemuck::cast_slice(&bodies)).output(bytemuck::cast_slice(&next))
    });
    let results = Results { first: &mut next, expected: &expected };
    compare(bench, cases, name, 56 * items, results, theirs, |s| {
        let bodies = s.attach(&bodies);
        Box::new(move |next| s.launch(nbody(1e-3, &bodies, &bodies, next)))
    });
}

fn run_stencil(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let [width, height] = [bench.size(8192, 100), bench.size(4096, 30)];
    let from = numbers(width * height);
    let mut to = vec![0.0_f32; from.len()];
    let mut expected = to.clone();
    let call = stencil(width, height, &from, &mut expected, [height, width]);
    Device::host().run(call).expect("the host runs it");
    let theirs = cases.theirs("stencil", width, height).map(|launch| {
        let launch = launch.number(width).number(height).input(bytemuck::cast_slice(&from)).number(from.len());
        launch.output(bytemuck::cast_slice(&to)).errors()
    });
    let results = Results { first: &mut to, expected: &expected };
    compare(bench, cases, name, 8 * width * height, results, theirs, |s| {
        let from = s.attach(&from);
        Box::new(move |to| s.launch(stencil(width, height, &from, to, [height, width])))
    });
}

fn run_histogram(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let items = bench.size(1 << 26, 1000);
    let bytes: Vec<u8> = (0..items).map(|k| (k.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
    let (mut counts, mut expected) = (vec![0_u32; 256], vec![0_u32; 256]);
    Device::host().run(histogram(&mut expected, &bytes)).expect("the host runs it");
    let theirs = cases.theirs("histogram", items, 1).map(|launch| {
        let launch = launch.number(items).output(bytemuck::cast_slice(&counts)).number(counts.len());
        launch.input(&bytes).errors()
    });
    let results = Results { first: &mut counts, expected: &expected };
    compare(bench, cases, name, items, results, theirs, |s| {
        let bytes = s.attach(&bytes);
        Box::new(move |counts| s.launch(histogram(counts, &bytes)))
    });
}
