//! What the cases launch.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::*;

#[kernel]
pub(crate) fn add(by: u32, y: &mut u32) {
    *y += by;
}

#[kernel]
pub(crate) fn copy(x: &u32, y: &mut u32) {
    *y = *x;
}

#[kernel]
pub(crate) fn axpy(a: u32, x: &u32, y: &mut u32) {
    *y += a * *x;
}

/// One step of the heat equation on a rod; its ends keep their temperature.
#[kernel]
pub(crate) fn heat(t: &[f32], next: &mut f32, i: Index) {
    if i == 0 || i + 1 == t.len() {
        *next = t[i];
    } else {
        *next = t[i] + 0.25 * (t[i - 1] - 2.0 * t[i] + t[i + 1]);
    }
}

#[kernel]
pub(crate) fn double(x: &u32) -> u32 {
    *x * 2
}

#[kernel]
pub(crate) fn add_and_tell(by: u32, y: &mut u32) -> u32 {
    *y += by;
    *y
}

#[kernel]
pub(crate) fn count(x: &u32, h: &[AtomicU32]) {
    h[(*x % 16) as usize].fetch_add(1, Ordering::Relaxed);
}

#[kernel]
pub(crate) fn row_sums(#[rows] m: &[u32], s: &mut u32) {
    let mut sum = 0;
    for value in m {
        sum += *value;
    }
    *s = sum;
}

/// Panics where `i` is out of the table.
#[kernel]
pub(crate) fn gather(i: &u32, t: &[u32], y: &mut u32) {
    *y = t[*i as usize];
}

#[kernel]
pub(crate) fn add_byte(by: u8, y: &mut u8) {
    *y += by;
}

/// Padding behind `small`.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub(crate) struct Padded {
    pub(crate) large: u32,
    pub(crate) small: u8,
}

#[kernel]
pub(crate) fn grow(p: &mut Padded) {
    p.large += 1;
    p.small += 2;
}

/// Every device but the host lacks this.
#[kernel]
pub(crate) fn sine(x: &u32, y: &mut f64) {
    *y = (*x as f64).sin();
}

/// Passes 32 bits from item 42950 on.
#[kernel]
pub(crate) fn far(i: Index, y: &mut u32) {
    let far = i * 100_000;
    *y += (far / 100_000) as u32;
}

#[kernel]
pub(crate) fn look_up(i: &u32, t: &[u32]) -> u32 {
    t[*i as usize]
}
