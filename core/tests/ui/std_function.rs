extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    let mut z = *x;
    std::mem::swap(&mut z, y);
}

#[kernel]
fn of_a_trait(x: &f32, y: &mut f32) {
    *y = Default::default();
    *y += *x;
}

fn main() {}
