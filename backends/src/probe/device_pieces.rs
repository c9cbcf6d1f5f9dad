//! Probes of a device: a few launches each, read off their reports.

use std::hint::black_box;
use std::time::Instant;

use landbridge_core::plan::StepKind;
use landbridge_core::planner::Quantity;
use landbridge_core::{Device, DeviceKind, Report, Result, Strategy};

use super::kernels::{churn, mix};
use super::{Effort, Measured, Wait, node_pieces};

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// What a launch and a copy cost however small they are.
    Fixed,
    /// Copies, and the device's own memory.
    Copies,
    /// Arithmetic, against one core of the host.
    Arithmetic,
    /// Mapping, and mapped memory.
    Mapping,
    /// Launches on data that stays on the device.
    Keeping,
    /// Memory of other nodes.
    Reaching,
    /// Pages that move to a node.
    Moving,
    /// The same by copying and remapping.
    Remapping,
}

impl Piece {
    pub(super) const ALL: [Piece; 8] = {
        use Piece::*;
        [Fixed, Copies, Arithmetic, Mapping, Keeping, Reaching, Moving, Remapping]
    };

    /// What it finds.
    pub(super) fn finds(self) -> &'static [Quantity] {
        match self {
            Piece::Fixed => &[Quantity::Launch, Quantity::CopyLatency],
            Piece::Copies => &[Quantity::CopyIn, Quantity::CopyOut, Quantity::OwnMemory],
            Piece::Arithmetic => &[Quantity::Speed],
            // Not `MapByte`: where mapping takes the same time for any size, there is none to be found.
            Piece::Mapping => &[Quantity::MapLatency, Quantity::MappedMemory],
            Piece::Keeping => &[Quantity::KeptLaunch, Quantity::KeptMemory],
            Piece::Reaching => &[Quantity::DirectMemory],
            // Nor huge pages, which a system may not have.
            Piece::Moving => &[Quantity::MovePages, Quantity::MoveLatency],
            Piece::Remapping => &[Quantity::Remap],
        }
    }

    /// Whether the device has it at all.
    pub(super) fn is_for(self, device: &Device) -> bool {
        match self {
            Piece::Fixed | Piece::Copies => device.info().supports(Strategy::Copy),
            Piece::Keeping => device.info().supports(Strategy::Copy) && device.info().kind != DeviceKind::Node,
            Piece::Arithmetic => true,
            Piece::Mapping => device.info().supports(Strategy::Map),
            Piece::Reaching => node_pieces::source_of_others(device).is_some(),
            Piece::Moving | Piece::Remapping => node_pieces::source(device).is_some(),
        }
    }

    /// Measures it. The device must have no fallback.
    ///
    /// # Errors
    /// As [`Device::run`].
    pub(super) fn measure(self, device: &Device, effort: Effort, wait: &Wait<'_>) -> Result<Measured> {
        match self {
            Piece::Fixed => fixed(device, wait),
            Piece::Copies => copies(device, effort, wait),
            Piece::Arithmetic => arithmetic(device, effort, wait),
            Piece::Mapping => mapping(device, effort, wait),
            Piece::Keeping => keeping(device, effort, wait),
            Piece::Reaching => reaching(device, effort, wait),
            Piece::Moving => Ok(node_pieces::moving(device, effort, wait)),
            Piece::Remapping => Ok(node_pieces::remapping(device, effort, wait)),
        }
    }
}

/// Launches of which the first, which compiles and allocates, does not count.
const LAUNCHES: usize = 4;

/// The shortest time of each step over a few launches: what disturbs a launch only makes it longer.
struct Best([Option<f64>; 4]);

const STEPS: [StepKind; 4] = [StepKind::Map, StepKind::CopyIn, StepKind::Run, StepKind::CopyOut];

impl Best {
    fn of(wait: &Wait<'_>, mut launch: impl FnMut() -> Result<Report>) -> Result<Self> {
        wait();
        launch()?;
        let mut best = Best([None; 4]);
        for _ in 1..LAUNCHES {
            wait();
            let report = launch()?;
            for (slot, kind) in best.0.iter_mut().zip(STEPS) {
                let seconds = report.steps.get(kind).map(|time| time.as_secs_f64());
                *slot = match (*slot, seconds) {
                    (Some(before), Some(now)) => Some(before.min(now)),
                    (before, now) => before.or(now),
                };
            }
        }
        Ok(best)
    }

    fn get(&self, kind: StepKind) -> Option<f64> {
        let index = STEPS.iter().position(|step| *step == kind)?;
        self.0[index]
    }
}

/// Elements of a launch that is as small as can be.
const TINY: usize = 64;

fn mixing(device: &Device, elements: usize, strategy: Strategy, wait: &Wait<'_>) -> Result<Best> {
    let (x, mut y) = (vec![1_u32; elements], vec![2_u32; elements]);
    Best::of(wait, || device.run(mix(&x, &mut y).strategy(strategy)))
}

fn fixed(device: &Device, wait: &Wait<'_>) -> Result<Measured> {
    let best = mixing(device, TINY, Strategy::Copy, wait)?;
    // Two arguments go in.
    let latency = best.get(StepKind::CopyIn).map(|seconds| seconds / 2.0);
    Ok(found([(Quantity::Launch, best.get(StepKind::Run)), (Quantity::CopyLatency, latency)]))
}

