//! Linked data in a region: `region[p]` follows handles.

use landbridge::region::Tree;
use landbridge::{Device, KernelType, Region, Result, Shared, kernel};

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
