//! The machine that a topology and measured rates make: the host, and each memory node as a device beside its nearest CPUs.
//!
//! What CPUs reach at which rate depends on where the bytes are, so a [`Machine`] is made for data that is on one node
//! (`home`). Structure comes from the [`Topology`], times from [`Rates`]; firmware's figures (HMAT) serve as latencies only,
//! which no probe measures.

use super::machine::{Computer, Machine, Moving, Path, Reach};
use super::rates::{Quantity, Rates};
use crate::topology::{Node, ThpMode, Topology};

impl Machine {
    /// The machine as data on node `home` sees it: the host with its CPUs, and all nodes that data can move to from there.
    /// `host` are the host's rates, `of_node` gives those of a node's device. On a machine with one memory there are none.
    ///
    /// ```
    /// use landbridge_core::Topology;
    /// use landbridge_core::planner::{Machine, Rates};
    /// let machine = Machine::of_topology(&Topology::default(), 0, &Rates::new("host"), |_| Rates::new("node"));
    /// assert!(machine.devices.is_empty() && machine.host.is_none());
    /// ```
    pub fn of_topology(topology: &Topology, home: u32, host: &Rates, of_node: impl Fn(u32) -> Rates) -> Machine {
        let cpus: usize = topology.nodes.iter().map(|node| node.cpus.len()).sum();
        let mut machine = host.machine("this machine", cpus.max(1) as f64);
        // Where all CPUs are as near, what one node's CPUs measured there is what the host reaches.
        let all_near = topology.nearest_cpus(home).is_some_and(|near| near.cpus.len() == cpus);
        if let (true, Some(bandwidth)) = (all_near, of_node(home).get(Quantity::OwnMemory)) {
            machine.host = Some(path(topology, home, bandwidth));
        }
        if topology.has_several_memories() {
            let nodes = topology.nodes.iter().filter(|node| node.memory > 0);
            machine.devices = nodes.map(|node| Computer::of_node(topology, node, home, &of_node)).collect();
        }
        machine
    }
}

impl Computer {
    /// A node as a device, for data that is on node `home`. What was not measured is `None`.
    pub fn of_node(topology: &Topology, node: &Node, home: u32, of_node: impl Fn(u32) -> Rates) -> Computer {
        let rates = of_node(node.id);
        let mut device = rates.computer(format!("node:{}", node.id), Some(node.memory as f64));
        device.own = rates.get(Quantity::OwnMemory).map(|rate| path(topology, node.id, rate));
        device.reach = reach(topology, node.id, home, &of_node).map(Reach::Coherent);
        // CPUs do the host's arithmetic at the host's speed.
        let cpus = topology.nearest_cpus(node.id).map(|near| near.cpus.len() as f64);
        device.speed = device.speed.or(cpus);
        device.moving = moving(topology, &rates);
        device.mapping = None;
        device
    }
}

/// The way from the CPUs nearest to `node` to memory on `home`.
fn reach(topology: &Topology, node: u32, home: u32, of_node: impl Fn(u32) -> Rates) -> Option<Path> {
    let cpus = |id| topology.nearest_cpus(id).map(|near| near.cpus);
    // The CPUs that measured their own node there are these.
    let quantity = if cpus(node) == cpus(home) { Quantity::OwnMemory } else { Quantity::DirectMemory };
    let measured = if quantity == Quantity::OwnMemory { of_node(home) } else { of_node(node) };
    Some(path(topology, home, measured.get(quantity)?))
}

/// A path to memory on a node.
fn path(topology: &Topology, node: u32, bandwidth: f64) -> Path {
    let told = topology.node(node).and_then(Node::access_from_cpus).and_then(|access| access.read_latency);
    let streaming = Path::streaming(bandwidth);
    Path { latency: told.map_or(streaming.latency, |nanoseconds| f64::from(nanoseconds) / 1e9), ..streaming }
}

/// The kernel's mover, by the pages that ordinary memory has: huge ones only where it gets them unasked.
fn moving(topology: &Topology, rates: &Rates) -> Option<Moving> {
    let pages = &topology.pages;
    let huge = pages.transparent_huge.filter(|_| topology.thp == ThpMode::Always);
    let by_huge = || rates.moving(Quantity::MoveHugePages, huge? as f64);
    by_huge().or_else(|| rates.moving(Quantity::MovePages, pages.base as f64))
}

#[cfg(test)]
mod tests {
    use super::super::machines::{self, Synthetic};
    use super::super::rates::Origin;
    use super::super::{Need, choose};
    use super::*;
    use crate::plan::Strategy;
    use crate::topology::{Access, NodeKind, PageSizes};

    /// What probes of a synthetic machine's device would have found.
    fn measured(device: &Computer) -> Rates {
        let mut rates = Rates::new(device.id.as_str());
        let mut note = |quantity, value: Option<f64>| {
            if let Some(value) = value {
                rates.note(quantity, value, Origin::Probe, 0);
            }
        };
        note(Quantity::Launch, device.launch);
        note(Quantity::OwnMemory, device.own.map(|path| path.bandwidth));
        note(Quantity::CopyIn, device.copying.map(|copying| copying.into));
        note(Quantity::CopyOut, device.copying.map(|copying| copying.back));
        let moves = device.moving.map(|moving| (moving.page_bytes, moving.bandwidth()));
        note(Quantity::MovePages, moves.filter(|(page, _)| *page < 2e6).map(|(_, rate)| rate));
        note(Quantity::MoveHugePages, moves.filter(|(page, _)| *page > 2e6).map(|(_, rate)| rate));
        if let Some(Reach::Coherent(path)) = device.reach {
            note(Quantity::DirectMemory, Some(path.bandwidth));
        }
        rates
    }

