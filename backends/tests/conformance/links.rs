//! Ordinary linked data: lists, trees, graphs, and the vectors that nodes own.

use std::ptr;
use std::sync::Arc;

use landbridge::{Device, KernelType, Result, kernel, kernel_fn};

use super::answer::Answer;

#[derive(KernelType)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

/// As long lists need it.
impl Drop for Node {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

fn list(length: usize) -> Option<Box<Node>> {
    (0..length).rev().fold(None, |next, k| Some(Box::new(Node { value: k as f32 * 0.5, next })))
}

#[kernel]
fn sum_list(head: Option<&Node>, scale: &f32) -> f32 {
    let mut sum = 0.0;
    let mut cur = head;
    while let Some(n) = cur {
        sum += n.value * scale;
        cur = n.next.as_deref();
    }
    sum
}

pub(crate) fn sums_of_lists(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for (name, length) in [("empty", 0), ("one", 1), ("many", 400)] {
        let list = list(length);
        answer = answer.exact(name, &device.collect(sum_list(list.as_deref(), &[1.0, 2.0, -0.5]))?);
    }
    Ok(answer)
}

/// The value `k` links on, or that of the last node with the number of links to it.
#[kernel]
fn nth(#[uniform] root: &Node, k: &u32) -> (f32, u32) {
    let mut node = root;
    let mut links = 0;
    while links < *k {
        match &node.next {
            Some(next) => node = next,
            None => break,
        }
        links += 1;
    }
    (node.value, links)
}

pub(crate) fn roots(device: &Device) -> Result<Answer> {
    let list = list(9).expect("not empty");
    Ok(Answer::new().exact("nth", &device.collect(nth(&list, &[0, 1, 7, 8, 9, 1000]))?))
}

#[derive(KernelType)]
struct Tree {
    key: u32,
    value: f32,
    sides: [Option<Box<Tree>>; 2],
}

fn tree(from: u32, to: u32) -> Option<Box<Tree>> {
    if from >= to {
        return None;
    }
    let key = from + (to - from) / 3;
    Some(Box::new(Tree { key, value: key as f32 * 0.25, sides: [tree(from, key), tree(key + 1, to)] }))
}

#[kernel_fn]
fn find(root: Option<&Tree>, key: u32) -> Option<&Tree> {
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
fn lookup(root: Option<&Tree>, key: &u32) -> f32 {
    match find(root, *key) {
        Some(tree) if tree.sides[0].is_none() && tree.sides[1].is_none() => -tree.value,
        Some(Tree { value, .. }) => *value,
        None => 0.5,
    }
}

pub(crate) fn trees(device: &Device) -> Result<Answer> {
    let tree = tree(1, 60);
    let keys: Vec<u32> = (0..64).collect();
    Ok(Answer::new().exact("found", &device.collect(lookup(tree.as_deref(), &keys))?))
}

/// Depth first, with a stack of the walk's own.
#[kernel]
fn count_range(root: Option<&Tree>, from: &u32, to: &u32) -> (u32, f32) {
    let mut stack: [Option<&Tree>; 32] = [None; 32];
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
    let tree = tree(1, 60);
    let ranges = device.collect(count_range(tree.as_deref(), &[1, 10, 59, 60], &[60, 20, 60, 70]))?;
    Ok(Answer::new().exact("ranges", &ranges))
}

#[derive(KernelType)]
struct Wide {
    weight: u32,
    children: Vec<Wide>,
    extra: Box<[Leaf]>,
    first: Option<Arc<Leaf>>,
    always: Arc<Leaf>,
    unit: Box<u32>,
}

#[derive(KernelType)]
struct Leaf {
    pair: (u16, f32),
}

#[kernel]
fn weigh(#[uniform] root: &Wide, x: &u32) -> u32 {
    let mut total = root.weight * x + *root.unit;
    for child in &root.children {
        total += child.weight + child.children.len() as u32;
        for leaf in child.extra.iter() {
            total += leaf.pair.0 as u32;
        }
    }
    if !root.children.is_empty() {
        let last = &root.children[root.children.len() - 1];
        if let Some(leaf) = last.first.as_deref() {
            total += leaf.pair.0 as u32;
        }
        if let Some(shared) = &last.first
            && ptr::eq(&**shared, &*root.always)
        {
            total += 1_000_000;
        }
    }
    for i in 0..root.extra.len() {
        total += root.extra[i].pair.0 as u32 * 3;
    }
    total + root.always.pair.1 as u32
}

fn wide(weight: u32, depth: u32, shared: &Arc<Leaf>) -> Wide {
    let children = (0..3 * depth.min(1)).map(|k| wide(weight + k, depth - 1, shared)).collect();
    let extra: Vec<_> = (0..2 + depth).map(|k| Leaf { pair: (k as u16 + 7, 0.0) }).collect();
    let first = (weight % 2 == 1).then(|| shared.clone());
    Wide { weight, children, extra: extra.into(), first, always: shared.clone(), unit: Box::new(3) }
}

pub(crate) fn owned_slices_and_shared_nodes(device: &Device) -> Result<Answer> {
    let shared = Arc::new(Leaf { pair: (11, 5.5) });
    let two = device.collect(weigh(&wide(9, 2, &shared), &[2, 3]))?;
    let none = device.collect(weigh(&wide(9, 0, &shared), &[2]))?;
    Ok(Answer::new().exact("two levels", &two).exact("leaf", &none))
}

#[derive(KernelType)]
struct Place<'a> {
    name: u32,
    roads: Vec<Road<'a>>,
    capital: Option<&'a Place<'a>>,
}

#[derive(KernelType)]
struct Road<'a> {
    length: u32,
    to: &'a Place<'a>,
}

