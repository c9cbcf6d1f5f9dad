extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    let s = String::new();
    *y = *x;
}

fn main() {}
