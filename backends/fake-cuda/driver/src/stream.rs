//! Streams, each with a thread that does its work in order, and events.

use std::collections::VecDeque;
use std::ffi::c_int;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::code::{Answer, LAUNCH_FAILED};
use crate::context::Shared;
use crate::injection;

/// Something to do in its turn.
pub(crate) enum Job {
    /// Left out once the context has failed.
    Work(Box<dyn FnOnce() -> Answer<()> + Send>),
    Record(Arc<Event>, u64),
    Wait(Arc<Event>, u64),
    End,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// One has been taken and is not done.
    busy: bool,
}

pub(crate) struct Stream {
    queue: Mutex<Queue>,
    changed: Condvar,
    context: Arc<Shared>,
    pub(crate) priority: c_int,
    pub(crate) flags: u32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

impl Stream {
    pub(crate) fn start(context: Arc<Shared>, priority: c_int, flags: u32) -> Arc<Stream> {
        let stream = Arc::new(Stream { queue: Mutex::default(), changed: Condvar::new(), context, priority, flags });
        let worker = stream.clone();
        std::thread::spawn(move || worker.work());
        stream
    }

    pub(crate) fn push(&self, job: Job) {
        lock(&self.queue).jobs.push_back(job);
        self.changed.notify_all();
    }

    /// Whether all is done.
    pub(crate) fn is_idle(&self) -> bool {
        let queue = lock(&self.queue);
        queue.jobs.is_empty() && !queue.busy
    }

    /// Waits until all is done.
    pub(crate) fn drain(&self) {
        let mut queue = lock(&self.queue);
        while !queue.jobs.is_empty() || queue.busy {
            queue = self.changed.wait(queue).unwrap_or_else(|e| e.into_inner());
        }
    }

    fn work(&self) {
        let mut delays = Delays::of_stream();
        loop {
            let mut queue = lock(&self.queue);
            queue.busy = false;
            self.changed.notify_all();
            let job = loop {
                if let Some(job) = queue.jobs.pop_front() {
                    break job;
                }
                queue = self.changed.wait(queue).unwrap_or_else(|e| e.into_inner());
            };
            queue.busy = true;
            drop(queue);
            injection::wait_until_released();
            if !matches!(job, Job::End) {
                delays.sleep();
            }
            match job {
                Job::Work(work) if self.context.error().is_none() => {
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
                    if let Err(code) = done.unwrap_or(Err(LAUNCH_FAILED)) {
                        self.context.fail(code);
                    }
                }
                Job::Work(_) => {}
                Job::Record(event, ticket) => event.complete(ticket),
                Job::Wait(event, ticket) => event.wait(ticket, || self.context.error().is_some()),
                Job::End => {
                    let mut queue = lock(&self.queue);
                    queue.busy = false;
                    self.changed.notify_all();
                    return;
                }
            }
        }
    }
}

/// Random rests before a stream's jobs: whoever does not wait for what it needs finds that it is not there yet.
struct Delays(Option<u64>);

impl Delays {
    /// Of one stream more, by the seed in the environment; none without.
    fn of_stream() -> Self {
        static STREAMS: AtomicU64 = AtomicU64::new(1);
        let seed = std::env::var("FAKE_CUDA_DELAYS").ok().and_then(|text| text.parse::<u64>().ok());
        let number = STREAMS.fetch_add(1, Ordering::Relaxed);
        Self(seed.map(|seed| (seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)).max(1)))
    }

    /// Mostly nothing or some microseconds, now and then milliseconds.
    fn sleep(&mut self) {
        let Some(state) = &mut self.0 else { return };
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        let microseconds = match *state % 16 {
            0 => 2000 + *state / 16 % 4000,
            1..=6 => *state / 16 % 300,
            _ => return,
        };
        std::thread::sleep(Duration::from_micros(microseconds));
    }
}

#[derive(Default)]
struct Progress {
    recorded: u64,
    /// Tickets that are on their way: an event recorded in several streams is not passed in the order of its records.
    pending: Vec<u64>,
    at: Option<Instant>,
}

#[derive(Default)]
pub(crate) struct Event {
    progress: Mutex<Progress>,
    changed: Condvar,
    pub(crate) is_untimed: bool,
}

impl Event {
    pub(crate) fn new(is_untimed: bool) -> Event {
        Event { is_untimed, ..Event::default() }
    }

    /// A ticket for a record that is on its way.
    pub(crate) fn record(&self) -> u64 {
        let mut progress = lock(&self.progress);
        progress.recorded += 1;
        let ticket = progress.recorded;
        progress.pending.push(ticket);
        ticket
    }

    fn complete(&self, ticket: u64) {
        let mut progress = lock(&self.progress);
        progress.pending.retain(|other| *other != ticket);
        progress.at = Some(Instant::now());
        self.changed.notify_all();
    }

    /// The last ticket.
    pub(crate) fn last(&self) -> u64 {
        lock(&self.progress).recorded
    }

    pub(crate) fn is_done(&self) -> bool {
        let progress = lock(&self.progress);
        !progress.pending.contains(&progress.recorded)
    }

    /// Waits for a ticket, or until `given_up` says so.
    pub(crate) fn wait(&self, ticket: u64, given_up: impl Fn() -> bool) {
        let mut progress = lock(&self.progress);
        while progress.pending.contains(&ticket) && !given_up() {
            let waited = self.changed.wait_timeout(progress, Duration::from_millis(20));
            progress = waited.unwrap_or_else(|e| e.into_inner()).0;
        }
    }

    /// When it was completed last, if ever.
    pub(crate) fn time(&self) -> Option<Instant> {
        lock(&self.progress).at
    }
}
