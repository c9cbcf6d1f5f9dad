//! A region moves as one, whatever the strategy: one argument of its whole bytes, and no step that rebuilds or rewrites it.
#![deny(unsafe_code)]
#![cfg(any(feature = "wgpu", all(feature = "numa", target_os = "linux")))]

extern crate landbridge_core as landbridge;

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::plan::StepKind;
use landbridge::region::RegionOptions;
use landbridge::*;
use landbridge_backends::devices::Devices;

#[derive(KernelType)]
struct Node {
    value: u32,
    hits: AtomicU32,
    next: Option<Shared<Node>>,
}

#[derive(KernelType, Clone, Copy)]
struct Plain {
    value: u32,
    next: Option<Shared<Plain>>,
}

#[kernel]
fn sum(region: &Region, start: &Shared<Plain>, out: &mut u32) {
    let mut cur = Some(*start);
    while let Some(p) = cur {
        *out += region[p].value;
        cur = region[p].next;
    }
}

#[kernel]
fn hit(region: &Region, start: &Shared<Node>) {
    let node = &region[*start];
    node.hits.fetch_add(node.value, Ordering::Relaxed);
    if let Some(next) = node.next {
        region[next].hits.fetch_add(1, Ordering::Relaxed);
    }
}

const NODES: u32 = 40_000;

/// Chains of ten, and all starts.
fn chains(region: &mut Region) -> Vec<Shared<Plain>> {
    let mut last = None;
    let mut all = vec![];
    for value in 0..NODES {
        let next = last.filter(|_| value % 10 != 0);
        all.push(region.push(Plain { value, next }));
        last = all.last().copied();
    }
    all
}

fn is_sum(out: &[u32]) -> bool {
    (0..NODES).zip(out).all(|(k, &out)| out == (k - k % 10..=k).sum::<u32>())
}

/// Plans and runs `sum`, by a strategy; the region's own line of the plan and of the report, and all steps.
fn moved(device: &Device, region: &Region, strategy: Strategy) -> (Plan, Report) {
    let starts: Vec<_> = region.iter::<Plain>().map(|(p, _)| p).collect();
    let mut out = vec![0; starts.len()];
    let plan = device.plan(&sum(region, &starts, &mut out).strategy(strategy)).unwrap();
    let report = device.run(sum(region, &starts, &mut out).strategy(strategy)).unwrap();
    assert!(is_sum(&out), "{report}");
    for line in [&plan.arguments, &report.arguments] {
        assert_eq!(line.iter().filter(|a| a.name == "region").count(), 1, "one argument, whole");
    }
    let rebuilt = [StepKind::Flatten, StepKind::WriteBack];
    assert!(plan.steps.iter().all(|step| !rebuilt.contains(&step.kind)), "{plan}");
    assert!(report.steps.iter().all(|(kind, _)| !rebuilt.contains(&kind)), "{report}");
    (plan, report)
}

/// All bytes in use, up to a page more, and their bits.
fn is_whole(bytes: u64, region: &Region) -> bool {
    let used = region.bytes() as u64;
    (used..=(used + 4096) * 65 / 64 + 64).contains(&bytes)
}

/// The updates of `hit`, from and to a region that was copied: it goes whole, and comes home whole.
fn updated(device: &Device, strategy: Strategy) -> Report {
    let mut region = Region::new();
    let mut next = None;
    let starts: Vec<_> = (0..1000)
        .map(|value| {
            let p = region.push(Node { value, hits: AtomicU32::new(0), next });
            next = Some(p);
            p
        })
        .collect();
    let report = device.run(hit(&mut region, &starts).strategy(strategy)).unwrap();
    for (k, &p) in starts.iter().enumerate() {
        assert_eq!(*region[p].hits.get_mut(), k as u32 + u32::from(k < 999), "{report}");
    }
    if strategy == Strategy::Copy {
        let [all, ..] = &report.arguments[..] else { panic!("{report}") };
        assert!(is_whole(all.bytes_in, &region) && all.bytes_in == all.bytes_out, "{report}");
    }
    report
}

#[cfg(feature = "wgpu")]
mod wgpu {
    use super::*;

    fn devices() -> Vec<Device> {
        let all: Vec<_> = Device::all().into_iter().filter(|device| device.info().id.starts_with("wgpu")).collect();
        let required = std::env::var("LANDBRIDGE_REQUIRE_WGPU").is_ok_and(|value| value == "1");
        assert!(!all.is_empty() || !required, "no adapter");
        if all.is_empty() {
            println!("skipped: no adapter");
        }
        all.into_iter().map(|device| device.without_fallback()).collect()
    }

