//! Linked structures: lists, trees, nodes that own arrays, shared nodes, tables of lists.

use std::sync::Arc;

use landbridge::{Device, KernelType, Result, kernel, kernel_fn};

use super::answer::{Answer, Panicked, panic_of};

#[derive(KernelType)]
struct List {
    value: f32,
    weight: u8,
    next: Option<Box<List>>,
}

fn list(values: &[f32]) -> Option<Box<List>> {
    let link = |next, (k, value): (usize, &f32)| Some(Box::new(List { value: *value, weight: k as u8, next }));
    values.iter().enumerate().rev().fold(None, link)
}

#[kernel]
fn sum_above(head: Option<&List>, least: &f32, sum: &mut f32, count: &mut u32) {
    let mut cur = head;
    while let Some(node) = cur {
        if node.value >= *least {
            *sum += node.value * node.weight as f32;
            *count += 1;
        }
        cur = node.next.as_deref();
    }
}

pub(crate) fn lists(device: &Device) -> Result<Answer> {
    let values: Vec<f32> = (0..300).map(|k| (k * 37 % 101) as f32).collect();
    let list = list(&values);
    let least = [0.0, 50.0, 99.5, 1000.0];
    let (mut sums, mut counts) = (vec![0.0; 4], vec![0; 4]);
    let _ = device.run(sum_above(list.as_deref(), &least, &mut sums, &mut counts))?;
    let (mut none, mut no_counts) = (vec![7.0; 4], vec![7; 4]);
    let _ = device.run(sum_above(None, &least, &mut none, &mut no_counts))?;
    Ok(Answer::new().exact("sums", &sums).exact("counts", &counts).exact("of none", &none).exact("n", &no_counts))
}

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
struct Group {
    weights: Vec<u16>,
    name: [u8; 3],
    members: Box<[f32]>,
    groups: Vec<Group>,
}

const WEIGH: u32 = line!() + 4;

#[kernel]
fn weigh(#[uniform] all: &Group, at: &u32, out: &mut f32) {
    let group = &all.groups[*at as usize];
    for k in 0..group.members.len() {
        *out += group.members[k] * group.weights[k] as f32;
    }
    for inner in &group.groups {
        *out += inner.members[0] + inner.name[2] as f32;
    }
}

fn groups() -> Group {
    let leaf = |k: u8| Group { weights: vec![], name: [0, 0, k], members: Box::new([0.25]), groups: vec![] };
    let group = |k: u8| Group {
        weights: (0..u16::from(k)).map(|w| w * 3).collect(),
        name: [k; 3],
        members: (0..k).map(f32::from).collect(),
        groups: (0..k % 3).map(leaf).collect(),
    };
    Group { weights: vec![], name: *b"all", members: Box::new([]), groups: (0..10).map(group).collect() }
}

pub(crate) fn nodes_that_own_arrays(device: &Device) -> Result<Answer> {
    let all = groups();
    let mut out = vec![0.5; 10];
    let at: Vec<u32> = (0..10).collect();
    let _ = device.run(weigh(&all, &at, &mut out))?;
    Ok(Answer::new().exact("weights", &out))
}

pub(crate) fn an_index_past_a_node_array(device: &Device) -> Result<Answer> {
    let (all, mut out) = (groups(), vec![0.5; 2]);
    let message = "index out of bounds: the len is 10 but the index is 10";
    let expected = Panicked { message: message.into(), line: WEIGH, item: 1, index: Some((10, 10)) };
    if device.info().id != "plain" {
        let found = panic_of(device.run(weigh(&all, &[3, 10], &mut out)), file!())?;
        assert_eq!(found, expected, "on {}", device.info());
    }
    Ok(Answer::new())
}

#[derive(KernelType)]
struct Shared<'a> {
    value: u32,
    both: [Option<Arc<Shared<'a>>>; 2],
    origin: &'a f32,
}

#[kernel]
fn shared_values(root: Option<&Shared<'_>>, at: &u32, out: &mut u32) {
    let Some(node) = root else { return };
    *out = node.value + *node.origin as u32;
    if let (Some(a), Some(b)) = (&node.both[0], &node.both[1]) {
        *out += a.value * 10 + b.value * 100;
        if std::ptr::eq(&**a, &**b) {
            *out += 1000 * (*at + 1);
        }
    }
}

pub(crate) fn shared_nodes(device: &Device) -> Result<Answer> {
    let origin = 4.0;
    let node = |value, both| Arc::new(Shared { value, both, origin: &origin });
    let leaf = node(1, [None, None]);
    let same = node(2, [Some(leaf.clone()), Some(leaf.clone())]);
    let other = node(3, [Some(leaf.clone()), Some(node(1, [None, None]))]);
    let mut outs = vec![];
    for root in [&leaf, &same, &other] {
        let mut out = [0; 3];
        let _ = device.run(shared_values(Some(root), &[0, 1, 2], &mut out))?;
        outs.extend(out);
    }
    Ok(Answer::new().exact("values", &outs))
}

#[derive(KernelType)]
struct Entry {
    key: u32,
    value: u32,
    next: Option<Box<Entry>>,
}

#[kernel]
fn probe(buckets: &[Option<Box<Entry>>], key: &u32, out: &mut u32) {
    let mut cur = buckets[*key as usize % buckets.len()].as_deref();
    while let Some(entry) = cur {
        if entry.key == *key {
            *out = entry.value;
            break;
        }
        cur = entry.next.as_deref();
    }
}

pub(crate) fn tables_of_chains(device: &Device) -> Result<Answer> {
    let mut buckets: Vec<Option<Box<Entry>>> = (0..13).map(|_| None).collect();
    for key in (0..80).map(|k| k * k) {
        let bucket = &mut buckets[key as usize % 13];
        *bucket = Some(Box::new(Entry { key, value: key / 2 + 1, next: bucket.take() }));
    }
    let keys: Vec<u32> = (0..500).collect();
    let mut out = vec![0; 500];
    let _ = device.run(probe(&buckets, &keys, &mut out))?;
    Ok(Answer::new().exact("values", &out))
}

#[kernel]
fn grow(list: &mut List, by: &f32) {
    list.value += *by;
    list.weight *= 2;
    if let Some(next) = list.next.as_deref() {
        list.value += next.value;
    }
}

pub(crate) fn plain_fields_written_back(device: &Device) -> Result<Answer> {
    let mut lists: Vec<List> = (0..20).map(|k| *list(&[k as f32, 100.0 + k as f32]).expect("two nodes")).collect();
    let before: Vec<_> = lists.iter().map(|list| std::ptr::from_ref(&**list.next.as_ref().expect("there"))).collect();
    let by: Vec<f32> = (0..20).map(|k| k as f32 * 0.5).collect();
    let _ = device.run(grow(&mut lists, &by))?;
    let after: Vec<_> = lists.iter().map(|list| std::ptr::from_ref(&**list.next.as_ref().expect("there"))).collect();
    assert_eq!(before, after, "nodes stay where they are");
    let values: Vec<f32> = lists.iter().map(|list| list.value).collect();
    let weights: Vec<u8> = lists.iter().map(|list| list.weight).collect();
    let behind: Vec<f32> = lists.iter().map(|list| list.next.as_ref().expect("there").value).collect();
    Ok(Answer::new().exact("values", &values).exact("weights", &weights).exact("behind", &behind))
}
