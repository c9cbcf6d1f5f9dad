//! Linked data in a region: `region[p]` follows handles.

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use landbridge::region::Tree;
use landbridge::{Device, KernelType, Region, Result, Shared, kernel, kernel_fn};

use super::answer::Answer;

#[derive(KernelType, Clone, Copy)]
struct Node {
    value: f32,
    next: Shared<Node>,
    kind: u8,
    good: bool,
    steps: [i32; 2],
    weights: Shared<[f32]>,
}

#[kernel]
fn walk(region: &Region, start: &Shared<Node>, out: &mut f32, last: &mut u32) {
    let mut p = *start;
    for step in 0..100_u32 {
        let node = &region[p];
        if node.good {
            *out += node.value + node.steps[step as usize % 2] as f32;
        }
        *last = (*last << 1) ^ node.kind as u32;
        p = node.next;
    }
}

#[kernel]
fn weigh(region: &Region, start: &Shared<Node>, sum: &mut f32) {
    let weights = region[*start].weights;
    for k in 0..region[weights].len() {
        *sum += region[weights][k] * region[region[*start].next].value;
    }
}

/// A ring in which neighbours lie far from each other.
fn ring(count: usize) -> (Region, Vec<Shared<Node>>) {
    let mut region = Region::new();
    let nowhere = Shared::from_number(std::num::NonZeroU32::MIN);
    let handles: Vec<_> = (0..count)
        .map(|k| {
            let weights = region.push_slice(&vec![k as f32 * 0.25; k % 4]);
            let steps = [k as i32, -3];
            region.push(Node { value: k as f32, next: nowhere, kind: k as u8, good: k % 3 != 1, steps, weights })
        })
        .collect();
    for (k, &p) in handles.iter().enumerate() {
        region[p].next = handles[(k * 7 + 3) % count];
    }
    (region, handles)
}

pub(crate) fn rings(device: &Device) -> Result<Answer> {
    let (region, handles) = ring(1001);
    let (mut out, mut last) = (vec![0.0; 1001], vec![0; 1001]);
    let _ = device.run(walk(&region, &handles, &mut out, &mut last))?;
    let mut sums = vec![0.5; 1001];
    let _ = device.run(weigh(&region, &handles, &mut sums))?;
    Ok(Answer::new().exact("values", &out).exact("kinds", &last).exact("weights", &sums))
}

#[kernel]
fn first_keys(region: &Region, trees: &Tree<u32, u32>, out: &mut u32) {
    if trees.length > 0 {
        *out = trees.length;
    }
    let _ = region;
}

pub(crate) fn trees_as_items(device: &Device) -> Result<Answer> {
    let mut region = Region::new();
    let mut trees = vec![];
    for count in 0..20 {
        trees.push(Tree::from_sorted(&mut region, (0..count).map(|k| (k, k * k))));
    }
    let mut out = vec![7; 20];
    let _ = device.run(first_keys(&region, &trees, &mut out))?;
    Ok(Answer::new().exact("lengths", &out))
}

#[derive(KernelType, Clone, Copy)]
struct Large {
    table: [f32; 300],
    names: Shared<[u8]>,
    numbers: Shared<[i16]>,
    next: Option<Shared<Large>>,
}

#[kernel_fn]
fn mixed(bytes: &[u8]) -> u32 {
    let mut sum = 0;
    for byte in bytes {
        sum = (sum % 65536) * 3 + *byte as u32;
    }
    sum
}

#[kernel]
fn read_large(region: &Region, p: &Shared<Large>, i: &u32, sum: &mut f32, names: &mut u32, equal: &mut bool) {
    let node = &region[*p];
    let mut cur = node;
    if let Some(next) = node.next {
        cur = &region[next];
    }
    for x in &cur.table[..*i as usize] {
        *sum += *x;
    }
    let bytes = &region[node.names];
    *names = mixed(bytes) + mixed(&bytes[1..]) + bytes[*i as usize % bytes.len()] as u32;
    for number in &region[node.numbers] {
        *sum += *number as f32;
    }
    *equal = node.next == Some(*p) || cur.names == node.names;
}

