//! A view of a node has no links to follow, is not assigned, and is made by nobody.

extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(KernelType)]
#[kernel_type(view = NodeMut)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

/// The race: work-item 0 would change the node of work-item 1.
#[kernel]
fn races(#[node] n: &mut NodeMut) {
    if let Some(next) = &mut n.next {
        next.value = 1.0;
    }
}

#[kernel]
fn follows(#[node] n: &mut NodeMut, y: &mut f32) {
    if let Some(next) = n.next.as_deref() {
        *y = next.value;
    }
}

#[kernel]
fn looks(#[node] n: &mut NodeMut, y: &mut f32) {
    let link = &n.next;
    *y = n.value;
}

#[kernel]
fn assigned(#[node] a: &mut NodeMut, #[node] b: &mut NodeMut) {
    *a = *b;
}

#[kernel]
fn assigned_link(#[node] a: &mut NodeMut, #[node] b: &mut NodeMut) {
    a.next = b.next;
}

#[kernel]
fn not_the_view(#[node] n: &mut Node) {
    n.value = 1.0;
}

fn made(next: Option<Box<Node>>) -> NodeMut<'static> {
    NodeMut { value: 1.0, next }
}

#[derive(KernelType)]
struct Pair {
    both: [Option<Box<Node>>; 2],
}

#[derive(KernelType)]
#[kernel_type(view = OuterMut)]
struct Outer {
    pair: Pair,
    value: f32,
}

fn main() {}
