extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy)]
struct P {
    v: f32,
}

#[kernel]
fn k(p: &P, y: &mut f32) {
    *y = p.v;
}

fn main() {}
