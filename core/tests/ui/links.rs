//! Links are followed, not changed; what a device cannot hold is no field of a node.

extern crate landbridge_core as landbridge;
use landbridge::*;
use std::rc::Rc;

#[derive(KernelType)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
    children: Vec<Node>,
}

#[derive(KernelType)]
struct Link {
    value: f32,
    next: Option<Box<Link>>,
}

#[derive(KernelType)]
struct Named {
    name: String,
    next: Option<Box<Named>>,
}

#[derive(KernelType)]
struct Counted {
    next: Option<Rc<Counted>>,
}

#[derive(KernelType)]
struct Dynamic {
    shape: Box<dyn Fn() + Send + Sync>,
}

#[derive(KernelType)]
struct Number {
    value: Option<Vec<f32>>,
}

#[kernel]
fn cut(node: &mut Node) {
    node.next = None;
}

#[kernel]
fn replaced(node: &mut Link) {
    *node = node_of(1.0);
}

#[kernel_fn]
fn node_of(value: f32) -> Link {
    Link { value, next: None }
}

#[kernel]
fn both(node: &mut Node, y: &mut f32) {
    (node.next, *y) = (None, 2.0);
}

#[kernel]
fn taken(node: &mut Node, y: &mut f32) {
    if let Some(next) = node.next.take() {
        *y = next.value;
    }
}

#[kernel]
fn swapped(node: &mut Node) {
    std::mem::swap(&mut node.next, &mut None);
}

#[kernel]
fn pushed(node: &mut Node) {
    node.children.pop();
}

#[kernel]
fn filled(buckets: &mut [Option<Box<u32>>; 4]) {
    buckets.fill(None);
}

#[kernel]
fn exclusive(#[uniform] root: &mut Node, y: &mut f32) {
    *y = root.value;
}

#[kernel]
fn by_value(list: Box<Node>, y: &mut f32) {
    *y = list.value;
}

#[kernel]
fn in_rows(#[rows] nodes: &[Node], y: &mut f32) {
    *y = nodes[0].value;
}

fn main() {}
