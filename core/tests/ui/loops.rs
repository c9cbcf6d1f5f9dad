extern crate landbridge_core as landbridge;
use landbridge::*;

struct Three;

impl IntoIterator for Three {
    type Item = u32;
    type IntoIter = std::ops::Range<u32>;
    fn into_iter(self) -> Self::IntoIter {
        0..3
    }
}

#[kernel]
fn iterator(x: &f32, y: &mut f32) {
    for i in Three {
        *y = i as f32;
    }
}

#[kernel]
fn adaptors(t: &[f32], y: &mut f32) {
    for i in (0..9).step_by(2).rev() {
        *y = i as f32;
    }
    for (i, v) in t.iter().enumerate() {
        *y = i as f32 + v;
    }
    for i in 0.. {
        *y = i as f32;
    }
    for v in t.iter().rev() {
        *y += v;
    }
    for (a, b) in 0..3 {}
}

fn main() {}
