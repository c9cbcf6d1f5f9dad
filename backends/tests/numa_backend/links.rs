//! Structures walk to a node whole: the pages of all their nodes and of what those own.

use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveOptions, MoveSpan, Residency, migrate};
use landbridge_core::argument::{ItemMut, Root};
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::linked::linked;
use landbridge_core::{Device, Home, KernelType, Report, Strategy};

use crate::migrate::{device_node, turn};
use crate::numa_support::several_nodes;

#[derive(KernelType)]
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

/// A list whose nodes own some pages each, between others.
fn line() -> (Station, Vec<Vec<u64>>) {
    let mut others = vec![];
    let station = |number| Station { number, log: (number..number + LOG).collect(), next: None };
    let line = (1..STATIONS).rev().fold(station(STATIONS), |next, number| {
        others.push(vec![number; 4 * LOG as usize]);
        Station { next: Some(Box::new(next)), ..station(number) }
    });
    (line, others)
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
    let pages = linked(line).pages(4096).unwrap();
    Residency::of(&pages.into_iter().map(MoveSpan::at).collect::<Vec<_>>())
}

#[test]
fn where_there_is_one_node_a_structure_is_there_already() {
    let _turn = turn();
    let (line, _others) = line();
    let mut sums = [0; 5];
    let report = sum(&Device::node(0).unwrap(), &line, &mut sums);
    assert_eq!(sums, [expected(); 5], "{report}");
    assert_eq!(report.arguments[0].strategy, Strategy::Migrate);
}

#[test]
fn a_structure_walks_whole() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = device_node(&topology);
    for home in [Home::Stay, Home::Return] {
        let (line, _others) = line();
        let pages: Vec<_> = linked(&line).pages(4096).unwrap().into_iter().map(MoveSpan::at).collect();
        let far = vec![1_u64; 1 << 20];
        // The allocator may give memory once more that the round before has moved.
        let all: Vec<_> = pages.into_iter().chain([MoveSpan::shared(&far)]).collect();
        assert!(migrate(&all, 0, &MoveOptions::default()).is_complete());
        let mut sums = [0; 5];
        let device = Device::options().home(home).node(node).unwrap();
        let report = sum(&device, &line, &mut sums);
        assert_eq!(sums, [expected(); 5], "{report}");
        let moved = report.arguments[0].bytes_in;
        assert!(moved >= STATIONS * LOG * 8, "{report}");
        if home == Home::Stay {
            assert!(residency(&line).is_all_on(node), "{report}");
        } else {
            assert!(residency(&line).is_all_on(0), "{report}");
            // Pages that are part of a huge one go home with the first of them.
            assert!(report.arguments[0].bytes_out > moved / 2, "{report}");
        }
        // Neighbours on huge pages walk along; other memory does not.
        assert!(!Residency::of(&[MoveSpan::shared(&far)]).is_all_on(node));
    }
}