    /// Two nodes; the second with or without CPUs.
    fn two(second: std::ops::Range<u32>, page: u64, thp: ThpMode) -> Topology {
        let node = |id, cpus: std::ops::Range<u32>| {
            let distances = if id == 0 { vec![10, 30] } else { vec![30, 10] };
            let kind = if cpus.is_empty() { NodeKind::Memory } else { NodeKind::Cpu };
            Node { id, cpus: cpus.collect(), memory: 1 << 38, distances, kind, ..Node::default() }
        };
        let pages = PageSizes { base: page, transparent_huge: Some(2 << 20), ..PageSizes::default() };
        Topology { nodes: vec![node(0, 0..32), node(1, second)], pages, thp, ..Topology::default() }
    }

    /// The device of a synthetic machine, by way of a topology and rates. `node` is the device's, `other` where data starts.
    fn converted(synthetic: &Synthetic, topology: &Topology, node: u32, other: u32) -> Computer {
        let device = measured(&synthetic.machine.devices[0]);
        let mut source = Rates::new("source");
        if let Some(Reach::Coherent(path)) = synthetic.machine.devices[0].reach {
            source.note(Quantity::OwnMemory, path.bandwidth, Origin::Probe, 0);
        }
        let rates = |id| if id == node { device.clone() } else { source.clone() };
        let machine = Machine::of_topology(topology, other, &Rates::new("host"), rates);
        machine.devices.into_iter().find(|device| device.id == format!("node:{node}")).expect("listed")
    }

    /// Uses at which a stream moves.
    fn moves_from(device: &Computer) -> u32 {
        let only = Computer { copying: None, ..device.clone() };
        let need = Need::reading("x", 1e9);
        let moves =
            |uses: &u32| choose(&need.used(f64::from(*uses)), &only).unwrap().offer.strategy == Strategy::Migrate;
        (1..1000).find(moves).expect("moves some time")
    }

    #[test]
    fn by_way_of_topology_and_rates_the_crossovers_are_the_synthetic_machines_own() {
        let cases = [
            (machines::gh200(), two(0..0, 65536, ThpMode::Never), 1, 0),
            (machines::cxl(), two(0..0, 4096, ThpMode::Never), 0, 1),
            (machines::dual_socket(), two(32..64, 4096, ThpMode::Always), 1, 0),
        ];
        for (synthetic, topology, node, other) in cases {
            let device = converted(&synthetic, &topology, node, other);
            let expected = moves_from(&synthetic.machine.devices[0]);
            assert_eq!(moves_from(&device), expected, "{}", synthetic.name);
        }
    }

    #[test]
    fn where_thp_is_not_always_small_pages_set_the_mover_s_rate() {
        let mut rates = Rates::new("node");
        rates.note(Quantity::MovePages, 3e9, Origin::Probe, 0);
        rates.note(Quantity::MoveHugePages, 11e9, Origin::Probe, 0);
        let bytes = |thp| moving(&two(0..0, 4096, thp), &rates).unwrap().page_bytes;
        assert_eq!((bytes(ThpMode::Always), bytes(ThpMode::Madvise)), (2097152.0, 4096.0));
    }

    #[test]
    fn what_was_never_measured_is_not_there_and_one_memory_has_no_devices() {
        let topology = two(32..64, 4096, ThpMode::Always);
        let machine = Machine::of_topology(&topology, 0, &Rates::new("host"), |_| Rates::new("node"));
        assert_eq!(machine.devices.len(), 2);
        for device in &machine.devices {
            assert!(device.own.is_none() && device.reach.is_none() && device.moving.is_none());
            assert_eq!(device.speed, Some(32.0), "its CPUs are known");
        }
        let mut alone = topology.clone();
        alone.nodes.truncate(1);
        let known = |_| measured(&machines::dual_socket().machine.devices[0]);
        assert!(Machine::of_topology(&alone, 0, &Rates::new("host"), known).devices.is_empty());
    }

    #[test]
    fn the_same_cpus_reach_another_node_at_the_rate_that_was_measured_there() {
        let mut topology = two(0..0, 4096, ThpMode::Never);
        topology.nodes[1].access = vec![Access { initiators: vec![0], read_latency: Some(275), ..Access::default() }];
        let mut slow = Rates::new("expander");
        slow.note(Quantity::OwnMemory, 32e9, Origin::Probe, 0);
        let mut fast = Rates::new("dram");
        fast.note(Quantity::OwnMemory, 200e9, Origin::Probe, 0);
        fast.note(Quantity::DirectMemory, 1e9, Origin::Probe, 0);
        let rates = |id| if id == 1 { slow.clone() } else { fast.clone() };
        let machine = Machine::of_topology(&topology, 1, &Rates::new("host"), rates);
        let Some(Reach::Coherent(link)) = machine.devices[0].reach else { panic!("{:?}", machine.devices[0]) };
        assert_eq!((link.bandwidth, link.latency), (32e9, 275e-9));
        assert_eq!(machine.host, Some(link), "the host's CPUs are those");
        let Some(Reach::Coherent(own)) = machine.devices[1].reach else { panic!() };
        assert_eq!(own.bandwidth, 32e9, "data on the node itself");
    }
}
