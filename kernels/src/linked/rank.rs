//! List ranking by pointer jumping: how far each node of a list is from its end, in log n launches over all nodes at once.
//!
//! Wyllie, "The Complexity of Parallel Computations" (1979). Each node knows a node behind it and how far that is. In each
//! round it takes over what that node knows, so that distances double, until all know the end. A walk from the head takes
//! n steps one after the other; this takes n log n, of which n are independent.

use landbridge::{Device, KernelType, Result, kernel};

use super::list::Node;

/// What a node knows after some rounds: a node behind it, and how many links lead there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, KernelType)]
pub struct Jump {
    /// The number of that node; the last node's own number, where the list ends.
    pub to: u32,
    /// Links from this node to that one.
    pub links: u32,
}

/// What this item's node knows at first, of a list whose values are the numbers of its nodes.
#[kernel]
pub fn link(node: &&Node<u32>) -> Jump {
    match node.next.as_deref() {
        Some(next) => Jump { to: next.value, links: 1 },
        None => Jump { to: node.value, links: 0 },
    }
}

/// One round: `jump` is what this item's node knows, `all` what all do, `next` what it knows afterwards.
///
/// # Errors
/// The launch fails with an index out of bounds where a node knows one that is not there.
#[kernel]
pub fn double(all: &[Jump], jump: &Jump, next: &mut Jump) {
    let there = all[jump.to as usize];
    *next = Jump { to: there.to, links: jump.links + there.links };
}

/// For each node the number of links from it to the end of its list. `jumps[k]` is the link of node `k` (to itself, 0 links
/// far, where the list ends), as [`link`] makes them; there may be several lists. ⌈log2 n⌉ launches in one scope, between
/// two arrays that stay on the device.
///
/// # Errors
/// As [`Device::scope`]; a link to a node that is not there is an index out of bounds. Links in a circle are not found out:
/// the ranks of such nodes mean nothing.
///
/// ```
/// # extern crate landbridge_core as landbridge;
/// use landbridge::{Device, Result};
/// use landbridge_kernels::linked::rank::{Jump, ranks};
///
/// // 2 leads to 0, and 0 to 1
/// fn of_three(device: &Device) -> Result<()> {
///     let jumps = vec![Jump { to: 1, links: 1 }, Jump { to: 1, links: 0 }, Jump { to: 0, links: 1 }];
///     assert_eq!(ranks(device, jumps)?, [1, 0, 2]);
///     Ok(())
/// }
/// ```
pub fn ranks(device: &Device, mut jumps: Vec<Jump>) -> Result<Vec<u32>> {
    let mut other = jumps.clone();
    let rounds = jumps.len().next_power_of_two().ilog2();
    device.scope(|s| {
        let mut now = s.attach_mut(&mut jumps);
        let mut then = s.attach_mut(&mut other);
        for _ in 0..rounds {
            s.launch(double(&now, &now, &mut then))?;
            std::mem::swap(&mut now, &mut then);
        }
        Ok(())
    })?;
    let done = if rounds.is_multiple_of(2) { jumps } else { other };
    Ok(done.into_iter().map(|jump| jump.links).collect())
}

/// For each of these nodes the number of links from it to the end of its list; the value of `nodes[k]` has to be `k`, and
/// all nodes of a list have to be there.
///
/// # Errors
/// As [`ranks`].
pub fn of_nodes(device: &Device, nodes: &[&Node<u32>]) -> Result<Vec<u32>> {
    ranks(device, device.collect(link(nodes))?)
}
