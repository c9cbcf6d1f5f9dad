//! A machine as the planner sees it: who computes, how each reaches bytes, what moving them costs.
//!
//! Seconds, bytes, and bytes a second throughout. `None` is what is not there or not known: both mean that it is not used.

/// How a processor reaches bytes that are where they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Path {
    /// Bytes a second of a stream.
    pub bandwidth: f64,
    /// Seconds of a dependent load.
    pub latency: f64,
    /// Dependent walks that are under way at the same time.
    pub in_flight: f64,
    /// Bytes that one access fetches at least.
    pub granule: f64,
}

impl Path {
    /// A path of which only the stream is known: fetches whole cache lines, 16 walks of 100 ns.
    pub const fn streaming(bandwidth: f64) -> Self {
        Path { bandwidth, latency: 1e-7, in_flight: 16.0, granule: 64.0 }
    }
}

/// Touching a byte brings its page: HMM, managed memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faulting {
    /// Bytes that one fault brings.
    pub page_bytes: f64,
    /// Seconds of a fault, its bytes included.
    pub fault: f64,
}

/// How a device gets at the host's memory without a request to move it first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reach {
    /// Loads and stores over the link, bytes stay.
    Coherent(Path),
    /// Pages come at the first touch.
    Faulting(Faulting),
}

/// Copies to memory of the device and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Copying {
    /// Seconds of a transfer, however small.
    pub latency: f64,
    /// Bytes a second to the device.
    pub into: f64,
    /// Bytes a second from the device.
    pub back: f64,
}

/// Pages moved to the device's memory before the launch, addresses unchanged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moving {
    /// Seconds of a request, however small.
    pub start: f64,
    /// Bytes of a page.
    pub page_bytes: f64,
    /// Seconds a page.
    pub page: f64,
    /// Seconds a page on the way back.
    pub page_back: f64,
    /// Seconds more for a page that was not there yet.
    pub fault: f64,
}

impl Moving {
    /// A mover with this rate in both directions.
    pub const fn at(bytes_a_second: f64, page_bytes: f64) -> Self {
        let page = page_bytes / bytes_a_second;
        Moving { start: 5e-6, page_bytes, page, page_back: page, fault: 0.0 }
    }

    /// Bytes a second of present pages.
    pub fn bandwidth(&self) -> f64 {
        self.page_bytes / self.page
    }
}

/// The host's pages mapped into the device's address space for a launch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mapping {
    /// Seconds to map and unmap an argument, however small.
    pub latency: f64,
    /// Seconds more for each byte (its pages are pinned).
    pub per_byte: f64,
    /// How the device then reaches it.
    pub path: Path,
}

/// Something that computes, with the memory that it prefers.
#[derive(Clone, Debug, PartialEq)]
pub struct Computer {
    /// As `LANDBRIDGE_DEVICE` names it.
    pub id: String,
    /// Bytes of its own memory that launches may use; `None` if it has no limit of its own.
    pub memory: Option<f64>,
    /// Seconds from submitting an empty launch to its end.
    pub launch: Option<f64>,
    /// Its own memory.
    pub own: Option<Path>,
    /// How many times faster than one core of the host it does arithmetic, all its units together.
    pub speed: Option<f64>,
    /// `Direct`.
    pub reach: Option<Reach>,
    /// `Copy`.
    pub copying: Option<Copying>,
    /// `Migrate`.
    pub moving: Option<Moving>,
    /// `Map`.
    pub mapping: Option<Mapping>,
}

impl Computer {
    /// A device of which nothing is known.
    pub fn unknown(id: impl Into<String>) -> Self {
        Computer {
            id: id.into(),
            memory: None,
            launch: None,
            own: None,
            speed: None,
            reach: None,
            copying: None,
            moving: None,
            mapping: None,
        }
    }
}

/// The host and the devices.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// What it is called.
    pub name: String,
    /// Threads of the host.
    pub threads: f64,
    /// Seconds until the host's threads help; 0 for a thread alone.
    pub wake: f64,
    /// The host's memory as all its threads together reach it.
    pub host: Option<Path>,
    /// The others.
    pub devices: Vec<Computer>,
}
