//! A card as landbridge's launches see it.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use landbridge_core::backend::{Backend, Capability, StrategySupport};
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::session::Session;
use landbridge_core::{DeviceInfo, DeviceKind, Error, Plan, Report, Result, Strategy};
use landbridge_cuda_loader as loader;

use super::card::Card;
use super::facts::{self, Coherence, Facts};
use super::failure::Failure;
use super::kernel::Kernels;
use super::launch::{self, Offer};
use super::needs;
use super::pool::{Lease, PoolUse};
use super::self_test;
use super::session::CudaSession;
use crate::codegen::ptx::{Mode, PtxKernel};
use crate::launch_rates::Rates;

/// An opened card.
pub struct CudaBackend {
    pub(crate) card: Arc<Card>,
    pub(crate) info: Arc<DeviceInfo>,
    pub(crate) kernels: Kernels,
    pub(crate) rates: Rates,
    /// Why it cannot work on the host's memory where it is.
    no_direct: Option<String>,
    /// Why the host's pages cannot move to it.
    no_migrate: Option<String>,
}

impl std::fmt::Debug for CudaBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CudaBackend({})", self.info)
    }
}

/// The cards' names, in the driver's order.
///
/// # Errors
/// `NoDevice`: there is no driver, or it does not start; the text says why and what to do.
pub(crate) fn names() -> Result<Vec<String>> {
    Ok(cards()?.into_iter().map(|facts| facts.name).collect())
}

/// The cards' names, and what each says about sharing memory with the host.
///
/// # Errors
/// `NoDevice`: there is no driver, or it does not start.
pub fn coherence() -> Result<Vec<(String, Coherence)>> {
    Ok(cards()?.into_iter().map(|facts| (facts.name, facts.coherence)).collect())
}

fn cards() -> Result<Vec<Facts>> {
    let absent = |why: String, hint: &str| Error::NoDevice { wanted: "cuda".to_owned(), why, hint: hint.to_owned() };
    loader::probe().map_err(|error| {
        absent(error.to_string(), "Install NVIDIA's driver (its package has libcuda.so.1), or use another device")
    })?;
    if let Some(why) = needs::lacking() {
        return Err(absent(why, "Install a newer driver of NVIDIA's, or use another device"));
    }
    match facts::all() {
        Ok(cards) => Ok(cards),
        // No device: the driver's way to say that there are none.
        Err(cust::error::CudaError::NoDevice) => Ok(Vec::new()),
        Err(error) => {
            let failure = Failure::of("looking for cards", error);
            Err(absent(failure.to_string(), "Ask `nvidia-smi` whether the driver and its kernel module fit together"))
        }
    }
}

impl CudaBackend {
    /// Opens the card with this number, and finds out what it can be trusted with.
    ///
    /// # Errors
    /// - `NoDevice`: there is no such card, or no driver; or it is too old for any kernel.
    /// - `DeviceLost`, `OutOfMemory`, `Driver`: it does not open.
    pub fn open(number: usize) -> Result<Self> {
        let mut cards = cards()?;
        if number >= cards.len() {
            let names: Vec<_> = cards.iter().map(|facts| facts.name.as_str()).collect();
            return Err(crate::name::absent_card(&number.to_string(), &names, "The driver has no card to offer"));
        }
        let facts = cards.swap_remove(number);
        if let Some(why) = facts.coherence.obstacle() {
            return Self::open_card(number, &facts, Some(why));
        }
        let tested = Arc::new(Self::open_card(number, &facts, None)?);
        match self_test::run(&tested) {
            // Nobody else has it.
            Ok(()) => Arc::into_inner(tested).map_or_else(|| Self::open_card(number, &facts, None), Ok),
            Err(why) => {
                tracing::warn!(card = %facts.name, %why, "not used: Direct");
                // The test itself may have killed the context: the card is opened again, and stays without.
                drop(tested);
                Self::open_card(number, &facts, Some(why))
            }
        }
    }

    fn open_card(number: usize, facts: &Facts, no_direct: Option<String>) -> Result<Self> {
        let no_migrate = facts.no_migrate(no_direct.as_deref());
        let info = describe(number, facts, no_direct.as_deref(), no_migrate.as_deref());
        let card = Card::open(number as u32, facts.clone()).map_err(|failure| match failure {
            Failure::Unsupported { message } => Error::NoDevice {
                wanted: info.id.clone(),
                why: format!("{} cannot be used: {message}", info.name),
                hint: "Use another device".to_owned(),
            },
            other => other.into_error(&info, "open"),
        })?;
        Ok(Self {
            card,
            rates: Rates::of(&info),
            info: Arc::new(info),
            kernels: Kernels::default(),
            no_direct,
            no_migrate,
        })
    }

