//! Large launches in parts, whose copies go on beside their kernels; on a driver that rests for random times before everything it does.

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::plan::StepKind;
use landbridge::{Device, Error, Strategy, Sum, kernel};
use landbridge_backends::devices::Devices;

use crate::support::{Driver, card, expected, numbers, saxpy, with_driver_in};

#[kernel]
fn product(x: &f32, y: &f32) -> f32 {
    x * y
}

#[kernel]
fn doubled(x: &f32) -> f32 {
    x + x
}

#[kernel]
fn counted(bins: &[AtomicU32], x: &u32) {
    bins[(*x % 16) as usize].fetch_add(1, Ordering::Relaxed);
}

#[kernel]
fn picked(table: &[u32], at: &u32, y: &mut u32) {
    *y += table[*at as usize];
}

#[kernel]
fn wide(x: &[f32; 3], factor: f32, y: &mut [f32; 3]) {
    *y = [y[0] + factor * x[2], y[1] + factor * x[1], y[2] + factor * x[0]];
}

const ITEMS: usize = 100_003;

/// For each of some seeds a process whose driver rests by it, and whose launches go in parts of 64 KiB. `None` in the parent.
fn resting(test: &str, profile: &str) -> Option<Driver> {
    // One without, which is as fast as can be.
    ["", "1", "2", "3"].into_iter().find_map(|seed| {
        let environment = [("FAKE_CUDA_DELAYS", seed), ("LANDBRIDGE_CUDA_PART", "65536")];
        with_driver_in(test, profile, &environment)
    })
}

#[test]
fn parts_give_what_the_whole_gives() {
    let Some(driver) = resting("beside::parts_give_what_the_whole_gives", "discrete") else { return };
    let device = card();
    for round in 0..3 {
        let (x, mut y) = (numbers(ITEMS), vec![1.0; ITEMS]);
        let (launches, waits) = (driver.count("cuLaunchKernel"), driver.count("cuStreamWaitEvent"));
        let report = device.run(saxpy(2.0, &x, &mut y)).expect("it runs");
        assert!(y == expected(ITEMS), "round {round}");
        assert!(driver.count("cuLaunchKernel") - launches >= 16, "it went whole");
        assert!(driver.count("cuStreamWaitEvent") - waits >= 32, "nothing waited for its copies");
        assert_eq!((report.bytes_in(), report.bytes_out()), (8 * ITEMS as u64, 4 * ITEMS as u64), "{report}");
        for step in [StepKind::CopyIn, StepKind::Run, StepKind::CopyOut] {
            assert!(report.steps.get(step).is_some(), "{step} in {report}");
        }
    }
}

#[test]
fn results_partial_results_and_what_all_share_come_home_right() {
    let test = "beside::results_partial_results_and_what_all_share_come_home_right";
    let Some(driver) = resting(test, "discrete") else { return };
    let device = card();
    let ones = vec![1.0; ITEMS];
    let launches = driver.count("cuLaunchKernel");
    assert_eq!(device.reduce(product(&ones, &ones), Sum).expect("it runs"), ITEMS as f32);
    assert!(driver.count("cuLaunchKernel") - launches >= 8, "it went whole");
    let x = numbers(ITEMS);
    let twice = device.collect(doubled(&x)).expect("it runs");
    assert!(twice.iter().zip(&x).all(|(twice, x)| *twice == 2.0 * x));
    let values: Vec<u32> = (0..64_000).collect();
    let mut bins = vec![1_u32; 16];
    device.run(counted(&mut bins, &values)).expect("it runs");
    assert_eq!(bins, vec![4001; 16]);
    let (rows, mut sums) = ([1.0_f32, 2.0, 3.0].repeat(30_001), vec![1.0_f32; 90_003]);
    device.run(wide(&rows, 2.0, &mut sums)).expect("it runs");
    assert_eq!(sums, [7.0, 5.0, 3.0].repeat(30_001));
}

#[test]
fn a_panic_in_any_part_leaves_the_users_memory_as_it_was() {
    let Some(_driver) = resting("beside::a_panic_in_any_part_leaves_the_users_memory_as_it_was", "discrete") else {
        return;
    };
    let (device, table) = (card(), vec![7_u32; 100]);
    for wrong in [0, ITEMS / 2, ITEMS - 1] {
        let (mut at, mut y) = (vec![3_u32; ITEMS], vec![5_u32; ITEMS]);
        at[wrong] = 100;
        let error = device.run(picked(&table, &at, &mut y)).map(drop).expect_err("an index is too large");
        assert!(matches!(error, Error::KernelPanic { work_item, .. } if work_item == wrong), "{error}");
        assert!(y.iter().all(|&y| y == 5), "item {wrong}");
        at[wrong] = 3;
        device.run(picked(&table, &at, &mut y)).expect("in bounds");
        assert!(y.iter().all(|&y| y == 12));
    }
}

