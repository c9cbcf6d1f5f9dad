//! GPUs whose driver tells how their memory is attached: NVIDIA's, whose coherent machines (Grace Hopper and later) make
//! the GPU's memory a node ("NUMA mode") or leave it to the driver ("CDMM mode").

use landbridge_core::topology::{Gpu, GpuMemory, Node, NodeKind};

use super::files::{Root, field};
use super::nodes::NO_OWNER;

const DRIVER: &str = "proc/driver/nvidia";

/// Chips whose memory is coherent with the CPUs' in either mode.
const COHERENT: [&str; 3] = ["GH200", "GB200", "GB300"];

/// How the driver is set (`CoherentGPUMemoryMode`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Numa,
    Driver,
    /// Left to the driver's default.
    Unset,
}

/// All GPUs. The nodes that are their memory become [`NodeKind::Gpu`].
pub(super) fn read(root: &mut Root, nodes: &mut [Node]) -> Vec<Gpu> {
    let addresses = root.names(&format!("{DRIVER}/gpus"));
    if addresses.is_empty() {
        return vec![];
    }
    let mode = mode(root);
    addresses.into_iter().map(|address| gpu(root, nodes, mode, address)).collect()
}

fn mode(root: &mut Root) -> Mode {
    let params = root.text(&format!("{DRIVER}/params")).unwrap_or_default();
    match field(&params, "CoherentGPUMemoryMode") {
        Some("numa") => Mode::Numa,
        Some("driver") => Mode::Driver,
        None | Some("") => Mode::Unset,
        Some(other) => {
            root.note(format!("CoherentGPUMemoryMode is {other:?}, which is not known: taken as not set"));
            Mode::Unset
        }
    }
}

fn gpu(root: &mut Root, nodes: &mut [Node], mode: Mode, address: String) -> Gpu {
    let information = root.text(&format!("{DRIVER}/gpus/{address}/information")).unwrap_or_default();
    let name = field(&information, "Model").filter(|name| !name.is_empty()).unwrap_or("nvidia").to_string();
    // The kernel writes -1 for a device that is near to no node.
    let host_node = root.text(&format!("sys/bus/pci/devices/{address}/numa_node")).and_then(|text| text.parse().ok());
    let coherent = COHERENT.iter().any(|chip| name.contains(chip));
    let memory = if let Some(node) = named_node(root, nodes, &address) {
        claim(nodes, node, format!("memory of GPU {address}, by its driver"))
    } else if let Some(node) = likely_node(nodes, mode, coherent, host_node) {
        claim(nodes, node, format!("memory without CPUs beside GPU {address}, whose driver makes nodes of memory"))
    } else if mode == Mode::Driver || coherent {
        GpuMemory::DriverManaged
    } else {
        GpuMemory::Separate
    };
    Gpu { address, name, driver: "nvidia".into(), memory, host_node }
}

/// The node that the driver names, if it is online with memory.
fn named_node(root: &mut Root, nodes: &[Node], address: &str) -> Option<u32> {
    let status = root.text(&format!("{DRIVER}/gpus/{address}/numa_status"))?;
    // -1 where there is none.
    let node: u32 = field(&status, "Node")?.parse().ok()?;
    match nodes.iter().find(|n| n.id == node) {
        Some(found) if found.kind != NodeKind::Empty => Some(node),
        _ => {
            let state = field(&status, "Status").unwrap_or("not online");
            root.note(format!("the memory of GPU {address} would be node {node}, which is {state}"));
            None
        }
    }
}

/// Where the driver makes nodes of memory and does not say which: the nearest memory without CPUs that nobody owns.
fn likely_node(nodes: &[Node], mode: Mode, coherent: bool, host_node: Option<u32>) -> Option<u32> {
    if mode == Mode::Driver || (mode == Mode::Unset && !coherent) {
        return None;
    }
    let host = nodes.iter().find(|n| Some(n.id) == host_node);
    let distance = |index: usize| host.and_then(|h| h.distances.get(index).copied()).unwrap_or(u8::MAX);
    let free = nodes.iter().enumerate().filter(|(_, n)| n.kind == NodeKind::Memory && n.why == NO_OWNER);
    free.min_by_key(|(index, n)| (distance(*index), n.id)).map(|(_, n)| n.id)
}

fn claim(nodes: &mut [Node], id: u32, why: String) -> GpuMemory {
    if let Some(node) = nodes.iter_mut().find(|n| n.id == id) {
        node.kind = NodeKind::Gpu;
        node.why = why;
    }
    GpuMemory::Node(id)
}
