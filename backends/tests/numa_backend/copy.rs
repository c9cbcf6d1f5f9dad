//! Kernels on copies in a buffer of the node.

use landbridge_backends::devices::Devices;
use landbridge_core::argument::{Item, ItemMut, Whole};
use landbridge_core::ast::FunctionTree;
use landbridge_core::launch::{Call, Definition};
use landbridge_core::plan::StepKind;
use landbridge_core::{Device, Error, KernelType, Report, Result, Strategy, Sum};

use crate::numa_support::several_nodes;

fn no_tree() -> FunctionTree {
    unreachable!("nodes run the function itself")
}

static ADD: Definition = Definition::new("add", file!(), line!(), &["x", "y"], no_tree);

fn add(device: &Device, x: &[u64], y: &mut [u64]) -> Result<Report> {
    let call = Call::new(&ADD, (Item::new(x), ItemMut::new(y)), |x: &u64, y: &mut u64| *y += *x);
    device.run(call.strategy(Strategy::Copy))
}

fn numbers(count: u64) -> Vec<u64> {
    (0..count).collect()
}

/// The first node on any machine, and one without CPUs where there is one.
fn devices() -> Vec<Device> {
    let other = several_nodes().and_then(|topology| topology.device_nodes().first().map(|node| node.id));
    std::iter::once(0).chain(other).map(|node| Device::node(node).unwrap()).collect()
}

#[test]
fn copies_go_there_and_what_was_written_comes_back() {
    for device in devices() {
        for count in [1_u64, 511, 513, 70_001, 600_000] {
            let (x, mut y) = (numbers(count), numbers(count));
            let report = add(&device, &x, &mut y).unwrap();
            assert!(y.iter().enumerate().all(|(i, y)| *y == 2 * i as u64), "{report}");
            let bytes: Vec<_> = report.arguments.iter().map(|a| (a.strategy, a.bytes_in, a.bytes_out)).collect();
            assert_eq!(bytes, [(Strategy::Copy, 8 * count, 0), (Strategy::Copy, 8 * count, 8 * count)]);
            assert!(report.to_string().contains("the copies are on node"), "{report}");
            assert!(report.steps.get(StepKind::CopyIn).is_some() && report.steps.get(StepKind::CopyOut).is_some());
        }
    }
}

#[test]
fn the_kernel_sees_the_copy() {
    let device = Device::node(0).unwrap();
    let (x, mut seen) = (numbers(1000), vec![0_usize; 1000]);
    let body = |all: &[u64], seen: &mut usize| *seen = all.as_ptr().addr() + all[999] as usize;
    let run = |strategy, seen: &mut [usize]| {
        let call = Call::new(&ADD, (Whole::new(&x), ItemMut::new(seen)), body);
        device.run(call.strategy(strategy)).unwrap()
    };
    let _ = run(Strategy::Direct, &mut seen);
    assert!(seen.iter().all(|at| *at == x.as_ptr().addr() + 999));
    let _ = run(Strategy::Copy, &mut seen);
    assert!(seen.iter().all(|at| *at == seen[0] && *at != x.as_ptr().addr() + 999), "another address, the same values");
}

/// Aligned more strictly than pages are.
#[repr(C, align(8192))]
#[derive(Clone, Copy, KernelType)]
struct Apart {
    number: u64,
}

#[test]
fn copies_are_aligned_as_their_types_ask() {
    let apart = |number| Apart { number };
    for device in devices() {
        // The first argument's copy, of a page or two, puts the second at both kinds of pages.
        for count in [1_u64, 513] {
            let (few, mut parts) = (numbers(count), (0..5).map(apart).collect::<Vec<_>>());
            let body = |few: &[u64], part: &mut Apart| {
                let at = std::hint::black_box(std::ptr::from_mut(part)).addr();
                part.number += few.len() as u64 + (at % 8192) as u64 * 1000;
            };
            let call = Call::new(&ADD, (Whole::new(&few), ItemMut::new(&mut parts)), body);
            let report = device.run(call.strategy(Strategy::Copy)).unwrap();
            assert!(parts.iter().zip(0..).all(|(part, i)| part.number == i + count), "{report}");
            assert_eq!(report.arguments[1].bytes_in, 5 * 8192);
        }
    }
}

