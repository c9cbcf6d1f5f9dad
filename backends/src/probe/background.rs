//! Probes beside the user's launches: in small pieces, each only while nothing of the user's runs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use landbridge_core::Device;
use landbridge_core::backend::Backend;
use landbridge_core::planner::Origin;

use super::device_pieces::Piece;
use super::{Effort, allowed};
use crate::rates;

/// No launch for this long means that nothing is in the way.
const QUIET: Duration = Duration::from_millis(5);

/// Between two pieces.
const PAUSE: Duration = Duration::from_millis(20);

/// A thread that probes devices whose rates are not known, until they are. Dropping it waits for the piece that runs.
pub(crate) struct Background {
    shared: Arc<Shared>,
    devices: Vec<Arc<dyn Backend>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    /// The thread has been started, or need not be.
    begun: AtomicBool,
    stop: AtomicBool,
    /// The thread is measuring: even the shortest launches have to be told of.
    busy: AtomicBool,
    /// Launches of the user that run now.
    running: AtomicUsize,
    /// Launches so far.
    launches: AtomicUsize,
}

/// A launch of the user: no launch of a probe begins while it is alive.
pub(crate) struct Running<'b>(&'b Background);

impl Background {
    /// For these devices. Nothing is probed before the first launch.
    pub(crate) fn new(devices: Vec<Arc<dyn Backend>>) -> Self {
        Background { shared: Arc::default(), devices, thread: Mutex::default() }
    }

    /// A launch begins.
    pub(crate) fn launch(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, SeqCst);
        self.shared.launches.fetch_add(1, SeqCst);
        Running(self)
    }

    /// A launch begins that takes microseconds: told of only while probes go on.
    #[inline]
    pub(crate) fn short_launch(&self) -> Option<Running<'_>> {
        self.shared.busy.load(Relaxed).then(|| self.launch())
    }

    #[cold]
    fn begin(&self) {
        if self.shared.begun.swap(true, SeqCst) || !allowed() {
            return;
        }
        let missing: Vec<_> = self.devices.iter().flat_map(missing).collect();
        if missing.is_empty() {
            return;
        }
        let shared = self.shared.clone();
        shared.busy.store(true, SeqCst);
        let spawned = thread::Builder::new().name("landbridge probes".into()).spawn(move || probe(&shared, missing));
        match spawned {
            Ok(thread) => *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread),
            Err(error) => {
                self.shared.busy.store(false, SeqCst);
                tracing::debug!(%error, "no thread for probes: devices stay unmeasured");
            }
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let shared = &self.0.shared;
        shared.running.fetch_sub(1, SeqCst);
        // After the first launch, not in its way.
        if !shared.begun.load(SeqCst) {
            self.0.begin();
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.shared.stop.store(true, SeqCst);
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A probe that panicked has measured nothing; nobody else is concerned.
            let _ = thread.join();
        }
    }
}

/// What is not known of a device.
fn missing(backend: &Arc<dyn Backend>) -> Vec<(Arc<dyn Backend>, Piece)> {
    let device = Device::from_backend(backend.clone(), None);
    let known = rates::of(backend.info());
    let is_missing = |piece: &Piece| piece.is_for(&device) && !known.knows(piece.finds());
    Piece::ALL.into_iter().filter(is_missing).map(|piece| (backend.clone(), piece)).collect()
}

fn probe(shared: &Shared, pieces: Vec<(Arc<dyn Backend>, Piece)>) {
    for (backend, piece) in pieces {
        if !wait_for_quiet(shared) {
            break;
        }
        take(shared, &backend, piece);
        thread::sleep(PAUSE);
    }
    shared.busy.store(false, SeqCst);
}

fn take(shared: &Shared, backend: &Arc<dyn Backend>, piece: Piece) {
    let known = rates::of(backend.info());
    if known.knows(piece.finds()) {
        return;
    }
    let device = Device::from_backend(backend.clone(), None);
    let id = &backend.info().id;
    // The user's launches go first in the middle of a piece, too.
    let wait = || _ = shared.running.load(SeqCst) == 0 || wait_for_quiet(shared);
    match piece.measure(&device, Effort::Quick, &wait) {
        Ok(measured) => {
            tracing::debug!(device = %id, ?piece, "probed");
            known.note(Origin::Probe, &measured);
        }
        Err(error) => tracing::debug!(device = %id, ?piece, %error, "a probe failed: its rates stay unknown"),
    }
}

/// Waits until no launch has run for a moment; `false` if it is time to stop.
fn wait_for_quiet(shared: &Shared) -> bool {
    loop {
        let before = shared.launches.load(SeqCst);
        thread::sleep(QUIET);
        if shared.stop.load(SeqCst) {
            return false;
        }
        if shared.running.load(SeqCst) == 0 && shared.launches.load(SeqCst) == before {
            return true;
        }
    }
}
