//! How programs get their devices: constructors for [`Device`], and options for those who want other than the defaults.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use landbridge_core::backend::Backend;
use landbridge_core::error::Result;
use landbridge_core::{Device, DeviceInfo, DeviceKind, Error, Home, Topology};

use crate::auto::Auto;
use crate::cards;
use crate::drivers::{self, Limits};
use crate::host::Host;
use crate::name::{self, Wanted};
use crate::nodes::{self, Wishes};
use crate::pci;
use crate::probe::{self, Effort};
use crate::rates::Shared;

/// The environment variable that chooses a device: `auto`, `host`, `node:1`, `wgpu:0`, `cuda:0`, `wgpu:part of a name`.
pub const VARIABLE: &str = "LANDBRIDGE_DEVICE";

/// Constructors for [`Device`], in the prelude. A device that is opened twice is opened once: the second is the same.
pub trait Devices: Sized {
    /// The cores that run the program, through rayon's global pool.
    fn host() -> Self;

    /// A memory node by its number: kernels run on the CPUs nearest to it. It serves expanders (CXL), high-bandwidth
    /// memory, sockets, and GPUs whose memory is a node; Linux only.
    ///
    /// # Errors
    /// `NoDevice`: there is none of that number; the text says what there is.
    fn node(number: u32) -> Result<Self>;

    /// An adapter of wgpu by its number, a software driver too. What it lacks something for runs on the host instead, and
    /// the report says so ([`Device::without_fallback`] makes it an error).
    ///
    /// # Errors
    /// - `NoDevice`: there is none of that number; the text says what there is and how to get a driver.
    /// - `DeviceLost`, `OutOfMemory`, `Driver`: it does not open.
    fn wgpu(number: usize) -> Result<Self>;

    /// An NVIDIA card through CUDA by its number, where the program is built with the feature `cuda`. What it lacks something for runs on
    /// the host instead, and the report says so ([`Device::without_fallback`] makes it an error).
    ///
    /// # Errors
    /// - `NoDevice`: there is none of that number, or no driver; the text says why.
    /// - `DeviceLost`, `OutOfMemory`, `Driver`: it does not open.
    fn cuda(number: usize) -> Result<Self>;

    /// A device by its name: `auto`, `host`, `node:1`, `wgpu:0`, or `wgpu:` and a part of the adapter's name, whatever its case.
    ///
    /// # Errors
    /// As [`Self::wgpu`].
    fn named(name: &str) -> Result<Self>;

    /// The device that the environment variable `LANDBRIDGE_DEVICE` names.
    ///
    /// # Errors
    /// - `NoDevice`: the variable is not set.
    /// - As [`Self::named`].
    fn from_env() -> Result<Self>;

    /// The best for each launch: every device plans it, memory nodes too where there are several, and the smallest predicted
    /// time wins. The host is always asked, a software driver never. `LANDBRIDGE_DEVICE` overrides all of this.
    ///
    /// # Errors
    /// If `LANDBRIDGE_DEVICE` is set, as [`Self::named`]; otherwise none.
    fn auto() -> Result<Self>;

    /// The host, the memory nodes if there are several, and every adapter that opens, software drivers too.
    fn all() -> Vec<Self>;

    /// Options for any of these: another pool, a memory cap, a timeout.
    fn options() -> DeviceOptions;
}

impl Devices for Device {
    fn host() -> Self {
        DeviceOptions::default().host()
    }

    fn node(number: u32) -> Result<Self> {
        DeviceOptions::default().node(number)
    }

    fn wgpu(number: usize) -> Result<Self> {
        DeviceOptions::default().wgpu(number)
    }

    fn cuda(number: usize) -> Result<Self> {
        DeviceOptions::default().cuda(number)
    }

    fn named(name: &str) -> Result<Self> {
        DeviceOptions::default().named(name)
    }

    fn from_env() -> Result<Self> {
        DeviceOptions::default().from_env()
    }

    fn auto() -> Result<Self> {
        DeviceOptions::default().auto()
    }

    fn all() -> Vec<Self> {
        DeviceOptions::default().all()
    }

    fn options() -> DeviceOptions {
        DeviceOptions::default()
    }
}

/// How to open devices; ends with the constructor of the same name as in [`Devices`].
///
/// ```
/// # use landbridge_backends::devices::Devices;
/// # use landbridge_core::Device;
/// let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
/// let device = Device::options().pool(pool.into()).host();
/// assert_eq!(device.info().units, 1);
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options do nothing until a device is opened with them, as in `.host()`"]
pub struct DeviceOptions {
    pool: Option<Arc<rayon::ThreadPool>>,
    memory_cap: Option<u64>,
    timeout: Option<Duration>,
    nodes: Wishes,
}

impl DeviceOptions {
    /// The threads that the host uses, for launches there and for fallbacks; rayon's global pool if not given.
    pub fn pool(mut self, pool: Arc<rayon::ThreadPool>) -> Self {
        self.pool = Some(pool);
        self
    }

