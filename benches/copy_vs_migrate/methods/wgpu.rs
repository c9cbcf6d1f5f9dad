//! Ways through a device of wgpu.

use std::sync::{Arc, mpsc};
use std::thread;

use landbridge::backend::DeviceKind;
use landbridge::backends::webgpu::{Resident, ResidentArgument, WgpuBackend};
use landbridge::launch::Definition;
use landbridge::planner::Quantity;
use landbridge::prelude::*;

use super::super::cases::{Case, Pages, Pattern};
use super::super::kernels::{chase, gather, pick, update_first};
use super::data::Data;
use super::known::{Kernel, Known};
use super::pieces::{self, Piece};
use super::{Clock, Parts, Refusal, Way, Ways, uses};

/// Adds those of a backend; why there is none otherwise.
pub(super) fn add(ways: &mut Ways, backend: Result<Arc<WgpuBackend>, String>) {
    let backend = match backend {
        Ok(backend) => backend,
        Err(why) => {
            for kind in [Kind::Copy, Kind::Overlapped, Kind::Map] {
                ways.absent(kind.name(), why.clone());
            }
            return;
        }
    };
    let device = Device::from_backend(backend.clone(), None);
    for kind in [Kind::Copy, Kind::Overlapped, Kind::Map] {
        let missing = device.info().strategies.iter().find(|support| support.strategy == Strategy::Map);
        match missing.and_then(|support| support.missing.as_ref()).filter(|_| kind == Kind::Map) {
            Some(why) => ways.absent(kind.name(), why.to_string()),
            None => {
                let (backend, device) = (backend.clone(), device.clone());
                ways.here.push(Box::new(OnDevice { kind, backend, device }));
            }
        }
    }
    ways.absent(
        "wgpu copy, pinned pages",
        "wgpu copies from buffers of its own only, which are pinned: `wgpu copy` goes through them; pages of the user are \
         pinned where `wgpu map` imports them",
    );
    ways.absent("wgpu prefetch", "wgpu has no memory whose pages come to the device at the first touch");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Copy,
    Overlapped,
    Map,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Copy => "wgpu copy",
            Kind::Overlapped => "wgpu copy, overlapped",
            Kind::Map => "wgpu map",
        }
    }
}

struct OnDevice {
    kind: Kind,
    backend: Arc<WgpuBackend>,
    device: Device,
}

impl Way for OnDevice {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn about(&self) -> &'static str {
        match self.kind {
            Kind::Copy => "copied to the device once, used there, written data copied back",
            Kind::Overlapped => "the same in eight pieces: each is used first while a thread sends the next",
            Kind::Map => "imported in place for each use",
        }
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages != Pages::Unmapped && (self.kind != Kind::Overlapped || case.is_in_order())
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        match self.kind {
            Kind::Copy => resident(&self.backend, case, data),
            Kind::Overlapped => overlapped(&self.backend, case, data),
            Kind::Map => {
                let mut clock = Clock::start();
                let source = &mut data.source.slice_mut()[..case.bytes];
                uses::all(&self.device, case, 0, source, &mut data.results, Strategy::Map)?;
                clock.lap("uses");
                Ok(clock.parts)
            }
        }
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        let (rates, kernel) = (known.device.as_ref()?, known.device_kernel.as_ref()?);
        let (bytes, launch) = (case.bytes as f64, rates.get(Quantity::Launch)?);
        let uses = kernel.uses(case, None);
        // One copy to where the driver sees it, one from there, with a submission of its own.
        let input = 2.0 * bytes / rates.get(Quantity::CopyIn)? + launch;
        let back = match case.written {
            0.0 => 0.0,
            part => 2.0 * bytes * part / rates.get(Quantity::CopyOut)? + launch,
        };
        Some(match self.kind {
            Kind::Copy => uses + input + back,
            Kind::Overlapped => {
                let more = (pieces::PIECES - 1) as f64;
                let (input, launches) = (input + more * launch, more * kernel.fixed());
                let first = kernel.uses(&Case { reuse: 1, ..*case }, None) + launches;
                // A device in software takes the cores that copy.
                let both = match self.device.info().kind {
                    DeviceKind::Software => input + first,
                    _ => input.max(first) + input.min(first) / pieces::PIECES as f64,
                };
                let further = uses + f64::from(case.reuse) * launches - first;
                both + further + if back > 0.0 { back + more * launch } else { 0.0 }
            }
            Kind::Map => {
                let bound = bytes + case.items() as f64 * size_of::<f32>() as f64;
                let map = 2.0 * rates.get(Quantity::MapLatency)? + bound * rates.get(Quantity::MapByte).unwrap_or(0.0);
                let written = if case.written > 0.0 { 2.0 } else { 1.0 };
                uses + f64::from(case.reuse) * map * written
            }
        })
    }
}

