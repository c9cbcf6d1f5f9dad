//! What a node device is, in words, and what is wrong with one that is not there.

use landbridge_core::backend::{Capability, DeviceInfo, DeviceKind, StrategySupport};
use landbridge_core::text::{Bytes, Numbers};
use landbridge_core::topology::Node;
use landbridge_core::{Error, Strategy, Topology};

use super::near::Near;

/// Why an argument is used where it is.
pub(super) const IN_PLACE: &str = "used where it is: moving it would read every byte as well";

pub(super) fn info(node: &Node, near: &Near) -> DeviceInfo {
    let capability = |name| Capability { name, missing: None };
    let missing = |why: &str| Some(why.to_string());
    let support = |strategy, missing| StrategySupport { strategy, missing };
    DeviceInfo {
        id: format!("node:{}", node.id),
        name: format!("{}, CPUs {}: {}", memory(node), Numbers(&near.cpus), near.why),
        driver: String::new(),
        kind: DeviceKind::Node,
        memory: node.memory,
        units: u32::try_from(near.cpus.len()).unwrap_or(u32::MAX),
        capabilities: ["f64", "i64", "i16", "i8", "atomics"].map(capability).into(),
        strategies: vec![
            support(Strategy::Direct, None),
            support(Strategy::Migrate, missing("this version does not move pages")),
            support(Strategy::Map, missing("a node's memory is mapped already: there is nothing to import")),
            support(Strategy::Copy, missing("this version does not copy to nodes")),
        ],
    }
}

fn memory(node: &Node) -> String {
    let size = Bytes(node.memory);
    if node.why.is_empty() { format!("{size}") } else { format!("{size}, {}", node.why) }
}

pub(super) fn no_node(topology: &Topology, number: u32) -> Error {
    let with_memory = topology.nodes.iter().filter(|node| node.memory > 0);
    let there = with_memory.map(|node| format!("node:{} ({})", node.id, memory(node))).collect::<Vec<_>>().join(", ");
    let why = match topology.node(number) {
        Some(_) => format!("node {number} has no memory online; there are {there}"),
        None => format!("there are {there}"),
    };
    let hint = "Choose one of these, or `host`".into();
    Error::NoDevice { wanted: format!("node:{number}"), why, hint }
}

pub(super) fn no_cpus(number: u32, asked: bool, why: String) -> Error {
    let hint = match asked {
        true => "Name CPUs that it may use, or none for the nearest",
        false => "Name the CPUs to use, or let the process use those nearest to the node (taskset, cpuset)",
    };
    Error::NoDevice { wanted: format!("node:{number}"), why, hint: hint.into() }
}
