//! What uses the data.

use landbridge::prelude::*;

/// A use that reads element `i * stride` of the data, with some arithmetic on it.
#[kernel]
pub(crate) fn pick(stride: u32, rounds: u32, t: &[f32], i: Index, y: &mut f32) {
    let mut value = t[i * stride as usize];
    for _ in 0..rounds {
        value = value * 0.75 + 0.5;
    }
    *y = value;
}

/// A use that reads each element once, here and there: their number is a power of two, and `half` is half its bits.
#[kernel]
pub(crate) fn gather(mask: u32, half: u32, t: &[f32], i: Index, y: &mut f32) {
    // Each step maps the numbers up to the mask one to one.
    let mut at = (i as u32).wrapping_mul(0x9E37_79B1) & mask;
    at = at ^ (at >> half);
    at = at.wrapping_mul(0x85EB_CA6B) & mask;
    *y = t[at as usize];
}

/// A use in which each place tells where the next one is: a walk of so many steps a work-item.
#[kernel]
pub(crate) fn chase(hops: u32, apart: u32, next: &[u32], i: Index, y: &mut f32) {
    let mut at = i as u32 * apart;
    for _ in 0..hops {
        at = next[at as usize];
    }
    *y = at as f32;
}

/// A use that also writes.
#[kernel]
pub(crate) fn update(x: &mut f32) {
    *x = *x * 0.75 + 0.5;
}

/// The same for the first so many elements: where data is on a device, a launch has all of it.
#[kernel]
pub(crate) fn update_first(count: u32, i: Index, x: &mut f32) {
    if (i as u32) < count {
        *x = *x * 0.75 + 0.5;
    }
}