#[test]
fn launches_larger_than_the_memory_go_in_pieces_of_parts() {
    let Some(_driver) = resting("beside::launches_larger_than_the_memory_go_in_pieces_of_parts", "discrete") else {
        return;
    };
    let device = Device::options().memory_cap(1 << 19).cuda(0).expect("it opens").without_fallback();
    let (x, mut y) = (numbers(3 * ITEMS), vec![1.0; 3 * ITEMS]);
    device.run(saxpy(2.0, &x, &mut y)).expect("in pieces");
    assert!(y == expected(3 * ITEMS));
    let ones = vec![1.0; 3 * ITEMS];
    assert_eq!(device.reduce(product(&ones, &ones), Sum).expect("in pieces"), (3 * ITEMS) as f32);
    let (table, at, mut picks) = (vec![1_u32; 100], vec![99_u32; 2 * ITEMS], vec![0_u32; 2 * ITEMS]);
    device.run(picked(&table, &at, &mut picks)).expect("in pieces");
    assert!(picks.iter().all(|&pick| pick == 1));
}

#[test]
fn scopes_and_mapped_memory_are_right_however_late_the_card_is() {
    let test = "beside::scopes_and_mapped_memory_are_right_however_late_the_card_is";
    let Some(_driver) = resting(test, "discrete") else { return };
    let (device, x) = (card(), numbers(ITEMS));
    let mut y = vec![1.0; ITEMS];
    device.run(saxpy(2.0, &x, &mut y).strategy(Strategy::Map)).expect("it runs");
    assert!(y == expected(ITEMS));
    let mut in_scope = vec![1.0; ITEMS];
    device
        .scope(|scope| {
            let (x, mut y) = (scope.attach(&x), scope.attach_mut(&mut in_scope));
            for _ in 0..20 {
                scope.launch(saxpy(0.25, &x, &mut y))?;
            }
            let some = scope.read(&y, 10..20)?;
            assert_eq!(some, numbers(20)[10..].iter().map(|x| 1.0 + 5.0 * x).collect::<Vec<_>>());
            scope.write(&mut y, 10, &[0.0; 10])?;
            scope.launch(saxpy(1.0, &x, &mut y))
        })
        .expect("it runs");
    let right = |k: usize, x: f32| if (10..20).contains(&k) { x } else { 1.0 + 6.0 * x };
    assert!(in_scope.iter().zip(&x).enumerate().all(|(k, (y, x))| *y == right(k, *x)));
}

/// What goes along with a scope's launch has its memory for that launch only, which may not have run yet when somebody else gets it.
#[test]
fn copies_beside_wait_for_who_had_their_memory_before() {
    let Some(_driver) = resting("beside::copies_beside_wait_for_who_had_their_memory_before", "discrete") else {
        return;
    };
    let (device, x, zeros) = (card(), numbers(ITEMS), vec![0.0; ITEMS]);
    let mut y = vec![1.0; ITEMS];
    device
        .scope(|scope| {
            let mut y = scope.attach_mut(&mut y);
            for _ in 0..8 {
                scope.launch(saxpy(0.25, &x, &mut y))?;
                let mut other = vec![1.0; ITEMS];
                device.run(saxpy(2.0, &zeros, &mut other))?;
                assert!(other.iter().all(|&other| other == 1.0));
            }
            Ok(())
        })
        .expect("it runs");
    assert!(y == expected(ITEMS));
}

#[test]
fn an_error_while_parts_come_home_says_whose() {
    let Some(driver) = resting("beside::an_error_while_parts_come_home_says_whose", "discrete") else { return };
    let device = card();
    let (x, mut y) = (numbers(ITEMS), vec![1.0; ITEMS]);
    device.run(saxpy(2.0, &x, &mut y)).expect("it runs");
    for (function, after, code) in [
        ("cuMemcpyHtoDAsync_v2", 9, 1),
        ("cuLaunchKernel", 9, 2),
        ("cuMemcpyDtoHAsync_v2", 5, 1),
        ("cuStreamWaitEvent", 7, 1),
    ] {
        let mut y = vec![1.0; ITEMS];
        driver.fail(function, after, code);
        let error = device.run(saxpy(2.0, &x, &mut y)).map(drop).expect_err("a call fails");
        let text = error.to_string();
        assert!(matches!(error, Error::Driver { .. }) && text.contains("`y` may hold a part"), "{function}: {text}");
        // Whatever has come is right.
        let right = expected(ITEMS);
        assert!(y.iter().zip(&right).all(|(y, right)| *y == 1.0 || y == right), "{function}");
        let mut y = vec![1.0; ITEMS];
        device.run(saxpy(2.0, &x, &mut y)).expect("the next launch works");
        assert!(y == right, "after {function}");
    }
    driver.fail("cuMemcpyDtoHAsync_v2", 5, 719);
    let error = device.run(saxpy(2.0, &x, &mut y)).map(drop).expect_err("a copy fails");
    assert!(matches!(error, Error::DeviceLost { .. }), "{error}");
}
