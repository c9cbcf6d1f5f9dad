//! The host's radix sort: by the highest digit on all threads, then each bucket by the other digits, within the cache.
#![allow(unsafe_code)]

use rayon::prelude::*;

use super::Key;
use crate::host::PARALLEL;

/// Fewer elements are sorted by comparisons.
const FEW: usize = 512;

/// Values of a digit of 8 bits.
const RADIX: usize = 256;

type Counts = [usize; RADIX];

/// Sorts, stably.
pub(super) fn sort<K: Key>(t: &mut [K]) {
    if t.len() < FEW {
        t.sort_by_key(K::bits);
    } else {
        by_digits(t, K::BITS, &K::bits);
    }
}

/// The numbers of the elements in their sorted order, stably.
pub(super) fn order<K: Key>(keys: &[K]) -> Vec<u32> {
    if K::BITS <= 32 {
        // both in one word: half the bytes of a pair
        let mut pairs: Vec<u64> = keys.iter().zip(0_u64..).map(|(key, k)| key.bits() << 32 | k).collect();
        by_digits(&mut pairs, K::BITS, &|pair| pair >> 32);
        return pairs.into_iter().map(|pair| pair as u32).collect();
    }
    let mut pairs: Vec<(u64, u32)> = keys.iter().zip(0_u32..).map(|(key, k)| (key.bits(), k)).collect();
    by_digits(&mut pairs, K::BITS, &|pair| pair.0);
    pairs.into_iter().map(|pair| pair.1).collect()
}

fn by_digits<T: Copy + Send + Sync>(t: &mut [T], bits: u32, key: &(impl Fn(&T) -> u64 + Sync)) {
    if t.is_empty() {
        return;
    }
    let mut other = t.to_vec();
    if t.len() < PARALLEL || bits <= 8 {
        lowest_first(t, &mut other, bits, key, false);
        return;
    }
    let buckets = highest(t, &mut other, bits - 8, key);
    let (mut t, mut other) = (t, other.as_mut_slice());
    let mut pieces = Vec::with_capacity(RADIX);
    for length in buckets {
        let (here, rest) = t.split_at_mut(length);
        let (there, other_rest) = other.split_at_mut(length);
        (t, other) = (rest, other_rest);
        if length > 0 {
            pieces.push((here, there));
        }
    }
    pieces.into_par_iter().with_max_len(1).for_each(|(here, there)| {
        if there.len() < 64 {
            there.sort_by_key(key);
            here.copy_from_slice(there);
        } else {
            lowest_first(there, here, bits - 8, key, true);
        }
    });
}

#[inline(always)]
fn digit(bits: u64, shift: u32) -> usize {
    (bits >> shift) as usize % RADIX
}

/// Sorts `t` by its lowest bits; the result is in `t`, or in `other` where `to_other` says so.
fn lowest_first<T: Copy>(t: &mut [T], other: &mut [T], bits: u32, key: &impl Fn(&T) -> u64, to_other: bool) {
    let mut counts = [[0_usize; RADIX]; 8];
    let digits = (bits / 8) as usize;
    for here in t.iter() {
        let bits = key(here);
        for (k, counts) in counts[..digits].iter_mut().enumerate() {
            counts[digit(bits, 8 * k as u32)] += 1;
        }
    }
    let length = t.len();
    let (mut from, mut to, mut swapped) = (t, other, false);
    for (k, counts) in counts[..digits].iter().enumerate() {
        if counts.contains(&length) {
            continue; // all have the same digit
        }
        let mut places = *counts;
        before_each(&mut places);
        for here in from.iter() {
            let place = &mut places[digit(key(here), 8 * k as u32)];
            to[*place] = *here;
            *place += 1;
        }
        std::mem::swap(&mut from, &mut to);
        swapped = !swapped;
    }
    if swapped != to_other {
        to.copy_from_slice(from);
    }
}

/// Replaces counts by the sum of those before.
fn before_each(counts: &mut Counts) {
    let mut sum = 0;
    for count in counts {
        sum += std::mem::replace(count, sum);
    }
}

/// Where elements are written by several threads, each to places of its own.
struct Target<T>(*mut T);

// SAFETY: threads write to disjoint places (see `highest`), and `T: Send` may be written by any thread.
unsafe impl<T: Send> Sync for Target<T> {}

impl<T> Target<T> {
    /// # Safety
    /// The place is inside the slice that this was made of, and nobody else uses it meanwhile.
    unsafe fn write(&self, place: usize, value: T) {
        // SAFETY: the caller's.
        unsafe { self.0.add(place).write(value) }
    }
}

/// Moves all to `other` in the order of the digit at `shift`, stably; returns how many have each digit.
fn highest<T: Copy + Send + Sync>(t: &[T], other: &mut [T], shift: u32, key: &(impl Fn(&T) -> u64 + Sync)) -> Counts {
    assert_eq!(t.len(), other.len());
    let per = t.len().div_ceil(rayon::current_num_threads());
    let counts: Vec<Counts> = t
        .par_chunks(per)
        .map(|part| {
            let mut counts = [0; RADIX];
            part.iter().for_each(|here| counts[digit(key(here), shift)] += 1);
            counts
        })
        .collect();
    let (mut places, mut all, mut sum) = (counts.clone(), [0; RADIX], 0);
    for digit in 0..RADIX {
        for (counts, places) in counts.iter().zip(&mut places) {
            places[digit] = sum;
            all[digit] += counts[digit];
            sum += counts[digit];
        }
    }
    assert_eq!(sum, t.len());
    let target = Target(other.as_mut_ptr());
    t.par_chunks(per).zip(places).zip(counts).for_each(|((part, mut places), mut left)| {
        for here in part {
            let digit = digit(key(here), shift);
            // A key that is another one when it is asked again must not lead elsewhere.
            left[digit] = left[digit].checked_sub(1).expect("a key does not change");
            // SAFETY: this part has `counts[digit]` places of its own from `places[digit]` on, and `left` sees to it that it uses no
            // more. All counts add up to the length of `other`, which is borrowed exclusively and holds `Copy` data.
            unsafe { target.write(places[digit], *here) };
            places[digit] += 1;
        }
    });
    all
}
