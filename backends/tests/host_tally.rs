//! Kernels that only add to their atomics run without atomics on the host, and count the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

use landbridge_backends::host::Host;
use landbridge_core::launch::Launch;
use landbridge_core::{Device, Error, Index2, kernel};

extern crate landbridge_core as landbridge;

#[kernel]
fn count(byte: &u8, counts: &[AtomicU32]) {
    counts[*byte as usize].fetch_add(1, Relaxed);
}

#[kernel]
fn count_and_read(byte: &u8, counts: &[AtomicU32]) {
    if counts[*byte as usize].fetch_add(1, Relaxed) == u32::MAX {
        counts[0].fetch_max(7, Relaxed);
    }
}

/// Two arguments of different lengths and kinds, one of them generic in its length.
#[kernel]
fn balance<const N: usize>(pixel: Index2, sums: &[AtomicI32], x: &[u32; N], counts: &[AtomicU32]) {
    for k in 0..N {
        sums[(pixel.y + k) % sums.len()].fetch_sub((x[k] % 5) as i32, Relaxed);
        counts[x[k] as usize % counts.len()].fetch_add(x[k], Relaxed);
    }
}

fn devices() -> Vec<Device> {
    let mut devices = vec![Device::from_backend(Arc::new(Host::new()), None)];
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        devices.push(Device::from_backend(Arc::new(Host::with_pool(Arc::new(pool))), None));
    }
    devices
}

fn bytes(items: usize) -> Vec<u8> {
    (0..items).map(|i| (i * i / 8 % 251) as u8).collect()
}

#[test]
fn which_kernels_can_is_known_from_their_text() {
    let (x, mut counts) = (bytes(3), vec![0_u32; 256]);
    assert_eq!(count(&x, &mut counts).pending().unwrap().tally_words(), Some(256));
    assert_eq!(count_and_read(&x, &mut counts).pending().unwrap().tally_words(), None);
}

#[test]
fn histograms_are_right_at_every_size() {
    for device in devices() {
        for items in [0, 1, 2, 3, 4, 5, 7, 100, 1_001, 100_003, 3_000_001] {
            let x = bytes(items);
            let mut counts = vec![3_u32; 256];
            let mut expected = counts.clone();
            x.iter().for_each(|byte| expected[usize::from(*byte)] += 1);
            let _ = device.run(count(&x, &mut counts)).unwrap();
            assert_eq!(counts, expected, "{items} items");
            let _ = device.run(count_and_read(&x, &mut counts)).unwrap();
            x.iter().for_each(|byte| expected[usize::from(*byte)] += 1);
            assert_eq!(counts, expected, "{items} items, with atomics");
        }
    }
}

#[test]
fn several_arguments_keep_their_own_tables() {
    // From tables that are kept four times to such that are too long to be kept at all.
    for (sums, counts) in [(1, 3), (17, 1_000), (5_000, 3_000), (7, 400_000)] {
        for device in devices() {
            let x: Vec<u32> = (0..400 * 700 * 2_u32).map(|i| i.wrapping_mul(0x9E37_79B1) >> 8).collect();
            let (mut found_sums, mut found_counts) = (vec![-1_i32; sums], vec![u32::MAX; counts]);
            let (mut right_sums, mut right_counts) = (found_sums.clone(), found_counts.clone());
            for (i, x) in x.iter().enumerate() {
                right_sums[(i / 1_400 + i % 2) % sums] -= (x % 5) as i32;
                let count = &mut right_counts[*x as usize % counts];
                *count = count.wrapping_add(*x);
            }
            let _ = device.run(balance::<2>([400, 700], &mut found_sums, &x, &mut found_counts)).unwrap();
            assert!(found_sums == right_sums && found_counts == right_counts, "{sums} sums, {counts} counts");
        }
    }
}

#[test]
fn a_failing_item_is_named_as_ever() {
    for device in devices() {
        let mut x = vec![1_u8; 500_000];
        x[400_003] = 200;
        let mut counts = vec![0_u32; 100];
        let error = device.run(count(&x, &mut counts)).unwrap_err();
        let Error::KernelPanic { work_item, index, length, .. } = error else { panic!("{error}") };
        assert_eq!((work_item, index, length), (400_003, Some(200), Some(100)));
        assert!(counts[1] < 500_000 && counts.iter().skip(2).all(|count| *count == 0));
        let _ = device.run(count(&[0_u8; 9], &mut counts[..1])).unwrap();
        assert_eq!(counts[0], 9);
        let none: [u32; 0] = [];
        let error = device.run(count(&[0_u8], &mut none.to_vec())).unwrap_err();
        assert!(matches!(error, Error::KernelPanic { index: Some(0), length: Some(0), .. }), "{error}");
    }
}