    /// Bytes of its own memory that a device may use at most. A launch that needs more runs on the host. The host works
    /// in place and ignores it.
    pub fn memory_cap(mut self, bytes: u64) -> Self {
        self.memory_cap = Some(bytes);
        self.nodes.memory_cap = Some(bytes);
        self
    }

    /// How long a kernel may take on a device before the launch is given up with `Error::Timeout`. Where a device has the
    /// user's pages (`Strategy::Map`) it is waited for all the same, with a warning each second. The host ignores it.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The CPUs that memory nodes use instead of those nearest to them, by the kernel's numbers.
    pub fn cpus(mut self, cpus: impl Into<Vec<u32>>) -> Self {
        self.nodes.cpus = Some(cpus.into());
        self
    }

    /// What the machine's memory looks like, for memory nodes; read from the system if not given.
    pub fn topology(mut self, topology: impl Into<Arc<Topology>>) -> Self {
        self.nodes.topology = Some(topology.into());
        self
    }

    /// Where pages that moved to a memory node are after a launch: there ([`Home::Stay`], the default) or where they were.
    pub fn home(mut self, home: Home) -> Self {
        self.nodes.home = home;
        self
    }

    /// Lets memory nodes move pages by copying them and swapping the copies in, which is several times as fast as the
    /// kernel's ways. Off by default: pages that the kernel or a device holds (registered buffers of io_uring, vmsplice,
    /// RDMA) cannot be told from others, and would go stale. Allow it in a program that does no such thing with the memory
    /// that it lends.
    pub fn allow_remap(mut self, allow: bool) -> Self {
        self.nodes.allow_remap = allow;
        self
    }

    /// As [`Devices::host`].
    pub fn host(&self) -> Device {
        Device::from_backend(self.host_backend(), None)
    }

    /// As [`Devices::node`].
    ///
    /// # Errors
    /// As [`Devices::node`].
    pub fn node(&self, number: u32) -> Result<Device> {
        Ok(Device::from_backend(nodes::open(number, &self.nodes)?, None))
    }

    /// As [`Devices::wgpu`].
    ///
    /// # Errors
    /// As [`Devices::wgpu`].
    pub fn wgpu(&self, number: usize) -> Result<Device> {
        self.adapter(&number.to_string())
    }

    /// As [`Devices::cuda`].
    ///
    /// # Errors
    /// As [`Devices::cuda`].
    pub fn cuda(&self, number: usize) -> Result<Device> {
        self.card(&number.to_string())
    }

    /// As [`Devices::named`].
    ///
    /// # Errors
    /// As [`Devices::named`].
    pub fn named(&self, name: &str) -> Result<Device> {
        match name::parse(name)? {
            Wanted::Auto => Ok(self.choosing()),
            Wanted::Host => Ok(self.host()),
            Wanted::Node(number) => self.node(number),
            Wanted::Wgpu(adapter) => self.adapter(adapter),
            Wanted::Cuda(card) => self.card(card),
        }
    }

    /// As [`Devices::from_env`].
    ///
    /// # Errors
    /// As [`Devices::from_env`].
    pub fn from_env(&self) -> Result<Device> {
        match variable() {
            Some(name) => self.named(&name),
            None => Err(Error::NoDevice {
                wanted: format!("${VARIABLE}"),
                why: "the environment variable is not set".into(),
                hint: format!("Set {VARIABLE}=host or =wgpu:0, or use Device::auto()"),
            }),
        }
    }

    /// As [`Devices::auto`].
    ///
    /// # Errors
    /// As [`Devices::auto`].
    pub fn auto(&self) -> Result<Device> {
        match variable() {
            Some(name) => self.named(&name),
            None => Ok(self.choosing()),
        }
    }

    /// As [`Devices::all`].
    pub fn all(&self) -> Vec<Device> {
        let host = self.host_backend();
        let with_fallback = |backend| Device::from_backend(backend, Some(host.clone()));
        let adapters = self.open_adapters().chain(self.open_cards()).map(with_fallback);
        let nodes = self.open_nodes().map(|node| Device::from_backend(node, None));
        std::iter::once(Device::from_backend(host.clone(), None)).chain(nodes).chain(adapters).collect()
    }

    /// Measures the host, the memory nodes if there are several, and every adapter that opens, software drivers too,
    /// thoroughly: some seconds. What is found is kept for [`Devices::auto`] of this and later processes. On a machine with
    /// one node there is nowhere to move pages to: the mover's rates stay unknown.
    pub fn probe(&self) -> Vec<Probed> {
        let host = self.host_backend().info().clone();
        let rates = probe::host(&host, Effort::Thorough);
        let of_device = |backend: Arc<dyn Backend>| {
            let rates = probe::device(&backend, Effort::Thorough);
            Probed { info: backend.info().clone(), rates }
        };
        let others = self.open_nodes().chain(self.open_adapters()).chain(self.open_cards()).map(of_device);
        std::iter::once(Probed { info: host, rates: Ok(rates) }).chain(others).collect()
    }

