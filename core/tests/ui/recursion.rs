extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(y: &mut f32) {
    k(y);
}

fn main() {}
