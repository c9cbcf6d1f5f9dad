//! Nodes as work-items on the host: long structures, several launches, and code that does what no kernel may.
#![deny(unsafe_code)]

extern crate landbridge_core as landbridge;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use landbridge::ast::FunctionTree;
use landbridge::in_kernels::NodesMutArg;
use landbridge::launch::Definition;
use landbridge::{Call, Device, Error, Index, KernelType, Strategy, Sum, kernel, nodes};
use landbridge_backends::devices::Devices;

#[derive(KernelType)]
#[kernel_type(view = NodeMut)]
struct Node {
    value: u64,
    next: Option<Box<Node>>,
}

impl Drop for Node {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

fn list(values: std::ops::Range<u64>) -> Option<Box<Node>> {
    values.rev().fold(None, |next, value| Some(Box::new(Node { value, next })))
}

fn values(list: &Option<Box<Node>>) -> Vec<u64> {
    std::iter::successors(list.as_deref(), |node| node.next.as_deref()).map(|node| node.value).collect()
}

#[kernel]
fn value(#[node] n: &Node) -> u64 {
    n.value
}

#[kernel]
fn scale(#[node] n: &mut NodeMut, by: u64, i: Index) {
    n.value = n.value * by + i as u64;
}

#[test]
fn lists_as_long_as_memory_take_no_stack() {
    let run = || {
        let length = 1_000_000;
        let mut list = list(0..length);
        let host = Device::host();
        assert_eq!(host.reduce(value(nodes(&list)), Sum).unwrap(), length * (length - 1) / 2);
        let _ = host.run(scale(nodes(&mut list), 2)).unwrap();
        assert!(values(&list).into_iter().eq((0..length).map(|k| 3 * k)));
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn one_walk_serves_several_launches() {
    let mut list = list(0..1000);
    let host = Device::host();
    {
        let all = nodes(&list);
        for _ in 0..3 {
            assert_eq!(host.collect(value(&all)).unwrap(), values(&list));
        }
        assert!(all.iter().rev().map(|node| node.value).eq((0..1000).rev()));
    }
    let mut all = nodes(&mut list);
    let _ = host.run(scale(&mut all, 1)).unwrap();
    let _ = host.run(scale(&mut all, 1)).unwrap();
    assert_eq!((all.len(), all.is_empty()), (1000, false));
    assert!(all.iter().map(|node| node.value).eq((0..1000).map(|k| 3 * k)));
}

/// What is passed in a leaked handle stays where it is.
#[test]
fn handles_may_leak() {
    let mut list = list(0..10);
    let host = Device::host();
    let leaked: &mut landbridge::linked::NodesMut<'_, Node> = Box::leak(Box::new(nodes(&mut list)));
    let _ = host.run(scale(&mut *leaked, 10)).unwrap();
    std::mem::forget(nodes::<Node, _>(&list));
    assert_eq!(values(&list)[9], 99);
}

#[derive(KernelType)]
struct Other {
    value: u64,
}

#[test]
#[should_panic(expected = "no link of `Option<Box<Node>>` leads to a `Other`")]
fn a_structure_without_such_nodes() {
    let list = list(0..3);
    let _ = nodes::<Other, _>(&list);
}

#[derive(KernelType)]
struct Shared {
    value: u64,
    links: Vec<Arc<Shared>>,
}

#[kernel]
fn links(#[node] n: &Shared) -> u64 {
    let mut sum = n.value;
    for link in &n.links {
        sum += link.value * 100;
    }
    sum
}

#[test]
fn shared_nodes_are_one_work_item_each() {
    let base = Arc::new(Shared { value: 1, links: vec![] });
    let middle: Vec<_> =
        (2..5).map(|value| Arc::new(Shared { value, links: vec![base.clone(), base.clone()] })).collect();
    let top = Shared { value: 9, links: middle.iter().cloned().chain([base.clone()]).collect() };
    let all = nodes(&top);
    let found = Device::host().collect(links(&all)).unwrap();
    assert_eq!(found, [1009, 202, 203, 204, 1]);
    assert!(all.iter().map(|node| node.value).eq([9, 2, 3, 4, 1]));
}

static SWAP: Definition = Definition::new("swap", file!(), line!(), &["a", "b"], no_tree);

fn no_tree() -> FunctionTree {
    unreachable!("the host runs the function itself")
}

/// No kernel can do that, but safe code that calls what macros call: whoever owned what before, all of it is owned once
/// afterwards, and what was known of the structures is not believed any more.
#[test]
fn views_that_were_exchanged_take_what_they_own_with_them() {
    let (mut a, mut b) = (list(0..5), list(10..15));
    let host = Device::host();
    let mut of_a = nodes(&mut a);
    {
        let mut of_b = nodes(&mut b);
        let body = |a: &mut NodeMut<'_>, b: &mut NodeMut<'_>| {
            std::mem::swap(&mut a.value, &mut b.value);
        };
        let call = Call::new(&SWAP, ((&mut of_a).into_items(), (&mut of_b).into_items()), body);
        let _ = host.run(call).unwrap();
        let call = Call::new(&SWAP, ((&mut of_a).into_items(), (&mut of_b).into_items()), swap);
        let _ = host.run(call).unwrap();
    }
    drop(b);
    let _ = host.run(scale(&mut of_a, 1)).unwrap();
    let left: Vec<u64> = of_a.iter().map(|node| node.value).collect();
    assert_eq!(left, [0, 12, 4, 16, 8]);
    assert_eq!(values(&a), left);
}

/// Views of one lifetime, as a launch gives them.
fn swap<'v>(a: &mut NodeMut<'v>, b: &mut NodeMut<'v>) {
    std::mem::swap(a, b);
}

static DROPS: AtomicUsize = AtomicUsize::new(0);

#[derive(KernelType)]
#[kernel_type(view = CountedMut)]
struct Counted {
    value: u32,
    next: Option<Box<Counted>>,
    values: Vec<u32>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::Relaxed);
    }
}

#[kernel]
fn fails(#[node] n: &mut CountedMut, at: u32) {
    n.value += 1;
    assert!(n.value != at, "here");
}

#[test]
fn each_node_is_dropped_once_also_after_a_panic() {
    let mut list =
        (0..100).rev().fold(None, |next, value| Some(Box::new(Counted { value, next, values: vec![value; 3] })));
    let host = Device::host();
    let failed = host.run(fails(nodes(&mut list), 51)).expect_err("a panic");
    assert!(matches!(failed, Error::KernelPanic { work_item: 50, .. }), "{failed}");
    assert_eq!(DROPS.load(Ordering::Relaxed), 0);
    assert!(nodes::<Counted, _>(&list).iter().all(|node| node.values.len() == 3));
    drop(list);
    assert_eq!(DROPS.load(Ordering::Relaxed), 100);
}

#[test]
fn what_is_planned_and_reported_names_the_parameter() {
    let mut list = list(0..50);
    let host = Device::host();
    let mut all = nodes(&mut list);
    let call = scale(&mut all, 2);
    let plan = host.plan(&call).unwrap();
    assert_eq!(plan.arguments.iter().map(|a| (a.name, a.strategy)).collect::<Vec<_>>(), [("n", Strategy::Direct)]);
    assert_eq!(host.run(call).unwrap().extent.items(), Some(50));
}
