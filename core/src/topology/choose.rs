//! What follows from a topology: which nodes look like a device's, and which CPUs are nearest to one.

use super::{Node, NodeKind, Topology};

/// A node that looks like a device's, and why it has its rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceNode {
    /// The node's id.
    pub id: u32,
    /// What it looks like, and what it was ranked by.
    pub why: String,
}

/// The CPUs that are nearest to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearestCpus {
    /// Their numbers, rising.
    pub cpus: Vec<u32>,
    /// The nodes that they belong to.
    pub nodes: Vec<u32>,
    /// How it is known that they are the nearest.
    pub why: String,
}

impl Topology {
    /// The nodes that look like a device's, the best first: a GPU's before other memory without CPUs, then by the
    /// bandwidth and latency that firmware tells, then by distance from the CPUs, then by id.
    pub fn device_nodes(&self) -> Vec<DeviceNode> {
        let mut nodes: Vec<&Node> = self.nodes.iter().filter(|n| n.kind.is_device() && n.memory > 0).collect();
        nodes.sort_by_key(|n| self.rank(n));
        nodes.into_iter().map(|n| DeviceNode { id: n.id, why: self.why_ranked(n) }).collect()
    }

    /// The CPUs nearest to a node: its own, else those that firmware names, else those at the smallest distance, else
    /// all. `None` if there is no such node, or no CPU at all is known.
    pub fn nearest_cpus(&self, id: u32) -> Option<NearestCpus> {
        let node = self.node(id)?;
        if !node.cpus.is_empty() {
            return Some(NearestCpus { cpus: node.cpus.clone(), nodes: vec![id], why: "the node's own".into() });
        }
        self.named_by_firmware(node).or_else(|| self.at_the_smallest_distance(node)).or_else(|| self.all_cpus())
    }

    fn named_by_firmware(&self, node: &Node) -> Option<NearestCpus> {
        let initiators = &node.access_from_cpus()?.initiators;
        let near = self.nodes.iter().filter(|n| initiators.contains(&n.id) && !n.cpus.is_empty());
        gather(near, "named by firmware (HMAT) as nearest".into())
    }

    fn at_the_smallest_distance(&self, node: &Node) -> Option<NearestCpus> {
        let smallest = self.distance_from_cpus(node)?;
        let near = self.with_cpus().filter(|n| self.distance(n.id, node.id) == Some(smallest));
        gather(near, format!("at the smallest distance, {smallest}"))
    }

    fn all_cpus(&self) -> Option<NearestCpus> {
        gather(self.with_cpus(), "all there are, as no distance is known".into())
    }

    fn with_cpus(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|n| !n.cpus.is_empty())
    }

    fn distance_from_cpus(&self, node: &Node) -> Option<u8> {
        self.with_cpus().filter_map(|n| self.distance(n.id, node.id)).min()
    }

    /// Sorts the best first.
    fn rank(&self, node: &Node) -> impl Ord {
        let access = node.access_from_cpus();
        let bandwidth = access.and_then(|a| a.read_bandwidth).unwrap_or(0);
        let latency = access.and_then(|a| a.read_latency).unwrap_or(u32::MAX);
        let distance = self.distance_from_cpus(node).unwrap_or(u8::MAX);
        (node.kind != NodeKind::Gpu, std::cmp::Reverse(bandwidth), latency, distance, node.id)
    }

    fn why_ranked(&self, node: &Node) -> String {
        let mut text = node.why.clone();
        if let Some(access) = node.access_from_cpus() {
            if let Some(bandwidth) = access.read_bandwidth {
                text += &format!(", {bandwidth} MB/s");
            }
            if let Some(latency) = access.read_latency {
                text += &format!(", {latency} ns");
            }
        }
        if let Some(distance) = self.distance_from_cpus(node) {
            text += &format!(", distance {distance} from the CPUs");
        }
        text
    }
}

