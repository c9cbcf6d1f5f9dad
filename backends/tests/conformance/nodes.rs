//! Every node of a structure a work-item.

use std::sync::Arc;

use landbridge::{Device, Index, KernelType, Result, kernel, nodes};

use super::answer::Answer;

#[derive(KernelType)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
    mark: u8,
}

fn list(length: usize) -> Option<Box<Node>> {
    (0..length).rev().fold(None, |next, k| Some(Box::new(Node { value: 1.0 + k as f32 * 0.5, next, mark: k as u8 })))
}

/// How many nodes follow, the sum of their values, and the work-item.
#[kernel]
fn behind(#[node] mut n: &Node, i: Index, scale: f32) -> (u32, f32, u32) {
    let (mut count, mut sum) = (0, 0.0);
    while let Some(next) = &n.next {
        n = next;
        count += 1;
        sum += n.value * scale;
    }
    (count, sum, i as u32)
}

pub(crate) fn distances_to_the_end(device: &Device) -> Result<Answer> {
    let list = list(70);
    let all = nodes(&list);
    let found = device.collect(behind(&all, 0.5))?;
    assert_eq!((all.len(), found.len()), (70, 70));
    for ((place, node), (count, _, item)) in all.iter().enumerate().zip(&found) {
        assert_eq!((node.mark as usize, *count as usize, *item as usize), (place, 69 - place, place));
    }
    let again = device.collect(behind(nodes(&list), 0.25))?;
    Ok(Answer::new().exact("behind", &found).exact("again", &again))
}

#[derive(KernelType)]
struct Tree {
    key: u32,
    sides: [Option<Box<Tree>>; 2],
    leaves: Vec<Leaf>,
}

#[derive(KernelType, Clone, Copy)]
struct Leaf {
    weight: u16,
    of: u32,
}

fn tree(from: u32, to: u32) -> Option<Box<Tree>> {
    if from >= to {
        return None;
    }
    let key = from + (to - from) / 3;
    let leaves = (0..key % 4).map(|k| Leaf { weight: (k * k + 1) as u16, of: key }).collect();
    Some(Box::new(Tree { key, sides: [tree(from, key), tree(key + 1, to)], leaves }))
}

/// Depth along the first sides, and what hangs on the node.
#[kernel]
fn depth(#[node] n: &Tree, out: &mut u32) -> (u32, u32) {
    let mut depth = 0;
    let mut at = n.sides[0].as_deref();
    while let Some(t) = at {
        depth += 1;
        at = t.sides[0].as_deref();
    }
    let mut weight = 0;
    for leaf in &n.leaves {
        weight += leaf.weight as u32;
    }
    *out = n.key;
    (depth, weight)
}

pub(crate) fn trees_by_node(device: &Device) -> Result<Answer> {
    let tree = tree(0, 90);
    let all = nodes(&tree);
    let mut keys = vec![0; all.len()];
    let found = device.collect(depth(&all, &mut keys))?;
    assert_eq!(keys.len(), 90);
    assert!(all.iter().map(|tree: &Tree| tree.key).eq(keys.iter().copied()));
    let total: u32 = device.reduce(weigh(nodes(&tree)), landbridge::Sum)?;
    let forest: Vec<Tree> = (0..5).map(|k| *self::tree(k * 10, k * 10 + 7).expect("nodes")).collect();
    let mut forest_keys = vec![0; nodes::<Tree, _>(&forest).len()];
    let forest_found = device.collect(depth(nodes(&forest), &mut forest_keys))?;
    assert_eq!(forest_keys.len(), 35);
    Ok(Answer::new()
        .exact("found", &found)
        .exact("keys", &keys)
        .exact("total", &[total])
        .exact("forest", &forest_found)
        .exact("keys of the forest", &forest_keys))
}

#[kernel]
fn weigh(#[node] leaf: &Leaf) -> u32 {
    leaf.weight as u32 * leaf.of
}

pub(crate) fn empty_structures(device: &Device) -> Result<Answer> {
    let list = list(0);
    assert!(nodes::<Node, _>(&list).is_empty());
    let found = device.collect(behind(nodes(&list), 1.0))?;
    let forest: Vec<Tree> = vec![];
    let none = device.collect(weigh(nodes(&forest)))?;
    Ok(Answer::new().exact("list", &found).exact("forest", &none))
}

/// Nodes of two types, some by value, some shared.
#[derive(KernelType)]
struct Town {
    first: House,
    houses: [House; 2],
    more: Vec<House>,
    hall: Option<Arc<House>>,
    quarter: Option<Box<Town>>,
}

#[derive(KernelType)]
struct House {
    number: u32,
    hall: Option<Arc<House>>,
}

#[kernel]
fn numbers(#[node] house: &House, above: u32) -> u32 {
    match house.hall.as_deref() {
        Some(hall) => house.number + hall.number * above,
        None => house.number,
    }
}

#[kernel]
fn quarters(#[node] town: &Town) -> u32 {
    town.first.number + town.more.len() as u32
}

pub(crate) fn structures_of_several_types(device: &Device) -> Result<Answer> {
    let hall = Arc::new(House { number: 1000, hall: None });
    let house = |number| House { number, hall: (number % 2 == 0).then(|| hall.clone()) };
    let town = (0..3).fold(None, |quarter, k| {
        let first = k * 10;
        Some(Box::new(Town {
            first: house(first),
            houses: [house(first + 1), house(first + 2)],
            more: (3..4 + k).map(|n| house(first + n)).collect(),
            hall: Some(hall.clone()),
            quarter,
        }))
    });
    let found = device.collect(numbers(nodes(&town), 3))?;
    // 3 + 3 + 3 by value, 1 + 2 + 3 in vectors, and the one hall.
    assert_eq!(found.len(), 16);
    Ok(Answer::new().exact("houses", &found).exact("towns", &device.collect(quarters(nodes(&town)))?))
}

#[kernel]
fn pairs(#[node] a: &Node, #[node] b: &Node) -> (f32, u32) {
    let behind = match &b.next {
        Some(next) => next.mark as u32,
        None => 999,
    };
    (a.value * b.value, behind)
}

pub(crate) fn nodes_in_two_structures(device: &Device) -> Result<Answer> {
    let (one, other) = (list(33), list(33));
    let found = device.collect(pairs(nodes(&one), nodes(&other)))?;
    let same = nodes(&one);
    let twice = device.collect(pairs(&same, &same))?;
    let odd = device.collect(pairs(nodes(&one), nodes(&list(32)))).expect_err("33 and 32 nodes");
    assert!(odd.to_string().contains("32"), "{odd}");
    Ok(Answer::new().exact("two", &found).exact("one", &twice))
}
