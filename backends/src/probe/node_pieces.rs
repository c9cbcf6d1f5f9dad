//! Probes of a memory node: pages that move to it. On a machine with one memory there is nowhere to move from, and its rates
//! stay unknown.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::time::Duration;

use landbridge_core::planner::Quantity;
use landbridge_core::topology::ThpMode;
use landbridge_core::{Device, DeviceKind, Topology};

use super::device_pieces::{beyond, found};
use super::{Effort, Measured, Wait};
use crate::numa::mover::{Method, MoveOptions, MoveReport, MoveSpan, Residency, migrate};
use crate::numa::topology;

/// Moves, the fastest counts.
const PASSES: usize = 3;

/// Bytes of a huge page, and what those are aligned to.
const HUGE: usize = 2 << 20;

/// The number of a node's device.
fn number(device: &Device) -> Option<u32> {
    let info = device.info();
    let name = info.id.strip_prefix("node:").filter(|_| info.kind == DeviceKind::Node);
    name.and_then(|number| number.parse().ok())
}

/// The node that pages come from: another one with memory, with CPUs if there is such a one, then with the most free.
pub(super) fn source(device: &Device) -> Option<u32> {
    other_than(topology(), number(device)?, |_| true)
}

/// A node whose nearest CPUs are not this device's.
pub(super) fn source_of_others(device: &Device) -> Option<u32> {
    let (topology, number) = (topology(), number(device)?);
    let near = |id| topology.nearest_cpus(id).map(|near| near.cpus);
    let own = near(number);
    other_than(topology, number, |id| near(id) != own)
}

fn other_than(topology: &Topology, number: u32, is_good: impl Fn(u32) -> bool) -> Option<u32> {
    let others = topology.nodes.iter().filter(|node| node.id != number && node.memory > 0 && is_good(node.id));
    others.max_by_key(|node| (!node.cpus.is_empty(), node.free)).map(|node| node.id)
}

/// Puts a slice's pages on a node; `false` if not all of them are there then.
pub(super) fn place<T>(slice: &[T], node: u32) -> bool {
    let span = [MoveSpan::shared(slice)];
    let _ = migrate(&span, node, &MoveOptions::default());
    Residency::of(&span).is_all_on(node)
}

/// `move_pages`, by ordinary pages and by huge ones.
pub(super) fn moving(device: &Device, effort: Effort, wait: &Wait<'_>) -> Measured {
    let (Some(to), Some(from)) = (number(device), source(device)) else { return vec![] };
    let options = MoveOptions::default().method(Method::MovePages);
    let take = |memory: &mut Memory, bytes: usize| memory.fastest(bytes.min(memory.bytes), from, to, &options, wait);
    let mut small = Memory::new(effort, libc::MADV_NOHUGEPAGE);
    let least = take(&mut small, 1);
    let whole = take(&mut small, usize::MAX);
    let huge = has_huge_pages().then(|| Memory::new(effort, libc::MADV_HUGEPAGE));
    let huge = huge.and_then(|mut memory| take(&mut memory, usize::MAX));
    let rate =
        |moved: Option<(u64, f64)>| moved.map(|(bytes, took)| bytes as f64 / beyond(least.map_or(0.0, |l| l.1), took));
    let latency = least.map(|(_, took)| took);
    let all =
        [(Quantity::MoveLatency, latency), (Quantity::MovePages, rate(whole)), (Quantity::MoveHugePages, rate(huge))];
    found(all)
}

/// Copying and remapping, the same.
pub(super) fn remapping(device: &Device, effort: Effort, wait: &Wait<'_>) -> Measured {
    let (Some(to), Some(from)) = (number(device), source(device)) else { return vec![] };
    let options = MoveOptions::default().method(Method::Remap).allow_remap(true).remap_from(0);
    let take = |advice| {
        let mut memory = Memory::new(effort, advice);
        let bytes = memory.bytes;
        memory.fastest(bytes, from, to, &options, wait).map(|(bytes, took)| bytes as f64 / took)
    };
    let huge = has_huge_pages().then(|| take(libc::MADV_HUGEPAGE)).flatten();
    found([(Quantity::Remap, take(libc::MADV_NOHUGEPAGE)), (Quantity::RemapHuge, huge)])
}

