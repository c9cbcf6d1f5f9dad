//! Ways on the host's own cores.

use std::hint::black_box;
use std::sync::{Arc, mpsc};
use std::thread;

use landbridge::backends::numa::mover::{Keep, Method, MoveOptions, MoveSpan, Mover, Residency};
use landbridge::planner::{Quantity, Rates};
use landbridge::prelude::*;

use super::super::cases::{Case, Pages};
use super::super::support::Memory;
use super::data::{self, Data};
use super::known::{self, Kernel, Known, Moves};
use super::{Clock, Parts, Refusal, Way, Ways, pieces, uses};

const REMAPPED: &str = "copy and remap, same node";

/// Adds them.
pub(super) fn add(ways: &mut Ways, data: &mut Data) {
    let kinds = [Kind::Direct, Kind::Fresh, Kind::Kept, Kind::Pinned, Kind::Overlapped, Kind::There];
    ways.here.extend(kinds.map(|kind| Box::new(OnHost { kind, host: Device::host() }) as Box<dyn Way>));
    match Remapped::new(data) {
        Ok(way) => ways.here.push(Box::new(way)),
        Err(why) => ways.absent(REMAPPED, why.to_string()),
    }
}

/// What the kernels take on the host: measured on one thread, which never waits for others, and how much faster all threads are
/// at arithmetic (two that share a core are not twice as fast).
pub(super) fn learn(data: &mut Data, rates: &Rates) -> Result<Kernel, Refusal> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let (alone, together) = (Device::options().pool(Arc::new(pool)).host(), Device::host());
    let mut once = |device: &Device, case: &Case| {
        data.lay_out(case)?;
        let source = &mut data.source.slice_mut()[..case.bytes];
        let mut clock = Clock::start();
        uses::all(device, case, 0, source, &mut data.results, Strategy::Auto)?;
        clock.lap("uses");
        Ok(clock.parts[0].1)
    };
    let kernel = Kernel::learn(|case| once(&alone, case))?;
    let wake = rates.get(Quantity::HostWake).unwrap_or(0.0);
    let case = Case { rounds: 100, ..Case::reading(Kernel::taught()) };
    let mut best = f64::INFINITY;
    for _ in 0..12 {
        best = best.min(once(&together, &case)?);
    }
    let faster = kernel.uses(&case, None) / (best - wake).max(best * 0.1);
    Ok(kernel.shared(faster.clamp(1.0, known::threads()), wake))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Direct,
    Fresh,
    Kept,
    Pinned,
    Overlapped,
    There,
}

struct OnHost {
    kind: Kind,
    host: Device,
}

impl Way for OnHost {
    fn name(&self) -> &'static str {
        match self.kind {
            Kind::Direct => "direct",
            Kind::Fresh => "copy, fresh pages",
            Kind::Kept => "copy, kept pages",
            Kind::Pinned => "copy, pinned pages",
            Kind::Overlapped => "copy, overlapped",
            Kind::There => "already there",
        }
    }

    fn about(&self) -> &'static str {
        match self.kind {
            Kind::Direct => "the host's cores, on the data where it is",
            Kind::Fresh => "a pageable copy in memory that was just allocated, and freed in the end",
            Kind::Kept => "a pageable copy in memory that is there and touched",
            Kind::Pinned => {
                "a copy in memory that is allocated and locked for it (a part of its own), and freed in the end"
            }
            Kind::Overlapped => {
                "a copy in kept memory, in eight pieces: each is used first while a thread copies the next"
            }
            Kind::There => "no move at all: the bound of the copies, never a choice",
        }
    }

    fn is_oracle(&self) -> bool {
        self.kind == Kind::There
    }

    fn suits(&self, case: &Case) -> bool {
        case.pages != Pages::Unmapped && (self.kind != Kind::Overlapped || case.is_in_order())
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        let Data { source, kept, results, .. } = data;
        let source = &mut source.slice_mut()[..case.bytes];
        let kept = &mut kept.slice_mut()[..case.bytes];
        let written = case.elements_written() * size_of::<f32>();
        let mut use_all = |from, data: &mut [u8]| uses::all(&self.host, case, from, data, results, Strategy::Auto);
        let mut clock = Clock::start();
        match self.kind {
            Kind::Direct => use_all(0, source)?,
            Kind::There => use_all(0, kept)?,
            Kind::Fresh | Kind::Pinned => {
                let mut fresh = Memory::untouched(case.bytes, data::kind(case.pages))?;
                if self.kind == Kind::Pinned {
                    fresh.lock()?;
                    clock.lap("pin");
                }
                fresh.slice_mut().copy_from_slice(black_box(source));
                clock.lap("move in");
                use_all(0, fresh.slice_mut())?;
                clock.lap("uses");
                source[..written].copy_from_slice(&fresh.slice()[..written]);
                drop(fresh);
                clock.lap("move back, free");
                return Ok(clock.parts);
            }
            Kind::Kept | Kind::Overlapped => {
                let first = if self.kind == Kind::Kept {
                    kept.copy_from_slice(black_box(source));
                    clock.lap("move in");
                    0
                } else {
                    overlapped(&self.host, case, source, kept, results)?;
                    clock.lap("move in, first use");
                    1
                };
                uses::all(&self.host, case, first, kept, results, Strategy::Auto)?;
                clock.lap("uses");
                source[..written].copy_from_slice(&kept[..written]);
                clock.lap("move back, free");
                return Ok(clock.parts);
            }
        }
        clock.lap("uses");
        Ok(clock.parts)
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        let uses = known.on_host(case)?;
        let copy = known.copying(case.bytes as f64)?;
        let back = copy * case.written;
        Some(match self.kind {
            Kind::Direct | Kind::There => uses,
            Kind::Fresh | Kind::Pinned => uses + copy + known.faults(case)? + back,
            Kind::Kept => uses + copy + back,
            Kind::Overlapped => {
                // The thread that copies is one of those that the first use would have.
                let first = known.on_host(&Case { reuse: 1, ..*case })?;
                let threads = known::threads();
                copy.max((copy + threads * first) / threads) + uses - first + back
            }
        })
    }
}

