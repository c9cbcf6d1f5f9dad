//! What is walked: lists, trees and graphs, their nodes allocated in the order of the structure or in another.

use std::sync::Arc;

use landbridge::KernelType;

/// A list, as any program has it.
#[derive(KernelType)]
pub(crate) struct List {
    pub(crate) value: u64,
    pub(crate) next: Option<Box<List>>,
}

/// Long lists are taken apart node by node: the drop that Rust makes would recurse.
impl Drop for List {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

/// A binary tree.
#[derive(KernelType)]
pub(crate) struct Tree {
    pub(crate) key: u64,
    pub(crate) left: Option<Box<Tree>>,
    pub(crate) right: Option<Box<Tree>>,
}

/// A graph without cycles, in which every node but a few has two parents.
#[derive(KernelType)]
pub(crate) struct Graph {
    pub(crate) value: u64,
    pub(crate) edges: [Option<Arc<Graph>>; 2],
}

/// How the allocator placed the nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// One behind the other, in the order of the structure.
    InOrder,
    /// At random.
    Shuffled,
}

impl Order {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Order::InOrder => "in order",
            Order::Shuffled => "shuffled",
        }
    }
}

/// Boxes in the order in which the structure takes them.
fn boxes<T>(count: usize, order: Order, mut new: impl FnMut() -> T) -> Vec<Box<T>> {
    let mut boxes: Vec<Box<T>> = (0..count).map(|_| Box::new(new())).collect();
    if order == Order::Shuffled {
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        for last in (1..boxes.len()).rev() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            boxes.swap(last, (random % (last as u64 + 1)) as usize);
        }
    }
    boxes
}

/// A list of this many nodes.
pub(crate) fn list(count: usize, order: Order) -> List {
    list_among(count, order, |_| {})
}

/// The same; before each node is allocated, `other` may allocate something else.
pub(crate) fn list_among(count: usize, order: Order, mut other: impl FnMut(usize)) -> List {
    let mut next = None;
    let mut number = 0;
    let new = || {
        other(number);
        number += 1;
        List { value: 0, next: None }
    };
    for (mut node, value) in boxes(count, order, new).into_iter().rev().zip(0..) {
        node.value = value;
        node.next = next;
        next = Some(node);
    }
    *next.expect("at least one node")
}

/// A balanced search tree of this many nodes, which are taken level by level.
pub(crate) fn tree(count: usize, order: Order) -> Tree {
    let empty = || Tree { key: 0, left: None, right: None };
    let mut nodes: Vec<Option<Box<Tree>>> = boxes(count, order, empty).into_iter().map(Some).collect();
    for k in (0..count).rev() {
        let left = nodes.get_mut(2 * k + 1).and_then(Option::take);
        let right = nodes.get_mut(2 * k + 2).and_then(Option::take);
        let node = nodes[k].as_mut().expect("taken by its parent only");
        (node.key, node.left, node.right) = (k as u64, left, right);
    }
    *nodes[0].take().expect("at least one node")
}

/// A graph of this many nodes, of which a third are reached twice.
pub(crate) fn graph(count: usize, order: Order) -> Graph {
    // A node is made with its links, so from the last to the first; where blocks of its size were freed in another order,
    // the allocator hands them out in that.
    let mut made: Vec<Option<Arc<Graph>>> = vec![None; count];
    if order == Order::Shuffled {
        drop(boxes(count, order, || [0_usize; 2 + size_of::<Graph>() / size_of::<usize>()]));
    }
    for k in (0..count).rev() {
        let edge = |to: usize| made.get(to).cloned().flatten();
        made[k] = Some(Arc::new(Graph { value: k as u64, edges: [edge(3 * k / 2 + 1), edge(3 * k / 2 + 2)] }));
    }
    let root = made[0].take().expect("at least one node");
    Graph { value: root.value, edges: root.edges.clone() }
}
