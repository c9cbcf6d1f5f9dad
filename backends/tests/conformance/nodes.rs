//! Every node of a structure a work-item.

use std::sync::Arc;

use landbridge::{Device, Index, KernelType, Result, kernel, kernel_fn, nodes};

use super::answer::{Answer, panic_of};

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

#[derive(KernelType)]
#[kernel_type(view = LinkMut)]
struct Link {
    value: f32,
    next: Option<Box<Link>>,
    count: u8,
    pair: (u16, f32),
}

fn links(length: usize) -> Option<Box<Link>> {
    (0..length).rev().fold(None, |next, k| {
        Some(Box::new(Link { value: k as f32 - 20.0, next, count: k as u8, pair: (k as u16, 0.5) }))
    })
}

/// Everything in a list, front to back.
fn contents(list: &Option<Box<Link>>) -> Vec<(f32, u32, (u32, f32))> {
    let nodes = std::iter::successors(list.as_deref(), |node| node.next.as_deref());
    nodes.map(|node| (node.value, node.count as u32, (node.pair.0 as u32, node.pair.1))).collect()
}

#[kernel_fn]
fn bump(link: &mut LinkMut<'_>, by: u16) -> u16 {
    link.pair.0 += by;
    link.pair.0
}

#[kernel]
fn scaled(#[node] link: &mut LinkMut, by: f32, i: Index) -> (f32, u32) {
    link.value *= by;
    if link.value < 0.0 {
        link.count = link.count.wrapping_sub(30);
    }
    link.pair.1 += link.value;
    (link.value, bump(link, i as u16 & 3) as u32)
}

pub(crate) fn scaled_lists(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for length in [0, 1, 70] {
        let mut list = links(length);
        let before: Vec<_> = nodes::<Link, _>(&list).iter().map(std::ptr::from_ref).collect();
        let once = device.collect(scaled(nodes(&mut list), 1.5))?;
        let mut all = nodes(&mut list);
        let twice = device.collect(scaled(&mut all, 0.25))?;
        let _ = device.run(scaled(&mut all, -2.0))?;
        assert_eq!(all.len(), length);
        assert!(all.iter().map(std::ptr::from_ref).eq(before), "nodes stay where they are");
        answer = answer.exact("once", &once).exact("twice", &twice).exact("list", &contents(&list));
    }
    Ok(answer)
}

#[derive(KernelType)]
#[kernel_type(view = BranchMut)]
struct Branch<T> {
    sides: [Option<Box<Branch<T>>>; 2],
    #[kernel_type(link)]
    fruits: Fruits,
    value: T,
    depth: u32,
}

#[derive(KernelType)]
struct Fruits {
    all: Vec<Fruit>,
    best: u32,
}

#[derive(KernelType, Clone, Copy)]
#[kernel_type(view = FruitMut)]
struct Fruit {
    weight: u32,
    ripe: bool,
}

fn branch(depth: u32) -> Branch<[f32; 2]> {
    let side = |k: u32| (depth > k).then(|| Box::new(branch(depth - 1 - k)));
    let all = (0..depth % 3).map(|weight| Fruit { weight, ripe: weight == 1 }).collect();
    Branch { sides: [side(0), side(1)], fruits: Fruits { all, best: 7 }, value: [depth as f32, 1.0], depth: 0 }
}

#[kernel]
fn grown(#[node] branch: &mut BranchMut<[f32; 2]>, by: &f32) {
    branch.value[1] += branch.value[0] * *by;
    branch.depth = branch.value[0] as u32 * 2;
}

#[kernel]
fn ripened(#[node] fruit: &mut FruitMut<'_>) -> u32 {
    fruit.weight *= 2 + fruit.ripe as u32;
    fruit.ripe = true;
    fruit.weight
}

pub(crate) fn trees_by_their_own_nodes(device: &Device) -> Result<Answer> {
    let mut tree = branch(6);
    let count = nodes::<Branch<[f32; 2]>, _>(&tree).len();
    let by: Vec<f32> = (0..count).map(|k| k as f32 * 0.5).collect();
    let _ = device.run(grown(nodes(&mut tree), &by))?;
    let fruits = device.collect(ripened(nodes(&mut tree)))?;
    let all = nodes::<Branch<[f32; 2]>, _>(&tree);
    let values: Vec<_> = all.iter().map(|branch| (branch.value, branch.depth)).collect();
    let weights: Vec<_> = nodes::<Fruit, _>(&tree).iter().map(|fruit| (fruit.weight, fruit.ripe)).collect();
    assert_eq!((all.len(), weights.len()), (count, fruits.len()));
    Ok(Answer::new().exact("values", &values).exact("fruits", &fruits).exact("weights", &weights))
}

/// A node with padding, with nothing but a link, and a tuple.
#[derive(KernelType)]
#[kernel_type(view = OddMut)]
#[repr(C)]
struct Odd(u8, Option<Box<Odd>>, bool, u16, Vec<u8>, u8);

