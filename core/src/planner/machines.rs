//! Machines that we don't have, as data: for tests of the planner, and for `copy_vs_migrate --model`.
//!
//! Each figure that decides something has its source in [`Synthetic::sources`]; those marked `assumed` are round values that
//! no conclusion rests on. They are never used to plan a real launch: real rates are measured.

use super::machine::{Computer, Copying, Faulting, Machine, Mapping, Moving, Path, Reach};

/// A machine with where its figures come from.
#[derive(Clone, Debug)]
pub struct Synthetic {
    /// As `--model` names it.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// The figures.
    pub machine: Machine,
    /// Figure and source.
    pub sources: &'static [(&'static str, &'static str)],
}

/// Binary gigabyte.
const GIB: f64 = 1073741824.0;
const KIB64: f64 = 65536.0;
const MIB2: f64 = 2097152.0;

/// All of them.
pub fn all() -> Vec<Synthetic> {
    vec![pcie4(), pcie5(), hmm(), gh200(), gh200_cdmm(), mi300a(), cxl(), dual_socket(), guest()]
}

/// The machine of this name.
pub fn named(name: &str) -> Option<Synthetic> {
    all().into_iter().find(|synthetic| synthetic.name == name)
}

const fn path(bandwidth: f64, latency: f64, in_flight: f64, granule: f64) -> Path {
    Path { bandwidth, latency, in_flight, granule }
}

fn machine(name: &str, threads: f64, host: Path, device: Computer) -> Machine {
    Machine { name: name.into(), threads, wake: 20e-6, host: Some(host), devices: vec![device] }
}

fn gpu(id: &str, memory: f64, own: Path) -> Computer {
    Computer { memory: Some(memory), launch: Some(10e-6), own: Some(own), speed: Some(1000.0), ..Computer::unknown(id) }
}

/// A discrete GPU behind PCIe 4.
pub fn pcie4() -> Synthetic {
    let device = Computer {
        copying: Some(Copying { latency: 10e-6, into: 25e9, back: 25e9 }),
        mapping: Some(Mapping { latency: 10e-6, per_byte: 1e-12, path: path(22e9, 1.2e-6, 1024.0, 32.0) }),
        ..gpu("gpu", 40.0 * GIB, path(1400e9, 4e-7, 4096.0, 32.0))
    };
    Synthetic {
        name: "pcie4",
        about: "discrete GPU, PCIe 4 x16",
        machine: machine("pcie4", 16.0, path(100e9, 1e-7, 160.0, 64.0), device),
        sources: &[
            ("copy 25 GB/s", "figures.md, PCIe gen4 x16, measured"),
            ("mapped 22 GB/s", "assumed: gen5's ratio of GPU-driven to copied, upper end"),
            ("pinning 1 ps a byte", "assumed: 2 us a huge page"),
            ("own memory 1400 GB/s, host 100 GB/s, 16 cores", "assumed: HBM2e card, server with eight channels"),
        ],
    }
}

/// A discrete GPU behind PCIe 5.
pub fn pcie5() -> Synthetic {
    let device = Computer {
        copying: Some(Copying { latency: 10e-6, into: 55.5e9, back: 57e9 }),
        mapping: Some(Mapping { latency: 10e-6, per_byte: 1e-12, path: path(44e9, 1e-6, 1024.0, 32.0) }),
        ..gpu("gpu", 80.0 * GIB, path(1900e9, 4e-7, 4096.0, 32.0))
    };
    Synthetic {
        name: "pcie5",
        about: "discrete GPU, PCIe 5 x16",
        machine: machine("pcie5", 32.0, path(250e9, 1e-7, 320.0, 64.0), device),
        sources: &[
            ("copy 55.5 GB/s in, 57 out", "figures.md, PCIe gen5, measured"),
            ("mapped 44 GB/s", "figures.md, GPU-driven 35-53, middle"),
            ("pinning 1 ps a byte", "assumed: 2 us a huge page"),
            ("own memory 1900 GB/s, host 250 GB/s, 32 cores", "assumed: HBM card, server of 2023"),
        ],
    }
}

/// A discrete GPU whose driver brings pages at the first touch (HMM).
pub fn hmm() -> Synthetic {
    let device = Computer {
        reach: Some(Reach::Faulting(Faulting { page_bytes: MIB2, fault: 132e-6 })),
        moving: Some(Moving { start: 10e-6, page_bytes: MIB2, page: 132e-6, page_back: 132e-6, fault: 200e-6 }),
        copying: Some(Copying { latency: 10e-6, into: 25e9, back: 25e9 }),
        ..gpu("gpu", 16.0 * GIB, path(450e9, 4e-7, 2048.0, 32.0))
    };
    Synthetic {
        name: "hmm",
        about: "discrete GPU with heterogeneous memory management, huge pages",
        machine: machine("hmm", 16.0, path(100e9, 1e-7, 160.0, 64.0), device),
        sources: &[
            ("2 MiB fault 132 us (15.9 GB/s)", "figures.md, Intel Xe, Linux 192cb1f5"),
            ("fault of an absent huge page 200 us", "host.md: 203-317 us, zeroing"),
            ("own memory 450 GB/s, host 100 GB/s", "assumed"),
        ],
    }
}

const GH200_HOST: Path = path(380e9, 1.2e-7, 700.0, 64.0);
const GH200_OWN: Path = path(2008e9, 5e-7, 8192.0, 32.0);
const GH200_LINK: Path = path(335e9, 6.2e-7, 4096.0, 64.0);

