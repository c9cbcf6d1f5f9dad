extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    println!("{x}");
    let v = vec![1.0; 3];
    let s = "abc";
    let c = c"a";
    let n = 1_u128;
    *y = 1.0;
}

fn main() {}
