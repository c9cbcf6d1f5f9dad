//! Structures that stay as they are: walked where they lie, or on pages that move.

use std::hint::black_box;
use std::time::Instant;

use landbridge::prelude::*;

use crate::structures::{self, List, Order, Tree};
use crate::support::{Contestant, Samples, measure};
use crate::{Bench, Case, Structure, skipped};

/// The sum of a list: one work-item.
#[kernel]
fn sum(#[uniform] head: &List, factor: &u64, out: &mut u64) {
    let mut all = head.value;
    let mut at = head.next.as_deref();
    while let Some(node) = at {
        all = all.wrapping_add(node.value);
        at = node.next.as_deref();
    }
    *out = all.wrapping_mul(*factor);
}

/// The sum of keys on a way down a tree, right and left by the bits of the way: one work-item a way.
#[kernel]
fn path(#[uniform] root: &Tree, way: &u64, out: &mut u64) {
    let mut all = root.key;
    let mut way = *way;
    let mut at = if way & 1 == 0 { root.left.as_deref() } else { root.right.as_deref() };
    while let Some(node) = at {
        all = all.wrapping_add(node.key);
        way >>= 1;
        at = if way & 1 == 0 { node.left.as_deref() } else { node.right.as_deref() };
    }
    *out = all;
}

/// Ways down a tree that one launch goes.
const WAYS: u64 = 4096;

/// The sum of a list by the plain loop.
pub(crate) fn plain_sum(list: &List) -> u64 {
    let mut all = 0_u64;
    let mut at = Some(list);
    while let Some(node) = at {
        all = all.wrapping_add(node.value);
        at = node.next.as_deref();
    }
    all
}

/// The same by a device.
pub(crate) fn sum_on(device: &Device, list: &List, strategy: Strategy) -> landbridge::Result<u64> {
    let mut out = [0];
    device.run(sum(list, &[1], &mut out).strategy(strategy))?;
    Ok(out[0])
}

