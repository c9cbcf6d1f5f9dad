//! Each way: what it does, and what it is predicted to take.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use landbridge::backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Mover, Residency};
use landbridge::backends::webgpu::{ResidentArgument, WgpuBackend};
use landbridge::planner::{Path, Quantity};
use landbridge::prelude::*;

use super::super::cases::Case;
use super::{Kernel, Known, pick, update};

/// The user's data, where results go, and a buffer that is there already.
pub(crate) struct Data {
    pub(crate) source: Vec<f32>,
    pub(crate) results: Vec<f32>,
    spare: Vec<f32>,
}

impl Data {
    pub(crate) fn new(elements: usize) -> Self {
        Data { source: vec![1.0; elements], results: vec![2.0; elements], spare: vec![3.0; elements] }
    }
}

/// A way from data at home to results at home.
pub(crate) enum Way {
    /// The host's cores, on the data where it is.
    Direct(Device),
    /// A copy in memory that was just allocated, as libraries make it.
    CopyFresh(Device),
    /// A copy in memory that is kept.
    CopyWarm(Device),
    /// Already there: a bound.
    There(Device),
    /// The pages move (to where they are: the same work but for the distance), then as `Direct`.
    Moved(Device, Box<Mover>),
    /// A copy on the device that stays there for all uses.
    WgpuCopy(Arc<WgpuBackend>),
    /// Mapped anew for each use.
    WgpuMap(Arc<WgpuBackend>),
}

type Parts = Vec<(&'static str, f64)>;

impl Way {
    /// Those of this machine.
    pub(crate) fn all(wgpu: Option<Arc<WgpuBackend>>) -> Vec<Way> {
        let host = Device::host;
        let options = MoveOptions::default().method(Method::Remap).allow_remap(true).again(true).keep(Keep::Never);
        let mover = Box::new(Mover::new(options));
        let mut ways = vec![Way::Direct(host()), Way::CopyFresh(host()), Way::CopyWarm(host()), Way::There(host())];
        if cfg!(target_os = "linux") {
            ways.push(Way::Moved(host(), mover));
        }
        if let Some(backend) = wgpu {
            let maps = Device::from_backend(backend.clone(), None).info().supports(Strategy::Map);
            ways.push(Way::WgpuCopy(backend.clone()));
            ways.extend(maps.then_some(Way::WgpuMap(backend)));
        }
        ways
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Way::Direct(_) => "direct",
            Way::CopyFresh(_) => "copy, fresh pages",
            Way::CopyWarm(_) => "copy, kept pages",
            Way::There(_) => "already there",
            Way::Moved(..) => "copy and remap",
            Way::WgpuCopy(_) => "wgpu copy",
            Way::WgpuMap(_) => "wgpu map",
        }
    }

    pub(crate) fn about(&self) -> &'static str {
        match self {
            Way::Direct(_) => "the host's cores, on the data where it is",
            Way::CopyFresh(_) => "a pageable copy in memory that was just allocated, and freed in the end",
            Way::CopyWarm(_) => "a pageable copy in memory that is there and touched",
            Way::There(_) => "no move at all: the bound of the two before, never a choice",
            Way::Moved(..) => "the user-space mover; with one node, to the node that the pages are on",
            Way::WgpuCopy(_) => "copied to the device once, used there, written data copied back",
            Way::WgpuMap(_) => "imported in place for each use",
        }
    }

    pub(crate) fn is_oracle(&self) -> bool {
        matches!(self, Way::There(_))
    }

    /// Goes through a case; the parts and their seconds. `None` if it cannot be done.
    pub(crate) fn run(&self, case: &Case, data: &mut Data) -> Option<Parts> {
        let elements = case.elements();
        let Data { source, results, spare } = data;
        let (source, spare) = (&mut source[..elements], &mut spare[..elements]);
        let mut clock = Clock::start();
        match self {
            Way::Direct(host) => {
                uses(host, case, source, results, Strategy::Auto);
                clock.lap("uses");
            }
            Way::There(host) => {
                uses(host, case, spare, results, Strategy::Auto);
                clock.lap("uses");
            }
            Way::CopyFresh(host) => {
                let mut fresh = black_box(&*source).to_vec();
                clock.lap("move in");
                uses(host, case, &mut fresh, results, Strategy::Auto);
                clock.lap("uses");
                if case.written {
                    source.copy_from_slice(&fresh);
                }
                drop(fresh);
                clock.lap("move back, free");
            }
            Way::CopyWarm(host) => {
                spare.copy_from_slice(black_box(source));
                clock.lap("move in");
                uses(host, case, spare, results, Strategy::Auto);
                clock.lap("uses");
                if case.written {
                    source.copy_from_slice(spare);
                    clock.lap("move back, free");
                }
            }
            Way::Moved(host, mover) => {
                let span = MoveSpan::exclusive(source);
                let node = *Residency::of(&[span]).nodes.keys().next()?;
                let mut clock = Clock::start();
                let report = mover.migrate(&[MoveSpan::exclusive(source)], node);
                if report.moved == 0 {
                    return None;
                }
                clock.lap("move in");
                uses(host, case, source, results, Strategy::Auto);
                clock.lap("uses");
                return Some(clock.parts);
            }
            Way::WgpuCopy(backend) => return resident(backend, case, source, results),
            Way::WgpuMap(backend) => {
                let device = Device::from_backend(backend.clone(), None);
                uses(&device, case, source, results, Strategy::Map);
                clock.lap("uses");
            }
        }
        Some(clock.parts)
    }

    /// What it is predicted to take, from rates and from what other launches of the kernels took.
    pub(crate) fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        let bytes = case.bytes as f64;
        let host = |quantity| known.host.get(quantity);
        let memory = || Some(Path::streaming(host(Quantity::HostStreamAll)?));
        let on_host = || Some(known.host_kernel.uses(case, Some(memory()?)));
        let copy = || Some(bytes / host(Quantity::HostCopyOne)?);
        let back = |once: f64| if case.written { once } else { 0.0 };
        let faults = || Some(bytes / 4096.0 * host(Quantity::HostFault)?);
        let wgpu = || Some((known.device.as_ref()?, known.device_kernel.as_ref()?));
        Some(match self {
            Way::Direct(_) | Way::There(_) => on_host()?,
            Way::CopyFresh(_) => on_host()? + copy()? + faults()? + back(copy()?),
            Way::CopyWarm(_) => on_host()? + copy()? + back(copy()?),
            // Copied by all threads into pages that are made for it.
            Way::Moved(..) => on_host()? + bytes / host(Quantity::HostCopyAll)? + faults()?,
            Way::WgpuCopy(_) => {
                let (rates, kernel) = wgpu()?;
                // One copy to where the driver sees it, one from there, each with a submission of its own.
                let once = |quantity| Some(2.0 * bytes / rates.get(quantity)? + rates.get(Quantity::Launch)?);
                kernel.uses(case, None) + once(Quantity::CopyIn)? + back(once(Quantity::CopyOut)?)
            }
            Way::WgpuMap(_) => {
                let (rates, kernel) = wgpu()?;
                let bound = bytes + case.items() as f64 * size_of::<f32>() as f64;
                let map = 2.0 * rates.get(Quantity::MapLatency)? + bound * rates.get(Quantity::MapByte).unwrap_or(0.0);
                kernel.uses(case, None) + f64::from(case.reuse) * map
            }
        })
    }
}

