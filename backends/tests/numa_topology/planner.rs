//! Machines as their files look, made into what the planner decides from.

use landbridge_core::Strategy;
use landbridge_core::planner::{Machine, Need, Origin, Quantity, Rates, Reach, choose};

use crate::tree::Tree;

const GIB: u64 = 1 << 20; // in kB

fn rates(all: &[(Quantity, f64)]) -> Rates {
    let mut rates = Rates::new("made up");
    all.iter().for_each(|&(quantity, value)| rates.note(quantity, value, Origin::Probe, 0));
    rates
}

fn ids(machine: &Machine) -> Vec<&str> {
    machine.devices.iter().map(|device| device.id.as_str()).collect()
}

#[test]
fn an_expander_s_data_moves_to_memory_beside_the_cores_if_it_is_used_often() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0-7", 64 * GIB, "10 14").node(1, "", 128 * GIB, "14 10");
    tree.access(0, 1, 0, [90_000, 80_000, 95, 96]).access(1, 1, 0, [24_000, 20_000, 250, 260]);
    let topology = tree.read();
    let of_node = |id| match id {
        0 => rates(&[(Quantity::OwnMemory, 90e9), (Quantity::MovePages, 3e9)]),
        _ => rates(&[(Quantity::OwnMemory, 24e9)]),
    };
    let machine = Machine::of_topology(&topology, 1, &Rates::new("host"), of_node);
    assert_eq!((ids(&machine).as_slice(), machine.threads), (["node:0", "node:1"].as_slice(), 8.0));
    assert_eq!(machine.devices[0].memory, Some((64_u64 << 30) as f64));
    let chosen =
        |uses, device| choose(&Need::reading("x", 1e9).used(uses), &machine.devices[device]).unwrap().offer.strategy;
    assert_eq!((chosen(1.0, 0), chosen(20.0, 0)), (Strategy::Direct, Strategy::Migrate));
    assert_eq!(chosen(20.0, 1), Strategy::Direct, "no mover to the expander was measured");
    let Some(Reach::Coherent(link)) = machine.devices[0].reach else { panic!("{machine:?}") };
    assert_eq!(link.latency, 250e-9, "as firmware says");
}

#[test]
fn nothing_moves_to_memory_that_is_slower() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0-7", 64 * GIB, "10 14").node(1, "", 128 * GIB, "14 10");
    let of_node = |id| match id {
        0 => rates(&[(Quantity::OwnMemory, 90e9), (Quantity::MovePages, 3e9)]),
        _ => rates(&[(Quantity::OwnMemory, 24e9), (Quantity::MovePages, 3e9)]),
    };
    let machine = Machine::of_topology(&tree.read(), 0, &Rates::new("host"), of_node);
    let choice = choose(&Need::reading("x", 1e9).used(1e6), &machine.devices[1]).unwrap();
    assert_eq!(choice.offer.strategy, Strategy::Direct, "{}", choice.why());
}

#[test]
fn two_sockets_reach_each_other_at_what_was_measured_between_them() {
    let tree = Tree::new();
    tree.nodes("online", "0-1").node(0, "0-3", 64 * GIB, "10 32").node(1, "4-7", 64 * GIB, "32 10");
    let of_node = |_| rates(&[(Quantity::OwnMemory, 80e9), (Quantity::DirectMemory, 40e9)]);
    let machine = Machine::of_topology(&tree.read(), 0, &Rates::new("host"), of_node);
    let reach = |device: usize| match machine.devices[device].reach {
        Some(Reach::Coherent(path)) => path.bandwidth,
        other => panic!("{other:?}"),
    };
    assert_eq!((reach(0), reach(1)), (80e9, 40e9));
    assert_eq!(machine.devices[1].speed, Some(4.0));
    assert!(machine.host.is_none(), "both sockets' threads were never measured on this node");
}

#[test]
fn grace_hopper_has_a_device_in_numa_mode_only() {
    let tree = Tree::new();
    tree.nodes("online", "0-2").node(0, "0-71", 480 * GIB, "10 80 80");
    tree.node(1, "", 95 * GIB, "80 10 255").node(2, "", 0, "80 255 10");
    let machine = |tree: &Tree| Machine::of_topology(&tree.read(), 0, &Rates::new("host"), |_| Rates::new("node"));
    assert_eq!(ids(&machine(&tree)), ["node:0", "node:1"], "a node without memory takes no pages");
    let cdmm = Tree::new();
    cdmm.nodes("online", "0").node(0, "0-71", 480 * GIB, "10");
    assert!(machine(&cdmm).devices.is_empty());
}
