//! A wgpu device as landbridge's launches see it.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use landbridge_core::backend::{Backend, Capability, StrategySupport};
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::session::Session;
use landbridge_core::{DeviceInfo, DeviceKind, Error, Plan, Report, Result, Strategy};

use crate::codegen::wgsl::{Mode, UsizeWidth};
use crate::launch_rates::Rates;

use super::adapters::{self, Adapter, AdapterLimits};
use super::device::{Gpu, lock};
use super::error_blocks::ErrorBlocks;
use super::failure::Failure;
use super::import;
use super::kernel::{Kernel, KernelKey};
use super::launch::{HeldReady, Ready, ReadyLaunches, Small};
use super::pipeline::Once;
use super::pool::PoolUse;
use super::self_test::Rounding;
use super::session::WgpuSession;

/// The queue's turn. Launches outside of scopes keep it until they have ended.
#[derive(Default)]
pub(crate) struct Turn {
    /// A scope's submission with loops, which nobody has waited for.
    may_not_end: Option<wgpu::SubmissionIndex>,
}

impl Turn {
    /// A scope has submitted this kernel, and goes on.
    pub(crate) fn left_running(&mut self, kernel: &Kernel, submission: &wgpu::SubmissionIndex) {
        self.may_not_end = kernel.loops.then(|| submission.clone());
    }
}

/// How long a launch under `Copy` may take unless [`WgpuBackend::set_timeout`] says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// An opened wgpu device.
pub struct WgpuBackend {
    pub(crate) gpu: Arc<Gpu>,
    pub(crate) info: Arc<DeviceInfo>,
    pub(crate) kernels: Once<KernelKey, Kernel, Error>,
    pub(crate) error_blocks: ErrorBlocks,
    pub(crate) rates: Rates,
    /// Launches on resident data, for their next time.
    pub(crate) ready: Mutex<ReadyLaunches<Mutex<Ready>>>,
    /// Small launches of copied arguments, for their next time.
    pub(crate) small: Mutex<ReadyLaunches<Mutex<Small>>>,
    /// Launches of scopes on data that is on the device, for their next time.
    pub(crate) held: Mutex<ReadyLaunches<HeldReady>>,
    /// Held by the launch whose submission runs.
    pub(crate) turn: Mutex<Turn>,
    /// Submissions of scopes that nobody has waited for yet.
    on_their_way: AtomicI64,
    timeout_nanoseconds: AtomicU64,
}

impl std::fmt::Debug for WgpuBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WgpuBackend({})", self.info)
    }
}

impl WgpuBackend {
    /// Opens the adapter with this number in [`adapters::adapters`].
    ///
    /// # Errors
    /// - `NoDevice`: there is no such adapter; the hint lists what there is, or how to install a driver.
    /// - `Driver`, `OutOfMemory`: the driver refuses to open it.
    pub fn open(index: usize) -> Result<Self> {
        let adapter = adapters::adapter(index).map_err(|failure| not_opened(index, failure))?;
        Self::open_adapter(index, adapter).map_err(|failure| not_opened(index, failure))
    }

    /// Opens the adapter with smaller limits than it has: launches are cut to them, and the driver refuses more.
    ///
    /// # Errors
    /// As [`WgpuBackend::open`].
    pub fn open_limited(index: usize, limits: AdapterLimits) -> Result<Self> {
        let mut adapter = adapters::adapter(index).map_err(|failure| not_opened(index, failure))?.clone();
        adapter.facts.limits = adapter.facts.limits.at_most(&limits);
        Self::open_adapter(index, &adapter).map_err(|failure| not_opened(index, failure))
    }

    fn open_adapter(index: usize, adapter: &Adapter) -> Result<Self, Failure> {
        let gpu = Gpu::open(adapter)?;
        let info = describe(index, adapter, gpu.import.as_ref().err(), Rounding::of(&gpu));
        Ok(Self {
            gpu,
            rates: Rates::of(&info),
            info: Arc::new(info),
            kernels: Once::new(),
            error_blocks: ErrorBlocks::default(),
            ready: Mutex::default(),
            small: Mutex::default(),
            held: Mutex::default(),
            turn: Mutex::default(),
            on_their_way: AtomicI64::new(0),
            timeout_nanoseconds: AtomicU64::new(DEFAULT_TIMEOUT.as_nanos() as u64),
        })
    }

    /// Limits how long a launch may take whose arguments are all copied; mapped ones are waited for without limit,
    /// because the device may still touch them.
    ///
    /// A kernel that was given up runs on. If it still does when `main` returns, the exit handlers of a software driver may
    /// crash the process (lavapipe's LLVM frees what its threads use); `libc::_exit` ends it without them.
    pub fn set_timeout(&self, timeout: Duration) {
        let nanoseconds = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        self.timeout_nanoseconds.store(nanoseconds, Ordering::Relaxed);
    }

    /// The limit set with [`WgpuBackend::set_timeout`].
    pub fn timeout(&self) -> Duration {
        Duration::from_nanos(self.timeout_nanoseconds.load(Ordering::Relaxed))
    }

