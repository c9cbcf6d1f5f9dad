extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(y: &mut f32) {
    k(y);
}

#[kernel_fn]
fn factorial(n: u32) -> u32 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

#[derive(Clone, Copy, KernelType)]
struct Depth(u32);

#[kernel_fn]
impl Depth {
    fn of(n: u32) -> u32 {
        if n == 0 { 0 } else { 1 + Self::of(n / 2) }
    }
}

fn main() {}
