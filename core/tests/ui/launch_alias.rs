extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * *x;
}

fn host() {
    let mut y = vec![0_f32; 4];
    let _ = saxpy(2.0, &y, &mut y);
}

fn main() {}