fn has_huge_pages() -> bool {
    let topology = topology();
    topology.pages.transparent_huge == Some(HUGE as u64) && matches!(topology.thp, ThpMode::Always | ThpMode::Madvise)
}

/// Memory with pages of one size, all touched.
struct Memory {
    room: Vec<MaybeUninit<u8>>,
    /// Where the first huge page of `room` begins.
    start: usize,
    bytes: usize,
}

impl Memory {
    fn new(effort: Effort, advice: libc::c_int) -> Self {
        let bytes = match effort {
            Effort::Quick => 2 * HUGE,
            Effort::Thorough => 16 * HUGE,
        };
        let mut room: Vec<MaybeUninit<u8>> = Vec::with_capacity(bytes + HUGE);
        // SAFETY: nothing is uninitialised to `MaybeUninit`, and the vector has the capacity.
        unsafe { room.set_len(bytes + HUGE) };
        let start = room.as_ptr().addr().next_multiple_of(HUGE) - room.as_ptr().addr();
        let inner = &mut room[start..start + bytes];
        // SAFETY: a hint about pages that lie wholly in this vector. What it answers does not matter.
        unsafe { libc::madvise(inner.as_mut_ptr().cast(), bytes, advice) };
        inner.fill(MaybeUninit::new(1));
        black_box(&mut room);
        Memory { room, start, bytes }
    }

    /// Moves the first `bytes` from one node to another a few times: what moved by the wanted method, and the seconds of
    /// the fastest. `None` if nothing did.
    fn fastest(
        &mut self,
        bytes: usize,
        from: u32,
        to: u32,
        options: &MoveOptions,
        wait: &Wait<'_>,
    ) -> Option<(u64, f64)> {
        let mut best: Option<(u64, f64)> = None;
        for _ in 0..PASSES {
            wait();
            let _ = self.move_to(bytes, from, &MoveOptions::default());
            let report = self.move_to(bytes, to, options);
            let moved = report.by_method.get(&options.method).copied().unwrap_or(0);
            let took = report.duration.max(Duration::from_nanos(1)).as_secs_f64();
            if moved > 0 && best.is_none_or(|(bytes, best)| took * bytes as f64 <= best * moved as f64) {
                best = Some((moved, took));
            }
        }
        best
    }

    fn move_to(&mut self, bytes: usize, node: u32, options: &MoveOptions) -> MoveReport {
        let span = MoveSpan::exclusive(&mut self.room[self.start..self.start + bytes]);
        migrate(&[span], node, options)
    }
}

#[cfg(test)]
mod tests {
    use landbridge_core::topology::Node;

    use super::*;

    #[test]
    fn pages_come_from_a_node_with_cpus_then_from_the_one_with_the_most_free() {
        let node = |id, cpus: &[u32], free| Node { id, cpus: cpus.to_vec(), memory: 8, free, ..Node::default() };
        let nodes = vec![node(0, &[0], 1), node(1, &[], 5), node(2, &[], 7), Node { id: 3, ..Node::default() }];
        let mut topology = Topology { nodes, ..Topology::default() };
        assert_eq!(other_than(&topology, 1, |_| true), Some(0));
        assert_eq!(other_than(&topology, 0, |_| true), Some(2));
        assert_eq!(other_than(&topology, 0, |id| id != 2), Some(1));
        topology.nodes.truncate(1);
        assert_eq!(other_than(&topology, 0, |_| true), None, "one node: nothing can move");
    }

    #[test]
    fn memory_has_whole_huge_pages_and_can_move_where_it_is() {
        let mut memory = Memory::new(Effort::Quick, libc::MADV_NOHUGEPAGE);
        assert_eq!((memory.room.as_ptr().addr() + memory.start) % HUGE, 0);
        let node = topology().nodes[0].id;
        assert_eq!(
            memory.fastest(memory.bytes, node, node, &MoveOptions::default().method(Method::MovePages), &|| ()),
            None
        );
    }
}
