//! The wgpu backend against hand-written wgpu and WGSL on the same driver: the same checks, the same
//! read-back of errors, one submission each, measured in turns.
//!
//! - `resident`: the data is on the device; a launch and its wait. At most 1.03.
//! - `copy`: the whole trip, bytes there and back. At most 1.05.
//! - `scope`: the whole trip with 100 launches between, each a submission, none waited for but the last. At most 1.05.
//! - `sparse 64 MiB`: 1024 elements of a large table; strategy Map against strategy Copy. At most 0.1.
//!
//! `cargo bench --bench wgpu_vs_raw -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

mod raw;

use landbridge::backends::webgpu::{Resident, ResidentArgument, WgpuBackend, adapters};
use landbridge::prelude::*;
use raw::Raw;
use support::{Contestant, Entry, Options, Report as Table, measure, seconds};

/// Picks elements of a table.
#[kernel]
fn gather(i: &u32, t: &[f32], y: &mut f32) {
    *y = t[*i as usize];
}

/// Arguments and results of the kernel.
struct Data {
    i: Vec<u32>,
    t: Vec<f32>,
    y: Vec<f32>,
}

impl Data {
    fn new(items: usize, table: usize) -> Self {
        let index = |k: usize| (k.wrapping_mul(2_654_435_761) % table) as u32;
        Self { i: (0..items).map(index).collect(), t: (0..table).map(|k| k as f32).collect(), y: vec![0.0; items] }
    }

    /// Panics unless `y` is what the kernel gives, and clears it.
    fn check(&mut self, who: &str) {
        let right = self.i.iter().zip(&self.y).all(|(i, y)| *y == self.t[*i as usize]);
        assert!(right, "{who} computes something else");
        self.y.fill(0.0);
    }
}

fn main() {
    let options = Options::from_args();
    let number = 0;
    let Some(adapter) = adapters().get(number) else {
        println!("skipped: no adapter. {}", landbridge::backends::webgpu::INSTALL_HINT);
        return;
    };
    println!("{} ({})", adapter.facts.name, adapter.facts.driver);
    let backend = std::sync::Arc::new(WgpuBackend::open(number).expect("the adapter opens"));
    let device = Device::from_backend(backend.clone(), None);
    let raw = Raw::open(number);
    let mut table = Table::new("wgpu_vs_raw", &["limit", ""]);
    for items in [1 << 10, 1 << 16, 1 << 20] {
        resident(&options, &mut table, &backend, &raw, items);
    }
    for items in [1 << 10, 1 << 16, 1 << 20, 1 << 23] {
        copy(&options, &mut table, &device, &raw, items);
    }
    for items in [1 << 10, 1 << 16] {
        scope(&options, &mut table, &device, &raw, items);
    }
    sparse(&options, &mut table, &device);
    table.finish();
}

/// Adds a line with the limit that the ratio is to keep.
fn add(table: &mut Table, case: String, ours: &support::Samples, other: &support::Samples, limit: f64) {
    let kept = if ours.ratio_to(other) <= limit { "kept" } else { "MISSED" };
    table.add(Entry::compare(case, ours, other, vec![format!("{limit}"), kept.to_owned()]));
}

fn resident(options: &Options, table: &mut Table, backend: &WgpuBackend, raw: &Raw, items: usize) {
    let case = format!("resident/{items}");
    if !options.wants(&case) {
        return;
    }
    let mut data = Data::new(items, items);
    let keep = |bytes| backend.keep(bytes).expect("kept");
    let kept: [Resident; 3] =
        [bytemuck::cast_slice(&data.i), bytemuck::cast_slice(&data.t), bytemuck::cast_slice(&data.y)].map(keep);
    let arguments = kept.each_ref().map(ResidentArgument::Memory);
    let definition = gather(&data.i, &data.t, &mut data.y).definition();
    let ours = || {
        backend.launch_resident(definition, Extent::linear(items), &arguments).expect("runs");
    };
    ours();
    backend.fetch(&kept[2], bytemuck::cast_slice_mut(&mut data.y)).expect("fetched");
    data.check("landbridge");
    let buffers = raw.keep(&data);
    raw.launch(&buffers);
    raw.fetch(&buffers, &mut data.y);
    data.check("hand-written");
    let contestants = &mut [
        Contestant::new("landbridge", |_: &mut Data| ours()),
        Contestant::new("raw wgpu", |_: &mut Data| raw.launch(&buffers)),
    ];
    let samples = measure(options, &mut data, contestants);
    add(table, case, &samples[0], &samples[1], 1.03);
}

fn copy(options: &Options, table: &mut Table, device: &Device, raw: &Raw, items: usize) {
    let case = format!("copy/{items}");
    if !options.wants(&case) {
        return;
    }
    let mut data = Data::new(items, items);
    let ours = |data: &mut Data| {
        let call = gather(&data.i, &data.t, &mut data.y).strategy(Strategy::Copy);
        let _ = device.run(call).expect("runs");
    };
    ours(&mut data);
    data.check("landbridge");
    let mut trip = raw.trip(&data);
    raw.run(&mut trip, &mut data);
    data.check("hand-written");
    let contestants =
        &mut [Contestant::new("landbridge", ours), Contestant::new("raw wgpu", |data| raw.run(&mut trip, data))];
    let samples = measure(options, &mut data, contestants);
    add(table, case, &samples[0], &samples[1], 1.05);
}

fn scope(options: &Options, table: &mut Table, device: &Device, raw: &Raw, items: usize) {
    const LAUNCHES: usize = 100;
    let case = format!("scope/{items}");
    if !options.wants(&case) {
        return;
    }
    let mut data = Data::new(items, items);
    let ours = |data: &mut Data| {
        let Data { i, t, y } = data;
        let done = device.scope(|s| {
            let (i, t, mut y) = (s.attach(i), s.attach(t), s.attach_mut(y));
            for _ in 0..LAUNCHES {
                s.launch(gather(&i, &t, &mut y))?;
            }
            Ok(())
        });
        done.expect("runs");
    };
    ours(&mut data);
    data.check("landbridge");
    let mut trip = raw.trip(&data);
    raw.run_often(&mut trip, &mut data, LAUNCHES);
    data.check("hand-written");
    let by_hand = |data: &mut Data| raw.run_often(&mut trip, data, LAUNCHES);
    let contestants = &mut [Contestant::new("landbridge", ours), Contestant::new("raw wgpu", by_hand)];
    let samples = measure(&options.longer(4), &mut data, contestants);
    add(table, case, &samples[0], &samples[1], 1.05);
}

fn sparse(options: &Options, table: &mut Table, device: &Device) {
    let case = "sparse 64 MiB".to_owned();
    if !options.wants(&case) {
        return;
    }
    if !device.info().supports(Strategy::Map) {
        println!("skipped: {case}: the driver imports no host memory");
        return;
    }
    let mut data = Data::new(1024, 16 << 20);
    let run = |strategy| {
        move |data: &mut Data| {
            let call = gather(&data.i, &data.t, &mut data.y).strategy(strategy);
            let _ = device.run(call).expect("runs");
        }
    };
    for strategy in [Strategy::Map, Strategy::Copy] {
        run(strategy)(&mut data);
        data.check(&strategy.to_string());
    }
    let contestants = &mut [Contestant::new("Map", run(Strategy::Map)), Contestant::new("Copy", run(Strategy::Copy))];
    let samples = measure(options, &mut data, contestants);
    println!("sparse: Map {}, Copy {}", seconds(samples[0].median()), seconds(samples[1].median()));
    add(table, case, &samples[0], &samples[1], 0.1);
}