/// What the kernels take on the device, on data that is there.
pub(super) fn learn(backend: &Arc<WgpuBackend>, data: &mut Data) -> Result<Kernel, Refusal> {
    Kernel::learn(|case| {
        data.lay_out(case)?;
        let parts = resident(backend, case, data)?;
        Ok(parts.iter().filter(|part| part.0 == "uses").map(|part| part.1).sum())
    })
}

/// The kernel that reads, and its values.
struct Reading {
    definition: &'static Definition,
    values: [[u8; 4]; 2],
}

impl Reading {
    fn of(case: &Case) -> Self {
        let values = |(one, other): (u32, u32)| [one.to_ne_bytes(), other.to_ne_bytes()];
        let (floats, places, results): (&[f32], &[u32], &mut [f32]) = (&[], &[], &mut []);
        match case.pattern {
            Pattern::Sequential | Pattern::Strided => Reading {
                definition: pick(1, 0, floats, results).definition(),
                values: values((case.stride(), case.rounds)),
            },
            Pattern::Random => {
                Reading { definition: gather(0, 0, floats, results).definition(), values: values(uses::scatter(case)) }
            }
            Pattern::Chase => {
                Reading { definition: chase(0, 0, places, results).definition(), values: values(uses::walk(case)) }
            }
        }
    }

    fn launch(&self, backend: &WgpuBackend, items: usize, data: &Resident, results: &Resident) -> Result<(), Refusal> {
        let arguments = [
            ResidentArgument::Uniform(&self.values[0]),
            ResidentArgument::Uniform(&self.values[1]),
            ResidentArgument::Memory(data),
            ResidentArgument::Index,
            ResidentArgument::Memory(results),
        ];
        backend.launch_resident(self.definition, Extent::linear(items), &arguments)?;
        Ok(())
    }
}

/// Writes the first so many of some elements.
fn write(backend: &WgpuBackend, written: usize, elements: usize, data: &Resident) -> Result<(), Refusal> {
    if written > 0 {
        let nothing: &mut [f32] = &mut [];
        let count = (written as u32).to_ne_bytes();
        let arguments = [ResidentArgument::Uniform(&count), ResidentArgument::Index, ResidentArgument::Memory(data)];
        let definition = update_first(0, nothing).definition();
        backend.launch_resident(definition, Extent::linear(elements), &arguments)?;
    }
    Ok(())
}

/// Copied once, used on the device, copied back if written. Where results go is on the device before.
fn resident(backend: &WgpuBackend, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
    let source = &mut data.source.slice_mut()[..case.bytes];
    let reading = Reading::of(case);
    let results = backend.keep(bytemuck::cast_slice(&data.results[..case.items()]))?;
    let written = case.elements_written();
    let mut clock = Clock::start();
    let kept = backend.keep(source)?;
    clock.lap("move in");
    for _ in 0..case.reuse {
        reading.launch(backend, case.items(), &kept, &results)?;
        write(backend, written, case.elements(), &kept)?;
    }
    clock.lap("uses");
    backend.fetch(&kept, &mut source[..written * size_of::<f32>()])?;
    clock.lap("move back, free");
    Ok(clock.parts)
}

/// The same in pieces, the first use of each beside the copy of the next.
fn overlapped(backend: &WgpuBackend, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
    let source = &mut data.source.slice_mut()[..case.bytes];
    let (pieces, reading) = (pieces::cut(case), Reading::of(case));
    let results = |piece: &Piece| backend.keep(bytemuck::cast_slice(&data.results[piece.items.clone()]));
    let results: Vec<Resident> = pieces.iter().map(results).collect::<Result<_, _>>()?;
    let use_one = |piece: &Piece, kept: &Resident, results: &Resident| -> Result<(), Refusal> {
        if !piece.items.is_empty() {
            reading.launch(backend, piece.items.len(), kept, results)?;
        }
        write(backend, piece.writes, piece.bytes.len() / size_of::<f32>(), kept)
    };
    let mut clock = Clock::start();
    let kept = thread::scope(|scope| -> Result<Vec<Resident>, Refusal> {
        let (sender, arrivals) = mpsc::channel();
        let (source, pieces) = (&*source, &pieces);
        scope.spawn(move || {
            for piece in pieces {
                // Nobody waits for it only where a use has failed.
                let _ = sender.send(backend.keep(&source[piece.bytes.clone()]));
            }
        });
        let mut kept = vec![];
        for ((piece, results), arrived) in pieces.iter().zip(&results).zip(arrivals) {
            let arrived = arrived?;
            use_one(piece, &arrived, results)?;
            kept.push(arrived);
        }
        Ok(kept)
    })?;
    clock.lap("move in, first use");
    for _ in 1..case.reuse {
        for ((piece, kept), results) in pieces.iter().zip(&kept).zip(&results) {
            use_one(piece, kept, results)?;
        }
    }
    clock.lap("uses");
    for (piece, kept) in pieces.iter().zip(&kept) {
        let start = piece.bytes.start;
        backend.fetch(kept, &mut source[start..start + piece.writes * size_of::<f32>()])?;
    }
    clock.lap("move back, free");
    Ok(clock.parts)
}
