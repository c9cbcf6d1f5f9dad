//! Tables of kernels that only add, run by hand. Small, so that `cargo +nightly miri test -p landbridge-core --test launch
//! --test tally` checks the borrows too.
#![allow(unsafe_code)]

extern crate landbridge_core as landbridge;

use landbridge_core::kernel;
use landbridge_core::launch::Launch;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering::Relaxed};

#[kernel]
fn both(x: &u32, counts: &[AtomicU32], sums: &[AtomicI32]) {
    counts[*x as usize % counts.len()].fetch_add(*x, Relaxed);
    sums[*x as usize % sums.len()].fetch_sub(1, Relaxed);
}

#[test]
fn two_arguments_share_tables_and_the_users_memory() {
    let x: Vec<u32> = (0..20).collect();
    let (mut counts, mut sums) = ([7_u32; 3], vec![5_i32; 2]);
    {
        let pending = both(&x, &mut counts, &mut sums).pending().expect("it fits together");
        let launch: &dyn Launch = &pending;
        let words = launch.tally_words().expect("it only adds");
        assert_eq!(words, 5);
        // A caller with three tables and its own memory, and a helper with one table.
        let (mut caller, mut helper) = (vec![0; 3 * words], vec![0; words]);
        // SAFETY: each item once, on this thread alone, the tables zero before and as long as they have to be.
        unsafe {
            launch.run_tallied(0..9, true, &mut caller);
            launch.run_tallied(9..11, false, &mut helper);
            launch.run_tallied(11..19, true, &mut caller);
            launch.run_tallied(19..20, true, &mut []);
        }
        for table in caller.chunks_exact(words).chain([&*helper]) {
            // SAFETY: no items run any more.
            unsafe { launch.add_tally(table) };
        }
    }
    let expected = |n: usize, k: u32| (0..20_u32).filter(|x| x % n as u32 == k).collect::<Vec<_>>();
    for k in 0..3 {
        assert_eq!(counts[k as usize], 7 + expected(3, k).iter().sum::<u32>());
    }
    for k in 0..2 {
        assert_eq!(sums[k as usize], 5 - expected(2, k).len() as i32);
    }
}
