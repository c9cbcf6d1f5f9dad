extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    let z = *x;
    *y = std::hint::black_box(z);
}

#[kernel]
fn of_a_trait(x: &f32, y: &mut f32) {
    *y = From::from(2_u8);
    *y += *x;
}

fn main() {}