    #[test]
    fn one_copy() {
        for device in devices() {
            let mut region = Region::new();
            chains(&mut region);
            let (plan, report) = moved(&device, &region, Strategy::Copy);
            for all in [&plan.arguments[0], &report.arguments[0]] {
                assert_eq!((all.name, all.strategy, all.bytes_out), ("region", Strategy::Copy, 0), "{plan} {report}");
                assert!(is_whole(all.bytes_in, &region), "{} of {region:?}", all.bytes_in);
            }
            assert!(report.steps.get(StepKind::Map).is_none(), "{report}");
            updated(&device, Strategy::Copy);
        }
    }

    #[test]
    fn one_import() {
        for device in devices() {
            if !device.info().supports(Strategy::Map) {
                println!("skipped: {device} imports no host memory");
                continue;
            }
            let mut region = Region::new();
            chains(&mut region);
            let (plan, report) = moved(&device, &region, Strategy::Map);
            for all in [&plan.arguments[0], &report.arguments[0]] {
                assert_eq!((all.strategy, all.bytes_in, all.bytes_out), (Strategy::Map, 0, 0), "{plan} {report}");
            }
            assert!(report.steps.get(StepKind::Map).is_some(), "{report}");
            // What is updated is mapped only where the kernel surely runs once; the answer is the same.
            updated(&device, Strategy::Map);
        }
    }
}

#[cfg(all(feature = "numa", target_os = "linux"))]
mod node {
    use super::*;
    use landbridge_backends::numa::mover::{MoveSpan, Residency};
    use landbridge_backends::numa::topology;

    #[test]
    fn one_copy() {
        let device = Device::node(topology().nodes[0].id).unwrap();
        let mut region = Region::new();
        chains(&mut region);
        let (plan, report) = moved(&device, &region, Strategy::Copy);
        for all in [&plan.arguments[0], &report.arguments[0]] {
            assert_eq!((all.name, all.strategy, all.bytes_out), ("region", Strategy::Copy, 0), "{plan} {report}");
            assert!(is_whole(all.bytes_in, &region), "{} of {region:?}", all.bytes_in);
        }
        updated(&device, Strategy::Copy);
    }

    /// On one node all of it is there already; on several its pages walk, once.
    #[test]
    fn one_migration() {
        let device_node = topology().device_nodes().first().map(|node| node.id);
        let number = device_node.unwrap_or(topology().nodes[0].id);
        let device = Device::node(number).unwrap();
        for huge in [false, true] {
            let home = topology().nodes[0].id;
            let mut region = RegionOptions::new().limit(64 << 20).huge_pages(huge).node(home).build().unwrap();
            let starts = chains(&mut region);
            let first = std::ptr::from_ref(&region[starts[0]]);
            let (plan, report) = moved(&device, &region, Strategy::Migrate);
            let all = &report.arguments[0];
            assert_eq!(
                (plan.arguments[0].strategy, all.strategy, all.bytes_out),
                (Strategy::Migrate, Strategy::Migrate, 0)
            );
            assert_eq!(std::ptr::from_ref(&region[starts[0]]), first, "pages walk, addresses stay");
            if device_node.is_none() {
                assert_eq!(all.bytes_in, 0, "{report}");
                continue;
            }
            assert!(all.bytes_in as usize >= region.bytes(), "{report}");
            assert!(lies_on(&region, number), "{report}");
            let (_, again) = moved(&device, &region, Strategy::Migrate);
            assert_eq!(again.arguments[0].bytes_in, 0, "{again}");
            updated(&device, Strategy::Migrate);
        }
    }

    /// Values of a type that lie in order in a region, as a slice would.
    fn lies_on(region: &Region, node: u32) -> bool {
        let values: Vec<_> =
            region.iter::<Plain>().map(|(_, node)| MoveSpan::shared(std::slice::from_ref(node))).collect();
        Residency::of(&values).is_all_on(node)
    }

    /// The wish for a node and for huge pages, as far as the system grants it.
    #[test]
    fn new_pages_come_from_the_node_that_was_asked_for() {
        for node in &topology().nodes {
            let mut region = RegionOptions::new().limit(32 << 20).huge_pages(true).node(node.id).build().unwrap();
            chains(&mut region);
            if topology().nodes.len() == 1 {
                assert!(lies_on(&region, node.id));
            }
        }
        let unknown = RegionOptions::new().limit(1 << 20).node(999).build().unwrap();
        assert!(unknown.is_empty(), "an unknown node is passed over");
    }
}
