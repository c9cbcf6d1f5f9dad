#![deny(warnings)]
extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    let mut unused = 3;
    let z = *x;
    *y = 1.0;
}

fn main() {}
