//! Probes of memory nodes: the mover's rates are known where pages can move, and unknown where they cannot.

use std::sync::Arc;

use landbridge_backends::numa;
use landbridge_backends::numa::backend::{NodeBackend, NodeOptions};
use landbridge_backends::probe::{self, Effort};
use landbridge_core::Topology;
use landbridge_core::backend::Backend;
use landbridge_core::planner::{Machine, Quantity, Rates};
use landbridge_core::topology::ThpMode;

use crate::migrate::turn;
use crate::numa_support::several_nodes;

fn probed(topology: &Topology, number: u32) -> Rates {
    let node = NodeBackend::open(topology, number, &NodeOptions::default()).unwrap();
    let node: Arc<dyn Backend> = Arc::new(node);
    probe::device(&node, Effort::Quick).unwrap().with(Rates::clone)
}

#[test]
fn where_pages_can_move_the_mover_is_measured_by_each_kind_of_page() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let fast = probed(&topology, 1);
    for quantity in [Quantity::MovePages, Quantity::MoveLatency, Quantity::Remap, Quantity::OwnMemory, Quantity::CopyIn]
    {
        assert!(fast.get(quantity).is_some(), "{} was not measured: {fast:?}", quantity.name());
    }
    let has_huge = matches!(topology.thp, ThpMode::Always | ThpMode::Madvise);
    assert_eq!(fast.get(Quantity::MoveHugePages).is_some(), has_huge, "{fast:?}");
    assert_eq!(fast.get(Quantity::DirectMemory), None, "all CPUs are as near to every node");
    let rates = [probed(&topology, 0), fast];
    let machine = Machine::of_topology(&topology, 0, &Rates::new("host"), |node| rates[usize::from(node == 1)].clone());
    let device = machine.devices.iter().find(|device| device.id == "node:1").unwrap();
    assert!(device.reach.is_some() && device.moving.is_some() && device.own.is_some(), "{device:?}");
}

#[test]
fn with_one_memory_the_mover_s_rates_stay_unknown() {
    let _turn = turn();
    let topology = numa::topology();
    if topology.has_several_memories() {
        return; // the other test's
    }
    let rates = probed(topology, topology.nodes[0].id);
    let known = |quantity| rates.get(quantity).is_some();
    assert!(known(Quantity::OwnMemory) && known(Quantity::Launch), "{rates:?}");
    for quantity in
        [Quantity::MovePages, Quantity::MoveHugePages, Quantity::MoveLatency, Quantity::Remap, Quantity::RemapHuge]
    {
        assert!(!known(quantity), "{} cannot have been measured: {rates:?}", quantity.name());
    }
}
