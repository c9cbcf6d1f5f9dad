//! Pages walk to the node of a launch; what cannot stays, and the launch runs all the same.

use std::sync::Mutex;

use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveOptions, MoveSpan, Residency, migrate};
use landbridge_core::argument::{Item, ItemMut};
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::plan::StepKind;
use landbridge_core::{Device, Error, Home, Report, Strategy, Topology};

use crate::arena::{values, values_on_huge_pages};
use crate::numa_support::several_nodes;

fn no_tree() -> FunctionTree {
    unreachable!("nodes run the function itself")
}

static ADD: Definition = Definition::new("add", file!(), line!(), &["x", "y"], no_tree);

/// The nodes have little memory in the virtual machine: one test at a time.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn add(device: &Device, x: &[u64], y: &mut [u64]) -> Report {
    let call = Call::new(&ADD, (Item::new(x), ItemMut::new(y)), |x: &u64, y: &mut u64| *y += *x);
    device.run(call.strategy(Strategy::Migrate)).unwrap()
}

/// Numbers on the first node.
fn numbers(bytes: usize) -> Vec<u64> {
    let mut numbers = values(bytes / 8, |i| i as u64);
    at_home(&mut numbers);
    numbers
}

/// Brings the pages to the first node: they may have been made on another one.
pub(crate) fn at_home(values: &mut [u64]) {
    let report = migrate(&[MoveSpan::exclusive(values)], 0, &MoveOptions::default());
    assert!(report.is_complete(), "{report}");
}

fn is_sum(y: &[u64]) -> bool {
    y.iter().enumerate().all(|(i, y)| *y == 2 * i as u64)
}

/// Every page of values that share theirs with nothing.
pub(crate) fn is_on(values: &[u64], node: u32) -> bool {
    Residency::of(&[MoveSpan::shared(values)]).is_all_on(node)
}

pub(crate) fn device_node(topology: &Topology) -> u32 {
    topology.device_nodes().first().expect("a node without CPUs").id
}

#[test]
fn where_there_is_one_node_all_is_there_already() {
    let _turn = turn();
    let (x, mut y) = (numbers(1 << 20), numbers(1 << 20));
    let report = add(&Device::node(0).unwrap(), &x, &mut y);
    assert!(is_sum(&y), "{report}");
    assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Migrate && a.bytes_out == 0), "{report}");
    if several_nodes().is_none_or(|topology| topology.nodes.len() == 1) {
        assert_eq!(report.bytes_in(), 0, "{report}");
    }
}

#[test]
fn nothing_and_little_may_move() {
    let _turn = turn();
    for length in [0, 1, 3, 700] {
        let (x, mut y) = (numbers(8 * length), numbers(8 * length));
        let report = add(&Device::node(0).unwrap(), &x, &mut y);
        assert!(is_sum(&y), "{report}");
    }
}

#[test]
fn a_plan_says_what_would_move_and_learns_how_long_it_takes() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let device = Device::node(device_node(&topology)).unwrap();
    let (x, mut y) = (numbers(8 << 20), numbers(8 << 20));
    let report = add(&device, &x, &mut y);
    assert_eq!(report.bytes_in(), 16 << 20, "{report}");
    let call = Call::new(&ADD, (Item::new(&x), ItemMut::new(&mut y)), |x: &u64, y: &mut u64| *y += *x);
    let plan = device.plan(&call.strategy(Strategy::Migrate)).unwrap();
    let names: Vec<_> = plan.arguments.iter().map(|a| (a.name, a.strategy, a.bytes_in)).collect();
    assert_eq!(names, [("x", Strategy::Migrate, 8 << 20), ("y", Strategy::Migrate, 8 << 20)]);
    assert!(plan.to_string().contains("migrate"), "{plan}");
}

#[test]
fn vectors_walk_to_the_device_and_keep_their_addresses() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let node = device_node(&topology);
    let device = Device::node(node).unwrap();
    let huge = |count| values_on_huge_pages(count, |i| i as u64);
    for [mut x, mut y] in [[(); 2].map(|()| numbers(16 << 20)), [(); 2].map(|()| huge(2 << 20))] {
        at_home(&mut x);
        at_home(&mut y);
        let (x_at, y_at) = (x.as_ptr(), y.as_ptr());
        assert!(is_on(&x, 0) && is_on(&y, 0));
        let report = add(&device, &x, &mut y);
        println!("{report}");
        assert_eq!((x.as_ptr(), y.as_ptr()), (x_at, y_at));
        assert!(is_on(&x, node) && is_on(&y, node) && is_sum(&y), "{report}");
        assert!(report.bytes_in() == 32 << 20 && report.steps.get(StepKind::Migrate).is_some(), "{report}");
        // The second time there is nothing to move.
        let report = add(&device, &x, &mut y);
        assert!(report.bytes_in() == 0 && report.to_string().contains("already"), "{report}");
        assert!(is_on(&x, node));
    }
}

#[test]
fn they_return_where_that_is_wanted() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let device = Device::options().home(Home::Return).node(device_node(&topology)).unwrap();
    let (x, mut y) = (numbers(8 << 20), numbers(8 << 20));
    let report = add(&device, &x, &mut y);
    assert!(is_on(&x, 0) && is_on(&y, 0) && is_sum(&y), "{report}");
    assert_eq!((report.bytes_in(), report.bytes_out()), (16 << 20, 16 << 20), "{report}");
    assert!(report.steps.get(StepKind::Return).is_some());
}

#[test]
fn they_return_after_a_panic_too() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let device = Device::options().home(Home::Return).node(device_node(&topology)).unwrap();
    let (x, mut y) = (numbers(8 << 20), numbers(8 << 20));
    let body = |x: &u64, y: &mut u64| {
        assert!(*x != 7_000, "seven thousand");
        *y += *x;
    };
    let call = Call::new(&ADD, (Item::new(&x), ItemMut::new(&mut y)), body);
    let error = device.run(call.strategy(Strategy::Migrate)).unwrap_err();
    assert!(matches!(error, Error::KernelPanic { work_item: 7_000, .. }), "{error}");
    assert!(is_on(&x, 0) && is_on(&y, 0));
}

#[test]
fn more_than_the_node_holds_is_no_error() {
    let _turn = turn();
    let Some(topology) = several_nodes() else { return };
    let small = topology.nodes.iter().filter(|n| n.kind.is_device()).min_by_key(|n| n.memory).unwrap();
    if small.memory > 1 << 30 {
        println!("skipped: every node is too large to be filled up");
        return;
    }
    let device = Device::node(small.id).unwrap();
    let bytes = small.memory as usize + (16 << 20);
    let (x, mut y) = (numbers(bytes), numbers(1 << 20));
    let report = add(&device, &x[..y.len()], &mut y);
    assert!(is_sum(&y), "{report}");
    let mut x = x;
    let call = Call::new(&ADD, (ItemMut::new(&mut x),), |x: &mut u64| *x *= 2);
    let report = device.run(call.strategy(Strategy::Migrate)).unwrap();
    println!("{report}");
    assert!(is_sum(&x), "{report}");
    let argument = &report.arguments[0];
    assert!(argument.why.contains("stay: the node is full"), "{report}");
    assert!(argument.bytes_in > 0 && argument.bytes_in < bytes as u64, "{report}");
}
