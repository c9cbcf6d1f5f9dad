//! Regions that are attached: sent once, read and updated by launch after launch.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::residency::Side;
use landbridge::*;

use super::devices::{chooses, keeps};

#[derive(KernelType)]
pub(crate) struct Node {
    value: u32,
    next: Option<Shared<Node>>,
}

#[kernel]
fn add_list(region: &Region, head: &Shared<Node>, y: &mut u32) {
    let mut cur = Some(*head);
    while let Some(p) = cur {
        *y += region[p].value;
        cur = region[p].next;
    }
}

fn list(region: &mut Region, values: std::ops::Range<u32>) -> Shared<Node> {
    let all = values.rev().fold(None, |next, value| Some(region.push(Node { value, next })));
    all.expect("a value at least")
}

/// One copy a scope, however many launches there are.
pub(crate) fn regions_are_sent_once(device: &Device) {
    let mut region = Region::new();
    let heads: Vec<_> = (0..30).map(|k| list(&mut region, k..k + 10)).collect();
    let mut y = vec![1_u32; 30];
    let ((), report) = device
        .scope_reported(|s| {
            let all = s.attach_region(&region);
            let heads = s.attach(&heads);
            let mut y = s.attach_mut(&mut y);
            for _ in 0..5 {
                s.launch(add_list(&all, &heads, &mut y))?;
            }
            assert_eq!(s.reduce(first_values(&all, &heads), Sum)?, (0..30).sum());
            s.detach(all)
        })
        .unwrap();
    let expected: Vec<u32> = (0..30).map(|k| 1 + 5 * (10 * k + 45)).collect();
    assert_eq!(y, expected);
    assert!(report.arrays[0].name.starts_with("Region(300 nodes"), "{}", report.arrays[0].name);
    let to_device: Vec<u64> = report.arrays[0].moved.iter().filter(|m| m.to == Side::Device).map(|m| m.bytes).collect();
    if keeps(device) && !chooses(device) {
        assert_eq!(to_device, [report.arrays[0].bytes]);
        assert!(report.arrays[0].bytes as usize >= region.bytes());
        assert!(report.arrays[0].moved.iter().all(|m| m.to == Side::Device), "nothing comes home");
    }
}

#[kernel]
fn first_values(region: &Region, head: &Shared<Node>) -> u32 {
    region[*head].value
}

#[derive(KernelType)]
pub(crate) struct Counter {
    hits: AtomicU32,
    kind: u8,
    next: Option<Shared<Counter>>,
}

#[kernel]
fn hit(region: &Region, start: &Shared<Counter>, times: u32) {
    let mut cur = Some(*start);
    for _ in 0..times {
        if let Some(p) = cur {
            region[p].hits.fetch_add(region[p].kind as u32 + 1, Ordering::Relaxed);
            cur = region[p].next;
        }
    }
}

#[kernel]
fn hits(region: &Region, start: &Shared<Counter>) -> u32 {
    region[*start].hits.load(Ordering::Relaxed)
}

fn counters(region: &mut Region) -> Vec<Shared<Counter>> {
    let mut next = None;
    let push = |kind| {
        let p = region.push(Counter { hits: AtomicU32::new(0), kind, next });
        next = Some(p);
        p
    };
    (0..20).map(push).collect()
}

/// Later launches see what earlier ones did to nodes, and all of it comes home.
pub(crate) fn regions_are_updated(device: &Device) {
    let mut region = Region::new();
    let handles = counters(&mut region);
    let beside = region.push_slice(&[7_u64; 9]);
    device
        .scope(|s| {
            let mut all = s.attach_region_mut(&mut region);
            for times in [1, 20, 3] {
                s.launch(hit(&mut all, &handles, times))?;
            }
            let seen = s.collect(hits(&mut all, &handles))?;
            assert_eq!(seen[0], 1 + 20 + 3);
            assert_eq!(seen[19], 20 * 3);
            assert!(matches!(s.launch(hit(&all, &handles, 1)), Err(Error::SharedAtomics { .. })));
            s.launch(hit(&mut all, &handles[19..], 1))
        })
        .unwrap();
    let after: Vec<u32> = region.iter_mut::<Counter>().map(|(_, node)| *node.hits.get_mut()).collect();
    assert_eq!((after[0], after[19]), (24, 80));
    assert_eq!(region[beside], [7; 9]);
}

/// A region with atomics is refused if it is shared, and nothing has happened.
pub(crate) fn shared_atomics_are_refused(device: &Device) {
    let mut region = Region::new();
    let handles = counters(&mut region);
    let refused = device.run(hit(&region, &handles, 2));
    assert!(matches!(refused, Err(Error::SharedAtomics { kernel: "hit", parameter: "region" })));
    let refused = device.scope(|s| {
        let all = s.attach_region(&region);
        s.launch(hit(&all, &handles, 2))
    });
    assert!(matches!(refused, Err(Error::SharedAtomics { .. })));
    assert!(region.iter_mut::<Counter>().all(|(_, node)| *node.hits.get_mut() == 0));
    let _ = device.run(hit(&mut region, &handles, 2)).unwrap();
    assert_eq!(*region[handles[0]].hits.get_mut(), 1 + 1);
}
