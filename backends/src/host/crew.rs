//! The threads that work on one launch: the caller, and those of the pool that come to help.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::atomic::{
    AtomicBool, AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use landbridge_core::launch::Launch;

use super::pace;
use super::panics::Failure;
use super::pool::Pool;
use super::tally::{Tallies, Tally};

/// How far a launch has come.
pub(super) struct Worked {
    /// Items done: the first ones.
    pub(super) done: usize,
    /// Time spent on them, of all threads together.
    pub(super) nanoseconds: f64,
    /// Expected cost of an item to come.
    rate: f64,
}

/// Runs the launch on the caller's thread, to its end or until it is clear that help pays.
pub(super) fn begin_alone(
    launch: &dyn Launch,
    hint: Option<f64>,
    pool: &Pool,
    begin: Instant,
) -> Result<Worked, Box<Failure>> {
    let items = launch.items();
    let mut worked = Worked { done: 0, nanoseconds: 0.0, rate: hint.unwrap_or(0.0) };
    let mut rate = hint;
    if let Some(hint) = hint
        && items > 1
        && hint * items as f64 > SURE * help_pays_from(pool)
    {
        return Ok(worked);
    }
    let mut tally = Tally::alone(launch);
    while worked.done < items {
        let slice = pace::slice(rate, worked.done, items - worked.done);
        tally.run(launch, worked.done..worked.done + slice)?;
        let elapsed = begin.elapsed().as_nanos() as f64;
        let measured = (elapsed - worked.nanoseconds) / slice as f64;
        worked = Worked { done: worked.done + slice, nanoseconds: elapsed, rate: pace::blend(hint, measured) };
        rate = Some(worked.rate);
        let left = items - worked.done;
        if left > 1 && worked.rate * left as f64 > help_pays_from(pool) {
            break;
        }
    }
    tally.finish_alone(launch);
    Ok(worked)
}

/// Work that is expected to take this many times longer than help pays from asks for help at once, without measuring first.
const SURE: f64 = 2.0;

/// Work that takes less than this is done sooner than help comes and has paid for its coming.
fn help_pays_from(pool: &Pool) -> f64 {
    let asking = if pool.is_inside() { ASKING_INSIDE } else { ASKING_OUTSIDE };
    1.5 * pool.wake_nanoseconds() + asking
}

/// What asking costs the caller, in nanoseconds: waking a thread by the kernel, and data that moves between caches.
const ASKING_OUTSIDE: f64 = 20_000.0;

/// The same from inside the pool, where others are often awake.
const ASKING_INSIDE: f64 = 8_000.0;

/// Runs the rest of a launch with whoever of the pool comes in time.
pub(super) fn finish_together(launch: &dyn Launch, worked: Worked, pool: &Arc<Pool>) -> Result<Worked, Box<Failure>> {
    let (items, threads) = (launch.items(), pool.threads());
    if threads < 2 {
        let begin = Instant::now();
        let mut tally = Tally::alone(launch);
        tally.run(launch, worked.done..items)?;
        tally.finish_alone(launch);
        let nanoseconds = worked.nanoseconds + begin.elapsed().as_nanos() as f64;
        return Ok(Worked { done: items, nanoseconds, ..worked });
    }
    let crew = Arc::new(Crew {
        launch: Borrowed::new(launch),
        items,
        rate: worked.rate,
        next: AtomicUsize::new(worked.done),
        working: AtomicUsize::new(0),
        failure: Mutex::new(None),
        busy: AtomicU64::new(0),
        caller: thread::current(),
        caller_waits: AtomicBool::new(false),
        pool: pool.clone(),
        threads,
        tallies: Tallies::for_rest(launch, items - worked.done),
        places: AtomicUsize::new(threads - 1),
    });
    let end = AllLeave(&crew);
    crew.recruit();
    crew.work(crew.tallies.caller());
    drop(end);
    let failure = crew.failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    match failure {
        Some(failure) => Err(failure),
        None => {
            crew.tallies.add_all(launch);
            Ok(Worked {
                done: items,
                nanoseconds: worked.nanoseconds + crew.busy.load(Relaxed) as f64,
                rate: worked.rate,
            })
        }
    }
}

/// On the way out, also of a panic: nothing more is claimed, and whoever has claimed is waited for.
struct AllLeave<'c>(&'c Crew);

impl Drop for AllLeave<'_> {
    fn drop(&mut self) {
        self.0.next.fetch_max(self.0.items, AcqRel);
        self.0.wait();
    }
}

/// A helper that counts as working until it is dropped.
struct Helper<'c>(&'c Crew);

impl Drop for Helper<'_> {
    fn drop(&mut self) {
        if self.0.working.fetch_sub(1, SeqCst) == 1 && self.0.caller_waits.load(SeqCst) {
            self.0.caller.unpark();
        }
    }
}

