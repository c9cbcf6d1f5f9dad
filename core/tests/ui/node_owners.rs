//! `nodes(&mut ..)` takes structures that own all of their nodes alone.

extern crate landbridge_core as landbridge;
use landbridge::*;
use std::sync::Arc;

#[derive(KernelType)]
#[kernel_type(view = NodeMut)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

#[kernel]
fn clear(#[node] n: &mut NodeMut) {
    n.value = 0.0;
}

#[kernel]
fn read(#[node] n: &Node) -> f32 {
    n.value
}

#[derive(KernelType)]
#[kernel_type(view = SharedMut)]
struct SharedNode {
    value: f32,
    next: Option<Arc<SharedNode>>,
}

#[derive(KernelType)]
struct Forest {
    trees: Vec<Tree>,
}

#[derive(KernelType)]
#[kernel_type(view = TreeMut)]
struct Tree {
    value: f32,
    sides: [Option<Box<Tree>>; 2],
    name: &'static u32,
}

fn main() {
    let mut list: Option<Box<Node>> = None;
    let mut shared = SharedNode { value: 1.0, next: None };
    let mut forest = Forest { trees: vec![] };
    let mut counted: Option<Arc<Node>> = None;
    let _ = nodes::<SharedNode, _>(&mut shared);
    let _ = nodes::<Tree, _>(&mut forest);
    let _ = nodes::<Node, _>(&mut counted);
    let _ = clear(nodes(&list));
    let _ = clear(&mut list);
    let _ = read(nodes(&mut list));
    let _ = read(&list);
}
