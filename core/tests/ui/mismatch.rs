extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel_fn]
fn helper(a: f32, b: u32) -> f32 {
    a + b as f32
}

#[kernel]
fn multiply(x: &f32, y: &mut f32) {
    let n: u32 = 3;
    *y = *x * n;
}

#[kernel]
fn assign(x: &f32, y: &mut f32) {
    let n: u32 = *x;
    *y = n as f32 + if n > 2.5 { 1.0 } else { 2 };
}

#[kernel]
fn arguments(x: &f32, y: &mut f32) {
    *y = helper(*x, 1.5);
    *y = helper(*x);
}

fn main() {}
