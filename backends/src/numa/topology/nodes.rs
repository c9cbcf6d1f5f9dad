//! Nodes: CPUs, memory, distances, what firmware tells of their speed, and what kind they look like.

use landbridge_core::topology::{Access, Node, NodeKind};

use super::files::{Root, kilobytes, list};

const NODES: &str = "sys/devices/system/node";

/// Why a node is [`NodeKind::Memory`] where nothing tells what brought its memory in.
pub(super) const NO_OWNER: &str = "memory without CPUs";

/// All nodes that are online. Where the kernel knows of no nodes: one, with everything.
pub(super) fn read(root: &mut Root) -> Vec<Node> {
    let listed = root.parsed(&format!("{NODES}/online"), list);
    let ids = listed.unwrap_or_else(|| root.numbered(NODES, "node"));
    if ids.is_empty() {
        return vec![whole_machine(root)];
    }
    let mut nodes: Vec<Node> = ids.iter().map(|&id| node(root, id)).collect();
    check_distances(root, &mut nodes);
    note_offline_memory(root);
    nodes
}

/// Whether a node is online and has memory. One that cannot be told from the whole machine has.
pub(super) fn has_memory(root: &mut Root, id: u32) -> bool {
    match root.parsed(&format!("{NODES}/online"), list) {
        Some(ids) => ids.contains(&id) && memory(root, &format!("{NODES}/node{id}")).0 > 0,
        None => read(root).iter().any(|node| node.id == id && node.memory > 0),
    }
}

/// For kernels without NUMA, and systems without sysfs.
fn whole_machine(root: &mut Root) -> Node {
    root.note("the kernel tells of no memory nodes: taken as one".into());
    let counted = || (0..std::thread::available_parallelism().map_or(1, usize::from) as u32).collect();
    let cpus = root.parsed("sys/devices/system/cpu/online", list).unwrap_or_else(counted);
    let memory = root.text("proc/meminfo").unwrap_or_default();
    let bytes = |key| kilobytes(&memory, key).unwrap_or(0);
    Node { cpus, memory: bytes("MemTotal"), free: bytes("MemFree"), distances: vec![10], ..Node::default() }
}

fn node(root: &mut Root, id: u32) -> Node {
    let folder = format!("{NODES}/node{id}");
    let cpus = root.parsed(&format!("{folder}/cpulist"), list).unwrap_or_default();
    let (memory, free) = memory(root, &folder);
    let distances = root.parsed(&format!("{folder}/distance"), distances).unwrap_or_default();
    let access = (0..2).filter_map(|class| access(root, &folder, class)).collect();
    let (kind, why) = kind(root, id, !cpus.is_empty(), memory);
    Node { id, cpus, memory, free, distances, access, kind, why }
}

/// Total and free bytes.
fn memory(root: &mut Root, folder: &str) -> (u64, u64) {
    let text = root.text(&format!("{folder}/meminfo")).unwrap_or_default();
    if let (Some(total), Some(free)) = (kilobytes(&text, "MemTotal"), kilobytes(&text, "MemFree")) {
        return (total, free);
    }
    root.note(format!("/{folder}/meminfo tells no size: taken as a node without memory"));
    (0, 0)
}

/// Distances as the kernel writes them, in the order of the nodes that are online.
fn distances(text: &str) -> Option<Vec<u8>> {
    text.split_whitespace().map(|word| word.parse().ok()).collect()
}

/// A row of another length cannot be told which node each of its numbers means.
fn check_distances(root: &mut Root, nodes: &mut [Node]) {
    let count = nodes.len();
    for node in nodes.iter_mut().filter(|n| !n.distances.is_empty() && n.distances.len() != count) {
        root.note(format!("node {} tells {} distances for {count} nodes: ignored", node.id, node.distances.len()));
        node.distances.clear();
    }
}

fn access(root: &mut Root, folder: &str, class: u8) -> Option<Access> {
    let folder = format!("{folder}/access{class}/initiators");
    let initiators = root.numbered(&folder, "node");
    // Firmware that leaves a value out is shown as zero.
    let mut value = |name: &str| root.parsed(&format!("{folder}/{name}"), |text| text.parse().ok()).filter(|v| *v > 0);
    let access = Access {
        class,
        read_bandwidth: value("read_bandwidth"),
        write_bandwidth: value("write_bandwidth"),
        read_latency: value("read_latency"),
        write_latency: value("write_latency"),
        initiators,
    };
    let known = access != Access { class, ..Access::default() };
    known.then_some(access)
}

fn kind(root: &mut Root, id: u32, has_cpus: bool, memory: u64) -> (NodeKind, String) {
    match (has_cpus, memory) {
        (true, 0) => (NodeKind::Cpu, "without memory".into()),
        (true, _) => (NodeKind::Cpu, String::new()),
        (false, 0) => (NodeKind::Empty, "neither CPUs nor memory online".into()),
        (false, _) => match owner(root, id) {
            Some(owner) => (NodeKind::Memory, format!("{NO_OWNER}, {owner}")),
            None => (NodeKind::Memory, NO_OWNER.into()),
        },
    }
}

/// The device that brought a node's memory in, where the kernel's `dax` bus tells.
fn owner(root: &mut Root, id: u32) -> Option<String> {
    const DEVICES: &str = "sys/bus/dax/devices";
    let devices = root.names(DEVICES);
    let of_node = |device: &&String| {
        let target = root.text(&format!("{DEVICES}/{device}/target_node"));
        target.and_then(|text| text.parse().ok()) == Some(id)
    };
    let device = devices.iter().find(of_node)?;
    let place = std::fs::canonicalize(root.path(&format!("{DEVICES}/{device}"))).unwrap_or_default();
    let place = place.to_string_lossy();
    // ACPI0017 is the root of a machine's CXL devices.
    let cxl = place.contains("/ACPI0017") || place.contains("/cxl");
    Some(format!("{}brought in by {device}", if cxl { "CXL, " } else { "" }))
}

/// Memory that is offline belongs to no node: it is only seen block by block.
fn note_offline_memory(root: &mut Root) {
    const BLOCKS: &str = "sys/devices/system/memory";
    let possible = root.parsed(&format!("{NODES}/possible"), list).map_or(0, |nodes| nodes.len());
    let with_memory = root.parsed(&format!("{NODES}/has_memory"), list).map_or(0, |nodes| nodes.len());
    if possible <= with_memory {
        return;
    }
    let blocks = root.numbered(BLOCKS, "memory");
    let is_offline = |block: &&u32| root.text(&format!("{BLOCKS}/memory{block}/state")).as_deref() == Some("offline");
    let offline = blocks.iter().filter(is_offline).count();
    if offline > 0 {
        root.note(format!(
            "{offline} memory blocks are offline; as root, `echo online_movable` into their /{BLOCKS}/memory*/state"
        ));
    }
}
