//! An opened card: its context, its one stream, and whether it still works.
//!
//! All work of a card is in one stream, in order (a large launch's copies go beside it, between a fork and a join: `beside`). So memory of
//! the card may be lent again while what used it before is still on its way, and a scope's launches need no waiting. Whoever uses the
//! stream holds the [`Lane`]; the time that takes is the time of the copies to and from pinned memory, which the bus is busy with.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use cust::context::{Context, CurrentContext};
use cust::device::Device;
use cust::stream::{Stream, StreamFlags};

use super::facts::Facts;
use super::failure::{Failure, Step};
use super::kernel::Started;
use super::lane::{Elsewhere, Lane, rest};
use super::pool::Pool;

/// How long a launch under `Copy` may take unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes of a part unless the environment says otherwise: a millisecond or so of the bus, beside which what a kernel more costs is little.
const PART: u64 = 16 << 20;

/// Cards that were opened.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// An opened card.
pub(crate) struct Card {
    pub(crate) facts: Facts,
    pub(crate) pool: Arc<Pool>,
    /// The driver's number for it.
    pub(crate) device: i32,
    context: ManuallyDrop<Context>,
    lane: ManuallyDrop<Mutex<Lane>>,
    lost: OnceLock<String>,
    timeout_nanoseconds: AtomicU64,
    /// Launches of scopes that nobody has waited for yet.
    on_their_way: AtomicI64,
    /// Bytes that cross the bus with each part of a launch, at least.
    part_bytes: u64,
    /// No other card of the process ever has it, also the same one opened again.
    serial: u64,
}

thread_local! {
    /// The card that this thread's calls were last sent to, by its serial number. Whoever else uses the driver may have sent them elsewhere.
    static ENTERED: Cell<u64> = const { Cell::new(0) };
}

impl Card {
    /// Opens the card with this number.
    ///
    /// # Errors
    /// [`Failure::Unsupported`] for cards that are too old, else what the driver says.
    pub(crate) fn open(number: u32, facts: Facts) -> Result<Arc<Self>, Failure> {
        if facts.capability < (7, 0) {
            let (major, minor) = facts.capability;
            let message = format!("it has compute capability {major}.{minor}; kernels need 7.0 (Volta, 2017) or later");
            return Err(Failure::Unsupported { message });
        }
        let device = Device::get_device(number).step("opening the card")?;
        let number = device.as_raw();
        let context = living_context(device)?;
        let stream = Stream::new(StreamFlags::DEFAULT, None).step("making a stream")?;
        let lane = Lane::new(stream)?;
        Ok(Arc::new(Self {
            facts,
            pool: Pool::new(),
            device: number,
            context: ManuallyDrop::new(context),
            lane: ManuallyDrop::new(Mutex::new(lane)),
            lost: OnceLock::new(),
            timeout_nanoseconds: AtomicU64::new(DEFAULT_TIMEOUT.as_nanos() as u64),
            on_their_way: AtomicI64::new(0),
            part_bytes: part_bytes(),
            serial: OPENED.fetch_add(1, Ordering::Relaxed) + 1,
        }))
    }

    /// Makes this thread's calls go to the card.
    ///
    /// # Errors
    /// [`Failure::Lost`] once the card is lost.
    pub(crate) fn enter(&self) -> Result<(), Failure> {
        self.check_alive()?;
        self.watched(CurrentContext::set_current(&*self.context).step("choosing the card"))?;
        ENTERED.set(self.serial);
        Ok(())
    }