/// Nodes of more than a kilobyte, with slices of bytes.
fn larges() -> (Region, Vec<Shared<Large>>) {
    let mut region = Region::new();
    let mut handles: Vec<Shared<Large>> = vec![];
    for k in 0..40_u8 {
        let names: Vec<u8> = (0..=k).map(|j| j.wrapping_mul(7) ^ k).collect();
        let numbers: Vec<i16> = (0..k % 3).map(|j| -300 * i16::from(j) + i16::from(k)).collect();
        let (names, numbers) = (region.push_slice(&names), region.push_slice(&numbers));
        let next = handles.last().copied().filter(|_| k % 4 != 0);
        let table = std::array::from_fn(|j| (j * 3) as f32 + f32::from(k));
        handles.push(region.push(Large { table, names, numbers, next }));
    }
    (region, handles)
}

pub(crate) fn large_nodes_and_slices(device: &Device) -> Result<Answer> {
    let (region, handles) = larges();
    let i: Vec<u32> = (0..40).map(|k| k * 7).collect();
    let (mut sums, mut names, mut equal) = (vec![0.5; 40], vec![0; 40], vec![false; 40]);
    let _ = device.run(read_large(&region, &handles, &i, &mut sums, &mut names, &mut equal))?;
    Ok(Answer::new().exact("sums", &sums).exact("names", &names).exact("equal", &equal))
}

#[derive(KernelType)]
struct Counter {
    weight: u8,
    hits: AtomicU32,
    lowest: AtomicI32,
    next: Option<Shared<Counter>>,
}

#[kernel]
fn visit(region: &Region, start: &Shared<Counter>, by: &i32, last: &mut u32) {
    let mut cur = Some(*start);
    while let Some(p) = cur {
        let node = &region[p];
        node.hits.fetch_add(node.weight as u32, Ordering::Relaxed);
        node.lowest.fetch_min(*by, Ordering::Relaxed);
        *last = node.weight as u32;
        cur = node.next;
    }
    region[*start].hits.fetch_sub(3, Ordering::Relaxed);
}

pub(crate) fn nodes_with_atomics(device: &Device) -> Result<Answer> {
    let mut region = Region::new();
    let mut next = None;
    let handles: Vec<_> = (0..30_u8)
        .map(|weight| {
            let p = region.push(Counter { weight, hits: AtomicU32::new(7), lowest: AtomicI32::new(3), next });
            next = Some(p);
            p
        })
        .collect();
    let starts: Vec<_> = (0..500).map(|k| handles[k * 7 % 30]).collect();
    let by: Vec<i32> = (0..500).map(|k| 100 - k * 13 % 300).collect();
    let mut last = vec![9; 500];
    let _ = device.run(visit(&mut region, &starts, &by, &mut last))?;
    let counts: Vec<_> = region
        .iter_mut::<Counter>()
        .map(|(_, node)| (*node.hits.get_mut(), *node.lowest.get_mut(), u32::from(node.weight)))
        .collect();
    Ok(Answer::new().exact("counts", &counts).exact("last", &last))
}

#[kernel]
fn scale(by: f32, x: &mut f32) {
    *x *= by;
}

pub(crate) fn slices_item_by_item(device: &Device) -> Result<Answer> {
    let mut region = Region::new();
    let (before, slice) = (region.push(1.5_f32), region.push_slice(&[0.25_f32; 777]));
    let after = region.push(2.5_f32);
    for by in [3.0, -2.0] {
        let _ = device.run(scale(by, &mut region[slice]))?;
    }
    Ok(Answer::new().exact("slice", &region[slice]).exact("beside", &[region[before], region[after]]))
}

#[kernel]
fn turn(node: &mut Node, by: &f32) {
    node.value = node.value * 2.0 + *by;
    node.kind ^= 1;
    node.steps[1] -= node.kind as i32;
}

pub(crate) fn nodes_item_by_item(device: &Device) -> Result<Answer> {
    let (mut region, handles) = ring(301);
    let by: Vec<f32> = (0..301).map(|k| k as f32 * 0.5).collect();
    let mut all = region.gather::<Node>();
    let _ = device.run(turn(&mut all[..], &by))?;
    drop(all);
    let (mut out, mut last) = (vec![0.0; 301], vec![0; 301]);
    let _ = device.run(walk(&region, &handles, &mut out, &mut last))?;
    Ok(Answer::new().exact("values", &out).exact("kinds", &last))
}
