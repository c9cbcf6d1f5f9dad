//! Trees: lookups, and depth-first walks with stacks of their own.

use landbridge::{Device, KernelType, Result, kernel, kernel_fn};

use super::super::answer::Answer;

#[derive(KernelType)]
struct Tree {
    key: u32,
    value: f64,
    left: Option<Box<Tree>>,
    right: Option<Box<Tree>>,
}

fn tree(from: u32, to: u32) -> Option<Box<Tree>> {
    (from < to).then(|| {
        let key = from.midpoint(to);
        Box::new(Tree { key: 3 * key, value: f64::from(key) * 0.5, left: tree(from, key), right: tree(key + 1, to) })
    })
}

#[kernel_fn]
fn find(root: Option<&Tree>, key: u32) -> Option<&Tree> {
    let mut cur = root;
    while let Some(node) = cur {
        if key == node.key {
            return Some(node);
        }
        cur = if key < node.key { node.left.as_deref() } else { node.right.as_deref() };
    }
    None
}

#[kernel]
fn look_up(root: Option<&Tree>, key: &u32, found: &mut i32) {
    *found = match find(root, *key) {
        Some(node) => (node.value * 2.0) as i32,
        None => -1,
    };
}

pub(crate) fn lookups(device: &Device) -> Result<Answer> {
    let tree = tree(0, 200);
    let keys: Vec<u32> = (0..700).collect();
    let mut found = vec![0; 700];
    let _ = device.run(look_up(tree.as_deref(), &keys, &mut found))?;
    Ok(Answer::new().exact("found", &found))
}

#[kernel]
fn range_sum(#[uniform] root: &Tree, from: &u32, sum: &mut u32) {
    let mut stack: [Option<&Tree>; 24] = [None; 24];
    stack[0] = Some(root);
    let mut top = 1;
    while top > 0 {
        top -= 1;
        if let Some(node) = stack[top] {
            if node.key >= *from && node.key < *from + 50 {
                *sum += node.key;
            }
            if node.left.is_some() && node.key > *from {
                stack[top] = node.left.as_deref();
                top += 1;
            }
            if node.right.is_some() && node.key < *from + 50 {
                stack[top] = node.right.as_deref();
                top += 1;
            }
        }
    }
}

pub(crate) fn walks_with_a_stack(device: &Device) -> Result<Answer> {
    let tree = tree(0, 200).expect("not empty");
    let from: Vec<u32> = (0..60).map(|k| k * 10).collect();
    let mut sums = vec![0; 60];
    let _ = device.run(range_sum(&tree, &from, &mut sums))?;
    Ok(Answer::new().exact("sums", &sums))
}

#[derive(KernelType)]
struct Sided {
    key: u32,
    value: f32,
    sides: [Option<Box<Sided>>; 2],
}

fn sided(from: u32, to: u32) -> Option<Box<Sided>> {
    if from >= to {
        return None;
    }
    let key = from + (to - from) / 3;
    Some(Box::new(Sided { key, value: key as f32 * 0.25, sides: [sided(from, key), sided(key + 1, to)] }))
}

#[kernel_fn]
fn find_sided(root: Option<&Sided>, key: u32) -> Option<&Sided> {
    let mut cur = root;
    while let Some(t) = cur {
        if t.key == key {
            return Some(t);
        }
        cur = t.sides[(key > t.key) as usize].as_deref();
    }
    None
}

#[kernel]
fn lookup(root: Option<&Sided>, key: &u32) -> f32 {
    match find_sided(root, *key) {
        Some(tree) if tree.sides[0].is_none() && tree.sides[1].is_none() => -tree.value,
        Some(Sided { value, .. }) => *value,
        None => 0.5,
    }
}

pub(crate) fn trees(device: &Device) -> Result<Answer> {
    let tree = sided(1, 60);
    let keys: Vec<u32> = (0..64).collect();
    Ok(Answer::new().exact("found", &device.collect(lookup(tree.as_deref(), &keys))?))
}

/// Depth first, with a stack of the walk's own.
#[kernel]
fn count_range(root: Option<&Sided>, from: &u32, to: &u32) -> (u32, f32) {
    let mut stack: [Option<&Sided>; 32] = [None; 32];
    let mut depth = 1;
    stack[0] = root;
    let (mut count, mut sum) = (0, 0.0);
    while depth > 0 {
        depth -= 1;
        let Some(t) = stack[depth] else { continue };
        if t.key >= *from && t.key < *to {
            count += 1;
            sum += t.value;
        }
        if t.key >= *from {
            stack[depth] = t.sides[0].as_deref();
            depth += 1;
        }
        if t.key < *to {
            stack[depth] = t.sides[1].as_deref();
            depth += 1;
        }
    }
    (count, sum)
}

pub(crate) fn explicit_stacks(device: &Device) -> Result<Answer> {
    let tree = sided(1, 60);
    let ranges = device.collect(count_range(tree.as_deref(), &[1, 10, 59, 60], &[60, 20, 60, 70]))?;
    Ok(Answer::new().exact("ranges", &ranges))
}
