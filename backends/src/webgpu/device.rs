//! An opened device: errors become values, and a lost device stays lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use wgpu::Features;

use super::adapters::{Adapter, AdapterFacts};
use super::caught::{catch, in_scope};
use super::disk_cache::DiskCache;
use super::failure::Failure;
use super::import::{self, ImportSupport};
use super::pipeline::BindGroups;
use super::pool::Pool;

/// An opened device with its queue. Shared by every buffer, pipeline and launch made from it.
pub struct Gpu {
    pub(crate) raw: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) facts: AdapterFacts,
    /// How host pages are imported, where the driver can.
    pub(crate) import: Result<ImportSupport, String>,
    /// Buffers of this device, reused from launch to launch.
    pub(crate) pool: Pool,
    pub(crate) bind_groups: BindGroups,
    pub(crate) disk_cache: Option<DiskCache>,
    /// Held while something is submitted.
    pub(crate) submitting: Mutex<()>,
    lost: Arc<LostFlag>,
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gpu").field("facts", &self.facts).finish()
    }
}

/// Why the device is lost, once it is.
#[derive(Default)]
struct LostFlag {
    why: OnceLock<String>,
    stray: Mutex<Option<String>>,
}

/// The features that kernels can use, of those that the adapter has.
fn wanted_features() -> Features {
    Features::SHADER_F64
        | Features::SHADER_INT64
        | Features::SHADER_INT64_ATOMIC_ALL_OPS
        | Features::IMMEDIATES
        | Features::PIPELINE_CACHE
}

