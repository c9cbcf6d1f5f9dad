//! Random slices on every device, under every strategy that it has: any length, any alignment, any contents.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::backend::Capability;
use landbridge::prelude::*;
use landbridge::{Error, Result};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, TestCaseError, any, prop_assert, prop_assert_eq, proptest};

#[kernel]
fn blend<T: KernelValue + std::ops::BitXor<Output = T> + std::ops::Not<Output = T>>(mask: T, x: &T, y: &mut T) {
    *y = !(*x ^ mask) ^ *y;
}

#[kernel]
fn tally(counts: &[AtomicU32], x: &u16) {
    counts[*x as usize % counts.len()].fetch_add(*x as u32 + 1, Ordering::Relaxed);
}

#[kernel]
fn difference(x: &i32, y: &i32) -> i32 {
    x.wrapping_sub(*y)
}

/// One operation each.
#[kernel]
fn singles(a: &f32, b: &f32, out: &mut [f32; 5]) {
    out[0] = *a + *b;
    out[1] = *a - *b;
    out[2] = *a * *b;
    out[3] = *a / *b;
    out[4] = a.abs().sqrt();
}

/// Several in a row, which a device may fuse or simplify.
#[kernel]
fn in_a_row(a: &f32, b: &f32, out: &mut [f32; 4]) {
    out[0] = (*a + *b) - *b;
    out[1] = *a * *b + *a;
    out[2] = *a / *b * *b;
    out[3] = (*a - *b) * (*a + *b) - *a * *a + *b * *b;
}

/// Of any sign and significand, of a size that keeps results normal.
fn float() -> impl proptest::strategy::Strategy<Value = f32> {
    use proptest::strategy::Strategy as _;
    (any::<u32>(), 100..150_u32).prop_map(|(bits, exponent)| f32::from_bits(bits & 0x807f_ffff | exponent << 23))
}

fn same(found: &[f32], expected: &[f32]) -> bool {
    found.iter().zip(expected).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Within what Vulkan allows of `/` and `sqrt`.
fn close(found: &[f32], expected: &[f32]) -> bool {
    found.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 4.0 * f32::EPSILON * b.abs())
}

/// Every device with every strategy that it has.
fn everywhere() -> Vec<(Device, Strategy)> {
    let strategies = [Strategy::Auto, Strategy::Direct, Strategy::Map, Strategy::Copy];
    let pair = |device: Device| {
        let possible = strategies.into_iter().filter(|s| *s == Strategy::Auto || device.info().supports(*s));
        possible.map(|strategy| (device.clone(), strategy)).collect::<Vec<_>>()
    };
    Device::all().into_iter().flat_map(pair).collect()
}

