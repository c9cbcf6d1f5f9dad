extern crate landbridge_core as landbridge;
use landbridge::*;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[kernel]
fn k(x: &f32, y: &mut f32) {
    println!("{x}");
    let v = vec![1.0; 3];
    let s = "abc";
    let c = c"a";
    let d = square!(*x);
    let n = 1_u128;
    *y = 1.0;
}

fn main() {}
