//! A linked list of an existing program, as it is, summed on every device of this machine. No node moves.
//!
//! ```text
//! cargo run --release --example linked_list -- --nodes 20000
//! ```

use std::error::Error;

use clap::Parser;
use landbridge::prelude::*;

/// What the program has had all along; only the derive is new.
#[derive(KernelType)]
struct Node {
    value: u32,
    next: Option<Box<Node>>,
}

/// The derived one would recurse once for each node.
impl Drop for Node {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

/// One work-item: the sum of the list's values below its own threshold.
#[kernel]
fn sum_below(list: Option<&Node>, threshold: &u32) -> u32 {
    let mut sum = 0;
    let mut at = list;
    while let Some(node) = at {
        if node.value < *threshold {
            sum += node.value;
        }
        at = node.next.as_deref();
    }
    sum
}

/// Sums a list on every device, and looks where its nodes are before and after.
#[derive(Parser)]
struct Options {
    /// Nodes of the list. Lavapipe ends loops after 65535 rounds.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(..=4_000_000))]
    nodes: u32,
    /// Work-items, each with a threshold of its own.
    #[arg(long, default_value_t = 256)]
    thresholds: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let list =
        (0..options.nodes).rev().fold(None, |next, k| Some(Box::new(Node { value: k % 1000 * 37 % 1000, next })));
    let thresholds: Vec<u32> = (0..options.thresholds).map(|k| k * 1000 / options.thresholds + 1).collect();
    let expected: Vec<u32> = thresholds
        .iter()
        .map(|threshold| nodes(list.as_deref()).map(|node| node.value).filter(|value| value < threshold).sum())
        .collect();

    let before = addresses(list.as_deref());
    println!("{} nodes of {} bytes, the first ones at {}\n", before.len(), size_of::<Node>(), shown(&before));
    for device in Device::all() {
        let (sums, report) = device.collect_reported(sum_below(list.as_deref(), &thresholds))?;
        println!("{report}\n");
        if sums != expected {
            return Err(format!("{} sums the list differently than plain Rust does", device.info()).into());
        }
    }
    let after = addresses(list.as_deref());
    println!("Every device agrees with plain Rust. The first nodes are at {}", shown(&after));
    if before != after {
        return Err("nodes have moved".into());
    }
    println!("All {} nodes are where they were.", after.len());
    Ok(())
}

/// The nodes of a list, front to back.
fn nodes(list: Option<&Node>) -> impl Iterator<Item = &Node> {
    std::iter::successors(list, |node| node.next.as_deref())
}

fn addresses(list: Option<&Node>) -> Vec<*const Node> {
    nodes(list).map(std::ptr::from_ref).collect()
}

fn shown(addresses: &[*const Node]) -> String {
    let first: Vec<String> = addresses.iter().take(3).map(|&address| format!("{address:p}")).collect();
    first.join(", ")
}
