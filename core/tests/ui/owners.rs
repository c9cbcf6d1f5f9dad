//! What owns something is neither cloned nor swapped in a kernel.
extern crate landbridge_core as landbridge;
use landbridge::{KernelType, kernel};

#[derive(Clone, KernelType)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

#[derive(Clone, Copy, KernelType)]
struct Pair(f32, u32);

#[kernel]
fn cloned_box(#[uniform] root: &Box<Pair>, y: &mut f32) {
    *y = root.clone().0;
}

#[kernel]
fn cloned_node(#[uniform] root: &Node, y: &mut f32) {
    *y = root.clone().value;
}

#[kernel]
fn cloned_by_name(#[uniform] root: &Node, y: &mut f32) {
    *y = Node::clone(root).value;
}

#[kernel]
fn swapped(pair: &mut [Node; 2]) {
    pair.swap(0, 1);
}

// What owns nothing is.
#[kernel]
fn plain(x: &Pair, parts: &mut [Pair; 2]) {
    parts[0] = x.clone();
    parts.swap(0, 1);
}

fn main() {}
