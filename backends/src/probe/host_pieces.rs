//! Probes of the host: its memory, by one thread and by all, and what first touches and sleeping threads cost.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use landbridge_core::planner::Quantity;

use super::{Effort, Measured};

/// Passes over the buffers; the fastest counts.
const PASSES: usize = 4;

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// One thread.
    Alone,
    /// All threads that the process may use.
    Together,
    /// First touch of a page.
    Fault,
    /// Until a sleeping thread of rayon's pool comes: only on request, as it starts the pool.
    Wake,
}

impl Piece {
    /// What it finds.
    pub(super) fn finds(self) -> &'static [Quantity] {
        match self {
            Piece::Alone => &[Quantity::HostCopyOne, Quantity::HostStreamOne],
            Piece::Together => &[Quantity::HostCopyAll, Quantity::HostStreamAll],
            Piece::Fault => &[Quantity::HostFault],
            Piece::Wake => &[Quantity::HostWake],
        }
    }

    /// Measures it.
    pub(super) fn measure(self, effort: Effort) -> Measured {
        match self {
            Piece::Alone => memory(1, effort, Piece::Alone.finds()),
            Piece::Together => memory(threads(), effort, Piece::Together.finds()),
            Piece::Fault => vec![(Quantity::HostFault, fault())],
            Piece::Wake => vec![(Quantity::HostWake, wake())],
        }
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |threads| threads.get())
}

/// Bytes a second of copying and of streaming two arrays into a third, all threads together.
fn memory(threads: usize, effort: Effort, finds: &[Quantity]) -> Measured {
    let elements = effort.bytes() / size_of::<u64>() / threads;
    let barrier = Barrier::new(threads);
    let work = || {
        let mut arrays = Arrays::new(elements);
        let passes = [Arrays::copy as fn(&mut Arrays), Arrays::stream];
        passes.map(|pass| {
            barrier.wait();
            (0..PASSES).map(|_| seconds(|| pass(&mut arrays))).fold(f64::INFINITY, f64::min)
        })
    };
    let mut slowest = [0.0_f64; 2];
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut times = vec![work()];
        // A helper that panicked is not there to be waited for.
        times.extend(helpers.into_iter().filter_map(|helper| helper.join().ok()));
        for time in times {
            slowest = [slowest[0].max(time[0]), slowest[1].max(time[1])];
        }
    });
    let bytes = (elements * size_of::<u64>() * threads) as f64;
    // A copied byte is counted once, as in the planner's rates of copies; a stream by what it reads and writes.
    vec![(finds[0], bytes / slowest[0]), (finds[1], 3.0 * bytes / slowest[1])]
}

struct Arrays {
    a: Vec<u64>,
    b: Vec<u64>,
    c: Vec<u64>,
}

impl Arrays {
    /// Touched, so that no pass meets a fault.
    fn new(elements: usize) -> Self {
        Arrays { a: vec![1; elements], b: vec![2; elements], c: vec![3; elements] }
    }

    fn copy(&mut self) {
        self.b.copy_from_slice(black_box(&self.a));
        black_box(&mut self.b);
    }

    fn stream(&mut self) {
        for ((c, a), b) in self.c.iter_mut().zip(&self.a).zip(&self.b) {
            *c = a.wrapping_add(b.wrapping_mul(3));
        }
        black_box(&mut self.c);
    }
}

fn seconds(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_secs_f64()
}

/// Seconds of the first touch of an ordinary page: those of a fresh buffer, over their number. Huge pages make it less.
fn fault() -> f64 {
    const PAGE: usize = 4096;
    const PAGES: usize = 256;
    // So large that the allocator takes it from the system and gives it back each time; only its beginning is touched.
    const RESERVED: usize = 64 << 20;
    let touch = || {
        let mut fresh: Vec<u8> = Vec::with_capacity(RESERVED);
        let pages = fresh.spare_capacity_mut().iter_mut().step_by(PAGE).take(PAGES);
        let took = seconds(|| pages.for_each(|byte| _ = byte.write(1)));
        black_box(&mut fresh);
        took / PAGES as f64
    };
    (0..PASSES).map(|_| touch()).fold(f64::INFINITY, f64::min)
}

/// Seconds until a thread of rayon's pool that has slept for a moment begins what it is given.
fn wake() -> f64 {
    let once = || {
        std::thread::sleep(std::time::Duration::from_millis(2));
        let begin = Instant::now();
        let (sender, receiver) = std::sync::mpsc::channel();
        rayon::spawn(move || {
            // The receiver waits for it.
            let _ = sender.send(begin.elapsed());
        });
        receiver.recv().map_or(f64::INFINITY, |took| took.as_secs_f64())
    };
    let mut all: Vec<f64> = (0..9).map(|_| once()).collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
