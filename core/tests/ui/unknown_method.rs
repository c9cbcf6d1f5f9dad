extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn misspelt(x: &f32, y: &mut f32) {
    *y = x.sqroot() + 1.0;
}

fn main() {}
