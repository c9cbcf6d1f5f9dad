extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn std_method(x: &f32, y: &mut f32) {
    *y = x.total_cmp(x) as i32 as f32;
}

#[derive(Clone, Copy, KernelType)]
struct V(f32);

impl V {
    fn twice(self) -> f32 {
        self.0 * 2.0
    }
}

#[kernel]
fn user_method(x: &V, y: &mut f32) {
    *y = x.twice();
}

fn main() {}
