//! The machine that the test runs on.

use std::path::Path;
use std::process::Command;

use landbridge_backends::numa;
use landbridge_core::topology::{NodeKind, NumaBalancing};

use crate::numa_support::several_nodes;
use crate::tree::Tree;

#[test]
fn it_can_be_read() {
    let topology = numa::read(Path::new("/"));
    println!("{topology}");
    assert!(topology.nodes.iter().any(|n| !n.cpus.is_empty()));
    if cfg!(target_os = "linux") {
        assert!(topology.nodes.iter().any(|n| n.memory > 0 && n.free <= n.memory));
        let cpus: usize = topology.nodes.iter().map(|n| n.cpus.len()).sum();
        assert!(cpus >= std::thread::available_parallelism().unwrap().get());
    }
}

/// The machine that scripts/vm/run draws.
#[test]
fn the_virtual_machine_reads_as_it_was_built() {
    let Some(topology) = several_nodes() else { return };
    if !std::env::var("LANDBRIDGE_REQUIRE_NUMA").is_ok_and(|value| value == "vm") {
        println!("skipped: not the virtual machine of scripts/vm-test");
        return;
    }
    println!("{topology}");
    let ids: Vec<_> = topology.nodes.iter().map(|n| n.id).collect();
    assert_eq!(ids, [0, 1, 2, 3]);
    assert_eq!(
        (topology.distance(0, 1), topology.distance(0, 2), topology.distance(1, 2)),
        (Some(40), Some(30), Some(50))
    );
    assert_eq!(topology.nodes[0].cpus, [0, 1]);
    for (id, mebibytes) in [(1, 512), (2, 128), (3, 256)] {
        let node = topology.node(id).unwrap();
        assert_eq!((node.kind, node.cpus.len()), (NodeKind::Memory, 0));
        let size = node.memory >> 20;
        assert!(size <= mebibytes && size * 100 >= mebibytes * 90, "node {id} has {size} MiB");
        assert_eq!(topology.nearest_cpus(id).unwrap().cpus, [0, 1]);
    }
    let device = &topology.device_nodes()[0];
    assert!(device.id == 1 && device.why.contains("MB/s"), "{device:?}");
    assert_eq!(topology.device_nodes().last().unwrap().id, 2, "the slow one");
    let line = std::fs::read_to_string("/proc/cmdline").unwrap();
    let balancing = line.contains("numa_balancing=enable");
    assert_eq!(topology.numa_balancing, if balancing { NumaBalancing::On } else { NumaBalancing::Off });
}

const CHILD: &str = "LANDBRIDGE_TEST_CHILD";

/// In a process of its own, since the cached topology is read once a process.
#[test]
fn the_variable_names_another_root() {
    if std::env::var_os(CHILD).is_some() {
        println!("child: {:?}", numa::topology().nodes.iter().map(|n| n.id).collect::<Vec<_>>());
        return;
    }
    let tree = Tree::new();
    tree.nodes("online", "0,5").node(0, "0", 1024, "10 20").node(5, "", 1024, "20 10");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "this_machine::the_variable_names_another_root", "--nocapture"])
        .env(CHILD, "1")
        .env(numa::topology::VARIABLE, tree.folder())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && text.contains("child: [0, 5]"), "{text}");
}
