//! The ready-made operations on random slices, on every device: against plain Rust, and what they say to input that does not fit.

use landbridge::kernels::operator::{least, plus};
use landbridge::kernels::{gather, reduce, scan, select, sort};
use landbridge::prelude::*;
use landbridge::{Error, InputFault};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

fn fault(error: Error) -> InputFault {
    match error {
        Error::BadInput { fault, .. } => *fault,
        other => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sorted_as_std_sorts(words in vec(any::<u32>(), 0..3000), long in vec(any::<i64>(), 0..700), mask: u32) {
        let words: Vec<u32> = words.into_iter().map(|w| w & mask).collect();
        let floats: Vec<f32> = words.iter().map(|w| f32::from_bits(*w)).collect();
        for device in Device::all() {
            let (mut a, mut b, mut c) = (words.clone(), floats.clone(), long.clone());
            device.sort(&mut a).expect("sorts");
            device.sort(&mut b).expect("sorts");
            device.sort(&mut c).expect("sorts");
            let (mut x, mut y, mut z) = (words.clone(), floats.clone(), long.clone());
            x.sort_unstable();
            y.sort_by(f32::total_cmp);
            z.sort_unstable();
            prop_assert_eq!(&a, &x, "{}", device.info());
            prop_assert_eq!(&c, &z, "{}", device.info());
            prop_assert!(b.iter().zip(&y).all(|(b, y)| b.to_bits() == y.to_bits()), "{}", device.info());

            let mut stable: Vec<u32> = (0..words.len() as u32).collect();
            stable.sort_by_key(|k| words[*k as usize] % 16);
            let keys: Vec<u8> = words.iter().map(|w| (w % 16) as u8).collect();
            prop_assert_eq!(device.order(&keys).expect("sorts"), stable, "{}", device.info());
        }
    }

    /// Lengths at which the host takes threads and buckets.
    #[test]
    fn long_slices_on_the_host(seed: u64, length in 60_000..200_000_usize, bits in 1..65_u32) {
        let mut state = seed | 1;
        let t: Vec<u64> = (0..length).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state ^ state >> 29) >> (64 - bits)
        }).collect();
        let host = Device::host();
        let (mut found, mut expected) = (t.clone(), t.clone());
        host.sort(&mut found).expect("sorts");
        expected.sort_unstable();
        prop_assert!(found == expected);
        let order = host.order(&t).expect("sorts");
        prop_assert!(order.windows(2).all(|w| (t[w[0] as usize], w[0]) < (t[w[1] as usize], w[1])));

        let mut sums = t.clone();
        host.scan(plus(), &mut sums).expect("scans");
        let mut sum = 0_u64;
        let mut follows = |(x, found): (&u64, &u64)| {
            sum = sum.wrapping_add(*x);
            sum == *found
        };
        let right = t.iter().zip(&sums).all(&mut follows);
        prop_assert!(right);
        prop_assert_eq!(host.fold(plus(), &t).expect("folds"), sum);
        let marks: Vec<bool> = t.iter().map(|x| x % 3 == 0).collect();
        let chosen: Vec<u64> = t.iter().copied().filter(|x| x % 3 == 0).collect();
        prop_assert!(host.compact(&t, &marks).expect("compacts") == chosen);
        let mut runs: Vec<u64> = t.iter().map(|x| x % 2).collect();
        let unique = host.unique(&runs).expect("finds runs");
        runs.dedup();
        prop_assert!(unique == runs);
    }

    #[test]
    fn floats_fold_and_scan_alike_on_all(t in vec(-1e3_f32..1e3, 0..2000)) {
        let sums = |device: &Device| {
            let mut scanned = t.clone();
            device.scan(plus(), &mut scanned).expect("scans");
            scanned.push(device.fold(plus(), &t).expect("folds"));
            scanned.push(reduce::dot(device, &t, &t).expect("folds"));
            scanned.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        };
        let expected = sums(&Device::host());
        for device in Device::all() {
            prop_assert_eq!(&sums(&device), &expected, "{}", device.info());
        }
    }

    #[test]
    fn chosen_as_std_filters(pairs in vec(any::<(u16, bool)>(), 0..2000)) {
        let (t, marks): (Vec<u16>, Vec<bool>) = pairs.iter().copied().unzip();
        let chosen: Vec<u16> = pairs.iter().filter(|(_, mark)| *mark).map(|(x, _)| *x).collect();
        let others: Vec<u16> = pairs.iter().filter(|(_, mark)| !*mark).map(|(x, _)| *x).collect();
        for device in Device::all() {
            prop_assert_eq!(&device.compact(&t, &marks).expect("compacts"), &chosen, "{}", device.info());
            let (all, marked) = select::partition(&device, &t, &marks).expect("parts");
            prop_assert_eq!((&all[..marked], &all[marked..]), (&chosen[..], &others[..]), "{}", device.info());
        }
    }

    #[test]
    fn scattered_and_gathered_again(t in vec(any::<u32>(), 0..1500)) {
        for device in Device::all() {
            let order = device.order(&t).expect("sorts");
            let mut there = vec![0; t.len()];
            device.scatter(&t, &order, &mut there).expect("scatters");
            prop_assert_eq!(&device.gather(&there, &order).expect("gathers"), &t, "{}", device.info());
        }
    }
}

#[test]
fn input_that_does_not_fit() {
    for device in Device::all() {
        let name = device.info().to_string();
        let far = gather::gather(&device, &[1_u8, 2, 3], &[0, 2, 3, 9]).expect_err("3 is out of range");
        assert_eq!(fault(far), InputFault::Index { what: "indices", position: 2, index: 3, length: 3 }, "{name}");
        let mut out = [9_u32; 4];
        let twice = gather::scatter(&device, &[1, 2, 3], &[3, 0, 3], &mut out).expect_err("3 is there twice");
        assert_eq!(fault(twice), InputFault::Duplicate { what: "indices", index: 3, first: 0, second: 2 }, "{name}");
        let outside = gather::scatter(&device, &[1, 2], &[0, 4], &mut out).expect_err("4 is out of range");
        assert!(matches!(fault(outside), InputFault::Index { position: 1, index: 4, length: 4, .. }), "{name}");
        assert_eq!(out, [9; 4], "{name}: nothing was changed");
        let shorter = [
            gather::scatter(&device, &[1, 2], &[0], &mut out).expect_err("lengths"),
            sort::sort_pairs(&device, &mut [1_u8, 2], &mut [1.0_f32]).expect_err("lengths"),
            select::compact(&device, &[1_u8, 2], &[true]).expect_err("lengths"),
            select::partition(&device, &[1_u8, 2], &[true]).expect_err("lengths"),
            reduce::dot(&device, &[1.0_f32, 2.0], &[1.0]).expect_err("lengths"),
            scan::segmented_scan(&device, plus(), &[true], &mut [1_u8, 2]).expect_err("lengths"),
        ];
        for error in shorter {
            assert!(matches!(fault(error), InputFault::Length { found: 1, expected: 2, .. }), "{name}");
        }
        assert_eq!(device.fold(least(), &[f32::NAN, 3.0]).expect("folds"), 3.0, "{name}");
        assert_eq!(device.fold(least(), &[] as &[f32]).expect("folds"), f32::INFINITY, "{name}");
    }
}
