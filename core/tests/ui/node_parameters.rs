//! Where `#[node]` belongs, and views of what has none.

extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn slices(#[node] nodes: &[u32]) -> u32 {
    nodes[0]
}

#[kernel]
fn values(#[node] node: u32) -> u32 {
    node
}

fn closure(y: &mut [f32]) {
    let _ = each!(|#[node] n: &f32, y: &mut f32| *y = *n);
}

#[derive(KernelType)]
#[kernel_type(view = GraphMut)]
struct Graph<'g> {
    value: f32,
    next: Option<&'g Graph<'g>>,
}

#[derive(KernelType)]
#[kernel_type(views = OddMut)]
struct Odd {
    value: f32,
}

#[derive(KernelType)]
#[kernel_type(view = MarkedMut)]
struct Marked {
    #[kernel_type(hidden)]
    value: f32,
}

#[derive(KernelType)]
#[kernel_type(view = NodeMut)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

#[kernel]
fn swapped(#[node] a: &mut NodeMut, #[node] b: &mut NodeMut) {
    std::mem::swap(a, b);
}

fn main() {}