/// Copies, and uses each piece when it has come.
fn overlapped(host: &Device, case: &Case, source: &[u8], kept: &mut [u8], results: &mut [f32]) -> Result<(), Refusal> {
    let pieces = pieces::cut(case);
    let length = pieces[0].bytes.len();
    let (sender, arrivals) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            for (from, to) in source.chunks(length).zip(kept.chunks_mut(length)) {
                to.copy_from_slice(black_box(from));
                // Nobody waits for it only where a use has failed.
                let _ = sender.send(to);
            }
        });
        for (piece, part) in pieces.iter().zip(arrivals) {
            uses::first(host, case, piece, part, results, Strategy::Auto)?;
        }
        Ok(())
    })
}

/// The pages move to the node that they are on: the mover's whole work but for the distance.
struct Remapped {
    host: Device,
    mover: Mover,
    moves: Moves,
}

impl Remapped {
    fn new(data: &mut Data) -> Result<Self, Refusal> {
        let options = MoveOptions::default().method(Method::Remap).allow_remap(true).again(true).keep(Keep::Never);
        let mover = Mover::new(options);
        let moves = Moves::learn(|bytes| go(&mover, &mut data.source.slice_mut()[..bytes]))?;
        Ok(Remapped { host: Device::host(), mover, moves })
    }
}

/// Seconds until all pages have moved.
fn go(mover: &Mover, source: &mut [u8]) -> Result<f64, Refusal> {
    let node = *Residency::of(&[MoveSpan::exclusive(source)]).nodes.keys().next().ok_or("it is on no node")?;
    let mut clock = Clock::start();
    let report = mover.migrate(&[MoveSpan::exclusive(source)], node);
    clock.lap("move in");
    if report.moved == 0 { Err(report.to_string().into()) } else { Ok(clock.parts[0].1) }
}

impl Way for Remapped {
    fn name(&self) -> &'static str {
        REMAPPED
    }

    fn about(&self) -> &'static str {
        "the user-space mover, to the node that the pages are on: its cost without the distance"
    }

    fn suits(&self, case: &Case) -> bool {
        // Less is left to the kernel, which has nothing to do here.
        case.pages != Pages::Unmapped && case.bytes >= self.mover.options().remap_from
    }

    fn run(&self, case: &Case, data: &mut Data) -> Result<Parts, Refusal> {
        let source = &mut data.source.slice_mut()[..case.bytes];
        let moved = go(&self.mover, source)?;
        let mut clock = Clock::start();
        uses::all(&self.host, case, 0, source, &mut data.results, Strategy::Auto)?;
        clock.lap("uses");
        Ok(vec![("move in", moved), clock.parts[0]])
    }

    fn predict(&self, case: &Case, known: &Known) -> Option<f64> {
        Some(known.on_host(case)? + self.moves.seconds(case.bytes))
    }
}