/// Runs `blend` over two parts of a vector each; neighbours of the parts must stay as they are.
fn check_blend<T>(mask: T, x: &[T], y: &[T], parts: [usize; 3]) -> Result<(), TestCaseError>
where
    T: KernelValue + std::ops::BitXor<Output = T> + std::ops::Not<Output = T> + PartialEq + std::fmt::Debug,
{
    let [from, to, length] = parts;
    let length = length.min(x.len().saturating_sub(from)).min(y.len().saturating_sub(to));
    let (from, to) = (from.min(x.len()), to.min(y.len()));
    let mut expected = y.to_vec();
    for k in 0..length {
        expected[to + k] = !(x[from + k] ^ mask) ^ y[to + k];
    }
    for (device, strategy) in everywhere() {
        let mut found = y.to_vec();
        let call = blend(mask, &x[from..from + length], &mut found[to..to + length]).strategy(strategy);
        let report = match device.run(call) {
            // The device lacks a type, and its strategy cannot be forced on the host.
            Err(Error::Unsupported { .. }) if strategy != Strategy::Auto => continue,
            done => done.map_err(|error| TestCaseError::fail(error.to_string()))?,
        };
        prop_assert_eq!(&found, &expected, "{}", report);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_at_any_place(mask: u8, x in vec(any::<u8>(), 0..20_000), y in vec(any::<u8>(), 0..20_000),
                          from in 0..70_usize, to in 0..70_usize, length in 0..20_000_usize) {
        check_blend(mask, &x, &y, [from, to, length])?;
    }

    #[test]
    fn half_words_at_any_place(mask: u16, x in vec(any::<u16>(), 0..9000), y in vec(any::<u16>(), 0..9000),
                               from in 0..40_usize, to in 0..40_usize, length in 0..9000_usize) {
        check_blend(mask, &x, &y, [from, to, length])?;
    }

    #[test]
    fn words_at_any_place(mask: i32, x in vec(any::<i32>(), 0..9000), y in vec(any::<i32>(), 0..9000),
                          from in 0..20_usize, to in 0..20_usize, length in 0..9000_usize) {
        check_blend(mask, &x, &y, [from, to, length])?;
    }

    #[test]
    fn double_words_at_any_place(mask: u64, x in vec(any::<u64>(), 0..5000), y in vec(any::<u64>(), 0..5000),
                                 from in 0..10_usize, to in 0..10_usize, length in 0..5000_usize) {
        check_blend(mask, &x, &y, [from, to, length])?;
    }

    #[test]
    fn atomics_add_up(x in vec(any::<u16>(), 0..3000), bins in 1..50_usize) {
        let mut expected = vec![7_u32; bins];
        x.iter().for_each(|&x| expected[usize::from(x) % bins] += u32::from(x) + 1);
        for (device, strategy) in everywhere() {
            let mut found = vec![7_u32; bins];
            let report = device.run(tally(&mut found, &x).strategy(strategy));
            prop_assert!(report.is_ok(), "{:?}", report);
            prop_assert_eq!(&found, &expected, "{} {}", device.info(), strategy);
        }
    }

    #[test]
    fn floats_bit_for_bit_where_the_device_rounds(pairs in vec((float(), float()), 1..500)) {
        let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
        let (mut expected, mut expected_in_a_row) = (vec![0.0; 5 * a.len()], vec![0.0; 4 * a.len()]);
        Device::host().run(singles(&a, &b, &mut expected)).expect("the host");
        Device::host().run(in_a_row(&a, &b, &mut expected_in_a_row)).expect("the host");
        let by_hand: Vec<f32> = pairs.iter().flat_map(|(a, b)| [a + b, a - b, a * b, a / b, a.abs().sqrt()]).collect();
        prop_assert!(same(&expected, &by_hand));
        for device in Device::all() {
            let (mut found, mut found_in_a_row) = (vec![0.0; 5 * a.len()], vec![0.0; 4 * a.len()]);
            let report = device.run(singles(&a, &b, &mut found)).expect("runs");
            let agree = if device.info().can(Capability::ROUNDED_F32) { same } else { close };
            prop_assert!(agree(&found, &expected), "{report}: {found:?} instead of {expected:?}");
            if device.info().can(Capability::AS_WRITTEN_F32) {
                let report = device.run(in_a_row(&a, &b, &mut found_in_a_row)).expect("runs");
                prop_assert!(same(&found_in_a_row, &expected_in_a_row), "{report}: {found_in_a_row:?}");
            }
        }
    }

    #[test]
    fn results_and_their_folds(pairs in vec(any::<(i32, i32)>(), 0..3000)) {
        let (x, y): (Vec<i32>, Vec<i32>) = pairs.into_iter().unzip();
        let expected: Vec<i32> = x.iter().zip(&y).map(|(x, y)| x.wrapping_sub(*y)).collect();
        for (device, strategy) in everywhere() {
            let call = || difference(&x, &y).strategy(strategy);
            prop_assert_eq!(&device.collect(call()).expect("collect"), &expected);
            let sum = expected.iter().fold(0_i32, |sum, value| sum.wrapping_add(*value));
            prop_assert_eq!(device.reduce(call(), Sum).expect("sum"), sum);
            prop_assert_eq!(device.reduce(call(), Max).expect("max"), expected.iter().copied().max().unwrap_or(i32::MIN));
            prop_assert_eq!(device.reduce(call(), Min).expect("min"), expected.iter().copied().min().unwrap_or(i32::MAX));
        }
    }
}