    /// Takes the queue's turn, to submit something.
    ///
    /// # Errors
    /// [`Failure::Timeout`]: what a scope has submitted before still runs, and the driver would wait for it without end.
    pub(crate) fn take_turn(&self) -> Result<MutexGuard<'_, Turn>, Failure> {
        let mut turn = lock(&self.turn);
        if let Some(before) = turn.may_not_end.take().filter(|_| self.gpu.facts.submits_in_turn) {
            self.gpu.wait(&before, self.timeout())?;
        }
        Ok(turn)
    }

    /// How long a launch is waited for whose submission may be behind those of scopes.
    pub(crate) fn patience(&self) -> Duration {
        self.patience_beside(0)
    }

    /// The same for one that is the first of so many that its own scope has on their way.
    pub(crate) fn patience_beside(&self, own: usize) -> Duration {
        let others = self.on_their_way.load(Ordering::Relaxed).saturating_sub(own as i64);
        let before = others.clamp(0, 1 << 20) as u32;
        self.timeout().saturating_mul(before + 1)
    }

    /// Counts submissions of scopes that nobody has waited for yet.
    pub(crate) fn on_their_way(&self, more: i64) {
        self.on_their_way.fetch_add(more, Ordering::Relaxed);
    }

    /// Limits the memory of all buffers, in bytes; larger launches go in pieces. `None` leaves it to the driver.
    pub fn set_memory_cap(&self, bytes: Option<u64>) {
        self.forget_ready();
        self.gpu.pool.set_cap(bytes);
        if bytes.is_some() {
            self.gpu.bind_groups.clear();
        }
    }

    /// Gives memory back that is kept for the next launches.
    pub fn trim(&self) {
        self.forget_ready();
        self.gpu.bind_groups.clear();
        self.gpu.pool.trim();
        self.gpu.tick();
    }

    /// Gives the pool back what is kept for launches like earlier ones.
    fn forget_ready(&self) {
        lock(&self.ready).clear();
        lock(&self.small).clear();
        lock(&self.held).clear();
    }

    /// Whether the device is gone: every launch fails until it is opened again.
    pub fn is_lost(&self) -> bool {
        self.gpu.check_alive().is_err()
    }

    /// What the device's buffers take.
    pub fn memory_use(&self) -> PoolUse {
        self.gpu.pool.in_use()
    }
}

// SAFETY: `Run::finish` waits for the submission, and under `Map` nothing else ends it; it is `Ok` only after the device has
// done every dispatch and the results have been copied back.
#[allow(unsafe_code)]
unsafe impl Backend for WgpuBackend {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        super::launch::nodes::plan(self, launch)
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.kernel(definition, Mode::Run, UsizeWidth::Auto).map(drop)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        super::launch::nodes::launch(self, launch)
    }

    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        let alive = self.gpu.check_alive();
        alive.map_err(|failure| failure.into_error(&self.info, "scope"))?;
        Ok(Some(Box::new(WgpuSession::new(self))))
    }
}

fn not_opened(index: usize, failure: Failure) -> Error {
    match failure {
        Failure::NoAdapter { wanted, hint } => Error::NoDevice { wanted, why: "no driver offers it".to_owned(), hint },
        other => Error::Driver {
            device: format!("wgpu:{index}"),
            operation: "opening the device".to_owned(),
            why: other.to_string(),
        },
    }
}

/// What the adapter with this number is and can do; `no_import` and `rounding` are known once it is open.
fn describe(index: usize, adapter: &Adapter, no_import: Option<&String>, rounding: Rounding) -> DeviceInfo {
    let facts = &adapter.facts;
    let missing = |there: bool, why: &str| (!there).then(|| why.to_owned());
    let strategy = |strategy, missing| StrategySupport { strategy, missing };
    let capability = |name, missing| Capability { name, missing };
    let mut capabilities = vec![
        capability("f64", missing(facts.float64, "the driver has no 64-bit floats in kernels")),
        capability(
            "f64 functions",
            Some("exp, sin and the like of f64: drivers accept them and return garbage".to_owned()),
        ),
        capability("i64", missing(facts.int64, "the driver has no 64-bit integers in kernels")),
        capability("i64 atomics", missing(facts.int64_atomics, "the driver has no 64-bit atomics in kernels")),
    ];
    capabilities.extend(rounding.capabilities());
    DeviceInfo {
        id: format!("wgpu:{index}"),
        name: facts.name.clone(),
        driver: format!("{} ({})", facts.driver, facts.backend),
        kind: kind(adapter),
        memory: import::device_memory(&adapter.raw).unwrap_or(0),
        units: if facts.software { host_cores() } else { 1 },
        capabilities,
        strategies: vec![
            strategy(Strategy::Direct, Some("wgpu has no pointers into the host's memory".to_owned())),
            strategy(Strategy::Migrate, Some("wgpu cannot move pages".to_owned())),
            strategy(Strategy::Map, no_import.cloned()),
            strategy(Strategy::Copy, None),
        ],
    }
}

fn kind(adapter: &Adapter) -> DeviceKind {
    match adapter.raw.get_info().device_type {
        wgpu::DeviceType::Cpu => DeviceKind::Software,
        wgpu::DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu,
        wgpu::DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu,
        _ => DeviceKind::Other,
    }
}

fn host_cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32)
}