/// A launch whose borrow the compiler no longer sees.
struct Borrowed(*const (dyn Launch + 'static));

// SAFETY: it stands for a `&dyn Launch`, and `Launch` is `Sync`.
unsafe impl Send for Borrowed {}
// SAFETY: as above.
unsafe impl Sync for Borrowed {}

impl Borrowed {
    fn new<'l>(launch: &'l (dyn Launch + 'l)) -> Self {
        let launch: *const (dyn Launch + 'l) = launch;
        // SAFETY: only the lifetime changes; whoever dereferences it shows that the launch still lives.
        Borrowed(unsafe { std::mem::transmute::<*const (dyn Launch + 'l), *const (dyn Launch + 'static)>(launch) })
    }
}

/// One launch that several threads work on. Helpers may come after its end: they find nothing to claim, and never touch
/// the launch itself.
struct Crew {
    launch: Borrowed,
    items: usize,
    /// Expected cost of an item, in nanoseconds.
    rate: f64,
    /// The first item that nobody has claimed. Never decreases.
    next: AtomicUsize,
    /// Helpers between coming and leaving.
    working: AtomicUsize,
    /// Of the failures so far, the one of the smallest work-item.
    failure: Mutex<Option<Box<Failure>>>,
    /// Nanoseconds that all threads together spent in pieces.
    busy: AtomicU64,
    caller: Thread,
    caller_waits: AtomicBool,
    pool: Arc<Pool>,
    threads: usize,
    /// Where kernels add that do nothing else with their atomics.
    tallies: Tallies,
    /// Helpers that may still be asked.
    places: AtomicUsize,
}

impl Crew {
    /// Asks for another helper, if there are places left.
    fn recruit(self: &Arc<Self>) {
        let taken = self.places.fetch_update(Relaxed, Relaxed, |places| places.checked_sub(1));
        if taken.is_ok() {
            let (crew, inside, asked) = (self.clone(), self.pool.is_inside(), Instant::now());
            self.pool.ask(move || {
                crew.pool.note_wake(inside, asked.elapsed());
                crew.help();
            });
        }
    }

    /// What a thread of the pool does when it comes.
    fn help(self: Arc<Self>) {
        self.working.fetch_add(1, SeqCst);
        let _working = Helper(&self);
        if self.next.load(Acquire) < self.items {
            // Each helper calls two: a large pool is awake soon, and the caller pays for one call only.
            self.recruit();
            self.recruit();
            self.work(self.tallies.helper());
        }
    }

    /// Claims pieces and runs them until none is left.
    fn work(&self, mut tally: Tally) {
        let (mut rate, mut busy) = (self.rate, 0);
        let mut now = Instant::now();
        while let Some(items) = self.claim(rate) {
            let count = items.len();
            // SAFETY: this thread has claimed items that were not done, so the caller has not left `finish_together`,
            // which borrows the launch: `wait` returns only after every thread that claimed has left `help`.
            let launch = unsafe { &*self.launch.0 };
            if let Err(failure) = tally.run(launch, items) {
                self.fail(failure);
            }
            let begun = std::mem::replace(&mut now, Instant::now());
            let took = (now - begun).as_nanos() as u64;
            busy += took;
            rate = (rate + took as f64 / count as f64) * 0.5;
        }
        self.busy.fetch_add(busy, Relaxed);
        self.tallies.hand_in(tally);
    }

    /// Some items that are from now on this thread's own.
    fn claim(&self, rate: f64) -> Option<Range<usize>> {
        let mut start = self.next.load(Acquire);
        while start < self.items {
            let end = start + pace::piece(rate, start, self.items - start, self.threads);
            match self.next.compare_exchange_weak(start, end, AcqRel, Acquire) {
                Ok(_) => return Some(start..end),
                Err(found) => start = found,
            }
        }
        None
    }

    /// Notes a failure; nothing more is claimed.
    #[cold]
    fn fail(&self, failure: Box<Failure>) {
        self.next.fetch_max(self.items, AcqRel);
        let mut first = self.failure.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if first.as_ref().is_none_or(|other| failure.work_item < other.work_item) {
            *first = Some(failure);
        }
    }

    /// Waits for the helpers that have claimed pieces; nothing is left to claim.
    ///
    /// A helper counts itself in `working` before it claims, and both are read here after the last claim: whoever has
    /// claimed is seen, and whoever comes later claims nothing.
    fn wait(&self) {
        let begin = Instant::now();
        while self.working.load(SeqCst) > 0 {
            let waited = begin.elapsed();
            if waited < SPIN {
                std::hint::spin_loop();
            } else if waited < YIELD {
                thread::yield_now();
            } else {
                self.caller_waits.store(true, SeqCst);
                if self.working.load(SeqCst) > 0 {
                    thread::park();
                }
            }
        }
    }
}

/// The last pieces are this short: a helper is most likely done within it.
const SPIN: Duration = Duration::from_micros(3);

/// From then on whoever needs the core gets it; after this the caller sleeps.
const YIELD: Duration = Duration::from_micros(50);
