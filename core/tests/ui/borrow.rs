extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(t: &[f32], y: &mut f32) {
    let mut v = [0.0; 4];
    let r = &mut v;
    v[0] = t[0];
    r[1] = 2.0;
    *y = v[0];
}

#[kernel]
fn all(t: &[f32], y: &mut f32) {
    t[0] = 1.0;
    *y = t[1];
}

fn main() {}
