//! A million lookups in an ordinary balanced tree of boxes, on every device of this machine.
//!
//! ```text
//! cargo run --release --example tree_lookup -- --keys 100000 --lookups 1000000
//! cargo run --release --features cuda --example tree_lookup -- --device cuda:0
//! ```

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use clap::Parser;
use landbridge::plan::StepKind;
use landbridge::prelude::*;
use landbridge::{DeviceKind, Report};

/// An ordered map: smaller keys are on the left, larger ones on the right.
#[derive(KernelType)]
struct Tree {
    key: u32,
    value: u32,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

/// What is returned for keys that are not there.
const MISSING: u32 = u32::MAX;

/// One work-item looks up one key.
#[kernel]
fn lookup(root: Option<&Tree>, key: &u32) -> u32 {
    let mut at = root;
    while let Some(tree) = at {
        if *key == tree.key {
            return tree.value;
        }
        at = if *key < tree.key { tree.left.as_deref() } else { tree.right.as_deref() };
    }
    MISSING
}

/// Looks up keys in a tree on every device.
#[derive(Parser)]
struct Options {
    /// Keys in the tree.
    #[arg(long, default_value_t = 100_000)]
    keys: u32,
    /// Keys to look up; every second one is there.
    #[arg(long, default_value_t = 1_000_000)]
    lookups: usize,
    /// As many of them on software drivers.
    #[arg(long, default_value_t = 100_000)]
    software: usize,
    /// Such as `host`, `wgpu:0`, `wgpu:llvmpipe`, `cuda:0` (with `--features cuda`); all if not given.
    #[arg(long)]
    device: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let tree = tree(0, options.keys);
    let spread = u64::from(options.keys) * 2;
    let keys: Vec<u32> = (0..options.lookups as u64).map(|k| (k * 2_654_435_761 % spread.max(1)) as u32).collect();
    println!("{} keys in boxes of {} bytes, {} lookups\n", options.keys, size_of::<Tree>(), keys.len());

    let (expected, plain) = timed(|| keys.iter().map(|key| find(tree.as_deref(), *key)).collect::<Vec<u32>>());
    println!("plain Rust, one thread: {}", rate(keys.len(), plain));
    let devices = match &options.device {
        Some(name) => vec![Device::named(name)?],
        None => Device::all(),
    };
    for device in &devices {
        let lookups = match device.info().kind {
            DeviceKind::Software => options.software.min(keys.len()),
            _ => keys.len(),
        };
        let keys = &keys[..lookups];
        device.prepare(&lookup(tree.as_deref(), keys))?;
        let (result, time) = timed(|| device.collect_reported(lookup(tree.as_deref(), keys)));
        let (values, report) = result?;
        if values != expected[..lookups] {
            return Err(format!("{} finds something else than plain Rust", device.info()).into());
        }
        println!("{}: {}{}", device.info(), rate(lookups, time), rebuilt(&report));
    }
    Ok(())
}

/// A balanced tree of the numbers from `from` to `to`, doubled.
fn tree(from: u32, to: u32) -> Option<Box<Tree>> {
    if from == to {
        return None;
    }
    let middle = from + (to - from) / 2;
    let (left, right) = (tree(from, middle), tree(middle + 1, to));
    Some(Box::new(Tree { key: 2 * middle, value: middle ^ 0x5555, left, right }))
}

/// The same in plain Rust.
fn find(root: Option<&Tree>, key: u32) -> u32 {
    let mut at = root;
    while let Some(tree) = at {
        at = match key.cmp(&tree.key) {
            std::cmp::Ordering::Equal => return tree.value,
            std::cmp::Ordering::Less => tree.left.as_deref(),
            std::cmp::Ordering::Greater => tree.right.as_deref(),
        };
    }
    MISSING
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = black_box(work());
    (result, start.elapsed())
}

fn rate(lookups: usize, time: Duration) -> String {
    let millions = lookups as f64 / time.as_secs_f64() / 1e6;
    format!("{lookups} lookups in {:.1} ms, {millions:.2} million a second", time.as_secs_f64() * 1e3)
}

/// What it took to bring the tree to a device that does not see the boxes.
fn rebuilt(report: &Report) -> String {
    let Some(time) = report.steps.get(StepKind::Flatten) else { return String::new() };
    let milliseconds = time.as_secs_f64() * 1e3;
    let bytes = report.arguments.first().map_or(0, |tree| tree.bytes_in);
    format!(" ({milliseconds:.1} ms of it rebuilding the tree in {bytes} bytes)")
}