fn copies(device: &Device, effort: Effort, wait: &Wait<'_>) -> Result<Measured> {
    let elements = effort.bytes_for(device) / size_of::<u32>();
    let mixing = |elements| mixing(device, elements, Strategy::Copy, wait);
    let (small, large) = (mixing(TINY)?, mixing(elements)?);
    let bytes = (elements * size_of::<u32>()) as f64;
    let rate = |kind, bytes: f64| Some(bytes / beyond(small.get(kind)?, large.get(kind)?));
    Ok(found([
        (Quantity::CopyIn, rate(StepKind::CopyIn, 2.0 * bytes)),
        (Quantity::CopyOut, rate(StepKind::CopyOut, bytes)),
        // As the planner counts it: each argument once, whether it is read, written, or both.
        (Quantity::OwnMemory, rate(StepKind::Run, 2.0 * bytes)),
    ]))
}

fn mapping(device: &Device, effort: Effort, wait: &Wait<'_>) -> Result<Measured> {
    let elements = effort.bytes_for(device) / size_of::<u32>();
    let mixing = |elements| mixing(device, elements, Strategy::Map, wait);
    let (small, large) = (mixing(TINY)?, mixing(elements)?);
    let bytes = 2.0 * (elements * size_of::<u32>()) as f64;
    let map = |best: &Best| best.get(StepKind::Map);
    let per_byte = || Some((map(&large)? - map(&small)?).max(0.0) / bytes);
    let rate = || Some(bytes / beyond(small.get(StepKind::Run)?, large.get(StepKind::Run)?));
    Ok(found([
        (Quantity::MapLatency, map(&small).map(|seconds| seconds / 2.0)),
        (Quantity::MapByte, per_byte()),
        (Quantity::MappedMemory, rate()),
    ]))
}

/// A scope's launches, which are not waited for one by one.
fn keeping(device: &Device, effort: Effort, wait: &Wait<'_>) -> Result<Measured> {
    let elements = effort.bytes_for(device) / size_of::<u32>();
    let (small, large) = (kept(device, TINY, wait)?, kept(device, elements, wait)?);
    let bytes = 2.0 * (elements * size_of::<u32>()) as f64;
    let rate = bytes / beyond(small, large);
    Ok(found([(Quantity::KeptLaunch, Some(small)), (Quantity::KeptMemory, Some(rate))]))
}

/// Seconds of a launch among several on data that is there.
fn kept(device: &Device, elements: usize, wait: &Wait<'_>) -> Result<f64> {
    const MANY: u32 = 8;
    let (x, mut y) = (vec![1_u32; elements], vec![2_u32; elements]);
    wait();
    device.scope(|s| {
        let (x, mut y) = (s.attach(&x), s.attach_mut(&mut y));
        let mut best = f64::INFINITY;
        for _ in 0..LAUNCHES {
            // What was there already, and the first, which compiles, are waited for.
            let launch = |y: &mut _| s.launch(mix(&x, y).strategy(Strategy::Copy));
            launch(&mut y)?;
            s.read(&y, 0..1)?;
            let begin = Instant::now();
            for _ in 0..MANY {
                launch(&mut y)?;
            }
            s.read(&y, 0..1)?;
            best = best.min(begin.elapsed().as_secs_f64() / f64::from(MANY));
        }
        Ok(best)
    })
}

/// Arrays that lie where other CPUs are nearest.
fn reaching(device: &Device, effort: Effort, wait: &Wait<'_>) -> Result<Measured> {
    let elements = effort.bytes_for(device) / size_of::<u32>();
    let Some(source) = node_pieces::source_of_others(device) else { return Ok(vec![]) };
    let (x, mut y) = (vec![1_u32; elements], vec![2_u32; elements]);
    if !(node_pieces::place(&x, source) && node_pieces::place(&y, source)) {
        return Ok(vec![]);
    }
    let small = mixing(device, TINY, Strategy::Direct, wait)?;
    let large = Best::of(wait, || device.run(mix(&x, &mut y).strategy(Strategy::Direct)))?;
    let bytes = 2.0 * (elements * size_of::<u32>()) as f64;
    let rate = || Some(bytes / beyond(small.get(StepKind::Run)?, large.get(StepKind::Run)?));
    Ok(found([(Quantity::DirectMemory, rate())]))
}

fn arithmetic(device: &Device, effort: Effort, wait: &Wait<'_>) -> Result<Measured> {
    const ROUNDS: u32 = 256;
    let items = effort.items();
    let mut x = vec![1.0_f32; items];
    let empty = Best::of(wait, || device.run(churn(0, &mut x)))?;
    let full = Best::of(wait, || device.run(churn(ROUNDS, &mut x)))?;
    let seconds = || Some(beyond(empty.get(StepKind::Run)?, full.get(StepKind::Run)?) / items as f64);
    let host = one_core(ROUNDS);
    Ok(found([(Quantity::Speed, seconds().map(|device| host / device))]))
}

/// Seconds of one work-item of [`churn`] on this thread.
fn one_core(rounds: u32) -> f64 {
    const ITEMS: usize = 256;
    let mut x = vec![1.0_f32; ITEMS];
    let run = |x: &mut Vec<f32>| {
        let begin = Instant::now();
        for value in black_box(x) {
            *value = (0..rounds).fold(*value, |value, _| value * 0.75 + 0.5);
        }
        begin.elapsed().as_secs_f64() / ITEMS as f64
    };
    (0..LAUNCHES).map(|_| run(&mut x)).fold(f64::INFINITY, f64::min)
}

/// The part of a step that grows with the launch; never less than a tenth of it, where noise hides the difference.
pub(super) fn beyond(small: f64, large: f64) -> f64 {
    (large - small).max(large * 0.1)
}

pub(super) fn found<const N: usize>(all: [(Quantity, Option<f64>); N]) -> Measured {
    all.into_iter().filter_map(|(quantity, value)| Some((quantity, value?))).collect()
}
