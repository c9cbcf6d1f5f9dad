extern crate landbridge_core as landbridge;
use landbridge::*;

fn helper(a: f32) -> f32 {
    a + 1.0
}

#[kernel]
fn k(x: &f32, y: &mut f32) {
    *y = helper(*x);
}

fn main() {}
