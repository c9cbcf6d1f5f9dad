//! Nodes that own arrays of values and of nodes.

use std::ptr;
use std::sync::Arc;

use landbridge::{Device, KernelType, Result, kernel};

use super::super::answer::{Answer, Panicked, panic_of};

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
fn weigh_wide(#[uniform] root: &Wide, x: &u32) -> u32 {
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
    let two = device.collect(weigh_wide(&wide(9, 2, &shared), &[2, 3]))?;
    let none = device.collect(weigh_wide(&wide(9, 0, &shared), &[2]))?;
    Ok(Answer::new().exact("two levels", &two).exact("leaf", &none))
}