    /// What the card says about sharing memory with the host.
    pub fn coherence(&self) -> Coherence {
        self.card.facts.coherence
    }

    /// Limits how long a launch may take whose arguments are all copied; others are waited for without limit, because the
    /// card may still touch them.
    pub fn set_timeout(&self, timeout: Duration) {
        self.card.set_timeout(timeout);
    }

    /// Limits the card's memory that launches use, in bytes; larger launches go in pieces. `None` leaves it to the driver.
    pub fn set_memory_cap(&self, bytes: Option<u64>) {
        self.card.pool.set_cap(bytes);
    }

    /// Gives memory back that is kept for the next launches.
    pub fn trim(&self) {
        if self.card.lane().is_ok() {
            self.card.pool.trim();
        }
    }

    /// Whether the card is gone: every launch fails until it is opened again.
    pub fn is_lost(&self) -> bool {
        self.card.check_alive().is_err()
    }

    /// What launches have of the card's memory.
    pub fn memory_use(&self) -> PoolUse {
        self.card.pool.in_use()
    }

    /// The text that the card runs for a kernel without results, and how it is launched: for profilers, and for launches by hand.
    ///
    /// # Errors
    /// `Untranslatable`, `Unsupported`: there is none. `DeviceLost`, `Driver`: it does not compile.
    pub fn ptx(&self, definition: &'static Definition) -> Result<PtxKernel> {
        Ok(self.kernel(definition, Mode::Run)?.text.clone())
    }

    /// What there is to choose from for a launch.
    pub(crate) fn offer(&self, asked: Strategy) -> Offer<'_> {
        let facts = &self.card.facts;
        let is_near = facts.integrated || facts.coherence.host_page_tables == Some(true);
        Offer { asked, no_direct: self.no_direct.as_deref(), no_migrate: self.no_migrate.as_deref(), is_near }
    }

    /// Copies bytes to memory of the card.
    pub(crate) fn send_all(&self, to: &Lease, bytes: &[MaybeUninit<u8>]) -> Result<()> {
        self.send(to.address(), bytes).map_err(|failure| failure.into_error(&self.info, "flatten"))
    }

    #[allow(unsafe_code)]
    fn send(&self, to: u64, bytes: &[MaybeUninit<u8>]) -> std::result::Result<(), Failure> {
        let mut lane = self.card.lane()?;
        // SAFETY: the slice is valid for reads of its bytes; the place was lent for at least as many.
        let sent = unsafe { lane.send(to, bytes.as_ptr(), bytes.len(), self.card.patience()) };
        self.card.watched(sent)
    }
}

// SAFETY: `Run::finish` waits for the kernel, where it reaches the user's memory without a limit; it is `Ok` only after every piece has
// run and its results have been copied back.
#[allow(unsafe_code)]
unsafe impl Backend for CudaBackend {
    fn info(&self) -> &Arc<DeviceInfo> {
        &self.info
    }

    fn plan(&self, launch: &dyn Launch) -> Result<Plan> {
        launch::plan(self, launch)
    }

    fn prepare(&self, definition: &'static Definition) -> Result<()> {
        self.kernel(definition, Mode::Run).map(drop)
    }

    fn launch(&self, launch: &dyn Launch) -> Result<Report> {
        launch::launch(self, launch, None)
    }

    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        self.card.check_alive().map_err(|failure| failure.into_error(&self.info, "scope"))?;
        Ok(Some(Box::new(CudaSession::new(self))))
    }
}

/// What the card with this number is and can do.
fn describe(number: usize, facts: &Facts, no_direct: Option<&str>, no_migrate: Option<&str>) -> DeviceInfo {
    let strategy = |strategy, missing: Option<&str>| StrategySupport { strategy, missing: missing.map(str::to_owned) };
    let capability = |name| Capability { name, missing: None };
    let (major, minor) = facts.driver;
    DeviceInfo {
        id: format!("cuda:{number}"),
        name: facts.name.clone(),
        driver: format!("CUDA {major}.{minor}, compute capability {}.{}", facts.capability.0, facts.capability.1),
        kind: if facts.integrated { DeviceKind::IntegratedGpu } else { DeviceKind::DiscreteGpu },
        memory: facts.memory,
        units: facts.multiprocessors,
        capabilities: vec![
            capability("f64"),
            capability("i64"),
            capability("i64 atomics"),
            capability(Capability::ROUNDED_F32),
            capability(Capability::AS_WRITTEN_F32),
            Capability { name: "groups", missing: Some("cooperative kernels are not made for CUDA yet".into()) },
        ],
        strategies: vec![
            strategy(Strategy::Direct, no_direct),
            strategy(Strategy::Migrate, no_migrate),
            strategy(Strategy::Map, None),
            strategy(Strategy::Copy, None),
        ],
    }
}
