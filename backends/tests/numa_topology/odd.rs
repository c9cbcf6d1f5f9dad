//! Files that are absent, empty, of another kind, or not as expected: a topology all the same, and a note.

use landbridge_core::topology::{NodeKind, NumaBalancing, ThpMode};

use crate::tree::Tree;

const GIB: u64 = 1 << 20; // in kB

#[test]
fn nothing_at_all() {
    let topology = Tree::new().read();
    assert_eq!(topology.nodes.len(), 1);
    assert!(!topology.nodes[0].cpus.is_empty() && topology.nodes[0].kind == NodeKind::Cpu);
    assert_eq!((topology.thp, topology.numa_balancing), (ThpMode::Unavailable, NumaBalancing::Off));
    assert_eq!((topology.pages.base, topology.pages.transparent_huge), (4096, None));
    assert_eq!(topology.notes, ["the kernel tells of no memory nodes: taken as one"]);
}

#[test]
fn a_kernel_without_nodes() {
    let tree = Tree::new();
    tree.file("sys/devices/system/cpu/online", "0-2").file("proc/meminfo", "MemTotal:  1024 kB\nMemFree:  512 kB");
    let topology = tree.read();
    let node = &topology.nodes[0];
    assert_eq!((node.cpus.as_slice(), node.memory, node.free), ([0, 1, 2].as_slice(), 1 << 20, 512 << 10));
    assert_eq!(topology.distance(0, 0), Some(10));
}

#[test]
fn a_node_whose_memory_is_offline() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").nodes("possible", "0-2").nodes("has_memory", "0");
    tree.node(0, "0", GIB, "10 40").node(1, "", 0, "40 10");
    for (block, state) in [(0, "online"), (7, "offline"), (8, "offline"), (9, "going-offline")] {
        tree.file(&format!("sys/devices/system/memory/memory{block}/state"), state);
    }
    let topology = tree.read();
    let node = topology.node(1).unwrap();
    assert_eq!((node.kind, node.why.as_str()), (NodeKind::Empty, "neither CPUs nor memory online"));
    assert!(topology.device_nodes().is_empty() && !topology.has_several_memories());
    assert!(topology.notes[0].starts_with("2 memory blocks are offline"), "{:?}", topology.notes);
}

#[test]
fn without_a_list_the_folders_count() {
    let tree = Tree::new();
    tree.node(10, "", GIB, "40 20 10")
        .node(2, "0", GIB, "10 30 40")
        .node(3, "1", GIB, "30 10 20")
        .nodes("nodeX/id", "");
    let topology = tree.read();
    assert_eq!(topology.nodes.iter().map(|n| n.id).collect::<Vec<_>>(), [2, 3, 10]);
    assert_eq!(
        (topology.distance(3, 10), topology.distance(10, 2)),
        (Some(20), Some(40)),
        "rows are in the kernel's order"
    );
}

#[test]
fn texts_that_are_not_understood_are_noted() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "zero", GIB, "10 fast").node(1, "1", GIB, "30 10");
    tree.nodes("node1/access0/initiators/read_bandwidth", "much").nodes("node1/access0/initiators/read_latency", "7");
    tree.nodes("node0/meminfo", "Node 0 MemTotal: lots");
    tree.file("sys/kernel/mm/transparent_hugepage/enabled", "perhaps").file("proc/sys/kernel/numa_balancing", "on");
    let topology = tree.read();
    for (file, text) in [
        ("node0/cpulist", "zero"),
        ("node0/distance", "10 fast"),
        ("node1/access0/initiators/read_bandwidth", "much"),
        ("transparent_hugepage/enabled", "perhaps"),
        ("kernel/numa_balancing", "on"),
    ] {
        let expected = format!("{file} is not understood: {text:?}");
        assert!(topology.notes.iter().any(|note| note.ends_with(&expected)), "{expected} in {:?}", topology.notes);
    }
    assert!(topology.notes.iter().any(|n| n.contains("node0/meminfo tells no size")), "{:?}", topology.notes);
    assert_eq!(topology.node(0).unwrap().kind, NodeKind::Empty);
    let access = &topology.node(1).unwrap().access[0];
    assert_eq!((access.read_bandwidth, access.read_latency), (None, Some(7)));
}

#[test]
fn distances_of_another_number_are_ignored() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0", GIB, "10 20 30").node(1, "", GIB, "20");
    let topology = tree.read();
    assert_eq!((topology.distance(0, 1), topology.distance(1, 0)), (None, None));
    assert_eq!(topology.notes.len(), 2);
    assert_eq!(topology.nearest_cpus(1).unwrap().cpus, [0]);
}

#[test]
fn files_that_are_no_text_or_no_files() {
    let tree = Tree::new();
    tree.nodes("online", "0").bytes("sys/devices/system/node/node0/cpulist", &[0xff, 0xfe, b'\n']);
    tree.nodes("node0/meminfo/folder", "").bytes("proc/self/auxv", &[6, 0, 0]);
    let topology = tree.read();
    assert_eq!((topology.nodes.len(), topology.nodes[0].memory, topology.pages.base), (1, 0, 4096));
    assert!(topology.notes.iter().any(|n| n.contains("meminfo cannot be read")), "{:?}", topology.notes);
}

#[test]
fn an_unknown_mode_of_the_driver() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0", GIB, "10 20").node(1, "", GIB, "20 10");
    tree.gpu("0000:01:00.0", "", 0).gpu_memory_mode("magic");
    let topology = tree.read();
    assert_eq!(topology.gpus[0].name, "nvidia");
    assert!(topology.notes[0].contains("\"magic\""));
}