    fn adapter(&self, adapter: &str) -> Result<Device> {
        let names = drivers::names();
        let number = name::select(adapter, &names, drivers::HINT).map_err(pci::explain)?;
        Ok(Device::from_backend(self.open(number)?, Some(self.host_backend())))
    }

    fn card(&self, card: &str) -> Result<Device> {
        let wanted = |error| match error {
            Error::NoDevice { why, hint, .. } => Error::NoDevice { wanted: format!("cuda:{card}"), why, hint },
            other => other,
        };
        let names = cards::names().map_err(wanted)?;
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let number = name::select_card(card, &names, "the driver has no card to offer")?;
        Ok(Device::from_backend(self.open_card(number)?, Some(self.host_backend())))
    }

    /// Software drivers compute on the host's own cores: they are never among those to choose from.
    fn choosing(&self) -> Device {
        let adapters = self.open_adapters().filter(|b| b.info().kind != DeviceKind::Software);
        let others: Vec<_> = self.open_nodes().chain(adapters).chain(self.open_cards()).collect();
        let host = self.host_backend();
        // It falls back by itself, but for launches of scopes that a device refuses which keeps their data.
        let fallback = (!others.is_empty()).then(|| host.clone());
        Device::from_backend(Arc::new(Auto::with_probes(host, others)), fallback)
    }

    /// The memory nodes that open, if there are several.
    fn open_nodes(&self) -> impl Iterator<Item = Arc<dyn Backend>> {
        nodes::numbers(&self.nodes).into_iter().filter_map(|number| nodes::open(number, &self.nodes).ok())
    }

    /// All adapters that open; what does not is told to `tracing`.
    fn open_adapters(&self) -> impl Iterator<Item = Arc<dyn Backend>> {
        (0..drivers::names().len()).filter_map(|number| match self.open(number) {
            Ok(backend) => Some(backend),
            Err(error) => {
                tracing::warn!(number, %error, "an adapter does not open");
                None
            }
        })
    }

    /// All cards that open; what does not is told to `tracing`.
    fn open_cards(&self) -> impl Iterator<Item = Arc<dyn Backend>> {
        let cards = cards::names().map_or(0, |names| names.len());
        (0..cards).filter_map(|number| match self.open_card(number) {
            Ok(backend) => Some(backend),
            Err(error) => {
                tracing::warn!(number, %error, "a card does not open");
                None
            }
        })
    }

    fn host_backend(&self) -> Arc<dyn Backend> {
        static HOST: LazyLock<Arc<Host>> = LazyLock::new(|| Arc::new(Host::new()));
        match &self.pool {
            Some(pool) => Arc::new(Host::with_pool(pool.clone())),
            None => HOST.clone(),
        }
    }

    /// Opens an adapter, or takes the one that is open with the same options.
    fn open(&self, number: usize) -> Result<Arc<dyn Backend>> {
        static OPENED: Opened<drivers::Driver> = Opened::new();
        Ok(OPENED.get(number, self.limits(), drivers::Driver::is_lost, drivers::open)?)
    }

    /// The same of a card.
    fn open_card(&self, number: usize) -> Result<Arc<dyn Backend>> {
        static OPENED: Opened<cards::Card> = Opened::new();
        Ok(OPENED.get(number, self.limits(), cards::Card::is_lost, cards::open)?)
    }

    fn limits(&self) -> Limits {
        Limits { memory_cap: self.memory_cap, timeout: self.timeout }
    }
}

/// Devices of a kind that are open, with their numbers and options.
struct Opened<D> {
    devices: Mutex<Vec<(usize, Limits, Arc<D>)>>,
}

impl<D> Opened<D> {
    const fn new() -> Self {
        Opened { devices: Mutex::new(vec![]) }
    }

    /// The one that is open and not lost, or a new one.
    fn get(
        &self,
        number: usize,
        limits: Limits,
        is_lost: fn(&D) -> bool,
        open: fn(usize, &Limits) -> Result<Arc<D>>,
    ) -> Result<Arc<D>> {
        let mut devices = self.devices.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        devices.retain(|(_, _, device)| !is_lost(device));
        if let Some((_, _, device)) = devices.iter().find(|opened| opened.0 == number && opened.1 == limits) {
            return Ok(device.clone());
        }
        let device = open(number, &limits)?;
        devices.push((number, limits, device.clone()));
        Ok(device)
    }
}

/// A device that [`DeviceOptions::probe`] has measured.
#[derive(Debug)]
pub struct Probed {
    /// The device.
    pub info: Arc<DeviceInfo>,
    /// Its rates, or why not all of them were measured.
    pub rates: Result<Arc<Shared>>,
}

/// The variable's value, unless it is empty.
fn variable() -> Option<String> {
    let value = std::env::var(VARIABLE).ok()?;
    (!value.trim().is_empty()).then_some(value)
}
