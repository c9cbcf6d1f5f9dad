extern crate landbridge_core as landbridge;
use landbridge::*;

trait Shape {
    #[kernel_fn]
    fn area(&self) -> f32;
}

#[derive(Clone, Copy, KernelType)]
struct Disc(f32);

impl Shape for Disc {
    fn area(&self) -> f32 {
        self.0
    }
}

trait Plain {
    fn weight(&self) -> f32;
}

#[kernel_fn]
impl Plain for Disc {
    fn weight(&self) -> f32 {
        self.0
    }
}

fn main() {}
