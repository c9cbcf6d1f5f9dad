//! Items in the widest vectors that this machine has and whose results are the same, bit for bit.
//!
//! Programs are built for the oldest processors of their kind: on x86-64 that means vectors of 16 bytes, twice as many
//! instructions as the machine needs, and loops so short that where the linker puts them changes their speed by a fifth
//! (a loop that lies across two cache lines is fetched at half the rate). So kernels are compiled twice there. Every
//! operation is the same in wider vectors; nothing is contracted or reordered, for Rust allows neither.
#![allow(unsafe_code)]

use super::sink::Sink;
use super::{Arguments, Body};

/// [`Body::drive`], by the version of it that suits this machine.
///
/// # Safety
/// As [`Body::drive`].
#[inline(always)]
pub(super) unsafe fn drive<A: Arguments, F: Body<A>>(
    body: &F,
    arguments: A,
    items: usize,
    sink: &mut impl Sink<F::Output>,
) {
    // In a program that is built for such processors the answer is known, and there is one version only.
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: passed on, and the processor has AVX2.
        return unsafe { drive_avx2(body, arguments, items, sink) };
    }
    // SAFETY: passed on.
    unsafe { body.drive(arguments, items, sink) }
}

/// # Safety
/// As [`Body::drive`], on a processor that has AVX2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn drive_avx2<A: Arguments, F: Body<A>>(body: &F, arguments: A, items: usize, sink: &mut impl Sink<F::Output>) {
    // SAFETY: passed on.
    unsafe { body.drive(arguments, items, sink) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argument::{Item, ItemMut, Uniform};
    use crate::launch::sink::{Collect, Discard, Fold};
    use crate::reduction::Sum;

    fn step(a: f32, x: &f32, y: &mut f32) {
        *y = if *x > 0.5 { (*y + a * x).sqrt() / (x - a) } else { *y * x + a };
    }

    fn mixed(x: &f32, k: &i32) -> i32 {
        (*x as i32).wrapping_mul(*k).rotate_left(3) ^ (*k >> (*k as u32 % 32))
    }

    /// Subnormal, huge, tiny, negative and ordinary numbers, infinities and zeros; as many as fill no vectors.
    fn numbers() -> Vec<f32> {
        let bits = (0..1037_u32).map(|i| i.wrapping_mul(0x9E37_79B1));
        let usual = bits.map(f32::from_bits).filter(|x| !x.is_nan());
        usual.chain([0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, 1.0]).collect()
    }

    /// NaNs have no bits that Rust promises.
    fn bits(values: &[f32]) -> Vec<Option<u32>> {
        values.iter().map(|v| (!v.is_nan()).then(|| v.to_bits())).collect()
    }

    #[test]
    fn wide_and_narrow_vectors_give_the_same_bits() {
        let x = numbers();
        let (mut wide, mut narrow) = (vec![0.25; x.len()], vec![0.25; x.len()]);
        let narrow_arguments = (Uniform(0.7), Item::new(&x), ItemMut::new(&mut narrow));
        // SAFETY: slices of one length, each item once.
        unsafe { step.drive(narrow_arguments, x.len(), &mut Discard) };
        let wide_arguments = (Uniform(0.7), Item::new(&x), ItemMut::new(&mut wide));
        // SAFETY: as above.
        unsafe { drive(&step, wide_arguments, x.len(), &mut Discard) };
        assert_eq!(bits(&wide), bits(&narrow));
        assert!(wide.iter().any(|y| *y != 0.25));
    }

    #[test]
    fn collected_and_folded_too() {
        let x = numbers();
        let k: Vec<i32> = (0..x.len() as i32).map(|i| i.wrapping_mul(77_777_777)).collect();
        let mut wide = Vec::with_capacity(x.len());
        let results = &mut wide.spare_capacity_mut()[..x.len()];
        // SAFETY: slices of one length, each item once; then all are written.
        unsafe {
            drive(&mixed, (Item::new(&x), Item::new(&k)), x.len(), &mut Collect(results));
            wide.set_len(x.len());
        }
        let narrow: Vec<i32> = x.iter().zip(&k).map(|(x, k)| mixed(x, k)).collect();
        assert_eq!(wide, narrow);
        let (mut fold, mut other) = (Fold::<i32, Sum>::new(), Fold::<i32, Sum>::new());
        // SAFETY: slices of one length, each item once.
        unsafe {
            drive(&mixed, (Item::new(&x), Item::new(&k)), x.len(), &mut fold);
            mixed.drive((Item::new(&x), Item::new(&k)), x.len(), &mut other);
        }
        let sum = fold.finish();
        assert_eq!(sum, narrow.iter().fold(0, |sum: i32, k| sum.wrapping_add(*k)));
        assert_eq!(sum, other.finish());
    }
}
