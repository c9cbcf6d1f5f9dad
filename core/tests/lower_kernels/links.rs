//! Lists, trees and graphs of ordinary Rust data.

use std::ptr;
use std::sync::Arc;

use landbridge::{Index, KernelType, kernel, kernel_fn};

use crate::support::{same, same_panic};

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

#[kernel]
fn nth(#[uniform] root: &Node, k: &u32) -> f32 {
    let mut node = root;
    for _ in 0..*k {
        match &node.next {
            Some(next) => node = next,
            None => return -1.0,
        }
    }
    node.value
}

#[kernel]
fn last_two(#[uniform] root: &Node, i: Index) -> f32 {
    let mut node = root;
    // a `&Box` outlives the round that found it
    let mut before = None;
    while let Some(next) = &node.next {
        if next.next.is_some() {
            before = Some(next);
        }
        node = next;
    }
    let before = if let Some(b) = before { b.value } else { 0.0 };
    before * 1000.0 + node.value + i as f32
}

#[kernel]
fn unwrapped(#[uniform] root: &Node, k: &u32) -> f32 {
    let mut node = root;
    for _ in 0..*k {
        node = node.next.as_deref().expect("the list is long enough");
    }
    node.next.as_ref().unwrap().value
}

#[test]
fn lists_are_followed() {
    for length in [0, 1, 2, 57] {
        let list = list(length);
        let sums = same(|d| d.collect(sum_list(list.as_deref(), &[1.0, 2.0, -0.5])));
        let sum: f32 = (0..length).map(|k| k as f32 * 0.5).sum();
        assert_eq!(sums, [sum, 2.0 * sum, -0.5 * sum]);
    }
    let list = list(5).unwrap();
    assert_eq!(same(|d| d.collect(nth(&list, &[0, 1, 4, 5, 99]))), [0.0, 0.5, 2.0, -1.0, -1.0]);
    assert_eq!(same(|d| d.collect(last_two(&list, 2))), [1502.0, 1503.0]);
    assert_eq!(same(|d| d.collect(unwrapped(&list, &[0, 3]))), [0.5, 2.0]);
    let (message, _, item) = same_panic(|d| d.collect(unwrapped(&list, &[0, 7])));
    assert_eq!((&*message, item), ("the list is long enough", 1));
    let (message, ..) = same_panic(|d| d.collect(unwrapped(&list, &[4])));
    assert_eq!(message, "called `Option::unwrap()` on a `None` value");
}

#[derive(KernelType)]
struct Tree {
    key: u32,
    value: f32,
    sides: [Option<Box<Tree>>; 2],
}

#[kernel_fn]
fn find<'t>(root: Option<&'t Tree>, key: u32) -> Option<&'t Tree> {
    let mut cur = root;
    while let Some(t) = cur {
        if t.key == key {
            return Some(t);
        }
        cur = t.sides[(key > t.key) as usize].as_deref();
    }
    None
}

#[kernel_fn]
fn grandchild(tree: &Tree) -> Option<&Tree> {
    let left = tree.sides[0].as_deref()?;
    left.sides[1].as_deref()
}

impl Tree {
    #[kernel_fn]
    fn is_leaf(&self) -> bool {
        self.sides[0].is_none() && self.sides[1].is_none()
    }
}

#[kernel]
fn lookup(root: Option<&Tree>, key: &u32) -> f32 {
    match find(root, *key) {
        Some(tree) if tree.is_leaf() => -tree.value,
        Some(Tree { value, .. }) => *value,
        None => 0.5,
    }
}

#[kernel]
fn descend(#[uniform] root: &Tree, _x: &u32) -> (u32, u32, bool) {
    let inner = match grandchild(root) {
        Some(t) => t.key,
        None => 0,
    };
    let Some(left) = &root.sides[0] else { return (0, inner, true) };
    let other = match root {
        Tree { key: 7, .. } => 1,
        _ => 2,
    };
    (left.key + other, inner, ptr::eq(root, root) && !ptr::eq(root, &**left))
}

