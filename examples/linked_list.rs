//! A linked list of an existing program, as it is, summed and scaled on every device of this machine. No node moves.
//!
//! ```text
//! cargo run --release --example linked_list -- --nodes 20000
//! cargo run --release --features cuda --example linked_list -- --device cuda:0
//! ```

use std::error::Error;

use clap::Parser;
use landbridge::prelude::*;

/// What the program has had all along; only the derive is new, and `NodeMut`, what a kernel may change of a node.
#[derive(KernelType)]
#[kernel_type(view = NodeMut)]
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

/// One work-item for each node: it changes its own, and sees no other.
#[kernel]
fn scale(#[node] node: &mut NodeMut, by: u32) {
    node.value *= by;
}

/// Sums and scales a list on every device, and looks where its nodes are before and after.
#[derive(Parser)]
struct Options {
    /// Nodes of the list. Lavapipe ends loops after 65535 rounds.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(..=4_000_000))]
    nodes: u32,
    /// Work-items, each with a threshold of its own.
    #[arg(long, default_value_t = 256)]
    thresholds: u32,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); all if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let mut list =
        (0..options.nodes).rev().fold(None, |next, k| Some(Box::new(Node { value: k % 1000 * 37 % 1000, next })));
    let thresholds: Vec<u32> = (0..options.thresholds).map(|k| k * 1000 / options.thresholds + 1).collect();
    let expected: Vec<u32> = thresholds
        .iter()
        .map(|threshold| each(&list).map(|node| node.value).filter(|value| value < threshold).sum())
        .collect();
    let tripled: Vec<u32> = each(&list).map(|node| node.value * 3).collect();

    let before = addresses(&list);
    println!("{} nodes of {} bytes, the first ones at {}\n", before.len(), size_of::<Node>(), shown(&before));
    let devices = match &options.device {
        Some(name) => vec![Device::named(name)?],
        None => Device::all(),
    };
    for device in &devices {
        let (sums, report) = device.collect_reported(sum_below(list.as_deref(), &thresholds))?;
        println!("{report}\n");
        if sums != expected {
            return Err(format!("{} sums the list differently than plain Rust does", device.info()).into());
        }
        let report = device.run(scale(nodes(&mut list), 3))?;
        println!("{report}\n");
        if !each(&list).map(|node| node.value).eq(tripled.iter().copied()) {
            return Err(format!("{} scales the list differently than plain Rust does", device.info()).into());
        }
        divide(list.as_deref_mut(), 3);
    }
    let after = addresses(&list);
    println!("They agree with plain Rust. The first nodes are at {}", shown(&after));
    if before != after {
        return Err("nodes have moved".into());
    }
    println!("All {} nodes are where they were.", after.len());
    Ok(())
}

/// The nodes of a list, front to back.
fn each(list: &Option<Box<Node>>) -> impl Iterator<Item = &Node> {
    std::iter::successors(list.as_deref(), |node| node.next.as_deref())
}

fn addresses(list: &Option<Box<Node>>) -> Vec<*const Node> {
    each(list).map(std::ptr::from_ref).collect()
}

/// Plain Rust's way through the same list.
fn divide(mut at: Option<&mut Node>, by: u32) {
    while let Some(node) = at {
        node.value /= by;
        at = node.next.as_deref_mut();
    }
}

fn shown(addresses: &[*const Node]) -> String {
    let first: Vec<String> = addresses.iter().take(3).map(|&address| format!("{address:p}")).collect();
    first.join(", ")
}
