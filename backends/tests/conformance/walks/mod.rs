//! The ready-made walks of linked data, over boxes and over regions, against plain Rust.

mod boxes;
mod lists;
mod maps;
mod octrees;
mod points;
mod ranks;
mod tables;

pub(crate) use boxes::{first_hits_of_rays, what_lies_in_boxes};
pub(crate) use lists::sums_and_positions_in_lists;
pub(crate) use maps::lookups_and_ranges_in_maps;
pub(crate) use octrees::pulls_of_bodies;
pub(crate) use points::nearest_points;
pub(crate) use ranks::ranks_by_pointer_jumping;
pub(crate) use tables::probes_of_hash_tables;

use landbridge::{Device, Result};

/// What kernels find; what plain Rust does where the suite asks for what is right.
fn found<T: Clone>(device: &Device, reference: &[T], kernels: impl FnOnce() -> Result<Vec<T>>) -> Result<Vec<T>> {
    if device.info().id == "plain" { Ok(reference.to_vec()) } else { kernels() }
}

/// Numbers without order, the same in every run: Marsaglia, "Xorshift RNGs" (2003).
fn numbers(count: usize) -> impl Iterator<Item = u32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    })
}

/// Points with whole coordinates, from -20 to 20.
fn places(count: usize) -> Vec<[f32; 3]> {
    let coordinates: Vec<f32> = numbers(3 * count).map(|k| (k % 41) as f32 - 20.0).collect();
    coordinates.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect()
}