/// GH200 whose memory is a node: pages move there.
pub fn gh200() -> Synthetic {
    let device = Computer {
        reach: Some(Reach::Coherent(GH200_LINK)),
        copying: Some(Copying { latency: 10e-6, into: 377e9, back: 297e9 }),
        moving: Some(Moving::at(6.66e9, KIB64)),
        ..gpu("gpu", 90.0 * GIB, GH200_OWN)
    };
    Synthetic {
        name: "gh200",
        about: "Grace Hopper, GPU memory as a NUMA node, 64 KiB pages",
        machine: machine("gh200", 72.0, GH200_HOST, device),
        sources: &[
            ("host to device 377 GB/s, back 297", "figures.md, dnhkng/GH200_benchmarking"),
            ("own memory 2008 GB/s, on host memory 331-339", "figures.md, the same kernel on both"),
            ("link latency 620 ns", "figures.md, dnhkng/GH200_benchmarking"),
            ("move_pages 6.66 GB/s at 64 KiB", "numa.md, one thread, two-socket Zen 3"),
            ("host 380 GB/s, 72 cores", "assumed: what the link delivers at most"),
        ],
    }
}

/// GH200 whose driver keeps its memory (CDMM): direct access and copies, no pages move.
pub fn gh200_cdmm() -> Synthetic {
    let mut synthetic = gh200();
    synthetic.machine.devices[0].moving = None;
    synthetic.machine.name = "gh200-cdmm".into();
    Synthetic { name: "gh200-cdmm", about: "Grace Hopper, memory kept by the driver (CDMM)", ..synthetic }
}

/// MI300A: one memory for both.
pub fn mi300a() -> Synthetic {
    let device = Computer {
        reach: Some(Reach::Coherent(path(2100e9, 7e-7, 8192.0, 128.0))),
        copying: Some(Copying { latency: 10e-6, into: 900e9, back: 900e9 }),
        ..gpu("gpu", 120.0 * GIB, path(3500e9, 7e-7, 8192.0, 128.0))
    };
    Synthetic {
        name: "mi300a",
        about: "MI300A, host and GPU share one HBM",
        machine: machine("mi300a", 24.0, path(200e9, 1.5e-7, 384.0, 64.0), device),
        sources: &[
            ("hipMalloc 3.5 TB/s, host allocation 2.1 TB/s", "figures.md, Wahlgren et al., arXiv 2508.12743"),
            ("copies 900 GB/s, host 200 GB/s, 24 cores", "assumed"),
        ],
    }
}

/// Data on a CXL memory expander, computed on by the host's cores: the device is the cores with their own DRAM.
pub fn cxl() -> Synthetic {
    let link = path(32.0 * GIB, 2.75e-7, 160.0, 64.0);
    let dram = path(200e9, 1e-7, 320.0, 64.0);
    let device = Computer {
        memory: Some(256.0 * GIB),
        launch: Some(20e-6),
        own: Some(dram),
        speed: Some(32.0),
        reach: Some(Reach::Coherent(link)),
        copying: Some(Copying { latency: 1e-6, into: 32.0 * GIB, back: 32.0 * GIB }),
        moving: Some(Moving::at(3.31e9, 4096.0)),
        ..Computer::unknown("node:0")
    };
    Synthetic {
        name: "cxl",
        about: "data on a CXL expander; the device is DRAM beside the cores",
        machine: machine("cxl", 32.0, link, device),
        sources: &[
            ("32 GiB/s, 140-410 ns (275 taken)", "figures.md, Melody"),
            ("move_pages 3.31 GB/s at 4 KiB", "numa.md, one thread, two-socket Zen 3"),
            ("DRAM 200 GB/s, 100 ns, 32 cores", "assumed: eight channels"),
        ],
    }
}

/// Data on the other socket's memory; the device is the cores next to it after moving.
pub fn dual_socket() -> Synthetic {
    let remote = path(80e9, 2e-7, 320.0, 64.0);
    let device = Computer {
        memory: Some(256.0 * GIB),
        launch: Some(20e-6),
        own: Some(path(160e9, 1e-7, 320.0, 64.0)),
        speed: Some(32.0),
        reach: Some(Reach::Coherent(remote)),
        copying: Some(Copying { latency: 1e-6, into: 80e9, back: 80e9 }),
        moving: Some(Moving::at(11.02e9, MIB2)),
        ..Computer::unknown("node:1")
    };
    Synthetic {
        name: "dual-socket",
        about: "two sockets; the data starts on the other one, huge pages",
        machine: machine("dual-socket", 64.0, remote, device),
        sources: &[
            ("move_pages 11.02 GB/s at 2 MiB", "numa.md, one thread, two-socket Zen 3"),
            ("own node 160 GB/s, other node half of it, 100 and 200 ns", "assumed: eight channels of DDR4"),
        ],
    }
}

/// This class of machine: two virtual cores, one node, software Vulkan.
pub fn guest() -> Synthetic {
    let own = path(24e9, 1e-7, 20.0, 64.0);
    let device = Computer {
        memory: Some(8.0 * GIB),
        launch: Some(68e-6),
        own: Some(own),
        speed: Some(0.1),
        copying: Some(Copying { latency: 20e-6, into: 5e9, back: 5e9 }),
        mapping: Some(Mapping { latency: 20e-6, per_byte: 5e-11, path: own }),
        ..Computer::unknown("wgpu:0")
    };
    Synthetic {
        name: "guest",
        about: "two virtual cores, one node, Vulkan in software",
        machine: machine("guest", 2.0, path(30e9, 1e-7, 20.0, 64.0), device),
        sources: &[
            ("triad 24-41 GB/s on 2 threads, memcpy to fresh huge pages 5-8", "host.md"),
            ("launch and wait 59-78 us", "host.md, hand-written wgpu"),
            ("arithmetic a tenth of a core", "assumed: software drivers are far slower than the host"),
        ],
    }
}
