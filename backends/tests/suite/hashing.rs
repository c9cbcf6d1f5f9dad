//! Hashes, checksums and random numbers.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Index, KernelType, Result, kernel, kernel_fn};

use crate::Way;
use crate::answer::Answer;
use crate::data::{bytes, words};

#[kernel]
fn fnv1a_kernel(i: Index, width: usize, text: &[u8], hash: &mut u64) {
    *hash = text[i * width..][..width]
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
}

pub(crate) fn fnv1a(way: Way<'_>) -> Result<Answer> {
    let (text, mut hash) = (bytes(17 * 12, 41), vec![0; 17]);
    match way {
        Way::Kernel(device) => device.run(fnv1a_kernel(12, &text, &mut hash)).map(drop)?,
        Way::Plain => {
            for (part, hash) in text.chunks(12).zip(&mut hash) {
                *hash = 0xcbf2_9ce4_8422_2325_u64;
                for byte in part {
                    *hash ^= *byte as u64;
                    *hash = hash.wrapping_mul(0x0100_0000_01b3);
                }
            }
        }
    }
    Ok(Answer::new().exact("hash", &hash))
}

/// Instead of `chunks.remainder()`, which kernels do not have.
#[kernel_fn]
fn murmur(data: &[u8], seed: u32) -> u32 {
    let mut h = seed;
    for chunk in data.chunks_exact(4) {
        let k = u32::from_le_bytes(chunk.try_into().unwrap());
        h ^= k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        h = h.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut k = 0;
    for (i, byte) in data[data.len() / 4 * 4..].iter().enumerate() {
        k |= u32::from(*byte) << (8 * i);
    }
    h ^= k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    h ^= data.len() as u32;
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

#[kernel]
fn murmur3_kernel(start: &u32, length: &u32, data: &[u8], hash: &mut u32) {
    let start = *start as usize;
    *hash = murmur(&data[start..start + *length as usize], 0x9747_b28c);
}

pub(crate) fn murmur3(way: Way<'_>) -> Result<Answer> {
    let data = bytes(64, 42);
    let (starts, lengths): (Vec<u32>, Vec<u32>) = (0..20).map(|i| (i * 2, i)).unzip();
    let mut hash = vec![0; 20];
    match way {
        Way::Kernel(device) => device.run(murmur3_kernel(&starts, &lengths, &data, &mut hash)).map(drop)?,
        Way::Plain => {
            for (i, hash) in hash.iter_mut().enumerate() {
                let data = &data[i * 2..i * 3];
                let mut h = 0x9747_b28c_u32;
                for part in data.chunks(4) {
                    let mut word = [0; 4];
                    word[..part.len()].copy_from_slice(part);
                    let k = u32::from_le_bytes(word);
                    h ^= k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
                    if part.len() == 4 {
                        h = h.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
                    }
                }
                h ^= data.len() as u32;
                h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
                h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
                *hash = h ^ (h >> 16);
            }
        }
    }
    Ok(Answer::new().exact("hash", &hash))
}

/// PCG with a stream.
#[derive(Clone, Copy, KernelType)]
struct Pcg {
    state: u64,
    increment: u64,
}

#[kernel_fn]
impl Pcg {
    fn new(seed: u64, stream: u64) -> Self {
        let mut pcg = Pcg { state: 0, increment: (stream << 1) | 1 };
        pcg.next();
        pcg.state = pcg.state.wrapping_add(seed);
        pcg.next();
        pcg
    }

    fn next(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.increment);
        let shifted = (((old >> 18) ^ old) >> 27) as u32;
        shifted.rotate_right((old >> 59) as u32)
    }

    fn below(&mut self, bound: u32) -> u32 {
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let r = self.next();
            if r >= threshold {
                return r % bound;
            }
        }
    }
}

#[kernel]
fn pcg_kernel(i: Index, dice: &mut [u32; 6]) {
    let mut random = Pcg::new(42, i as u64);
    for die in dice {
        *die = 1 + random.below(6);
    }
}

pub(crate) fn pcg(way: Way<'_>) -> Result<Answer> {
    let mut dice = vec![0; 6 * 30];
    match way {
        Way::Kernel(device) => device.run(pcg_kernel(&mut dice)).map(drop)?,
        Way::Plain => {
            for (i, dice) in dice.chunks_mut(6).enumerate() {
                let increment = 2 * i as u64 + 1;
                let step = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(increment);
                let mut state = step(step(0).wrapping_add(42));
                for die in dice {
                    *die = loop {
                        let r = ((((state >> 18) ^ state) >> 27) as u32).rotate_right((state >> 59) as u32);
                        state = step(state);
                        if r >= 4 {
                            break 1 + r % 6;
                        }
                    };
                }
            }
        }
    }
    Ok(Answer::new().exact("dice", &dice))
}

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let (mut c, mut k) = (i as u32, 0);
        while k < 8 {
            c = if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 };
            k += 1;
        }
        table[i] = c;
        i += 1;
    }
    table
}

const CRC: [u32; 256] = crc_table();

