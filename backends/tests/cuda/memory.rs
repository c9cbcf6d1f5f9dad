//! Arguments that are not copied: mapped pages, and the host's own memory.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Device, Error, KernelType, Strategy, Sum, kernel};

use crate::support::{card, expected, numbers, saxpy, with_driver};

#[kernel]
fn counted(bins: &[AtomicU32], x: &u32) {
    bins[(*x % 16) as usize].fetch_add(1, Ordering::Relaxed);
}

#[derive(KernelType)]
pub(crate) struct Node {
    value: u64,
    next: Option<Box<Node>>,
}

#[kernel]
pub(crate) fn sum_of_list(head: Option<&Node>, factor: &u64) -> u64 {
    let (mut sum, mut current) = (0, head);
    while let Some(node) = current {
        sum += node.value * *factor;
        current = node.next.as_deref();
    }
    sum
}

pub(crate) fn list(count: u64) -> Option<Box<Node>> {
    (1..=count).rev().fold(None, |next, value| Some(Box::new(Node { value, next })))
}

fn is_possible(device: &Device, strategy: Strategy) -> bool {
    device.info().supports(strategy)
}

#[test]
fn mapped_arguments_are_used_in_place() {
    let Some(driver) = with_driver("memory::mapped_arguments_are_used_in_place", "discrete") else { return };
    let (x, mut y) = (numbers(100_000), vec![1.0; 100_000]);
    let copies = driver.count("cuMemcpyHtoDAsync_v2");
    let report = card().run(saxpy(2.0, &x, &mut y).strategy(Strategy::Map)).expect("it runs");
    assert_eq!(y, expected(100_000));
    assert_eq!((report.bytes_in(), report.bytes_out()), (0, 0), "{report}");
    assert_eq!(driver.count("cuMemcpyHtoDAsync_v2"), copies);
    assert_eq!(driver.count("cuMemHostRegister_v2"), driver.count("cuMemHostUnregister"));
}

#[test]
fn what_cannot_be_mapped_is_copied_and_says_so() {
    let Some(driver) = with_driver("memory::what_cannot_be_mapped_is_copied_and_says_so", "discrete") else { return };
    let (x, mut y) = (numbers(100_000), vec![1.0; 100_000]);
    driver.fail("cuMemHostRegister_v2", 0, 801);
    let report = card().run(saxpy(2.0, &x, &mut y).strategy(Strategy::Map)).expect("it runs");
    assert_eq!(y, expected(100_000));
    let copied: Vec<_> = report.arguments.iter().filter(|a| a.strategy == Strategy::Copy).collect();
    assert!(
        !copied.is_empty() && copied.iter().all(|a| a.why.contains("cannot be mapped") && a.why.contains("801")),
        "{report}"
    );
}

#[test]
fn a_card_with_memory_of_its_own_has_no_direct_access() {
    let Some(_driver) = with_driver("memory::a_card_with_memory_of_its_own_has_no_direct_access", "discrete") else {
        return;
    };
    let (x, mut y, device) = (numbers(1000), vec![1.0; 1000], card());
    assert!(!is_possible(&device, Strategy::Direct) && !is_possible(&device, Strategy::Migrate));
    for strategy in [Strategy::Direct, Strategy::Migrate] {
        let error = device.run(saxpy(2.0, &x, &mut y).strategy(strategy)).map(drop).expect_err("not possible");
        assert!(matches!(error, Error::StrategyUnavailable { .. }), "{error}");
    }
    let nodes = list(1000);
    let sum = device.reduce(sum_of_list(nodes.as_deref(), &[1, 2, 3]), Sum).expect("as an image");
    assert_eq!(sum, 500_500 * 6);
}

#[test]
fn a_coherent_card_works_on_the_hosts_memory() {
    let Some(driver) = with_driver("memory::a_coherent_card_works_on_the_hosts_memory", "ats") else { return };
    let (x, mut y, device) = (numbers(100_000), vec![1.0; 100_000], card());
    assert!(is_possible(&device, Strategy::Direct), "{:?}", device.info().strategies);
    let copies = driver.count("cuMemcpyHtoDAsync_v2");
    let report = device.run(saxpy(2.0, &x, &mut y)).expect("it runs");
    assert_eq!(y, expected(100_000));
    assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Direct), "{report}");
    let mut bins = vec![0_u32; 16];
    let values: Vec<u32> = (0..64_000).collect();
    device.run(counted(&mut bins, &values).strategy(Strategy::Direct)).expect("it runs");
    assert_eq!(bins, vec![4000; 16]);
    // Linked data goes by its own pointers.
    let nodes = list(1000);
    let call = sum_of_list(nodes.as_deref(), &[1, 2, 3]).strategy(Strategy::Direct);
    assert_eq!(device.reduce(call, Sum).expect("by pointer"), 500_500 * 6);
    assert_eq!(driver.count("cuMemcpyHtoDAsync_v2"), copies);
}

#[test]
fn memory_that_the_driver_moves_is_used_where_it_is_if_asked_for() {
    let Some(_driver) = with_driver("memory::memory_that_the_driver_moves_is_used_where_it_is_if_asked_for", "hmm")
    else {
        return;
    };
    let (x, mut y, device) = (numbers(100_000), vec![1.0; 100_000], card());
    let report = device.run(saxpy(2.0, &x, &mut y)).expect("it runs");
    assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Copy), "{report}");
    let mut y = vec![1.0; 100_000];
    let report = device.run(saxpy(2.0, &x, &mut y).strategy(Strategy::Direct)).expect("it runs");
    assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Direct), "{report}");
    assert_eq!(y, expected(100_000));
}
