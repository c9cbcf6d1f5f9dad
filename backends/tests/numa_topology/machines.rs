//! Machines of all kinds, as their files look.

use landbridge_core::topology::{GpuMemory, HugePages, NodeKind, NumaBalancing, ThpMode};

use crate::tree::Tree;

const GIB: u64 = 1 << 20; // in kB
const GPU: &str = "0009:01:00.0";

/// Ids of the nodes that look like a device's, the best first.
fn devices(topology: &landbridge_core::Topology) -> Vec<u32> {
    topology.device_nodes().iter().map(|n| n.id).collect()
}

#[test]
fn one_node() {
    let tree = Tree::new();
    tree.nodes("online", "0").node(0, "0-1", 16 * GIB, "10");
    tree.file("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
    tree.file("sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152");
    tree.file("sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "0");
    tree.file("sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0");
    tree.file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "16");
    tree.file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "9");
    tree.file("proc/sys/kernel/numa_balancing", "0");
    let topology = tree.read();
    let node = topology.node(0).unwrap();
    assert_eq!((node.cpus.as_slice(), node.memory, node.free), ([0, 1].as_slice(), 16 << 30, 8 << 30));
    assert_eq!((node.kind, node.distances.as_slice()), (NodeKind::Cpu, [10].as_slice()));
    assert!(devices(&topology).is_empty() && !topology.has_several_memories());
    assert_eq!(topology.thp, ThpMode::Madvise);
    assert_eq!((topology.pages.base, topology.pages.transparent_huge), (4096, Some(2 << 20)));
    let huge = [HugePages { size: 2 << 20, total: 16, free: 9 }, HugePages { size: 1 << 30, total: 0, free: 0 }];
    assert_eq!(topology.pages.huge, huge);
    assert_eq!(topology.numa_balancing, NumaBalancing::Off);
    assert_eq!(topology.notes, [] as [&str; 0]);
}

#[test]
fn two_sockets() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0-3,8-11", 64 * GIB, "10 32").node(1, "4-7,12-15", 64 * GIB, "32 10");
    tree.file("proc/sys/kernel/numa_balancing", "1");
    let topology = tree.read();
    assert_eq!(topology.nodes.len(), 2);
    assert_eq!(topology.nearest_cpus(1).unwrap().cpus, [4, 5, 6, 7, 12, 13, 14, 15]);
    assert_eq!((topology.distance(0, 1), topology.distance(1, 1), topology.distance(1, 2)), (Some(32), Some(10), None));
    assert!(devices(&topology).is_empty() && topology.has_several_memories());
    assert_eq!(topology.numa_balancing, NumaBalancing::On);
}

#[cfg(unix)] // the bus has symbolic links
#[test]
fn an_expander_of_cxl() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0-7", 64 * GIB, "10 14").node(1, "", 128 * GIB, "14 10");
    tree.access(0, 0, 0, [90_000, 80_000, 95, 96]).access(1, 0, 0, [24_000, 20_000, 250, 260]);
    tree.access(1, 1, 0, [23_000, 0, 255, 265]);
    let device = "sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0/dax0.0";
    tree.file(&format!("{device}/target_node"), "1").file("sys/bus/dax/devices/other/target_node", "7");
    let link = tree.folder().join("sys/bus/dax/devices/dax0.0");
    std::os::unix::fs::symlink(tree.folder().join(device), link).unwrap();
    tree.file("proc/sys/kernel/numa_balancing", "2");
    let topology = tree.read();
    let node = topology.node(1).unwrap();
    assert_eq!((node.kind, node.why.as_str()), (NodeKind::Memory, "memory without CPUs, CXL, brought in by dax0.0"));
    assert_eq!(node.access.len(), 2);
    let from_cpus = node.access_from_cpus().unwrap();
    assert_eq!((from_cpus.class, from_cpus.initiators.as_slice()), (1, [0].as_slice()));
    assert_eq!((from_cpus.read_bandwidth, from_cpus.write_bandwidth), (Some(23_000), None), "zero is not told");
    assert_eq!((from_cpus.read_latency, from_cpus.write_latency), (Some(255), Some(265)));
    assert_eq!(devices(&topology), [1]);
    assert_eq!(topology.numa_balancing, NumaBalancing::Tiering { balancing: false });
    let nearest = topology.nearest_cpus(1).unwrap();
    assert_eq!((nearest.cpus.len(), nearest.nodes.as_slice()), (8, [0].as_slice()));
}

/// Grace Hopper: one node with CPUs; the driver's node for the GPU, and empty ones for its partitions.
fn grace_hopper(mode: &str) -> Tree {
    let tree = Tree::new();
    tree.node(0, "0-71", 480 * GIB, "10").gpu(GPU, "NVIDIA GH200 480GB", 0).gpu_memory_mode(mode);
    let mut auxv = vec![];
    for word in [33, 0xffff_0000, 6, 65536, 0, 0_u64] {
        auxv.extend(word.to_ne_bytes());
    }
    tree.bytes("proc/self/auxv", &auxv);
    tree
}

