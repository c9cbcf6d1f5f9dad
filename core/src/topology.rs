//! The machine's memory: nodes, how near they are to the cores, which of them looks like a device's, and what the
//! kernel does with pages.
//!
//! Data only: a backend reads it from the system, a test writes it down. [`Topology::device_nodes`] and
//! [`Topology::nearest_cpus`] are pure functions of it.

mod choose;
mod text;

pub use choose::{DeviceNode, NearestCpus};

/// What is known of a machine's memory. What could not be read is empty or `None`, and named in [`Self::notes`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// The nodes that are online, by rising id. Never empty when read from a system: where the kernel knows of no nodes,
    /// there is one with all CPUs and all memory.
    pub nodes: Vec<Node>,
    /// GPUs whose driver tells how their memory is attached.
    pub gpus: Vec<Gpu>,
    /// Sizes of pages.
    pub pages: PageSizes,
    /// Whether anonymous memory gets huge pages by itself.
    pub thp: ThpMode,
    /// Whether the kernel moves pages to the node that uses them, and so undoes migrations that no policy protects.
    pub numa_balancing: NumaBalancing,
    /// What was odd or could not be read, in words.
    pub notes: Vec<String>,
}

/// A memory node (`/sys/devices/system/node/nodeN`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// As the kernel numbers it.
    pub id: u32,
    /// Numbers of its online CPUs, rising.
    pub cpus: Vec<u32>,
    /// Bytes of memory that are online.
    pub memory: u64,
    /// Bytes that were free when it was read. The kernel can free more: caches are not counted.
    pub free: u64,
    /// Distance to each node in the order of [`Topology::nodes`], 10 to itself; 255 means unreachable. Empty if unknown.
    pub distances: Vec<u8>,
    /// What firmware says of the way from the nearest CPUs or devices to this memory (HMAT), one entry an access class.
    pub access: Vec<Access>,
    /// What kind of node it looks like.
    pub kind: NodeKind,
    /// Why that kind.
    pub why: String,
}

impl Node {
    /// Performance from the nearest CPUs: access class 1, which counts CPUs only, or class 0, which counts devices too.
    pub fn access_from_cpus(&self) -> Option<&Access> {
        self.class(1).or_else(|| self.class(0))
    }

    fn class(&self, class: u8) -> Option<&Access> {
        self.access.iter().find(|a| a.class == class)
    }
}

/// How fast a node's memory is for those nearest to it, as firmware says (`nodeN/accessC/initiators`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// 0: the nearest of all initiators, devices too; 1: the nearest CPUs.
    pub class: u8,
    /// Nodes of these initiators.
    pub initiators: Vec<u32>,
    /// MB/s.
    pub read_bandwidth: Option<u32>,
    /// MB/s.
    pub write_bandwidth: Option<u32>,
    /// Nanoseconds.
    pub read_latency: Option<u32>,
    /// Nanoseconds.
    pub write_latency: Option<u32>,
}

/// What kind of node it looks like; [`Node::why`] says why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NodeKind {
    /// It has CPUs, mostly with memory.
    #[default]
    Cpu,
    /// Memory of a GPU, by its driver.
    Gpu,
    /// Memory without CPUs of another owner: a CXL expander, high-bandwidth memory, persistent memory, a node of a
    /// device whose driver does not tell.
    Memory,
    /// Neither CPUs nor memory that is online: nothing can move there.
    Empty,
}

impl NodeKind {
    /// Whether its memory looks like a device's.
    pub fn is_device(self) -> bool {
        matches!(self, NodeKind::Gpu | NodeKind::Memory)
    }
}

/// A GPU, as its driver describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// Address on the bus, such as `0009:01:00.0`.
    pub address: String,
    /// As the driver names it; the driver's name if it names none.
    pub name: String,
    /// Name of the driver.
    pub driver: String,
    /// How its memory is attached.
    pub memory: GpuMemory,
    /// The node of the CPUs that it is attached to.
    pub host_node: Option<u32>,
}

/// How a GPU's memory is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GpuMemory {
    /// It is a memory node of the kernel: pages of ordinary memory can move there (GH200 in NUMA mode).
    Node(u32),
    /// It is coherent with the CPUs, but the driver keeps it for itself (GH200 in CDMM mode): no page can move there.
    DriverManaged,
    /// The driver has made no node of it, and is not set to keep it for itself: mostly memory behind PCIe.
    Separate,
}

/// Sizes of pages, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageSizes {
    /// An ordinary page.
    pub base: u64,
    /// A transparent huge page; `None` where the kernel has none.
    pub transparent_huge: Option<u64>,
    /// Sizes of explicit huge pages, rising.
    pub huge: Vec<HugePages>,
}

impl Default for PageSizes {
    fn default() -> Self {
        PageSizes { base: 4096, transparent_huge: None, huge: vec![] }
    }
}

/// Explicit huge pages of one size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HugePages {
    /// Bytes of a page.
    pub size: u64,
    /// Pages reserved by the administrator.
    pub total: u64,
    /// Reserved pages that nobody uses.
    pub free: u64,
}

/// Whether anonymous memory gets transparent huge pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ThpMode {
    /// All of it.
    Always,
    /// Where a program asks with `madvise`.
    Madvise,
    /// Nowhere.
    Never,
    /// The kernel has none, or does not tell.
    #[default]
    Unavailable,
}

/// Whether the kernel moves pages between nodes by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumaBalancing {
    /// It does not.
    #[default]
    Off,
    /// To the node whose CPUs use them.
    On,
    /// Hot pages to faster memory (mode 2), and with `balancing` to the node whose CPUs use them too (mode 3).
    Tiering {
        /// Also as [`NumaBalancing::On`].
        balancing: bool,
    },
}

impl Topology {
    /// The node of this id.
    pub fn node(&self, id: u32) -> Option<&Node> {
        self.nodes.iter().find(|n| n.id == id)
    }

    /// Distance between two nodes, 10 for a node to itself; `None` if unknown.
    pub fn distance(&self, from: u32, to: u32) -> Option<u8> {
        let column = self.nodes.iter().position(|n| n.id == to)?;
        self.node(from)?.distances.get(column).copied()
    }

    /// Whether pages have more than one node to be on.
    pub fn has_several_memories(&self) -> bool {
        self.nodes.iter().filter(|n| n.memory > 0).count() > 1
    }
}
