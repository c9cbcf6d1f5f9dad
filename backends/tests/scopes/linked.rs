//! Linked structures beside handles.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use landbridge::*;

#[derive(KernelType)]
pub(crate) struct Node {
    value: u32,
    next: Option<Box<Node>>,
}

fn list(values: std::ops::Range<u32>) -> Option<Box<Node>> {
    values.rev().fold(None, |next, value| Some(Box::new(Node { value, next })))
}

#[kernel]
fn add_list(head: Option<&Node>, y: &mut u32) {
    let mut cur = head;
    while let Some(node) = cur {
        *y += node.value;
        cur = node.next.as_deref();
    }
}

#[kernel]
fn add_first(list: &mut Node, by: &u32) {
    list.value += *by;
    if let Some(next) = list.next.as_deref() {
        list.value += next.value;
    }
}

/// The same list in several launches, and two lists in turns.
pub(crate) fn lists_in_several_launches(device: &Device) {
    let (one, other) = (list(0..10), list(100..104));
    let mut y = vec![1_u32; 30];
    device
        .scope(|s| {
            let mut held = s.attach_mut(&mut y);
            for _ in 0..3 {
                s.launch(add_list(one.as_deref(), &mut held))?;
                s.launch(add_list(other.as_deref(), &mut held))?;
                s.launch(add_list(None::<&Node>, &mut held))?;
            }
            Ok(())
        })
        .unwrap();
    assert_eq!(y, [1 + 3 * (45 + 406); 30]);
}

#[derive(KernelType)]
struct Tally {
    hits: AtomicU32,
    next: Option<Box<Tally>>,
}

#[kernel]
fn tally(#[uniform] first: &Tally, x: &mut u32) {
    let mut at = Some(first);
    while let Some(of) = at {
        of.hits.fetch_add(*x, Relaxed);
        at = of.next.as_deref();
    }
    *x += 1;
}

/// A structure whose atomics are updated, between launches over a handle.
pub(crate) fn atomics_of_a_list(device: &Device) {
    let link = |next| Tally { hits: AtomicU32::new(7), next };
    let mut list = link(Some(Box::new(link(None))));
    let (mut other, shared) = (link(None), link(None));
    let mut x = vec![1_u32; 100];
    device
        .scope(|s| {
            let mut held = s.attach_mut(&mut x);
            s.launch(tally(&mut list, &mut held))?;
            s.launch(tally(&mut other, &mut held))?;
            let refused = s.launch(tally(&shared, &mut held));
            assert!(matches!(refused, Err(Error::SharedAtomics { .. })));
            Ok(())
        })
        .unwrap();
    let second = list.next.as_ref().unwrap().hits.load(Relaxed);
    assert_eq!((list.hits.load(Relaxed), second, other.hits.load(Relaxed)), (107, 107, 207));
    assert_eq!(x, [3; 100]);
}

#[derive(KernelType)]
#[kernel_type(view = LinkMut)]
struct Link {
    value: u32,
    next: Option<Box<Link>>,
}

#[kernel]
fn last(#[node] mut n: &Link, by: &u32) -> u32 {
    while let Some(next) = &n.next {
        n = next;
    }
    n.value + *by
}

#[kernel]
fn add_last(#[node] n: &Link, y: &mut u32) {
    *y += n.value;
}

#[kernel]
fn scale(#[node] n: &mut LinkMut, by: &mut u32) {
    n.value *= *by;
    *by += 1;
}

/// Nodes beside handles: those that are read serve all launches, those that are a work-item's own are changed when the
/// launch returns.
pub(crate) fn nodes_in_several_launches(device: &Device) {
    let chain =
        |values: std::ops::Range<u32>| values.rev().fold(None, |next, value| Some(Box::new(Link { value, next })));
    let (read, mut own) = (chain(0..30), chain(0..30));
    let (mut by, mut y) = (vec![2_u32; 30], vec![0_u32; 30]);
    let all = nodes(&read);
    let mut owned = nodes(&mut own);
    let found = device
        .scope(|s| {
            let (mut by, mut y) = (s.attach_mut(&mut by), s.attach_mut(&mut y));
            s.launch(add_last(&all, &mut y))?;
            s.launch(scale(&mut owned, &mut by))?;
            s.launch(add_last(&all, &mut y))?;
            s.collect(last(&all, &by))
        })
        .unwrap();
    assert_eq!(found, [29 + 3; 30]);
    assert!(y.iter().copied().eq((0..30).map(|k| 2 * k)));
    assert!(nodes::<Link, _>(&own).iter().map(|link| link.value).eq((0..30).map(|k| 2 * k)));
}

/// Nodes that a launch changes are changed when it returns, and a later launch sees it.
pub(crate) fn lists_that_change(device: &Device) {
    let mut lists: Vec<Node> = (0..9).map(|k| *list(k..k + 2).expect("two nodes")).collect();
    let mut by: Vec<u32> = (0..9).collect();
    device
        .scope(|s| {
            let held = s.attach(&by);
            s.launch(add_first(&mut lists, &held))
        })
        .unwrap();
    by.fill(1000);
    let _ = device.run(add_first(&mut lists, &by)).unwrap();
    let expected: Vec<u32> = (0..9).map(|k| k + k + k + 1 + 1000 + k + 1).collect();
    assert_eq!(lists.iter().map(|list| list.value).collect::<Vec<_>>(), expected);
    assert_eq!(lists[3].next.as_ref().expect("there").value, 4);
}
