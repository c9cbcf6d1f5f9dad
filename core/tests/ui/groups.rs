extern crate landbridge_core as landbridge;
use landbridge::{Group, kernel};

#[kernel(group = 256)]
fn other_count(g: &Group<128>, out: &mut u32) {
    *out = g.id as u32;
}

#[kernel(group = 256)]
fn no_group(x: &f32, out: &mut f32) {
    *out = *x;
}

#[kernel(group = 4096)]
fn many_lanes(g: &Group<4096>, out: &mut u32) {
    *out = g.id as u32;
}

#[kernel(group = 64)]
fn nested(g: &Group<64>, out: &mut [u32; 64]) {
    g.each(out, |_, o| {
        *o = 1;
        g.lanes(|_| {});
    });
}

#[kernel(group = 64)]
fn two_groups(g: &Group<64>, h: &Group<64>, out: &mut u32) {
    *out = (g.id + h.id) as u32;
}

fn main() {}
