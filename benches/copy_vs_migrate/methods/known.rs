//! What predictions rest on: rates of the probes, and what the kernels and movers take, from launches and moves at sizes that no
//! case has.

use std::time::{Duration, Instant};

use landbridge::planner::{Need, Path, Quantity, Rates, cost};

use super::super::cases::{Case, Pages, Pattern};
use super::super::model::needs;
use super::Refusal;

/// Rates and kernels of this machine.
pub(crate) struct Known {
    pub(crate) host: Rates,
    pub(crate) device: Option<Rates>,
    pub(crate) host_kernel: Kernel,
    pub(crate) device_kernel: Option<Kernel>,
    /// Bytes of the host's last cache: the rates are those of memory, and what fits half of it is served faster.
    pub(crate) cache: f64,
}

/// Bytes of the largest cache of the first CPU, as the kernel says; nought where it does not.
pub(crate) fn cache() -> f64 {
    let size = |index: usize| {
        let text = std::fs::read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size")).ok()?;
        Some(text.trim().strip_suffix('K')?.parse::<f64>().ok()? * 1024.0)
    };
    (0..8).filter_map(size).fold(0.0, f64::max)
}

impl Known {
    /// Seconds of all uses of a case on the host, wherever its data is.
    pub(crate) fn on_host(&self, case: &Case) -> Option<f64> {
        let path = Path::streaming(self.host.get(Quantity::HostStreamAll)?);
        let results = case.items() * size_of::<f32>();
        let cached = (case.bytes + results) as f64 <= self.cache / 2.0;
        Some(self.host_kernel.uses(case, Some(path).filter(|_| !cached)))
    }

    /// Seconds of one thread to copy so many bytes.
    pub(crate) fn copying(&self, bytes: f64) -> Option<f64> {
        Some(bytes / self.host.get(Quantity::HostCopyOne)?)
    }

    /// Seconds of one thread to make the pages of a case.
    pub(crate) fn faults(&self, case: &Case) -> Option<f64> {
        match case.pages {
            // Hardly more than to write zeros.
            Pages::Huge => self.copying(case.bytes as f64),
            _ => Some(case.bytes as f64 / 4096.0 * self.host.get(Quantity::HostFault)?),
        }
    }
}

/// Threads of the host.
pub(crate) fn threads() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |threads| threads.get() as f64)
}

/// Seconds of the kernels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernel {
    /// A launch, however small.
    fixed: f64,
    /// An element in order.
    pick: f64,
    /// An element here and there.
    gather: f64,
    /// A step of a walk, all walks of the device side by side.
    hop: f64,
    /// A multiplication and addition.
    round: f64,
    /// An element written.
    update: f64,
    /// Threads that share these, and seconds until they help: where they were measured with one.
    shared: (f64, f64),
}

/// The launches that teach: their bytes and rounds.
const TAUGHT: Case = Case::reading(2 << 20);
const TAUGHT_ROUNDS: u32 = 24;

impl Kernel {
    /// From launches on a device; `run` tells the seconds of a case's uses, on data that is there.
    pub(crate) fn learn(mut run: impl FnMut(&Case) -> Result<f64, Refusal>) -> Result<Self, Refusal> {
        let mut best = |case: Case| -> Result<f64, Refusal> {
            let begin = Instant::now();
            let (mut best, mut tries) = (run(&case)?, 1);
            while tries < 5 || (tries < 60 && begin.elapsed() < Duration::from_millis(60)) {
                (best, tries) = (best.min(run(&case)?), tries + 1);
            }
            Ok(best)
        };
        let fixed = best(Case::reading(256))?;
        let plain = best(TAUGHT)?;
        let beyond = |seconds: f64| (seconds - fixed).max(seconds * 0.1);
        let elements = TAUGHT.elements() as f64;
        let heavy = best(Case { rounds: TAUGHT_ROUNDS, ..TAUGHT })?;
        let gathered = best(Case { pattern: Pattern::Random, ..TAUGHT })?;
        let chasing = Case { pattern: Pattern::Chase, touched: 1.0 / 16.0, ..TAUGHT };
        let chased = best(chasing)?;
        let written = best(Case { written: 1.0, ..TAUGHT })?;
        Ok(Kernel {
            fixed,
            pick: beyond(plain) / elements,
            gather: beyond(gathered) / elements,
            hop: beyond(chased) / chasing.lines() as f64,
            round: (heavy - plain).max(0.0) / elements / f64::from(TAUGHT_ROUNDS),
            update: (written - plain - fixed).max(plain * 0.1) / elements,
            shared: (1.0, 0.0),
        })
    }

    /// The same, shared by so many threads, which help after so many seconds.
    pub(crate) fn shared(self, threads: f64, wake: f64) -> Self {
        Kernel { shared: (threads, wake), ..self }
    }

    /// Seconds of a launch, however small.
    pub(crate) fn fixed(&self) -> f64 {
        self.fixed
    }

    /// Bytes of the launches that teach.
    pub(crate) const fn taught() -> usize {
        TAUGHT.bytes
    }

    /// Seconds of all uses of a case. `path`: the memory that data and results are in, if its rate is known.
    pub(crate) fn uses(&self, case: &Case, path: Option<Path>) -> f64 {
        let alone = match case.pattern {
            Pattern::Chase => case.lines() as f64 * self.hop,
            Pattern::Random => case.items() as f64 * self.gather,
            _ => case.items() as f64 * (self.pick + self.round * f64::from(case.rounds)),
        };
        let traffic = |needs: &[Need]| path.map_or(0.0, |path| needs.iter().map(|need| cost::pass(&path, need)).sum());
        let launch = |alone, traffic| self.fixed + cost::spread(alone, self.shared.0, self.shared.1).max(traffic);
        let mut each = launch(alone, traffic(&needs(case)));
        if case.written > 0.0 {
            // Each element that is written is read, too.
            let writing = Need::reading("data", 2.0 * case.bytes as f64 * case.written);
            each += launch(case.elements_written() as f64 * self.update, traffic(&[writing]));
        }
        f64::from(case.reuse) * each
    }
}

/// What moves of pages take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moves {
    /// A move, however small.
    start: f64,
    /// A byte.
    byte: f64,
}

impl Moves {
    /// From moves of two sizes; `run` tells the seconds of one.
    pub(crate) fn learn(mut run: impl FnMut(usize) -> Result<f64, Refusal>) -> Result<Self, Refusal> {
        const SIZES: [usize; 2] = [6 << 20, 12 << 20];
        let mut best = |bytes| Ok::<f64, Refusal>(run(bytes)?.min(run(bytes)?).min(run(bytes)?));
        let (small, large) = (best(SIZES[0])?, best(SIZES[1])?);
        let byte = (large - small).max(large * 0.1) / (SIZES[1] - SIZES[0]) as f64;
        Ok(Moves { start: (small - byte * SIZES[0] as f64).max(0.0), byte })
    }

    /// The largest of them.
    pub(crate) const MOST: usize = 12 << 20;

    /// Seconds of a move of so many bytes.
    pub(crate) fn seconds(&self, bytes: usize) -> f64 {
        self.start + self.byte * bytes as f64
    }
}
