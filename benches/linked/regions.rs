//! The same structures in regions: what it takes to build one, and to get it to a device.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use landbridge::prelude::*;

use crate::structures::{Graph, List, Order, Tree};
use crate::support::{Contestant, measure};
use crate::{Bench, Case, Structure, skipped};

/// A node of any of the structures, as large as one by hand.
#[derive(KernelType, Clone, Copy)]
pub(crate) struct Stone {
    value: [u32; 2],
    links: [Option<Shared<Stone>>; 2],
}

impl Stone {
    fn new(value: u64) -> Self {
        Stone { value: [value as u32, (value >> 32) as u32], links: [None; 2] }
    }
}

/// What can be built again in a region.
pub(crate) trait Rebuild {
    /// Builds it; its root.
    fn rebuild(&self, region: &mut Region) -> Shared<Stone>;
}

impl Rebuild for List {
    fn rebuild(&self, region: &mut Region) -> Shared<Stone> {
        let first = region.push(Stone::new(self.value));
        let (mut last, mut at) = (first, &self.next);
        while let Some(node) = at {
            let next = region.push(Stone::new(node.value));
            region[last].links[0] = Some(next);
            (last, at) = (next, &node.next);
        }
        first
    }
}

impl Rebuild for Tree {
    fn rebuild(&self, region: &mut Region) -> Shared<Stone> {
        let stone = region.push(Stone::new(self.key));
        for (number, child) in [&self.left, &self.right].into_iter().enumerate() {
            if let Some(child) = child {
                let child = child.rebuild(region);
                region[stone].links[number] = Some(child);
            }
        }
        stone
    }
}

impl Rebuild for Graph {
    fn rebuild(&self, region: &mut Region) -> Shared<Stone> {
        fn add(node: &Graph, region: &mut Region, known: &mut HashMap<*const Graph, Shared<Stone>>) -> Shared<Stone> {
            let stone = region.push(Stone::new(node.value));
            for (number, to) in node.edges.iter().enumerate() {
                let Some(to) = to else { continue };
                let there = match known.get(&Arc::as_ptr(to)) {
                    Some(&there) => there,
                    None => add(to, region, known),
                };
                known.insert(Arc::as_ptr(to), there);
                region[stone].links[number] = Some(there);
            }
            stone
        }
        add(self, region, &mut HashMap::new())
    }
}

/// Has the region on the device, and reads of it as little as can be.
#[kernel]
fn touch_region(region: &Region, start: &Shared<Stone>, out: &mut u32) {
    *out = region[*start].value[0];
}

/// The same for a slice.
#[kernel]
fn touch_slice(words: &[u32], start: &u32, out: &mut u32) {
    *out = words[*start as usize];
}

/// A device, or why there is none.
pub(crate) struct Place {
    name: &'static str,
    device: Result<Device, String>,
    /// Whether it may map the host's memory.
    maps: bool,
}

/// Where data goes.
pub(crate) fn devices() -> Vec<Place> {
    let open = |name: &str| Device::named(name).map(|device| device.without_fallback()).map_err(|no| no.to_string());
    let place = |name, id, maps| Place { name, device: open(id), maps };
    let mut places = vec![place("wgpu", "wgpu:0", true), place("node", "node:0", false)];
    if cfg!(feature = "cuda") {
        places.push(place("cuda", "cuda:0", true));
    }
    places
}

/// A structure's region, and a slice of as many bytes as devices get of it.
struct Data {
    region: Region,
    start: [Shared<Stone>; 1],
    words: Vec<u32>,
    out: [u32; 1],
}

impl Data {
    fn new(root: &impl Rebuild) -> Self {
        let mut region = Region::new();
        let start = [root.rebuild(&mut region)];
        Data { region, start, words: Vec::new(), out: [0] }
    }

    /// Makes the slice as long as what was sent of the region: its data, and a bit for each granule.
    fn size_slice(&mut self, bytes: u64) {
        self.words.resize(bytes as usize / size_of::<u32>(), 1);
    }

    fn region(&mut self, device: &Device, strategy: Strategy) -> landbridge::Result<Report> {
        device.run(touch_region(&self.region, &self.start, &mut self.out).strategy(strategy))
    }

    fn slice(&mut self, device: &Device) -> landbridge::Result<Report> {
        device.run(touch_slice(&self.words, &[0_u32], &mut self.out).strategy(Strategy::Copy))
    }
}

/// Rows `region ..`.
pub(crate) fn rows<T: Structure>(bench: &mut Bench, case: &Case, root: &T, places: &[Place]) {
    let build = |(): &mut ()| {
        let mut region = Region::new();
        black_box(root.rebuild(&mut region));
    };
    let by_hand = |(): &mut ()| {
        black_box(root.by_hand().len());
    };
    let contestants = &mut [Contestant::new("region", build), Contestant::new("by hand", by_hand)];
    let samples = measure(&bench.options, &mut (), contestants);
    bench.add(case, "region build", &samples[0], &samples[1], None);
    let mut data = Data::new(root);
    for place in places {
        if let Err(why) = on(bench, case, root, place, &mut data) {
            skipped(&format!("{}/region .. {}", case.name, place.name), &why);
        }
    }
}

/// Rows of one device.
fn on<T: Structure>(bench: &mut Bench, case: &Case, root: &T, place: &Place, data: &mut Data) -> Result<(), String> {
    let device = place.device.as_ref().map_err(Clone::clone)?;
    // Whether all goes that is measured then.
    let report = data.region(device, Strategy::Copy).map_err(|why| why.to_string())?;
    let moved = report.arguments[0].bytes_in;
    if moved < case.count as u64 * 16 {
        return Err(format!("of the region {moved} bytes were copied"));
    }
    data.size_slice(moved);
    data.slice(device).map_err(|why| why.to_string())?;
    let mapped = match place.maps.then(|| data.region(device, Strategy::Map)) {
        None => false,
        Some(Ok(_)) => true,
        Some(Err(why)) => {
            skipped(&format!("{}/region import by {}", case.name, place.name), &why);
            false
        }
    };
    let import = if mapped { Strategy::Map } else { Strategy::Copy };
    let run = |report: landbridge::Result<Report>| {
        black_box(report.expect("it went before").arguments.len());
    };
    let contestants = &mut [
        Contestant::new("copy of the region", |data: &mut Data| run(data.region(device, Strategy::Copy))),
        Contestant::new("copy of a slice", |data: &mut Data| run(data.slice(device))),
        Contestant::new("by hand", |data: &mut Data| {
            black_box(root.by_hand().len());
            run(data.slice(device));
        }),
        Contestant::new("import", |data: &mut Data| run(data.region(device, import))),
        Contestant::new("offload", |data: &mut Data| run(data.region(device, Strategy::Auto))),
    ];
    let samples = measure(&bench.options, data, contestants);
    bench.add(case, &format!("region copy to {}", place.name), &samples[0], &samples[1], Some(1.0 / 0.9));
    bench.add(case, &format!("region copied or by hand to {}", place.name), &samples[0], &samples[2], None);
    let target = (case.order == Order::Shuffled).then_some(0.05);
    bench.add(case, &format!("region offload to {}", place.name), &samples[4], &samples[2], target);
    if mapped {
        bench.add(case, &format!("region import by {}", place.name), &samples[3], &samples[0], None);
    }
    Ok(())
}