fn grace_hopper_with_nodes(mode: &str) -> Tree {
    let tree = grace_hopper(mode);
    tree.nodes("online", "0-2").node(0, "0-71", 480 * GIB, "10 80 80");
    tree.node(1, "", 95 * GIB, "80 10 255").node(2, "", 0, "80 255 10");
    tree
}

#[test]
fn grace_hopper_in_numa_mode() {
    let tree = grace_hopper_with_nodes("numa");
    tree.file(
        &format!("proc/driver/nvidia/gpus/{GPU}/numa_status"),
        "Node:     1\nStatus:   online\nSize:  17600000000",
    );
    let topology = tree.read();
    assert_eq!(topology.gpus.len(), 1);
    assert_eq!((topology.gpus[0].memory, topology.gpus[0].host_node), (GpuMemory::Node(1), Some(0)));
    assert_eq!(topology.gpus[0].name, "NVIDIA GH200 480GB");
    let kinds: Vec<_> = topology.nodes.iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [NodeKind::Cpu, NodeKind::Gpu, NodeKind::Empty]);
    assert_eq!(devices(&topology), [1]);
    assert!(topology.device_nodes()[0].why.contains(GPU));
    assert_eq!(topology.nearest_cpus(1).unwrap().cpus.len(), 72);
    assert_eq!(topology.pages.base, 65536);
}

/// Older drivers do not set the mode, and tell of no node.
#[test]
fn grace_hopper_whose_driver_does_not_name_the_node() {
    for mode in ["numa", ""] {
        let topology = grace_hopper_with_nodes(mode).read();
        assert_eq!(topology.gpus[0].memory, GpuMemory::Node(1), "{mode:?}");
        assert_eq!(topology.node(1).unwrap().kind, NodeKind::Gpu);
    }
}

#[test]
fn grace_hopper_in_cdmm_mode() {
    let tree = grace_hopper("driver");
    tree.nodes("online", "0").nodes("possible", "0-31").nodes("has_memory", "0");
    let topology = tree.read();
    assert_eq!(topology.gpus[0].memory, GpuMemory::DriverManaged);
    assert!(devices(&topology).is_empty());
    assert!(topology.to_string().contains("CDMM"), "{topology}");
    // The newest drivers leave it at that without being told to.
    let tree = grace_hopper("");
    tree.nodes("online", "0");
    assert_eq!(tree.read().gpus[0].memory, GpuMemory::DriverManaged);
}

#[test]
fn in_cdmm_mode_other_memory_is_not_taken_for_the_gpus() {
    let topology = grace_hopper_with_nodes("driver").read();
    assert_eq!(topology.gpus[0].memory, GpuMemory::DriverManaged);
    assert_eq!(topology.node(1).unwrap().kind, NodeKind::Memory);
}

#[test]
fn a_gpu_behind_pcie_beside_an_expander() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0-7", 64 * GIB, "10 14").node(1, "", 128 * GIB, "14 10");
    tree.gpu("0000:01:00.0", "NVIDIA H100 PCIe", -1).gpu_memory_mode("");
    let topology = tree.read();
    assert_eq!((topology.gpus[0].memory, topology.gpus[0].host_node), (GpuMemory::Separate, None));
    assert_eq!(topology.node(1).unwrap().kind, NodeKind::Memory);
}

#[test]
fn two_gpus_take_the_nodes_that_are_nearest_to_them() {
    let tree = Tree::new();
    tree.nodes("online", "0-3").node(0, "0-71", 480 * GIB, "10 40 80 120").node(1, "72-143", 480 * GIB, "40 10 120 80");
    tree.node(2, "", 95 * GIB, "80 120 10 255").node(3, "", 95 * GIB, "120 80 255 10");
    tree.gpu("0009:01:00.0", "NVIDIA GH200 120GB", 1).gpu("0019:01:00.0", "NVIDIA GH200 120GB", 0);
    tree.gpu_memory_mode("numa");
    let topology = tree.read();
    let memories: Vec<_> = topology.gpus.iter().map(|g| g.memory).collect();
    assert_eq!(memories, [GpuMemory::Node(3), GpuMemory::Node(2)]);
    assert_eq!(topology.nearest_cpus(2).unwrap().nodes, [0]);
}

#[test]
fn the_memory_of_a_gpu_is_offline() {
    let tree = grace_hopper("numa");
    tree.nodes("online", "0");
    tree.file(&format!("proc/driver/nvidia/gpus/{GPU}/numa_status"), "Node:     1\nStatus:   offline");
    let topology = tree.read();
    assert_eq!(topology.gpus[0].memory, GpuMemory::DriverManaged);
    assert_eq!(topology.notes, [format!("the memory of GPU {GPU} would be node 1, which is offline")]);
}
