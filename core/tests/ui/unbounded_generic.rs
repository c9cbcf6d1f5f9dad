extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k<T: Copy>(x: &T, y: &mut T) {
    *y = *x;
}

fn main() {}