/// Depth first, with a stack of the walk's own.
#[kernel]
fn count_range(root: Option<&Tree>, from: &u32, to: &u32) -> (u32, f32) {
    let mut stack: [Option<&Tree>; 64] = [None; 64];
    stack.fill(None);
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

fn tree(from: u32, to: u32) -> Option<Box<Tree>> {
    if from >= to {
        return None;
    }
    let key = from + (to - from) / 2;
    Some(Box::new(Tree { key, value: key as f32 * 0.25, sides: [tree(from, key), tree(key + 1, to)] }))
}

#[test]
fn trees_are_searched() {
    let tree = tree(1, 40);
    let keys: Vec<u32> = (0..42).collect();
    let found = same(|d| d.collect(lookup(tree.as_deref(), &keys)));
    let expected = |key: &u32| match *key {
        0 | 40.. => 0.5,
        key => key as f32 * 0.25,
    };
    assert_eq!(found.iter().map(|v| v.abs()).collect::<Vec<_>>(), keys.iter().map(expected).collect::<Vec<_>>());
    assert_eq!(found.iter().filter(|v| **v < 0.0).count(), 16);
    assert_eq!(same(|d| d.collect(lookup(None::<&Tree>, &[3]))), [0.5]);
    let ranges = same(|d| d.collect(count_range(tree.as_deref(), &[1, 10, 39, 40], &[40, 20, 40, 50])));
    assert_eq!(ranges, [(39, 195.0), (10, 36.25), (1, 9.75), (0, 0.0)]);
    let descended = same(|d| d.collect(descend(tree.as_deref().unwrap(), &[1])));
    assert_eq!(descended, [(12, 15, true)]);
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

#[derive(KernelType, Clone)]
struct Leaf {
    pair: (u16, f64),
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
        total += last.children[0].weight * 1000;
        if let Some(leaf) = last.first.as_deref() {
            total += leaf.pair.0 as u32;
        }
        if let Some(shared) = &last.first {
            total += shared.pair.0 as u32;
        }
        if let Some(shared) = &last.first
            && ptr::eq(&**shared, &*root.always)
        {
            total += 1_000_000;
        }
    }
    total + slice_sum(&root.extra) + slice_sum(&root.extra[1..]) + root.always.pair.1 as u32
}

#[kernel_fn]
fn slice_sum(leaves: &[Leaf]) -> u32 {
    let mut sum = 0;
    for i in 0..leaves.len() {
        sum += leaves[i].pair.0 as u32;
    }
    sum
}

#[kernel]
fn out_of_bounds(#[uniform] root: &Wide, i: Index) -> u32 {
    root.children[i].weight
}

fn wide(weight: u32, depth: u32, shared: &Arc<Leaf>) -> Wide {
    let children = (0..3 * depth.min(1)).map(|k| wide(weight + k, depth - 1, shared)).collect();
    let extra: Vec<_> = (0..2 + depth).map(|k| Leaf { pair: (k as u16 + 7, 0.0) }).collect();
    let first = (weight % 2 == 1).then(|| shared.clone());
    Wide { weight, children, extra: extra.into(), first, always: shared.clone(), unit: Box::new(3) }
}

#[test]
fn vectors_of_children_are_indexed_and_iterated() {
    let shared = Arc::new(Leaf { pair: (11, 5.5) });
    let root = wide(9, 2, &shared);
    // 18 + 3, children 9, 10, 11 with 3 each and leaves 7, 8, 9; the last one's first child 11; shared leaf twice
    let leaves = 7 + 8 + 9 + 10;
    let expected = 18 + 3 + 30 + 9 + 3 * 24 + 11_000 + 22 + 1_000_000 + leaves + (leaves - 7) + 5;
    assert_eq!(same(|d| d.collect(weigh(&root, &[2]))), [expected]);
    assert_eq!(same(|d| d.collect(weigh(&wide(9, 0, &shared), &[2]))), [18 + 3 + 15 + 8 + 5]);
    let (message, _, item) = same_panic(|d| d.collect(out_of_bounds(&root, 4)));
    assert_eq!((&*message, item), ("index out of bounds: the len is 3 but the index is 3", 3));
}

/// A graph whose nodes borrow each other, and types that are mutually recursive.
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
    (place.name, length, is_capital(place.capital, place))
}

#[kernel_fn]
fn is_capital(capital: Option<&Place<'_>>, place: &Place<'_>) -> bool {
    match capital {
        Some(capital) => capital.name == place.name,
        None => false,
    }
}

#[kernel]
fn of_slice(places: &[Place<'_>], place: &Place<'_>) -> u32 {
    let mut same = 0;
    for other in places {
        if let (Some(a), Some(b)) = (other.capital, place.capital)
            && ptr::eq(a, b)
        {
            same += 1;
        }
    }
    same
}

#[test]
fn nodes_may_borrow_each_other() {
    let rome = Place { name: 1, roads: vec![], capital: None };
    let ostia = Place { name: 2, roads: vec![Road { length: 30, to: &rome }], capital: Some(&rome) };
    let pisa = Place {
        name: 3,
        roads: vec![Road { length: 300, to: &ostia }, Road { length: 330, to: &rome }],
        capital: Some(&rome),
    };
    let walked = same(|d| d.collect(walk(&pisa, &[0, 1, 2, 3])));
    assert_eq!(walked, [(3, 0, false), (2, 300, false), (1, 330, false), (1, 330, false)]);
    let places = [rome.again(), ostia.again(), pisa.again()];
    assert_eq!(same(|d| d.collect(of_slice(&places, &places))), [0, 2, 2]);
}

impl<'a> Place<'a> {
    fn again(&self) -> Place<'a> {
        Place { name: self.name, roads: vec![], capital: self.capital }
    }
}

/// Every work-item owns a node and what it owns: plain fields may be written.
#[kernel]
fn scale(node: &mut Node, by: &f32) {
    node.value *= by;
    let mut cur = node.next.as_deref_mut();
    while let Some(n) = cur {
        n.value = n.value * by + 1.0;
        cur = n.next.as_deref_mut();
    }
}

#[test]
fn plain_fields_of_own_nodes_are_written() {
    let values = same(|d| {
        let mut nodes: Vec<Node> = (0..4).map(|k| *list(k + 1).unwrap()).collect();
        d.run(scale(&mut nodes, &[1.0, 2.0, 3.0, 4.0]))?;
        let mut values = vec![];
        for node in &nodes {
            let mut cur = Some(node);
            while let Some(n) = cur {
                values.push(n.value);
                cur = n.next.as_deref();
            }
        }
        Ok(values)
    });
    assert_eq!(values, [0.0, 0.0, 2.0, 0.0, 2.5, 4.0, 0.0, 3.0, 5.0, 7.0]);
}

#[derive(KernelType)]
struct Entry<V: Copy> {
    key: u32,
    value: V,
    next: Option<Box<Entry<V>>>,
}

/// Buckets of chains: a slice of links.
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

#[test]
fn buckets_are_probed() {
    let mut buckets: Vec<Option<Box<Entry<i64>>>> = (0..5).map(|_| None).collect();
    for key in 0..20 {
        let bucket = &mut buckets[key as usize * 7 % 5];
        let next = bucket.take();
        *bucket = Some(Box::new(Entry { key: key * 7, value: -i64::from(key), next }));
    }
    let found = same(|d| d.collect(probe(&buckets, 1, &[0, 7, 8, 133, 134])));
    assert_eq!(found, [0, -1, 1, -19, 1]);
}