/// The CPUs of these nodes, if there are any.
fn gather<'n>(nodes: impl Iterator<Item = &'n Node>, why: String) -> Option<NearestCpus> {
    let mut found = NearestCpus { cpus: vec![], nodes: vec![], why };
    for node in nodes {
        found.cpus.extend(&node.cpus);
        found.nodes.push(node.id);
    }
    found.cpus.sort_unstable();
    (!found.cpus.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::Access;
    use super::*;

    fn cpu_node(id: u32, cpus: &[u32], distances: &[u8]) -> Node {
        Node { id, cpus: cpus.to_vec(), memory: 1 << 30, distances: distances.to_vec(), ..Node::default() }
    }

    fn memory_node(id: u32, kind: NodeKind, distances: &[u8]) -> Node {
        let why = "memory without CPUs".to_string();
        Node { id, memory: 1 << 30, distances: distances.to_vec(), kind, why, ..Node::default() }
    }

    fn access(initiator: u32, bandwidth: u32, latency: u32) -> Vec<Access> {
        let (read_bandwidth, read_latency) = (Some(bandwidth), Some(latency));
        vec![Access { initiators: vec![initiator], read_bandwidth, read_latency, ..Access::default() }]
    }

    fn ids(topology: &Topology) -> Vec<u32> {
        topology.device_nodes().iter().map(|n| n.id).collect()
    }

    #[test]
    fn devices_are_ranked_by_driver_then_bandwidth_then_latency_then_distance() {
        let far = [10, 40, 30, 40, 40, 20];
        let mut nodes = vec![cpu_node(0, &[0, 1], &far)];
        nodes.extend((1..6).map(|id| memory_node(id, NodeKind::Memory, &[])));
        let mut topology = Topology { nodes, ..Topology::default() };
        assert_eq!(ids(&topology), [5, 2, 1, 3, 4], "by distance, then by id");
        topology.nodes[1].access = access(0, 450, 300);
        topology.nodes[2].access = access(0, 20, 800);
        topology.nodes[3].access = access(0, 450, 250);
        assert_eq!(ids(&topology), [3, 1, 2, 5, 4]);
        topology.nodes[4].kind = NodeKind::Gpu;
        assert_eq!(ids(&topology), [4, 3, 1, 2, 5]);
        assert_eq!(topology.device_nodes()[1].why, "memory without CPUs, 450 MB/s, 250 ns, distance 40 from the CPUs");
        topology.nodes[4].memory = 0;
        assert_eq!(ids(&topology), [3, 1, 2, 5], "a node without memory takes no pages");
    }

    #[test]
    fn a_machine_with_cpus_everywhere_has_no_device_node() {
        let nodes = vec![cpu_node(0, &[0], &[10, 21]), cpu_node(1, &[1], &[21, 10])];
        let topology = Topology { nodes, ..Topology::default() };
        assert!(topology.device_nodes().is_empty() && topology.has_several_memories());
    }

    #[test]
    fn nearest_cpus_own_then_firmware_then_distance_then_all() {
        let nodes = vec![
            cpu_node(0, &[0, 2], &[10, 20, 40]),
            cpu_node(1, &[1, 3], &[20, 10, 30]),
            memory_node(2, NodeKind::Memory, &[40, 30, 10]),
        ];
        let mut topology = Topology { nodes, ..Topology::default() };
        assert_eq!(topology.nearest_cpus(0).unwrap().cpus, [0, 2]);
        let by_distance = topology.nearest_cpus(2).unwrap();
        assert_eq!((by_distance.cpus, by_distance.nodes), (vec![1, 3], vec![1]));
        assert!(by_distance.why.contains("30"));
        topology.nodes[2].access = access(0, 1, 1);
        let by_firmware = topology.nearest_cpus(2).unwrap();
        assert_eq!(by_firmware.cpus, [0, 2]);
        assert!(by_firmware.why.contains("HMAT"));
        for node in &mut topology.nodes {
            node.distances.clear();
            node.access.clear();
        }
        assert_eq!(topology.nearest_cpus(2).unwrap().cpus, [0, 1, 2, 3]);
        assert_eq!(topology.nearest_cpus(7), None);
    }

    #[test]
    fn firmware_that_names_a_device_does_not_hide_the_cpus() {
        let nodes = vec![cpu_node(0, &[0], &[10, 80]), memory_node(1, NodeKind::Gpu, &[80, 10])];
        let mut topology = Topology { nodes, ..Topology::default() };
        topology.nodes[1].access = access(1, 4_000_000, 300);
        assert_eq!(topology.nearest_cpus(1).unwrap().cpus, [0]);
    }
}