    /// The card's stream, for this thread alone; its calls go to the card.
    ///
    /// # Errors
    /// As [`Self::enter`].
    pub(crate) fn lane(&self) -> Result<MutexGuard<'_, Lane>, Failure> {
        let lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever had it may have lost the card.
        self.enter()?;
        Ok(lane)
    }

    /// Starts a kernel with as little else as can be: that the thread's calls go to the card is believed until the driver says otherwise.
    ///
    /// # Errors
    /// As [`Self::enter`]; what the driver says to the launch, of which nothing has happened then unless the card is lost.
    ///
    /// # Safety
    /// As [`Lane::start`], for the block that `ready` gives.
    pub(crate) unsafe fn start_quickly<'s>(
        &self,
        ready: impl FnOnce(&mut Lane) -> Result<&'s Started, Failure>,
    ) -> Result<(), Failure> {
        let mut lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        self.check_alive()?;
        if ENTERED.get() != self.serial {
            self.enter()?;
        }
        let started = self.watched(ready(&mut lane))?;
        // SAFETY: passed on.
        let done = match unsafe { lane.try_start(started) } {
            Ok(done) => done,
            Err(Elsewhere) => {
                self.enter()?;
                // SAFETY: passed on.
                unsafe { lane.start(started) }
            }
        };
        self.watched(done)
    }

    /// # Errors
    /// [`Failure::Lost`] once the card is lost.
    pub(crate) fn check_alive(&self) -> Result<(), Failure> {
        match self.lost.get() {
            None => Ok(()),
            Some(why) => Err(Failure::Lost { message: why.clone() }),
        }
    }

    /// Passes a result on, and takes note if the card is lost.
    pub(crate) fn watched<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        result.inspect_err(|failure| self.note(failure))
    }

    /// Takes note if a failure means that the card is lost.
    pub(crate) fn note(&self, failure: &Failure) {
        match failure {
            Failure::Lost { message } if self.check_alive().is_ok() => self.mark_lost(message.clone()),
            Failure::Timeout { .. } if self.check_alive().is_ok() => self.mark_lost(failure.to_string()),
            _ => {}
        }
    }

    /// Gives the card up: every later call is an error.
    pub(crate) fn mark_lost(&self, why: String) {
        tracing::error!(card = %self.facts.name, %why, "card lost");
        self.pool.abandon();
        // A second reason changes nothing.
        let _ = self.lost.set(why);
    }

    /// Waits until the stream has done everything, at most `limit`; without one as long as it takes, with a warning each second: the card
    /// may touch the user's pages.
    ///
    /// # Errors
    /// - [`Failure::Timeout`]: it still works; the card is given up.
    /// - [`Failure::Lost`]: the context is dead.
    pub(crate) fn wait(&self, lane: &Lane, limit: Option<Duration>) -> Result<(), Failure> {
        let _span = tracing::debug_span!("wait").entered();
        let (start, mut warned) = (Instant::now(), 0);
        loop {
            if self.watched(lane.is_idle())? {
                return Ok(());
            }
            let waited = start.elapsed();
            if limit.is_some_and(|limit| waited > limit) {
                let failure = Failure::Timeout { waited };
                self.mark_lost(failure.to_string());
                return Err(failure);
            }
            if limit.is_none() && waited.as_secs() > warned {
                warned = waited.as_secs();
                tracing::warn!(
                    card = %self.facts.name,
                    seconds = warned,
                    "a kernel still runs on the program's own memory: the launch cannot return before it ends"
                );
            }
            rest(waited);
        }
    }

    /// How much is worth a part of its own: so many bytes of a launch's, both ways.
    pub(crate) fn part_bytes(&self) -> u64 {
        self.part_bytes
    }

    pub(crate) fn set_timeout(&self, timeout: Duration) {
        let nanoseconds = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        self.timeout_nanoseconds.store(nanoseconds, Ordering::Relaxed);
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_nanos(self.timeout_nanoseconds.load(Ordering::Relaxed))
    }

    /// How long a launch is waited for that is behind those of scopes.
    pub(crate) fn patience(&self) -> Duration {
        let before = self.on_their_way.load(Ordering::Relaxed).clamp(0, 1 << 20) as u32;
        self.timeout().saturating_mul(before + 1)
    }

    /// Counts launches of scopes that nobody has waited for yet.
    pub(crate) fn on_their_way(&self, more: i64) {
        self.on_their_way.fetch_add(more, Ordering::Relaxed);
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        if self.check_alive().is_err() || self.enter().is_err() {
            // A dead context frees nothing, and one with an endless kernel would wait for it.
            return;
        }
        self.pool.trim();
        // SAFETY: nobody uses them after this, and each is dropped once.
        unsafe {
            ManuallyDrop::drop(&mut self.lane);
            ManuallyDrop::drop(&mut self.context);
        }
    }
}

/// What `LANDBRIDGE_CUDA_PART` says, in bytes.
fn part_bytes() -> u64 {
    let wanted = std::env::var("LANDBRIDGE_CUDA_PART").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(PART).max(1)
}

/// The primary context, which all of the process shares. If an earlier kernel has killed it, it is made anew: dead, it was of no use
/// to anybody.
fn living_context(device: Device) -> Result<Context, Failure> {
    let first = retain(device);
    let Err(Failure::Lost { message }) = first else { return first };
    tracing::warn!(%message, "the card's context is dead and is made anew");
    // SAFETY: the context answers every call with an error, so nothing of it is in use; handles of it stay invalid, and those of ours are
    // leaked (`Card::drop`).
    unsafe { Context::reset(&device) }.step("making the card's context anew")?;
    retain(device)
}

fn retain(device: Device) -> Result<Context, Failure> {
    let context = Context::new(device).step("opening the card")?;
    // A context that a kernel has killed can be retained all the same.
    CurrentContext::synchronize().step("opening the card")?;
    Ok(context)
}
