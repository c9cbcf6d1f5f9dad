//! A user's library that calls landbridge `lb`, forbids unsafe code and denies all warnings.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused_qualifications, unreachable_pub)]

use lb::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// A point of a plane.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
#[kernel_type(crate = lb)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Upwards.
    pub y: f32,
}

impl Point {
    /// Square of the distance from the origin.
    #[kernel_fn(crate = lb)]
    pub fn norm(&self) -> f32 {
        self.x * self.x + self.y * self.y
    }
}

/// A helper that is public.
#[kernel_fn(crate = lb)]
pub fn halve(value: f32) -> f32 {
    value / 2.0
}

/// Moves each point towards the origin.
#[kernel(crate = lb)]
pub fn shrink(factor: f32, point: &mut Point) {
    point.x *= factor;
    point.y = halve(point.y) * (2.0 * factor);
}

/// The squares of the distances from the origin.
#[kernel(crate = lb)]
pub fn norms(point: &Point) -> f32 {
    point.norm()
}

/// Counts bytes: what the macro makes of a kernel that only adds has unsafe code, which is none of this crate's.
#[kernel(crate = lb)]
pub fn tally(byte: &u8, counts: &[AtomicU32]) {
    counts[*byte as usize % counts.len()].fetch_add(1, Ordering::Relaxed);
}

mod hidden {
    use lb::prelude::*;

    #[kernel(crate = lb)]
    pub(crate) fn add_one(x: &mut u32) {
        *x += 1;
    }
}

/// Calls a kernel of a private module, and one that is written inside this function.
///
/// # Errors
/// As `Device::run`.
pub fn count(device: &Device, numbers: &mut [u32]) -> lb::Result<()> {
    #[kernel(crate = lb)]
    fn double(x: &mut u32) {
        *x *= 2;
    }
    let _ = device.run(hidden::add_one(&mut *numbers))?;
    let _ = device.run(double(numbers))?;
    Ok(())
}