impl Gpu {
    /// Opens `adapter`, with the import of host pages where the driver has it.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the driver refuses to open, [`Failure::OutOfMemory`] included.
    pub fn open(adapter: &Adapter) -> Result<Arc<Self>, Failure> {
        let _span = tracing::debug_span!("open device", name = %adapter.facts.name).entered();
        let features = adapter.raw.features() & wanted_features();
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("landbridge"),
            required_features: features,
            required_limits: adapter.facts.limits.narrowed(adapter.raw.limits()),
            experimental_features: wgpu::ExperimentalFeatures::disabled(),
            memory_hints: wgpu::MemoryHints::Performance,
            trace: wgpu::Trace::Off,
        };
        let (raw, queue, import) = match import::open(&adapter.raw, &descriptor) {
            Ok((raw, queue, support)) => (raw, queue, Ok(support)),
            Err(why) => {
                let (raw, queue) = open_plainly(&adapter.raw, &descriptor)?;
                (raw, queue, Err(why))
            }
        };
        let lost = Arc::new(LostFlag::default());
        watch(&raw, &lost);
        let disk_cache = DiskCache::open(&raw, &adapter.facts, &adapter.raw.get_info());
        Ok(Arc::new(Self {
            bind_groups: BindGroups::default(),
            disk_cache,
            submitting: Mutex::new(()),
            pool: Pool::new(raw.clone(), adapter.facts.limits.buffer_bytes),
            raw,
            queue,
            facts: adapter.facts.clone(),
            import,
            lost,
        }))
    }

    /// Runs `calls`, and returns wgpu's first complaint about them as an error.
    pub(crate) fn scoped<T>(&self, step: &'static str, calls: impl FnOnce() -> T) -> Result<T, Failure> {
        self.check_alive()?;
        let result = in_scope(step, calls);
        // wgpu reports the loss of a device to its callback only, never to a scope.
        self.check_alive()?;
        result
    }

    /// # Errors
    /// [`Failure::Lost`] once the device is lost.
    pub(crate) fn check_alive(&self) -> Result<(), Failure> {
        match self.lost.why.get() {
            None => Ok(()),
            Some(why) => Err(Failure::Lost { message: why.clone() }),
        }
    }

    /// Gives the device up: every later call is an error.
    pub(crate) fn mark_lost(&self, why: String) {
        tracing::error!(device = %self.facts.name, %why, "device lost");
        // A second reason changes nothing.
        let _ = self.lost.why.set(why);
        self.pool.abandon();
    }

    /// Waits for a submission, at most `limit`.
    ///
    /// # Errors
    /// - [`Failure::Timeout`]: the submission still runs. The device is marked lost and leaked,
    ///   because dropping it would wait for the submission, perhaps for ever.
    /// - [`Failure::Lost`]: the driver gave the device up meanwhile.
    pub(crate) fn wait(self: &Arc<Self>, submission: &wgpu::SubmissionIndex, limit: Duration) -> Result<(), Failure> {
        let _span = tracing::debug_span!("wait").entered();
        let start = Instant::now();
        match self.poll(submission, limit) {
            Ok(()) => self.check_alive(),
            Err(Waiting::StillRunning) => {
                let waited = start.elapsed();
                let failure = Failure::Timeout { waited };
                self.mark_lost(failure.to_string());
                std::mem::forget(Arc::clone(self));
                Err(failure)
            }
            Err(Waiting::Failed(failure)) => Err(failure),
        }
    }

    /// Waits for a submission at most so long; whether it has ended.
    ///
    /// # Errors
    /// [`Failure::Lost`]: the driver gave the device up.
    pub(crate) fn has_ended(&self, submission: &wgpu::SubmissionIndex, limit: Duration) -> Result<bool, Failure> {
        let _span = tracing::debug_span!("wait").entered();
        match self.poll(submission, limit) {
            Ok(()) => self.check_alive().map(|()| true),
            Err(Waiting::StillRunning) => Ok(false),
            Err(Waiting::Failed(failure)) => Err(failure),
        }
    }

    /// Waits until the submission has ended, however long it takes: it may touch the user's pages.
    ///
    /// # Errors
    /// [`Failure::Lost`]: the driver gave the device up; nothing runs on it any more.
    pub(crate) fn wait_for_ever(self: &Arc<Self>, submission: &wgpu::SubmissionIndex) -> Result<(), Failure> {
        let _span = tracing::debug_span!("wait").entered();
        let start = Instant::now();
        loop {
            match self.poll(submission, Duration::from_secs(1)) {
                Ok(()) => return self.check_alive(),
                Err(Waiting::StillRunning) => tracing::warn!(
                    device = %self.facts.name,
                    seconds = start.elapsed().as_secs(),
                    "a kernel still runs on mapped memory: the launch cannot return before it ends"
                ),
                Err(Waiting::Failed(failure)) => return Err(failure),
            }
        }
    }

    fn poll(&self, submission: &wgpu::SubmissionIndex, limit: Duration) -> Result<(), Waiting> {
        let poll = wgpu::PollType::Wait { submission_index: Some(submission.clone()), timeout: Some(limit) };
        match self.poll_caught(poll) {
            Ok(()) => Ok(()),
            Err(PollFailure::Timeout) => Err(Waiting::StillRunning),
            Err(PollFailure::Other(message)) => {
                self.mark_lost(format!("waiting failed: {message}"));
                Err(Waiting::Failed(Failure::Lost { message }))
            }
        }
    }

    /// Lets wgpu run its callbacks and free what is no longer used, without waiting.
    pub(crate) fn tick(&self) {
        if let Err(PollFailure::Other(message)) = self.poll_caught(wgpu::PollType::Poll) {
            self.mark_lost(message);
        }
    }

    /// wgpu's poll panics when the driver loses the device: that becomes an error here.
    fn poll_caught(&self, poll: wgpu::PollType) -> Result<(), PollFailure> {
        let polled = catch_unwind(AssertUnwindSafe(|| self.raw.poll(poll)));
        match polled {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(wgpu::PollError::Timeout)) => Err(PollFailure::Timeout),
            Ok(Err(error)) => Err(PollFailure::Other(error.to_string())),
            Err(panic) => Err(PollFailure::Other(panic_message(&*panic))),
        }
    }

    /// Takes the last error that no scope caught; there should never be one.
    #[cfg(test)]
    pub(crate) fn take_stray(&self) -> Option<String> {
        lock(&self.lost.stray).take()
    }
}

enum Waiting {
    StillRunning,
    Failed(Failure),
}

enum PollFailure {
    Timeout,
    Other(String),
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("wgpu panicked").to_owned()
}

fn open_plainly(
    adapter: &wgpu::Adapter,
    descriptor: &wgpu::DeviceDescriptor<'_>,
) -> Result<(wgpu::Device, wgpu::Queue), Failure> {
    pollster::block_on(adapter.request_device(descriptor))
        .map_err(|error| Failure::Internal { step: "opening the device", message: error.to_string() })
}

/// By default wgpu panics on an error outside of every scope and keeps a lost device to itself.
fn watch(device: &wgpu::Device, lost: &Arc<LostFlag>) {
    let flag = Arc::clone(lost);
    device.set_device_lost_callback(move |reason, message| {
        if reason != wgpu::DeviceLostReason::Destroyed {
            let _ = flag.why.set(format!("the driver reports: {message}"));
        }
    });
    let flag = Arc::clone(lost);
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        if let Some(error) = catch(error) {
            tracing::error!(%error, "wgpu error outside of a launch");
            *lock(&flag.stray) = Some(error.to_string());
        }
    }));
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing here panics half-way through an update.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