#[derive(KernelType)]
#[kernel_type(view = BareMut)]
struct Bare {
    next: Option<Box<Bare>>,
}

#[kernel]
fn odd_ones(#[node] odd: &mut OddMut) -> u32 {
    odd.0 = odd.0.wrapping_mul(7);
    odd.2 = !odd.2;
    odd.3 += odd.5 as u16;
    odd.5 ^= 0xff;
    odd.3 as u32
}

#[kernel]
fn bare_ones(#[node] _bare: &mut BareMut, i: Index) -> u32 {
    i as u32 * 3
}

pub(crate) fn views_of_odd_nodes(device: &Device) -> Result<Answer> {
    let mut odd: Vec<Odd> = (0..11_u8)
        .map(|k| {
            let next = (k % 3 > 0).then(|| Box::new(Odd(k, None, true, 1000, vec![k; 3], 1)));
            Odd(k + 100, next, k % 2 == 0, k as u16 * 100, vec![], k)
        })
        .collect();
    let mut bare = (0..5).fold(None, |next, _| Some(Box::new(Bare { next })));
    let found = device.collect(odd_ones(nodes(&mut odd)))?;
    let numbers = device.collect(bare_ones(nodes(&mut bare)))?;
    let after: Vec<_> = nodes::<Odd, _>(&odd).iter().map(|odd| ([odd.0, odd.5], odd.2, odd.3)).collect();
    let owned: usize = nodes::<Odd, _>(&odd).iter().map(|odd| odd.4.len()).sum();
    assert_eq!((owned, nodes::<Bare, _>(&bare).len()), (21, 5));
    Ok(Answer::new().exact("found", &found).exact("after", &after).exact("numbers", &numbers))
}

/// Plain data is its own view, also where it is no struct.
type Pair<'v> = [f32; 2];

#[kernel]
fn doubled(#[node] pair: &mut Pair) -> f32 {
    pair[0] *= 2.0;
    pair[1] += 1.0;
    pair[0] - pair[1]
}

pub(crate) fn plain_data_by_itself(device: &Device) -> Result<Answer> {
    let mut tree = branch(4);
    let found = device.collect(doubled(nodes(&mut tree)))?;
    let all = nodes::<Branch<[f32; 2]>, _>(&tree);
    let values: Vec<_> = all.iter().map(|branch| branch.value).collect();
    assert!(values.iter().any(|value| value[1] == 2.0), "nothing came back");
    Ok(Answer::new().exact("found", &found).exact("values", &values))
}

/// What it reads of other nodes, it reads in another structure.
#[kernel]
fn from_other(#[node] link: &mut LinkMut, #[node] mut other: &Link, #[uniform] root: &Link, out: &mut f32) {
    let mut sum = 0.0;
    while let Some(next) = &other.next {
        other = next;
        sum += other.value;
    }
    *out = link.value;
    link.value = sum + root.value;
}

pub(crate) fn two_structures_at_once(device: &Device) -> Result<Answer> {
    let (mut list, other, mut out) = (links(40), links(40), vec![0.0; 40]);
    let root = links(3).expect("not empty");
    let _ = device.run(from_other(nodes(&mut list), nodes(&other), &root, &mut out))?;
    let mut second = links(40);
    let both = device.collect(crossed(nodes(&mut list), nodes(&mut second)))?;
    Ok(Answer::new()
        .exact("out", &out)
        .exact("list", &contents(&list))
        .exact("second", &contents(&second))
        .exact("both", &both))
}

#[kernel]
fn crossed(#[node] a: &mut LinkMut, #[node] b: &mut LinkMut) -> f32 {
    let was = a.value;
    a.value = b.value;
    b.value = was;
    a.pair.1 - b.pair.1
}

#[kernel]
fn failing(#[node] link: &mut LinkMut, i: Index) {
    link.count = 1;
    assert!(i != 9, "the tenth");
    link.pair = (2, 2.5);
}

/// Each node is as it was or as the kernel made it; devices that copy leave all of them as they were.
pub(crate) fn own_nodes_after_a_panic(device: &Device) -> Result<Answer> {
    if device.info().id == "plain" {
        return Ok(Answer::new());
    }
    let mut list = links(20);
    let panic = panic_of(device.run(failing(nodes(&mut list))), file!())?;
    assert_eq!((panic.message.as_str(), panic.item), ("the tenth", 9));
    for (number, (_, count, pair)) in contents(&list).into_iter().enumerate() {
        let (old, new) = ((number as u32, (number as u32, 0.5)), (1, (2, 2.5)));
        let half = number == 9 && (count, pair) == (1, old.1);
        assert!((count, pair) == old || (count, pair) == new || half, "{number}: {count} {pair:?}");
    }
    let copies = device.info().id.starts_with("wgpu") || device.info().id == "interpreter";
    assert!(!copies || contents(&list) == contents(&links(20)), "a copy came home");
    Ok(Answer::new())
}
