//! Handles of linked structures: the image is made and sent once, and goes with the handle.

use landbridge::plan::StepKind;
use landbridge::{KernelType, kernel, linked, nodes};

use super::*;

#[derive(KernelType)]
struct Node {
    value: u32,
    next: Option<Box<Node>>,
}

fn list(length: u32) -> Box<Node> {
    let last = Box::new(Node { value: 0, next: None });
    (1..length).fold(last, |next, value| Box::new(Node { value, next: Some(next) }))
}

#[kernel]
fn add_all(#[uniform] root: &Node, sum: &mut u32) {
    let mut cur = Some(root);
    while let Some(node) = cur {
        *sum = sum.wrapping_add(node.value);
        cur = node.next.as_deref();
    }
}

#[kernel]
fn add_own(#[node] n: &Node, sum: &mut u32) {
    *sum += n.value;
}

fn flattened(report: &Report) -> bool {
    report.steps.get(StepKind::Flatten).is_some()
}

#[test]
fn an_image_is_sent_once_as_long_as_its_handle_lives() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let mut list = list(5000);
    let mut sum = [0; 2];
    let _ = device.run(add_all(&list, &mut sum)).unwrap();
    sum = [0; 2];
    let own = backend.memory_use();
    for round in 0..2 {
        let sum_of_list = 4999 * 2500 + round;
        let kept = linked(&*list);
        assert!(flattened(&device.run(add_all(&kept, &mut sum)).unwrap()));
        for _ in 0..3 {
            assert!(!flattened(&device.run(add_all(&kept, &mut sum)).unwrap()), "it is there");
        }
        assert!(flattened(&device.run(add_all(&list, &mut sum)).unwrap()), "a plain borrow keeps nothing");
        assert_eq!(sum, [sum_of_list * 5; 2]);
        let used = backend.memory_use();
        let held = (used.bytes - used.idle_bytes) - (own.bytes - own.idle_bytes);
        assert!(held >= 5000 * 16, "{held}");
        drop(kept);
        let used = backend.memory_use();
        assert_eq!(used.bytes - used.idle_bytes, own.bytes - own.idle_bytes, "the handle's end is the image's");
        sum = [0; 2];
        list.value += 1;
    }
}

#[test]
fn nodes_that_are_kept_are_sent_once() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let list = list(300);
    let all = nodes::<Node, _>(&list);
    let mut sums = vec![0; 300];
    assert!(flattened(&device.run(add_own(&all, &mut sums)).unwrap()));
    assert!(!flattened(&device.run(add_own(&all, &mut sums)).unwrap()));
    assert!(flattened(&device.run(add_own(&all.clone(), &mut sums)).unwrap()), "a copy of the list has its own");
    assert!(sums.iter().zip(list_values(&list)).all(|(sum, value)| *sum == value * 3));
}

fn list_values(list: &Node) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(list), |node| node.next.as_deref()).map(|node| node.value)
}

#[test]
fn an_image_that_cannot_stay_goes_with_each_launch() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let list = list(3000);
    let kept = linked(&*list);
    let mut sum = [0; 2];
    backend.set_memory_cap(Some(1));
    let refused = device.run(add_all(&kept, &mut sum)).expect_err("there is no room at all");
    assert!(matches!(refused, landbridge::Error::OutOfMemory { .. }), "{refused}");
    backend.set_memory_cap(None);
    let _ = device.run(add_all(&kept, &mut sum)).unwrap();
    assert_eq!(sum, [2999 * 1500; 2]);
}

#[kernel]
fn double(node: &mut Node) {
    node.value *= 2;
    if let Some(next) = &node.next {
        node.value += next.value;
    }
}

/// What does not fit into the device's memory is refused before anything is sent; nodes are as they were, and where the host
/// may help it does.
#[test]
fn an_image_larger_than_the_devices_memory_is_refused() {
    let Some(backend) = backend() else { return };
    let device = device(&backend).without_fallback();
    let mut lists = vec![*list(30_000), *list(2)];
    let mut sum = [0];
    backend.set_memory_cap(Some(200_000)); // an image of 480 KB
    for _ in 0..2 {
        for refused in [device.run(add_all(&lists[0], &mut sum)), device.run(double(&mut lists))] {
            assert!(matches!(refused, Err(landbridge::Error::OutOfMemory { .. })), "{refused:?}");
        }
        assert_eq!((sum, lists[0].value, lists[1].value), ([0], 29_999, 1));
    }
    // What is smaller is not.
    let _ = device.run(add_all(&lists[1], &mut sum)).unwrap();
    assert_eq!(sum, [1]);
    backend.set_memory_cap(None);
    let _ = device.run(double(&mut lists)).unwrap();
    assert_eq!((lists[0].value, lists[1].value), (2 * 29_999 + 29_998, 2));
    assert!(list_values(&lists[0]).skip(1).eq((0..29_999).rev()));
}

/// Devices with few bindings let arguments share one, which takes copies.
#[test]
fn an_image_that_shares_a_binding_goes_with_each_launch() {
    if backend().is_none() {
        return;
    }
    let limits = AdapterLimits { bindings: 3, ..adapters()[0].facts.limits };
    let backend = Arc::new(WgpuBackend::open_limited(0, limits).expect("the adapter opens"));
    let device = device(&backend);
    let list = list(100);
    let kept = linked(&*list);
    let (mut sum, mut other, mut third) = ([0; 2], [0; 2], [0; 2]);
    for _ in 0..2 {
        let _ = device.run(add_to_three(&kept, &mut sum, &mut other, &mut third)).unwrap();
    }
    assert_eq!([sum, other, third], [[198; 2]; 3]);
}

#[kernel]
fn add_to_three(#[uniform] root: &Node, one: &mut u32, other: &mut u32, third: &mut u32) {
    *one += root.value;
    *other += root.value;
    *third += root.value;
}