fn way(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

/// The sums of some ways down a tree, added up, by the plain loop.
pub(crate) fn plain_path(root: &Tree) -> u64 {
    let mut all = 0_u64;
    for number in 0..WAYS {
        let mut way = way(number);
        let mut at = Some(root);
        while let Some(node) = at {
            all = all.wrapping_add(node.key);
            at = if way & 1 == 0 { node.left.as_deref() } else { node.right.as_deref() };
            way >>= 1;
        }
    }
    all
}

/// The same by a device.
pub(crate) fn paths_on(device: &Device, root: &Tree) -> landbridge::Result<u64> {
    let ways: Vec<u64> = (0..WAYS).map(way).collect();
    let mut out = vec![0; ways.len()];
    device.run(path(root, &ways, &mut out).strategy(Strategy::Direct))?;
    Ok(out.iter().fold(0, |all: u64, sum| all.wrapping_add(*sum)))
}

/// Row `direct`: a walk on one thread, as the plain loop has.
pub(crate) fn direct<T: Structure>(bench: &mut Bench, case: &Case, root: &T) {
    let Some(expected) = root.plain_sum() else { return };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool of one thread");
    let host = Device::options().pool(pool.into()).host();
    assert_eq!(root.sum(&host).expect("the host walks"), expected);
    let contestants = &mut [
        Contestant::new("host", |(): &mut ()| {
            black_box(root.sum(&host).expect("it went before"));
        }),
        Contestant::new("plain loop", |(): &mut ()| {
            black_box(root.plain_sum());
        }),
    ];
    let samples = measure(&bench.options.steadier(), &mut (), contestants);
    // A launch takes some microseconds, whatever it does.
    let target = (case.count >= 100_000).then_some(1.05);
    bench.add(case, "direct", &samples[0], &samples[1], target);
}

/// Rows `migrate ..` of a shuffled list, between whose nodes lie four times as many other bytes.
#[cfg(not(all(target_os = "linux", feature = "numa")))]
pub(crate) fn migrate(_: &mut Bench, count: usize) {
    skipped(&format!("list/shuffled/{count}/migrate .."), &"memory nodes are known on Linux, with the feature `numa`");
}

#[cfg(all(target_os = "linux", feature = "numa"))]
pub(crate) use nodes::migrate;

#[cfg(all(target_os = "linux", feature = "numa"))]
mod nodes {
    use std::ops::Range;

    use landbridge::backends::numa::mover::{MoveOptions, MoveSpan, Residency, migrate as move_pages};
    use landbridge::backends::numa::topology;
    use landbridge::linked::linked;

    use super::*;

    /// A heap with a list on it: its nodes on some pages, other data on four times as many.
    struct Heap {
        list: List,
        others: Vec<Vec<u8>>,
    }

    impl Heap {
        fn new(count: usize) -> Self {
            let mut others = Vec::new();
            let list = structures::list_among(count, Order::Shuffled, |number| {
                if number % 128 == 0 {
                    others.push(vec![1; 128 * 4 * 32]);
                }
            });
            Heap { list, others }
        }

        /// The structure's pages.
        fn pages(&self) -> Vec<Range<usize>> {
            linked(&self.list).pages(4096).expect("the host has room for a list of pages")
        }

        /// All of it.
        fn whole(&self) -> Vec<Range<usize>> {
            let others = self.others.iter().map(|other| other.as_ptr_range());
            let others = others.map(|range| range.start.addr() & !4095..range.end.addr().next_multiple_of(4096));
            self.pages().into_iter().chain(others).collect()
        }
    }

    fn spans(ranges: &[Range<usize>]) -> Vec<MoveSpan<'static>> {
        ranges.iter().cloned().map(MoveSpan::at).collect()
    }

    /// What is done with the pages before the walk.
    #[derive(Clone, Copy)]
    enum Way {
        Pages,
        Whole,
        Leave,
    }

    pub(crate) fn migrate(bench: &mut Bench, count: usize) {
        let case = Case { name: format!("list/shuffled/{count}"), order: Order::Shuffled, count };
        if !bench.options.wants(&format!("{}/migrate", case.name)) {
            return;
        }
        if let Err(why) = rows(bench, &case) {
            skipped(&format!("{}/migrate ..", case.name), &why);
        }
    }

    fn rows(bench: &mut Bench, case: &Case) -> Result<(), String> {
        let with_memory = topology().nodes.iter().filter(|node| node.memory > 0);
        if with_memory.count() < 2 {
            return Err("this machine has one memory node; scripts/vm-test has a machine with several".into());
        }
        let heap = Heap::new(case.count);
        let whole = heap.whole();
        let home = *Residency::of(&spans(&whole)).nodes.keys().next().ok_or("no page is there")?;
        let bytes: usize = whole.iter().map(Range::len).sum();
        let roomy = |node: &&landbridge::topology::Node| node.id != home && node.free > 2 * bytes as u64;
        let best = topology().nodes.iter().filter(roomy).max_by_key(|node| (node.kind.is_device(), node.free));
        let node = best.ok_or_else(|| format!("no other memory node has room for {bytes} bytes"))?.id;
        let device = Device::node(node).map_err(|why| why.to_string())?;
        let ways = [Way::Pages, Way::Whole, Way::Leave];
        let mut samples = ["its pages", "whole heap", "left there"].map(Samples::new);
        let expected = plain_sum(&heap.list);
        for round in 0..=7 {
            for (way, samples) in ways.into_iter().zip(&mut samples) {
                let back = move_pages(&spans(&whole), home, &MoveOptions::default());
                if !back.is_complete() {
                    return Err("pages stayed away from home".into());
                }
                let begin = Instant::now();
                if let Way::Whole = way {
                    black_box(move_pages(&spans(&heap.whole()), node, &MoveOptions::default()).is_complete());
                }
                let strategy = if let Way::Pages = way { Strategy::Migrate } else { Strategy::Direct };
                let sum = sum_on(&device, &heap.list, strategy).map_err(|why| why.to_string())?;
                // The first round warms up.
                if round > 0 {
                    samples.push(begin.elapsed().as_secs_f64());
                }
                assert_eq!(sum, expected);
            }
        }
        let [pages, whole, left] = &samples;
        bench.add(case, "migrate", pages, whole, None);
        bench.add(case, "migrate or leave", pages, left, None);
        Ok(())
    }
}
