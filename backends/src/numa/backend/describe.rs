//! What a node device is, in words, and what is wrong with one that is not there.

use landbridge_core::backend::{Capability, DeviceInfo, DeviceKind, StrategySupport};
use landbridge_core::text::{Bytes, Numbers};
use landbridge_core::topology::Node;
use landbridge_core::{Error, Strategy, Topology};

use super::super::mover::MoveReport;
use super::super::topology;
use super::near::Near;

/// Why an argument is used where it is.
pub(super) const IN_PLACE: &str = "used where it is: moving it would read every byte as well";

/// Why nobody asked whether to move an argument.
pub(super) const SMALL: &str = "used where it is: too small to ask";

/// Why an argument is copied.
pub(super) const ASKED: &str = "asked for";

/// Why a plan does not say how long copies take.
pub(super) const NOT_MEASURED: &str = "copies to nodes are not measured ahead";

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
        capabilities: ["f64", "i64", "i16", "i8", "atomics", Capability::ROUNDED_F32, Capability::AS_WRITTEN_F32]
            .map(capability)
            .into(),
        strategies: vec![
            support(Strategy::Direct, None),
            support(Strategy::Migrate, None),
            support(Strategy::Map, missing("a node's memory is mapped already: there is nothing to import")),
            support(Strategy::Copy, None),
        ],
    }
}

fn memory(node: &Node) -> String {
    let size = Bytes(node.memory);
    if node.why.is_empty() { format!("{size}") } else { format!("{size}, {}", node.why) }
}

/// What became of an argument's pages.
pub(super) fn moved(report: &MoveReport, node: u32) -> String {
    let mut parts = vec![];
    for (method, bytes) in &report.by_method {
        parts.push(format!("{} moved by {method}", Bytes(*bytes)));
    }
    if report.already_there > 0 {
        parts.push(format!("{} on node {node} already", Bytes(report.already_there)));
    }
    parts.extend(stayed(report));
    if parts.is_empty() { "no bytes".into() } else { parts.join("; ") }
}

/// Where the copies are.
pub(super) fn copied(node: u32, elsewhere: u64) -> String {
    match elsewhere {
        0 => format!("asked for; the copies are on node {node}"),
        _ if !topology::has_memory(&topology::root(), node) => {
            format!("asked for; node {node} has no memory any more, the copies are elsewhere")
        }
        _ => format!("asked for; {} of all copies found no room on node {node}", Bytes(elsewhere)),
    }
}

/// Which pages stayed on the node that should have returned.
pub(super) fn not_home(report: &MoveReport) -> String {
    format!("did not return: {}", stayed(report).collect::<Vec<_>>().join("; "))
}

fn stayed(report: &MoveReport) -> impl Iterator<Item = String> {
    report.stayed.iter().map(|(reason, bytes)| format!("{} stay: {reason}", Bytes(*bytes)))
}

pub(super) fn no_node(topology: &Topology, number: u32) -> Error {
    let with_memory = topology.nodes.iter().filter(|node| node.memory > 0);
    let there = with_memory.map(|node| format!("node:{} ({})", node.id, memory(node))).collect::<Vec<_>>().join(", ");
    let why = match topology.node(number) {
        Some(_) => format!("node {number} has no memory online; there are {there}"),
        None if there.contains(", ") => format!("there are {there}"),
        None => format!("there is only {there}"),
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
