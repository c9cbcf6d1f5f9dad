//! Random numbers by counter: number `k` of a stream is a function of the seed and `k`, so every device and any cut into work-items
//! gives the same ones, and none keeps a state.
//!
//! Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011): ten rounds of two 32-bit
//! multiplications for four words.

use landbridge::{Device, Index, Result, kernel, kernel_fn};

/// The upper half of the product, from products of halves: some devices have no 64-bit integers.
#[kernel_fn]
fn upper(a: u32, b: u32) -> u32 {
    let (a0, a1, b0, b1) = (a & 0xffff, a >> 16, b & 0xffff, b >> 16);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 16); // at most (2^16 - 1)^2 + 2^16 - 1
    let other = a0 * b1 + (middle & 0xffff);
    a1 * b1 + (middle >> 16) + (other >> 16)
}

/// The four words of a counter under a key.
#[kernel_fn]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let (mut c, mut k) = (counter, key);
    for _ in 0..10 {
        let (high0, low0) = (upper(0xD251_1F53, c[0]), c[0].wrapping_mul(0xD251_1F53));
        let (high1, low1) = (upper(0xCD9E_8D57, c[2]), c[2].wrapping_mul(0xCD9E_8D57));
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0];
        k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
    }
    c
}

/// A number from 0, included, to 1, excluded, of the upper 24 bits.
#[kernel_fn]
pub fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Four words of the stream `key`: block `i` of it, and block 2^32 `high` further on.
#[kernel]
pub fn words(key: [u32; 2], high: u32, i: Index, out: &mut [u32; 4]) {
    *out = philox([i as u32, high, 0, 0], key);
}

/// As [`words`], as numbers of the unit interval.
#[kernel]
pub fn units(key: [u32; 2], high: u32, i: Index, out: &mut [f32; 4]) {
    let w = philox([i as u32, high, 0, 0], key);
    *out = [unit(w[0]), unit(w[1]), unit(w[2]), unit(w[3])];
}

fn key(seed: u64) -> [u32; 2] {
    [seed as u32, (seed >> 32) as u32]
}

/// Blocks that one launch counts in 32 bits.
const BLOCKS: usize = 1 << 30;

macro_rules! fill {
    ($(#[$doc:meta])* $name:ident $t:ident $kernel:ident $convert:expr) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// As [`Device::run`].
        pub fn $name(device: &Device, seed: u64, out: &mut [$t]) -> Result<()> {
            let key = key(seed);
            for (high, part) in (0..).zip(out.chunks_mut(4 * BLOCKS)) {
                let (whole, rest) = part.split_at_mut(part.len() / 4 * 4);
                let blocks = whole.len() / 4;
                if blocks > 0 {
                    let _ = device.run($kernel(key, high, whole))?;
                }
                let last = philox([blocks as u32, high, 0, 0], key);
                rest.iter_mut().zip(last).for_each(|(to, word)| *to = $convert(word));
            }
            Ok(())
        }
    };
}
fill! {
    /// Random words: all 32 bits. Element `k` depends on `seed` and `k` only.
    fill_words u32 words std::convert::identity
}
fill! {
    /// Random numbers from 0 to 1, 1 excluded: multiples of 2^-24. Element `k` depends on `seed` and `k` only.
    fill_units f32 units unit
}

#[cfg(test)]
mod tests {
    use super::philox;

    /// `kat_vectors` of Random123.
    #[test]
    fn published_vectors() {
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let cases = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (pi, [0xa409_3822, 0x299f_31d0], [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
        ];
        for (counter, key, expected) in cases {
            assert_eq!(philox(counter, key), expected, "{counter:x?}");
        }
    }
}
