extern crate landbridge_core as landbridge;
use landbridge::*;

struct S;

impl S {
    #[kernel]
    fn method(&self, y: &mut f32) {
        *y = 1.0;
    }
}

fn main() {}
