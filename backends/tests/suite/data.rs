//! Inputs.

/// Numbers without an order.
pub(crate) fn words(count: usize, seed: u32) -> Vec<u32> {
    let mut state = seed;
    let next = |_| {
        state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        (state ^ (state >> 15)).wrapping_mul(0x2c1b_3c6d)
    };
    (0..count).map(next).collect()
}

/// Between -1 and 1.
pub(crate) fn floats(count: usize, seed: u32) -> Vec<f32> {
    words(count, seed).into_iter().map(|word| (word >> 8) as f32 / 8_388_608.0 - 1.0).collect()
}

pub(crate) fn bytes(count: usize, seed: u32) -> Vec<u8> {
    words(count, seed).into_iter().map(|word| (word >> 13) as u8).collect()
}

/// Between 0 and `limit`, which is left out.
pub(crate) fn below(count: usize, seed: u32, limit: u32) -> Vec<u32> {
    words(count, seed).into_iter().map(|word| (word >> 7) % limit).collect()
}
