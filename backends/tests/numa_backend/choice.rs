//! `Auto` on nodes: the planner moves what is used often to a node where that pays, and nothing else.

use landbridge::plan::{PlanStep, StepKind};
use landbridge::planner::Quantity;
use landbridge::{Device, Home, Strategy, kernel};
use landbridge_backends::devices::Devices;
use landbridge_backends::numa::mover::{MoveSpan, Residency};
use landbridge_backends::rates;

use crate::migrate::{at_home, turn};
use crate::numa_support::several_nodes;

#[kernel]
fn grow(x: &u64, y: &mut u64) {
    *y = y.wrapping_mul(3).wrapping_add(*x);
}

const ITEMS: usize = 1 << 20;

/// Tells what probes would have found on a machine whose nodes have memory of these speeds, in bytes a second: the emulated
/// one has no fast memory.
fn pretend(device: &Device, own: f64) {
    let all = [
        (Quantity::Launch, 1e-6),
        (Quantity::CopyLatency, 1e-6),
        (Quantity::CopyIn, 1e9),
        (Quantity::CopyOut, 1e9),
        (Quantity::OwnMemory, own),
        (Quantity::Speed, 2.0),
        (Quantity::MovePages, 1e9),
        (Quantity::MoveLatency, 1e-6),
        (Quantity::Remap, 4e9),
    ];
    rates::of(device.info()).renew(&all);
}

/// Nodes 0, 1 and 3 as devices: 1 is fast, 3 slow.
fn nodes() -> [Device; 3] {
    let nodes = [0, 1, 3].map(|number| Device::node(number).unwrap());
    for (node, own) in nodes.iter().zip([1e6, 1e9, 1e5]) {
        pretend(node, own);
    }
    nodes
}

fn is_on(values: &[u64], node: u32) -> bool {
    // Without the pages at the ends, which others share.
    Residency::of(&[MoveSpan::shared(&values[1024..values.len() - 1024])]).is_all_on(node)
}

fn arrays() -> (Vec<u64>, Vec<u64>) {
    let (mut x, mut y) = (vec![1; ITEMS], vec![0; ITEMS]);
    at_home(&mut x);
    at_home(&mut y);
    (x, y)
}

fn expected(launches: usize) -> u64 {
    (0..launches).fold(0_u64, |y, _| y.wrapping_mul(3).wrapping_add(1))
}

#[test]
fn what_is_used_often_moves_to_a_faster_node_once_and_is_left_there() {
    let _turn = turn();
    let Some(_) = several_nodes() else { return };
    let [_, fast, _] = nodes();
    let (x, mut y) = arrays();
    let first = fast.run(grow(&x, &mut y)).unwrap();
    assert_eq!(first.bytes_in(), 0, "one use pays for no move: {first}");
    let mut moved = vec![];
    for launch in 2..=40 {
        let plan = fast.plan(&grow(&x, &mut y)).unwrap();
        let report = fast.run(grow(&x, &mut y)).unwrap();
        if report.bytes_in() > 0 {
            moved.push(launch);
            assert!(report.to_string().contains("its pages move, "), "{report}");
            assert!(report.to_string().contains("with DeviceOptions::allow_remap the move would take"), "{report}");
            let migrates = |step: &PlanStep| step.kind == StepKind::Migrate && step.serves > 1.0;
            assert!(plan.steps.iter().any(migrates), "{plan}");
        } else if !moved.is_empty() {
            assert!(report.arguments.iter().all(|argument| argument.strategy == Strategy::Migrate), "{report}");
            assert!(report.to_string().contains("its pages are on the device"), "{report}");
        }
    }
    assert!(!moved.is_empty() && moved.len() <= 2, "each argument moves once: {moved:?}");
    assert!(is_on(&x, 1) && is_on(&y, 1), "{:?}", [&x, &y].map(|a| Residency::of(&[MoveSpan::shared(a)])));
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn nothing_moves_to_a_slower_node_or_for_direct() {
    let _turn = turn();
    let Some(_) = several_nodes() else { return };
    let [_, fast, slow] = nodes();
    let (x, mut y) = arrays();
    for _ in 0..20 {
        assert_eq!(slow.run(grow(&x, &mut y)).unwrap().bytes_in(), 0);
        assert_eq!(fast.run(grow(&x, &mut y).strategy(Strategy::Direct)).unwrap().bytes_in(), 0);
    }
    assert!(is_on(&x, 0) && is_on(&y, 0));
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn launches_of_a_scope_count_and_its_pages_return_at_its_end() {
    let _turn = turn();
    let Some(_) = several_nodes() else { return };
    let _ = nodes();
    let device = Device::options().home(Home::Return).node(1).unwrap();
    let (x, mut y) = arrays();
    let address = x.as_ptr().addr();
    let there = || Residency::of(&[MoveSpan::at(address + 8192..address + 8 * ITEMS - 8192)]).is_all_on(1);
    let moved = device.scope(|s| {
        let (x, mut y) = (s.attach(&x), s.attach_mut(&mut y));
        for _ in 0..40 {
            s.launch(grow(&x, &mut y))?;
        }
        Ok(there())
    });
    assert!(moved.unwrap(), "not there at the scope's end");
    assert!(is_on(&x, 0) && is_on(&y, 0), "home again");
    assert!(y.iter().all(|y| *y == expected(40)));
}

#[test]
fn the_device_that_chooses_takes_a_node_when_its_moves_pay() {
    let _turn = turn();
    let Some(_) = several_nodes() else { return };
    let _ = nodes();
    let auto = Device::auto().unwrap();
    assert!(auto.info().name.contains("node:1"), "{}", auto.info());
    let (x, mut y) = arrays();
    let mut reports = vec![];
    for _ in 0..40 {
        reports.push(auto.run(grow(&x, &mut y)).unwrap());
    }
    assert_eq!(reports[0].device.id, "host", "{}", reports[0]);
    // Which node it settles on is decided by what launches took, and under emulation that may be anything.
    let moved = reports.iter().any(|report| report.device.id == "node:1" && report.bytes_in() > 0);
    let last = reports.last().unwrap();
    assert!(reports.iter().any(|report| report.device.id.starts_with("node:")), "{last}");
    assert!(!moved || is_on(&x, 1) && is_on(&y, 1), "{last}");
    assert!(y.iter().all(|y| *y == expected(40)));
}