/// All uses of a case on a device, one launch after the other.
fn uses(device: &Device, case: &Case, data: &mut [f32], results: &mut [f32], strategy: Strategy) {
    for _ in 0..case.reuse {
        read(device, case, data, results, strategy);
        if case.written {
            write(device, data, case, strategy);
        }
    }
}

/// A use that reads.
pub(crate) fn read(device: &Device, case: &Case, data: &[f32], results: &mut [f32], strategy: Strategy) {
    let results = &mut results[..case.items()];
    let call = pick(case.stride(), case.rounds, data, results);
    let _ = device.run(call.strategy(strategy)).expect("the kernel runs here");
}

/// A use that writes.
pub(crate) fn write(device: &Device, data: &mut [f32], _: &Case, strategy: Strategy) {
    let _ = device.run(update(data).strategy(strategy)).expect("the kernel runs here");
}

/// Copied once, used on the device, copied back if written. Where results go is on the device before.
fn resident(backend: &WgpuBackend, case: &Case, source: &mut [f32], results: &mut [f32]) -> Option<Parts> {
    let reading = pick(case.stride(), case.rounds, &source[..], &mut results[..case.items()]).definition();
    let out = backend.keep(bytemuck::cast_slice(&results[..case.items()])).ok()?;
    let mut clock = Clock::start();
    let kept = backend.keep(bytemuck::cast_slice(source)).ok()?;
    clock.lap("move in");
    let (stride, rounds) = (case.stride().to_ne_bytes(), case.rounds.to_ne_bytes());
    let arguments = [
        ResidentArgument::Uniform(&stride),
        ResidentArgument::Uniform(&rounds),
        ResidentArgument::Memory(&kept),
        ResidentArgument::Index,
        ResidentArgument::Memory(&out),
    ];
    for _ in 0..case.reuse {
        backend.launch_resident(reading, Extent::linear(case.items()), &arguments).ok()?;
        if case.written {
            let writing = update(&mut source[..]).definition();
            let all = Extent::linear(case.elements());
            backend.launch_resident(writing, all, &[ResidentArgument::Memory(&kept)]).ok()?;
        }
    }
    clock.lap("uses");
    if case.written {
        backend.fetch(&kept, bytemuck::cast_slice_mut(source)).ok()?;
        clock.lap("move back, free");
    }
    Some(clock.parts)
}

/// What the kernels take on the device, on data that is there.
pub(crate) fn learn(backend: &Arc<WgpuBackend>, data: &mut Data) -> Kernel {
    let mut uses = |case: &Case| {
        let parts = resident(backend, case, &mut data.source[..case.elements()], &mut data.results);
        parts.and_then(|parts| parts.iter().find(|part| part.0 == "uses").map(|part| part.1)).unwrap_or(f64::INFINITY)
    };
    let tiny = Case { bytes: 256, touched: 1.0, scattered: false, reuse: 1, written: false, rounds: 0 };
    let fixed = (0..5).map(|_| uses(&tiny)).fold(f64::INFINITY, f64::min);
    let read = Kernel::learn(fixed, &mut uses, |_| 0.0);
    let both = Kernel::learn(2.0 * fixed, |_| 0.0, |case| uses(&Case { written: true, ..*case }));
    Kernel { update: (both.update - read.pick).max(read.pick * 0.1), ..read }
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
