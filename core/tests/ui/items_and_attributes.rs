extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    fn inner(a: f32) -> f32 {
        a
    }
    struct S;
    #[cfg(feature = "double")]
    let z = 2.0;
    *y = inner(*x);
}

fn main() {}
