extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy, KernelType)]
struct V(f32);

impl V {
    fn new(x: f32) -> V {
        V(x)
    }
}

#[kernel]
fn k(x: &f32, y: &mut V) {
    *y = V::new(*x);
}

fn main() {}
