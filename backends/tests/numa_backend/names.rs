//! Opening nodes: by number, by name, by what the machine has; and what is said of those that are not there.

use landbridge_backends::devices::Devices;
use landbridge_backends::numa;
use landbridge_core::topology::{Node, NodeKind};
use landbridge_core::{Device, DeviceKind, Error, Strategy, Topology};

use crate::numa_support::several_nodes;

const GIB: u64 = 1 << 30;

/// A machine with a node of CPU 0, one like a device's, and one whose memory is offline.
fn machine() -> Topology {
    let cpus = Node { cpus: vec![0], memory: 4 * GIB, distances: vec![10, 40, 40], ..Node::default() };
    let memory = Node {
        id: 1,
        memory: GIB,
        distances: vec![40, 10, 50],
        kind: NodeKind::Memory,
        why: "memory without CPUs".into(),
        ..Node::default()
    };
    let empty = Node { id: 2, distances: vec![40, 50, 10], kind: NodeKind::Empty, ..Node::default() };
    Topology { nodes: vec![cpus, memory, empty], ..Topology::default() }
}

fn refused(number: u32) -> String {
    let error = Device::options().topology(machine()).node(number).unwrap_err();
    assert!(matches!(error, Error::NoDevice { .. }), "{error}");
    error.to_string()
}

#[test]
fn the_first_node_is_there_on_any_machine() {
    let node = Device::node(numa::topology().nodes[0].id).unwrap();
    let info = node.info();
    assert_eq!((info.id.as_str(), info.kind), ("node:0", DeviceKind::Node));
    assert!(info.units > 0 && info.memory > 0 && info.supports(Strategy::Direct));
    assert_eq!(Device::named("node:0").unwrap().info().id, "node:0");
}

#[test]
fn a_node_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let there = "there are node:0 (4.0 GiB), node:1 (1.0 GiB, memory without CPUs). Choose one of these, or `host`";
    assert_eq!(refused(7), format!("no device `node:7`: {there}"));
    assert_eq!(refused(2), format!("no device `node:2`: node 2 has no memory online; {there}"));
    let text = Device::node(4_000_000_000).unwrap_err().to_string();
    assert!(text.starts_with("no device `node:4000000000`: there ") && text.contains("node:0 ("), "{text}");
    assert!(Device::named("node:4000000000").is_err());
}

#[test]
fn a_node_without_cpus_takes_the_nearest() {
    let node = Device::options().topology(machine()).node(1).unwrap();
    assert_eq!((node.info().units, node.info().memory), (1, GIB));
    assert_eq!(node.info().name, "1.0 GiB, memory without CPUs, CPUs 0: at the smallest distance, 40");
}

#[test]
fn cpus_that_the_process_may_not_use_are_an_error() {
    for cpus in [vec![60_000], vec![0, 60_000], vec![]] {
        let error = Device::options().cpus(cpus).node(0).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::NoDevice { .. }) && text.contains("may run on CPUs "), "{text}");
    }
}

#[test]
fn strategies_that_nodes_lack_are_an_error() {
    let node = Device::node(0).unwrap();
    let missing = node.info().strategies.iter().filter(|s| s.missing.is_some());
    assert!(missing.clone().any(|s| s.strategy == Strategy::Map));
}

#[test]
fn nodes_are_listed_where_there_are_several() {
    let listed = |devices: Vec<Device>| -> Vec<String> {
        devices.iter().map(|d| d.info().id.clone()).filter(|id| id.starts_with("node")).collect()
    };
    assert_eq!(listed(Device::options().topology(machine()).all()), ["node:0", "node:1"]);
    let one = Topology { nodes: machine().nodes[..1].to_vec(), ..Topology::default() };
    assert_eq!(listed(Device::options().topology(one).all()), [] as [&str; 0]);
    let Some(topology) = several_nodes() else { return };
    assert_eq!(listed(Device::all()).len(), topology.nodes.iter().filter(|n| n.memory > 0).count());
}

#[test]
fn opened_twice_is_opened_once() {
    let [a, b] = [0, 0].map(|node| Device::node(node).unwrap());
    assert!(std::ptr::eq(a.info(), b.info()));
}