#[kernel]
fn walk(#[uniform] start: &Place<'_>, steps: &u32) -> (u32, u32, bool) {
    let mut place = start;
    let mut length = 0;
    for k in 0..*steps {
        if place.roads.is_empty() {
            break;
        }
        let road = &place.roads[k as usize % place.roads.len()];
        length += road.length;
        place = road.to;
    }
    let home = match start.capital {
        Some(capital) => ptr::eq(capital, place),
        None => false,
    };
    (place.name, length, home)
}

pub(crate) fn graphs_that_borrow(device: &Device) -> Result<Answer> {
    let rome = Place { name: 1, roads: vec![], capital: None };
    let ostia = Place { name: 2, roads: vec![Road { length: 30, to: &rome }], capital: Some(&rome) };
    let roads = vec![Road { length: 300, to: &ostia }, Road { length: 330, to: &rome }];
    let pisa = Place { name: 3, roads, capital: Some(&rome) };
    Ok(Answer::new().exact("walked", &device.collect(walk(&pisa, &[0, 1, 2, 3]))?))
}

#[derive(KernelType)]
struct Entry<V: Copy> {
    key: u32,
    value: V,
    next: Option<Box<Entry<V>>>,
}

#[kernel]
fn probe<V: Copy + KernelType>(buckets: &[Option<Box<Entry<V>>>], default: V, key: &u32) -> V {
    let mut cur = buckets[*key as usize % buckets.len()].as_deref();
    loop {
        match cur {
            Some(entry) if entry.key == *key => break entry.value,
            Some(entry) => cur = entry.next.as_deref(),
            None => break default,
        }
    }
}

pub(crate) fn chained_buckets(device: &Device) -> Result<Answer> {
    let mut buckets: Vec<Option<Box<Entry<i32>>>> = (0..5).map(|_| None).collect();
    for key in 0..20 {
        let bucket = &mut buckets[key as usize * 7 % 5];
        let next = bucket.take();
        *bucket = Some(Box::new(Entry { key: key * 7, value: -(key as i32), next }));
    }
    Ok(Answer::new().exact("found", &device.collect(probe(&buckets, 1, &[0, 7, 8, 133, 134]))?))
}

/// Every work-item owns a node: its own plain field may be written.
#[kernel]
fn scale(node: &mut Node, by: &f32) {
    if node.next.is_some() {
        node.value *= by;
    }
}

pub(crate) fn plain_fields_of_own_nodes(device: &Device) -> Result<Answer> {
    let mut nodes: Vec<Node> = (0..4).map(|k| Node { value: 1.5, next: list(k) }).collect();
    let _ = device.run(scale(&mut nodes, &[1.0, 2.0, 3.0, 4.0]))?;
    let values: Vec<f32> = nodes.iter().map(|node| node.value).collect();
    let tails: Vec<f32> = nodes.iter().map(|node| node.next.as_deref().map_or(-1.0, |next| next.value)).collect();
    Ok(Answer::new().exact("values", &values).exact("tails", &tails))
}
