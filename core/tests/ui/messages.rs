extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy, KernelType)]
struct Plain {
    a: f32,
}

#[derive(KernelType)]
struct Node {
    next: Option<Box<Node>>,
}

#[kernel]
fn slices_in_messages(x: &[f32], y: &mut f32) {
    assert!(*y > 0.0, "none of {:?}", x);
}

#[kernel]
fn options_in_messages(node: &Node, y: &mut f32) {
    let first = Some(&1_u32);
    assert!(*y > 0.0, "not {first:?}");
}

#[kernel]
fn without_debug(p: &Plain) {
    assert!(p.a > 0.0, "it is {p:?}");
}

#[kernel]
fn undefined(y: &mut f32) {
    assert!(*y > 0.0, "it is {z}");
}

#[kernel]
fn slices_compared(x: &[f32], y: &mut [f32; 3]) {
    assert_eq!(x[..3], *y);
}

fn main() {}
