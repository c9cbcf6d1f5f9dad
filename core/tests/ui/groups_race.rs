extern crate landbridge_core as landbridge;
use landbridge::{Group, kernel};

#[kernel(group = 256)]
fn reads_neighbours(g: &Group<256>, out: &mut f32) {
    let mut s = g.shared::<f32, 256>(0.0);
    g.each(&mut s, |i, a| *a += s[(i + 4) % 256]);
    *out = s[0];
}

#[kernel(group = 256)]
fn writes_anywhere(g: &Group<256>, out: &mut f32) {
    let mut s = g.shared::<f32, 256>(0.0);
    g.lanes(|i| s[i / 2] = i as f32);
    *out = s[0];
}

#[kernel(group = 256)]
fn writes_the_groups_own(g: &Group<256>, out: &mut f32) {
    g.lanes(|i| *out = i as f32);
}

fn main() {}