#[kernel]
fn crc32_kernel(i: Index, blocks: &[[u8; 32]], crc: &mut u32) {
    *crc = !blocks[i].iter().fold(!0_u32, |crc, &byte| CRC[((crc ^ byte as u32) & 0xff) as usize] ^ (crc >> 8));
}

pub(crate) fn crc32(way: Way<'_>) -> Result<Answer> {
    let data = bytes(32 * 9, 44);
    let blocks: Vec<[u8; 32]> = data.chunks_exact(32).map(|c| c.try_into().expect("32")).collect();
    let mut crc = vec![0; 9];
    match way {
        Way::Kernel(device) => device.run(crc32_kernel(&blocks, &mut crc)).map(drop)?,
        Way::Plain => {
            for (block, crc) in blocks.iter().zip(&mut crc) {
                *crc = !0_u32;
                for bit in block.iter().flat_map(|byte| (0..8).map(move |k| u32::from(byte >> k & 1))) {
                    *crc = if (*crc ^ bit) & 1 == 1 { 0xedb8_8320 ^ (*crc >> 1) } else { *crc >> 1 };
                }
                *crc = !*crc;
            }
        }
    }
    Ok(Answer::new().exact("crc", &crc))
}

const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

const START: [u32; 8] =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

#[kernel]
fn sha256_kernel(block: &[u8; 64], digest: &mut [u32; 8]) {
    let mut w = [0_u32; 64];
    for (word, bytes) in w.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_be_bytes(bytes.try_into().unwrap());
    }
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = START;
    for (k, w) in K.iter().zip(w) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = h.wrapping_add(s1).wrapping_add((e & f) ^ (!e & g)).wrapping_add(*k).wrapping_add(w);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (out, (start, value)) in digest.iter_mut().zip(START.into_iter().zip([a, b, c, d, e, f, g, h])) {
        *out = start.wrapping_add(value);
    }
}

pub(crate) fn sha256(way: Way<'_>) -> Result<Answer> {
    let mut blocks: Vec<[u8; 64]> = bytes(64 * 5, 45).chunks_exact(64).map(|c| c.try_into().expect("64")).collect();
    // The padded "abc" of the standard.
    blocks[0] = [0; 64];
    blocks[0][..4].copy_from_slice(b"abc\x80");
    blocks[0][63] = 24;
    let mut digest = vec![0; 40];
    match way {
        Way::Kernel(device) => device.run(sha256_kernel(blocks.as_flattened(), &mut digest)).map(drop)?,
        Way::Plain => blocks.iter().zip(digest.chunks_mut(8)).for_each(|(block, digest)| sha256_of(block, digest)),
    }
    assert_eq!(digest[0], 0xba78_16bf);
    Ok(Answer::new().exact("digest", &digest))
}

fn sha256_of(block: &[u8; 64], digest: &mut [u32]) {
    let mut w: Vec<u32> = (0..16).map(|t| (0..4).fold(0, |word, k| word << 8 | u32::from(block[t * 4 + k]))).collect();
    let turned = |x: u32, n: [u32; 3]| x.rotate_right(n[0]) ^ x.rotate_right(n[1]) ^ x.rotate_right(n[2]);
    for t in 16..64 {
        let s0 = w[t - 15].rotate_right(7) ^ w[t - 15].rotate_right(18) ^ (w[t - 15] >> 3);
        let s1 = w[t - 2].rotate_right(17) ^ w[t - 2].rotate_right(19) ^ (w[t - 2] >> 10);
        w.push(w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1));
    }
    let mut v = START;
    for t in 0..64 {
        let choice = (v[4] & v[5]) | (!v[4] & v[6]);
        let majority = (v[0] & v[1]) | (v[2] & (v[0] | v[1]));
        let t1 = [turned(v[4], [6, 11, 25]), choice, K[t], w[t]].into_iter().fold(v[7], u32::wrapping_add);
        v.copy_within(0..7, 1);
        v[4] = v[4].wrapping_add(t1);
        v[0] = t1.wrapping_add(turned(v[1], [2, 13, 22])).wrapping_add(majority);
    }
    (0..8).for_each(|i| digest[i] = START[i].wrapping_add(v[i]));
}

#[kernel]
fn bloom_kernel(key: &u32, bits: &[AtomicU32]) {
    for salt in [0x9e37_79b9_u32, 0x85eb_ca6b, 0xc2b2_ae35] {
        let hash = key.wrapping_mul(salt).rotate_left(11) as usize % (bits.len() * 32);
        bits[hash / 32].fetch_or(1 << (hash % 32), Ordering::Relaxed);
    }
}

pub(crate) fn bloom_filter(way: Way<'_>) -> Result<Answer> {
    let (keys, mut bits) = (words(60, 46), vec![0; 16]);
    match way {
        Way::Kernel(device) => device.run(bloom_kernel(&keys, &mut bits)).map(drop)?,
        Way::Plain => {
            for key in &keys {
                for salt in [0x9e37_79b9_u32, 0x85eb_ca6b, 0xc2b2_ae35] {
                    let hash = key.wrapping_mul(salt).rotate_left(11) % 512;
                    bits[hash as usize / 32] |= 1 << (hash % 32);
                }
            }
        }
    }
    Ok(Answer::new().exact("bits", &bits))
}
