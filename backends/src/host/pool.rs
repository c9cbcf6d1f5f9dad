//! The rayon pool that helps, and how long it takes to come.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use rayon::ThreadPool;

/// The pool, with what has been measured of it.
pub(super) struct Pool {
    chosen: Option<Arc<ThreadPool>>,
    /// Helpers asked for that have not come yet: a pool that is busy is not asked again and again.
    asked: AtomicUsize,
    /// From asking to coming, in nanoseconds: for callers outside the pool, and inside.
    wake: [AtomicU64; 2],
}

/// Before anything is measured.
const WAKE: [u64; 2] = [20_000, 8_000];

/// The estimate stays within these, so that one bad moment does not keep the pool from being asked again.
const WAKE_RANGE: [u64; 2] = [4_000, 60_000];

impl Pool {
    /// Rayon's global pool, or the one that the caller's thread belongs to.
    pub(super) fn ambient() -> Self {
        Pool { chosen: None, asked: AtomicUsize::new(0), wake: WAKE.map(AtomicU64::new) }
    }

    /// This pool.
    pub(super) fn chosen(pool: Arc<ThreadPool>) -> Self {
        Pool { chosen: Some(pool), ..Self::ambient() }
    }

    /// Threads of the chosen pool, if one was chosen. Never starts rayon's global pool.
    pub(super) fn chosen_threads(&self) -> Option<usize> {
        self.chosen.as_ref().map(|pool| pool.current_num_threads())
    }

    /// Threads of the pool.
    pub(super) fn threads(&self) -> usize {
        self.chosen_threads().unwrap_or_else(rayon::current_num_threads)
    }

    /// Whether the caller is one of the pool's threads.
    pub(super) fn is_inside(&self) -> bool {
        let index = match &self.chosen {
            Some(pool) => pool.current_thread_index(),
            None => rayon::current_thread_index(),
        };
        index.is_some()
    }

    /// How long it takes until a helper comes, as seen by this thread.
    pub(super) fn wake_nanoseconds(&self) -> f64 {
        self.wake[usize::from(self.is_inside())].load(Relaxed) as f64
    }

    /// Learns how long a helper took to come to a caller inside or outside the pool.
    pub(super) fn note_wake(&self, inside: bool, took: Duration) {
        let wake = &self.wake[usize::from(inside)];
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).min(WAKE_RANGE[1]);
        let blended = (wake.load(Relaxed) * 7 + took) / 8;
        wake.store(blended.clamp(WAKE_RANGE[0], WAKE_RANGE[1]), Relaxed);
    }

    /// Asks a thread of the pool to do something when it has time, unless so many are asked already that it won't.
    pub(super) fn ask(self: &Arc<Self>, help: impl FnOnce() + Send + 'static) {
        if self.asked.load(Relaxed) >= 2 * self.threads() {
            return;
        }
        self.asked.fetch_add(1, Relaxed);
        let this = self.clone();
        let job = move || {
            this.asked.fetch_sub(1, Relaxed);
            help();
        };
        match &self.chosen {
            Some(pool) => pool.spawn(job),
            None => rayon::spawn(job),
        }
    }
}
