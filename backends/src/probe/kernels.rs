//! What probes launch.

use landbridge::kernel;

/// Goes through two arrays once.
#[kernel]
pub(super) fn mix(x: &u32, y: &mut u32) {
    *y ^= *x;
}

/// Arithmetic on next to no memory: each step needs the one before.
#[kernel]
pub(super) fn churn(rounds: u32, x: &mut f32) {
    let mut value = *x;
    for _ in 0..rounds {
        value = value * 0.75 + 0.5;
    }
    *x = value;
}