#[test]
fn nothing_may_be_copied() {
    let device = Device::node(0).unwrap();
    let report = add(&device, &[], &mut []).unwrap();
    assert!(report.bytes_in() == 0 && report.arguments.len() == 2, "{report}");
    let nothing = vec![[0_u8; 0]; 100];
    let call = Call::new(&ADD, (Item::new(&nothing),), |_: &[u8; 0]| 1_u32);
    assert_eq!(device.reduce(call.strategy(Strategy::Copy), Sum).unwrap(), 100);
}

#[test]
fn results_need_no_copy() {
    for device in devices() {
        let x = numbers(100_000);
        let double = || Call::new(&ADD, (Item::new(&x),), |x: &u64| 2 * *x).strategy(Strategy::Copy);
        assert!(device.collect(double()).unwrap().iter().enumerate().all(|(i, x)| *x == 2 * i as u64));
        assert_eq!(device.reduce(double(), Sum).unwrap(), 99_999 * 100_000);
    }
}

#[test]
fn after_a_panic_the_data_is_as_it_was() {
    for device in devices() {
        let (x, mut y) = (numbers(50_000), numbers(50_000));
        let body = |x: &u64, y: &mut u64| {
            *y = 0;
            assert!(*x != 49_999, "the last");
        };
        let call = Call::new(&ADD, (Item::new(&x), ItemMut::new(&mut y)), body);
        let error = device.run(call.strategy(Strategy::Copy)).unwrap_err();
        assert!(matches!(error, Error::KernelPanic { work_item: 49_999, .. }), "{error}");
        assert!(y.iter().enumerate().all(|(i, y)| *y == i as u64));
        // The launch after it finds everything in order.
        let report = add(&device, &x, &mut y).unwrap();
        assert!(y.iter().enumerate().all(|(i, y)| *y == 2 * i as u64), "{report}");
    }
}

#[test]
fn launches_at_once_have_copies_of_their_own() {
    let device = Device::node(0).unwrap();
    std::thread::scope(|s| {
        for thread in 0..4_u64 {
            let device = &device;
            s.spawn(move || {
                for round in 0..10 {
                    let count = 5_000 * (thread + 1) + round;
                    let (x, mut y) = (numbers(count), numbers(count));
                    let report = add(device, &x, &mut y).unwrap();
                    assert!(y.iter().enumerate().all(|(i, y)| *y == 2 * i as u64), "{report}");
                }
            });
        }
    });
}

#[test]
fn a_cap_is_an_error_that_says_so() {
    let device = Device::options().memory_cap(100_000).node(0).unwrap();
    let (x, mut y) = (numbers(100_000), numbers(100_000));
    let error = add(&device, &x, &mut y).unwrap_err();
    assert!(matches!(error, Error::OutOfMemory { available: 100_000, .. }), "{error}");
    assert!(y.iter().enumerate().all(|(i, y)| *y == i as u64));
    assert!(add(&device, &x[..1000], &mut y[..1000]).is_ok());
}

#[test]
fn copies_that_find_no_room_on_the_node_are_used_where_they_are() {
    let Some(topology) = several_nodes() else { return };
    let small = topology.nodes.iter().filter(|n| n.kind.is_device()).min_by_key(|n| n.memory).unwrap();
    if small.memory > 1 << 30 {
        println!("skipped: every node is too large to be filled up");
        return;
    }
    let device = Device::node(small.id).unwrap();
    let count = (small.memory + (16 << 20)) / 8;
    let mut x = numbers(count);
    let call = Call::new(&ADD, (ItemMut::new(&mut x),), |x: &mut u64| *x *= 2);
    let report = device.run(call.strategy(Strategy::Copy)).unwrap();
    println!("{report}");
    assert!(x.iter().enumerate().all(|(i, x)| *x == 2 * i as u64), "{report}");
    assert!(report.arguments[0].why.contains("found no room on node"), "{report}");
}

#[test]
fn a_plan_names_the_steps() {
    let (x, mut y) = (numbers(1000), numbers(1000));
    let call = Call::new(&ADD, (Item::new(&x), ItemMut::new(&mut y)), |x: &u64, y: &mut u64| *y += *x);
    let plan = Device::node(0).unwrap().plan(&call.strategy(Strategy::Copy)).unwrap();
    let steps: Vec<_> = plan.steps.iter().map(|step| step.kind).collect();
    assert_eq!(steps, [StepKind::CopyIn, StepKind::Run, StepKind::CopyOut]);
    assert_eq!(plan.arguments.iter().map(|a| a.bytes_out).collect::<Vec<_>>(), [0, 8000]);
}
