//! Regions larger than one binding, on a device whose bindings are made small: nodes and atomics lie in any part, and across.

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use landbridge::{Error, KernelType, Region, Shared, kernel};
use landbridge_backends::devices::Devices;

use super::parts::limited;
use super::*;

#[derive(KernelType)]
struct Node {
    hits: AtomicU32,
    least: AtomicI32,
    most: AtomicI32,
    bytes: [u8; 9],
    next: Option<Shared<Node>>,
    names: Shared<[u8]>,
}

#[kernel]
fn visit(region: &Region, start: &Shared<Node>, by: &i32) -> u32 {
    let node = &region[*start];
    node.hits.fetch_add(node.bytes[8] as u32, Ordering::Relaxed);
    node.least.fetch_min(*by, Ordering::Relaxed);
    let mut sum = 0;
    if let Some(next) = node.next {
        region[next].hits.fetch_add(1, Ordering::Relaxed);
        region[next].most.fetch_max(*by, Ordering::Relaxed);
        sum += region[next].bytes[1] as u32;
    }
    for byte in &region[node.names] {
        sum = sum % 65536 * 7 + *byte as u32;
    }
    sum
}

fn nodes(region: &mut Region) -> Vec<Shared<Node>> {
    let mut next = None;
    (0..600_u32)
        .map(|k| {
            let names: Vec<u8> = (0..k % 11).map(|j| (j * 3 + k) as u8).collect();
            let bytes = std::array::from_fn(|j| (j as u32 * 5 + k) as u8);
            let (hits, least, most) = (AtomicU32::new(k), AtomicI32::new(5), AtomicI32::new(-5));
            let names = region.push_slice(&names);
            let p = region.push(Node { hits, least, most, bytes, next, names });
            next = Some(p);
            p
        })
        .collect()
}

/// Answers, and what is in the nodes afterwards: hits, least, most.
type Visited = (Vec<u32>, Vec<(u32, i32, i32)>);

fn visited(device: &Device) -> Result<Visited> {
    let mut region = Region::new();
    let starts = nodes(&mut region);
    let by: Vec<i32> = (0..600).map(|k| k * 37 % 101 - 50).collect();
    let sums = device.collect(visit(&mut region, &starts, &by))?;
    let after =
        region.iter_mut::<Node>().map(|(_, node)| (*node.hits.get_mut(), *node.least.get_mut(), *node.most.get_mut()));
    Ok((sums, after.collect()))
}

#[test]
fn nodes_lie_in_any_part() {
    let Some((_, device)) = limited(|_| {}) else { return };
    let host = Device::host();
    let expected = visited(&host).expect("runs");
    let found = visited(&device).expect("runs");
    assert!(found == expected);
}

#[kernel]
fn longest(region: &Region, at: &mut Shared<Node>, length: &mut u32, hits: &mut u8) {
    while let Some(next) = region[*at].next {
        region[next].hits.fetch_add(1, Ordering::Relaxed);
        *hits = hits.wrapping_add(region[next].bytes[0]);
        *at = next;
        *length += 1;
    }
}

/// Lengths, bytes, where each ended, and the nodes' hits.
fn walked(device: &Device, strategy: Strategy) -> (Vec<u32>, Vec<u8>, Vec<u32>) {
    let mut region = Region::new();
    let mut at = nodes(&mut region);
    let first = at[0];
    let (mut length, mut hits) = (vec![3; 700], vec![1; 701]);
    // Written arguments in the midst of pages that hold others, at odd addresses.
    let call = longest(&mut region, &mut at[7..580], &mut length[50..623], &mut hits[11..584]).strategy(strategy);
    let report = device.run(call).expect("runs");
    if strategy == Strategy::Map {
        assert!(report.arguments.iter().all(|argument| argument.strategy == Strategy::Map), "{report}");
        assert_eq!((report.bytes_in(), report.bytes_out()), (0, 0));
    }
    assert!(at[7..580].iter().all(|end| *end == first));
    (length, hits, region.iter_mut::<Node>().map(|(_, node)| *node.hits.get_mut()).collect())
}

/// Regions whose nodes are updated, beside arguments that are written, without a copy of any.
#[test]
fn walks_that_write_are_mapped() {
    let Some(backend) = backend() else { return };
    let device = device(&backend).without_fallback();
    let expected = walked(&Device::host(), Strategy::Auto);
    assert!(walked(&device, Strategy::Copy) == expected);
    if !device.info().supports(Strategy::Map) {
        println!("skipped: the driver imports no host memory");
        return;
    }
    assert!(walked(&device, Strategy::Map) == expected);
}

/// Nothing has happened.
#[test]
fn what_is_shared_is_refused_before_anything_moves() {
    let Some(backend) = backend() else { return };
    let device = device(&backend);
    let mut region = Region::new();
    let starts = nodes(&mut region);
    let by = vec![0; 600];
    let refused = device.collect(visit(&region, &starts, &by));
    assert!(matches!(refused, Err(Error::SharedAtomics { .. })));
    assert_eq!(*region[starts[7]].hits.get_mut(), 7);
}

#[derive(KernelType)]
#[repr(align(256))]
struct Wide {
    hits: AtomicU32,
}

#[kernel]
fn count(region: &Region, wide: &Shared<Wide>) {
    region[*wide].hits.fetch_add(1, Ordering::Relaxed);
}

/// Such nodes are updated where they are, which is on the host; the error says so.
#[test]
fn widely_aligned_nodes_with_atomics_are_the_hosts() {
    let Some(backend) = backend() else { return };
    let mut region = Region::new();
    let wide = region.push(Wide { hits: AtomicU32::new(0) });
    let refused = device(&backend).run(count(&mut region, &[wide; 5])).expect_err("it cannot").to_string();
    assert!(refused.contains("aligned to more than 64 bytes"), "{refused}");
    let _ = Device::host().run(count(&mut region, &[wide; 5])).expect("it can");
    assert_eq!(*region[wide].hits.get_mut(), 5);
}
