//! Structures walk to a node whole: the pages of all their nodes and of what those own.

use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveOptions, MoveSpan, Residency, migrate};
use landbridge_core::argument::{ItemMut, Root};
use landbridge_core::ast::FunctionTree;
use landbridge_core::in_kernels::NodesMutArg;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::linked::linked;
use landbridge_core::{Device, Home, KernelType, Report, Strategy, nodes};

use crate::arena::{next_page, own_pages};
use crate::migrate::{device_node, turn};
use crate::numa_support::several_nodes;

#[derive(KernelType)]
#[kernel_type(view = StationMut)]
struct Station {
    number: u64,
    /// On pages of its own.
    log: Vec<u64>,
    next: Option<Box<Station>>,
}

fn no_tree() -> FunctionTree {
    unreachable!("nodes run the function itself")
}

static SUM: Definition = Definition::new("sum", file!(), line!(), &["line", "sums"], no_tree);

const STATIONS: u64 = 300;
const LOG: u64 = 1500;

/// A list whose nodes own some pages each, between others that must not move: on pages of their own, all on node 0.
fn line() -> (Box<Station>, Vec<Vec<u64>>) {
    let bytes = (STATIONS * (3 * LOG * 8 + 4 * 4096)) as usize;
    let (line, others) = own_pages(bytes, || {
        let mut others = Vec::with_capacity(STATIONS as usize);
        let station = |number| Station { number, log: (number..number + LOG).collect(), next: None };
        let line = (1..STATIONS).rev().fold(station(STATIONS), |next, number| {
            next_page();
            others.push(vec![number; LOG as usize]);
            next_page();
            Station { next: Some(Box::new(next)), ..station(number) }
        });
        // The first one, too, is not on the stack.
        let line = Box::new(line);
        next_page();
        others.push(vec![STATIONS; LOG as usize]);
        (line, others)
    });
    let all: Vec<_> = pages(&line).into_iter().chain(others.iter().map(|other| MoveSpan::shared(other))).collect();
    let report = migrate(&all, 0, &MoveOptions::default());
    assert!(report.is_complete(), "{report}");
    (line, others)
}

/// The pages of a line, each once.
fn pages(line: &Station) -> Vec<MoveSpan<'_>> {
    linked(line).pages(4096).unwrap().into_iter().map(MoveSpan::at).collect()
}

fn sum(device: &Device, line: &Station, sums: &mut [u64]) -> Report {
    let body = |line: &Station, sum: &mut u64| {
        let mut at = Some(line);
        while let Some(station) = at {
            *sum += station.number + station.log.iter().sum::<u64>();
            at = station.next.as_deref();
        }
    };
    let call = Call::new(&SUM, (Root::new(line), ItemMut::new(sums)), body);
    device.run(call.strategy(Strategy::Migrate)).unwrap()
}

fn expected() -> u64 {
    (1..=STATIONS).map(|number| number + (number..number + LOG).sum::<u64>()).sum()
}

fn residency(line: &Station) -> Residency {
    Residency::of(&pages(line))
}

#[test]
fn where_there_is_one_node_a_structure_is_there_already() {
    let _turn = turn();
    let (line, _others) = line();
    let mut sums = [0; 5];
    let report = sum(&Device::node(0).unwrap(), &line, &mut sums);
    assert_eq!(sums, [expected(); 5], "{report}");
    assert_eq!((report.arguments[0].strategy, report.arguments[0].bytes_in), (Strategy::Migrate, 0), "{report}");
}

#[test]
fn a_structure_walks_whole_and_nothing_else_does() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = device_node(&topology);
    for home in [Home::Stay, Home::Return] {
        let (line, others) = line();
        let whole: u64 = residency(&line).nodes.values().sum();
        assert!(whole >= STATIONS * LOG * 8 && residency(&line).is_all_on(0));
        let mut sums = [0; 5];
        let device = Device::options().home(home).node(node).unwrap();
        let report = sum(&device, &line, &mut sums);
        assert_eq!(sums, [expected(); 5], "{report}");
        let argument = &report.arguments[0];
        match home {
            Home::Stay => {
                assert_eq!((argument.bytes_in, argument.bytes_out), (whole, 0), "{report}");
                assert!(residency(&line).is_all_on(node), "{report}");
            }
            _ => {
                assert_eq!((argument.bytes_in, argument.bytes_out), (whole, whole), "{report}");
                assert!(residency(&line).is_all_on(0), "{report}");
            }
        }
        let others: Vec<_> = others.iter().map(|other| MoveSpan::shared(other)).collect();
        assert!(Residency::of(&others).is_all_on(0), "{}", report);
    }
}

static RENUMBER: Definition = Definition::new("renumber", file!(), line!(), &["station"], no_tree);

/// Each node a work-item of its own; the nodes' pages walk, and what they own, and the list of the nodes.
#[test]
fn nodes_that_are_work_items_walk_as_the_structure_does() {
    let _turn = turn();
    let topology = several_nodes();
    let node = topology.as_ref().map_or(0, device_node);
    let (mut line, _others) = line();
    let whole: u64 = residency(&line).nodes.values().sum();
    let device = Device::node(node).unwrap();
    let body = |station: &mut StationMut<'_>| station.number *= 2;
    let call = Call::new(&RENUMBER, (nodes(&mut *line).into_items(),), body);
    let report = device.run(call.strategy(Strategy::Migrate)).unwrap();
    let argument = &report.arguments[0];
    assert_eq!((argument.name, argument.strategy), ("station", Strategy::Migrate), "{report}");
    assert!(residency(&line).is_all_on(node), "{report}");
    assert!(topology.is_none() || argument.bytes_in >= whole, "{report}");
    let numbers: Vec<u64> = nodes::<Station, _>(&*line).iter().map(|station| station.number).collect();
    assert!(numbers.into_iter().eq((1..=STATIONS).map(|number| 2 * number)));
}
