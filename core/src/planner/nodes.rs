//! The machine that a topology and measured rates make: the host, and each memory node as a device beside its nearest CPUs.
//!
//! What CPUs reach at which rate depends on where the bytes are, so a [`Machine`] is made for data that is on one node
//! (`home`). Structure comes from the [`Topology`], times from [`Rates`]; firmware's figures (HMAT) serve as latencies only,
//! which no probe measures.

use super::choose::{Choice, offers};
use super::machine::{Computer, Machine, Moving, Path, Reach};
use super::need::{Need, Work};
use super::place::plan_without_host;
use super::rates::{Quantity, Rates};
use crate::plan::Strategy;
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

/// Which arguments move to a node, and what a launch takes there then.
#[derive(Clone, Debug, PartialEq)]
pub struct Moves {
    /// For each argument, in order: `Direct` or `Migrate`.
    pub choices: Vec<Choice>,
    /// Seconds of one launch, without moves.
    pub run: f64,
}

/// Decides for a launch on a node's CPUs which arguments move there. `in_place`: seconds of one launch with all of them
/// where they are, as measured. `None` if too little is known of the node.
///
/// What `in_place` holds beside the traffic that the paths explain is taken for arithmetic, which no move makes faster;
/// where it is less than they explain, caches serve the kernel, and every path counts as so much faster.
pub fn moves(needs: &[Need], node: &Computer, in_place: f64) -> Option<Moves> {
    let mut device = Computer { copying: None, launch: Some(0.0), speed: Some(1.0), ..node.clone() };
    let traffic = in_place_traffic(needs, &device)?;
    if traffic > in_place {
        quicken(&mut device, traffic / in_place);
    }
    let traffic = traffic.min(in_place);
    let mut work = Work::new("", 1.0, needs.to_vec());
    work.launches = needs.iter().map(|need| need.uses).fold(1.0, f64::max);
    work.item = Some(in_place - traffic);
    let machine = Machine { name: String::new(), threads: 1.0, wake: 0.0, host: None, devices: vec![device] };
    let choices = plan_without_host(&work, &machine)?.chosen.choices;
    let then: f64 = choices.iter().map(|choice| choice.offer.each).sum();
    (choices.len() == needs.len()).then_some(Moves { choices, run: in_place - traffic + then })
}

/// Seconds of one launch's traffic with all arguments where they are.
fn in_place_traffic(needs: &[Need], device: &Computer) -> Option<f64> {
    let direct = |need| offers(need, device).into_iter().flatten().find(|offer| offer.strategy == Strategy::Direct);
    needs.iter().map(|need| Some(direct(need)?.each)).sum()
}

fn quicken(device: &mut Computer, times: f64) {
    if let Some(own) = &mut device.own {
        own.bandwidth *= times;
    }
    if let Some(Reach::Coherent(path)) = &mut device.reach {
        path.bandwidth *= times;
    }
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

    fn strategies(moves: &Moves) -> Vec<Strategy> {
        moves.choices.iter().map(|choice| choice.offer.strategy).collect()
    }

    #[test]
    fn memory_bound_launches_move_after_some_uses_and_arithmetic_never() {
        let cxl = machines::cxl();
        let node = &cxl.machine.devices[0];
        let (link, own) = (32.0 * 1073741824.0, 200e9);
        let needs = |uses| {
            vec![Need::reading("x", 1e9).used(uses), Need { written: 1.0, ..Need::reading("y", 1e9) }.used(uses)]
        };
        let bound_by_memory = 2e9 / link;
        let from = moves_from(node);
        let few = moves(&needs(f64::from(from) * 0.9), node, bound_by_memory).unwrap();
        assert_eq!(strategies(&few), [Strategy::Direct; 2]);
        assert!((few.run - bound_by_memory).abs() < 1e-9, "nothing moves: as measured");
        let many = moves(&needs(f64::from(from) * 1.1), node, bound_by_memory).unwrap();
        assert_eq!(strategies(&many), [Strategy::Migrate; 2]);
        assert!((many.run - 2e9 / own).abs() < 1e-6, "{many:?}");
        let bound_by_arithmetic = moves(&needs(1e6), node, 10.0).unwrap();
        assert_eq!(strategies(&bound_by_arithmetic), [Strategy::Direct; 2]);
    }

    #[test]
    fn what_caches_serve_gains_less_from_moving() {
        let cxl = machines::cxl();
        let node = &cxl.machine.devices[0];
        let need = |uses| [Need::reading("x", 1e9).used(uses)];
        let from = f64::from(moves_from(node));
        let in_place = 1e9 / (32.0 * 1073741824.0) / 10.0;
        assert_eq!(strategies(&moves(&need(from * 5.0), node, in_place).unwrap()), [Strategy::Direct]);
        assert_eq!(strategies(&moves(&need(from * 20.0), node, in_place).unwrap()), [Strategy::Migrate]);
    }

    #[test]
    fn what_is_there_stays_and_what_is_not_known_is_not_moved() {
        let gh200 = machines::gh200();
        let node = &gh200.machine.devices[0];
        let there = [Need { residency: super::super::Residency::Device, ..Need::reading("x", 1e9) }];
        let decided = moves(&there, node, 1.0).unwrap();
        assert_eq!((strategies(&decided), decided.run), (vec![Strategy::Direct], 1.0));
        assert_eq!(moves(&there, &Computer::unknown("node:1"), 1.0), None);
        let immovable = Computer { moving: None, ..node.clone() };
        let often = [Need::reading("x", 1e9).used(1e6)];
        assert_eq!(strategies(&moves(&often, &immovable, 1e-9).unwrap()), [Strategy::Direct]);
    }

    #[test]
    fn only_the_argument_that_is_used_often_moves() {
        let cxl = machines::cxl();
        let needs = [Need::reading("table", 1e9).used(1000.0), Need::reading("x", 1e9)];
        let decided = moves(&needs, &cxl.machine.devices[0], 2e9 / 34e9).unwrap();
        assert_eq!(strategies(&decided), [Strategy::Migrate, Strategy::Direct]);
    }
}
