//! Walks of a list and of a tree of boxes, which landbridge rebuilds on the card once, against nodes that are laid out by hand: breadth
//! first, as landbridge lays them out.

use landbridge::prelude::*;

use crate::Bench;
use crate::kernels::{ListNode, TreeNode, list_walk, tree_walk};
use crate::workloads::{Cases, Results, compare};

pub(crate) fn run_list(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let (nodes, items) = (bench.size(4096, 50), bench.size(1 << 18, 300));
    let values: Vec<f32> = (0..nodes).map(|k| (k % 100) as f32).collect();
    let list = values.iter().rev().fold(None, |next, &value| Some(Box::new(ListNode { next, value })));
    let scale: Vec<f32> = (0..items).map(|k| (k % 8) as f32).collect();
    let mut sums = vec![0.0_f32; items];
    let mut expected = sums.clone();
    Device::host().run(list_walk(list.as_deref(), &scale, &mut expected)).expect("the host runs it");
    let theirs = cases.theirs("list_walk", items, 1).map(|launch| {
        let launch = launch.number(items).nodes(2 * nodes, |base| list_words(&values, base));
        launch.input(bytemuck::cast_slice(&scale)).output(bytemuck::cast_slice(&sums))
    });
    let results = Results { first: &mut sums, expected: &expected };
    compare(bench, cases, name, 8 * items, results, theirs, |s| {
        let (list, scale) = (list.as_deref(), s.attach(&scale));
        Box::new(move |sums| s.launch(list_walk(list, &scale, sums)))
    });
}

/// The words of a `ListNode` of kernels.cu for each value: where the next one is, and the value.
fn list_words(values: &[f32], base: u64) -> Vec<u64> {
    let node = |(k, value): (usize, &f32)| {
        let next = if k + 1 < values.len() { base + 16 * (k as u64 + 1) } else { 0 };
        [next, u64::from(value.to_bits())]
    };
    values.iter().enumerate().flat_map(node).collect()
}

pub(crate) fn run_tree(bench: &mut Bench, cases: &Cases<'_>, name: &str) {
    let (nodes, items) = (bench.size(1 << 20, 200) as u32, bench.size(1 << 22, 500));
    let tree = tree(0, nodes);
    let key = |k: usize| (k as u64 * 2_654_435_761 % (2 * u64::from(nodes))) as u32;
    let keys: Vec<u32> = (0..items).map(key).collect();
    let mut values = vec![0_u32; items];
    let mut expected = values.clone();
    Device::host().run(tree_walk(tree.as_deref(), &keys, &mut expected)).expect("the host runs it");
    let theirs = cases.theirs("tree_walk", items, 1).map(|launch| {
        let launch = launch.number(items).nodes(3 * nodes as usize, |base| tree_words(tree.as_deref(), base));
        launch.input(bytemuck::cast_slice(&keys)).output(bytemuck::cast_slice(&values))
    });
    let results = Results { first: &mut values, expected: &expected };
    compare(bench, cases, name, 8 * items, results, theirs, |s| {
        let (tree, keys) = (tree.as_deref(), s.attach(&keys));
        Box::new(move |values| s.launch(tree_walk(tree, &keys, values)))
    });
}

/// A balanced tree of the numbers from `from` to `to`, doubled.
fn tree(from: u32, to: u32) -> Option<Box<TreeNode>> {
    if from == to {
        return None;
    }
    let middle = from + (to - from) / 2;
    let (left, right) = (tree(from, middle), tree(middle + 1, to));
    Some(Box::new(TreeNode { left, right, key: 2 * middle, value: middle ^ 0x5555 }))
}

/// The words of a `TreeNode` of kernels.cu for each node: where its children are, its key and its value.
fn tree_words(root: Option<&TreeNode>, base: u64) -> Vec<u64> {
    let mut row: Vec<&TreeNode> = root.into_iter().collect();
    let (mut words, mut next) = (Vec::new(), 0);
    while next < row.len() {
        let node = row[next];
        next += 1;
        for child in [&node.left, &node.right] {
            words.push(child.as_deref().map_or(0, |child| {
                row.push(child);
                base + 24 * (row.len() as u64 - 1)
            }));
        }
        words.push(u64::from(node.key) | u64::from(node.value) << 32);
    }
    words
}
