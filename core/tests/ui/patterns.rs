extern crate landbridge_core as landbridge;
use landbridge::*;

#[allow(non_upper_case_globals)]
const lowercase: u32 = 3;

#[kernel]
fn constant(x: &u32, y: &mut u32) {
    *y = match *x {
        lowercase => 1,
        _ => 2,
    };
}

fn main() {}
