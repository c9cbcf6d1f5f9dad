extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(y: &mut f32) {
    *y = zz + 1.0;
}

fn main() {}
