//! Launches that go well, or end in the kernel's own panic.

use landbridge::plan::StepKind;
use landbridge::{Device, Error, Strategy, Sum, kernel};
use landbridge_backends::devices::Devices;

use crate::support::{card, expected, numbers, saxpy, with_driver};

#[kernel]
fn picked(table: &[u32], at: &u32, y: &mut u32) {
    *y = table[*at as usize];
}

#[kernel]
fn product(x: &f32, y: &f32) -> f32 {
    x * y
}

#[test]
fn a_launch_reports_what_it_copied() {
    let Some(driver) = with_driver("launches::a_launch_reports_what_it_copied", "discrete") else { return };
    let (x, mut y) = (numbers(1 << 20), vec![1.0; 1 << 20]);
    let report = card().run(saxpy(2.0, &x, &mut y)).expect("it runs");
    assert_eq!(y, expected(1 << 20));
    assert_eq!((report.bytes_in(), report.bytes_out()), (8 << 20, 4 << 20));
    assert!(report.arguments.iter().all(|a| a.strategy == Strategy::Copy && !a.why.is_empty()), "{report}");
    for step in [StepKind::Compile, StepKind::CopyIn, StepKind::Run, StepKind::CopyOut] {
        assert!(report.steps.get(step).is_some(), "{step} in {report}");
    }
    let compiled = driver.count("cuModuleLoadDataEx");
    card().run(saxpy(2.0, &x, &mut y)).expect("it runs");
    assert_eq!(driver.count("cuModuleLoadDataEx"), compiled);
}

#[test]
fn a_panic_is_reported_with_its_place_and_changes_nothing() {
    let Some(_driver) = with_driver("launches::a_panic_is_reported_with_its_place_and_changes_nothing", "discrete")
    else {
        return;
    };
    let (table, device) = (vec![7_u32; 100], card());
    let at: Vec<u32> = (0..1000).map(|i| if i == 700 { 100 } else { i % 100 }).collect();
    let mut y = vec![5_u32; 1000];
    let error = device.run(picked(&table, &at, &mut y)).map(drop).expect_err("one index is too large");
    match &error {
        Error::KernelPanic { work_item: 700, index: Some(100), length: Some(100), file, line, .. } => {
            assert!(file.ends_with("launches.rs") && *line > 0, "{error}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(y, vec![5; 1000]);
    // The next launch finds no trace of it.
    device.run(picked(&table, &[1; 1000], &mut y)).expect("all indices are good");
    assert_eq!(y, vec![7; 1000]);
}

#[test]
fn a_launch_that_is_larger_than_the_memory_goes_in_pieces() {
    let Some(driver) = with_driver("launches::a_launch_that_is_larger_than_the_memory_goes_in_pieces", "discrete")
    else {
        return;
    };
    let device = Device::options().memory_cap(1 << 20).cuda(0).expect("it opens").without_fallback();
    let (x, mut y) = (numbers(1_000_003), vec![1.0; 1_000_003]);
    let before = driver.count("cuLaunchKernel");
    device.run(saxpy(2.0, &x, &mut y)).expect("in pieces");
    assert_eq!(y, expected(1_000_003));
    assert!(driver.count("cuLaunchKernel") > before + 7);
    let ones = vec![1.0; 500_000];
    assert_eq!(device.reduce(product(&ones, &ones), Sum).expect("in pieces"), 500_000.0);
    // What every work-item may read cannot be cut.
    let (table, at, mut picks) = (vec![1_u32; 1 << 20], vec![0_u32; 10], vec![0_u32; 10]);
    let error = device.run(picked(&table, &at, &mut picks)).map(drop).expect_err("4 MiB do not fit");
    assert!(matches!(error, Error::OutOfMemory { .. }) && error.to_string().contains("1048576"), "{error}");
}

#[test]
fn a_panic_in_a_later_piece_leaves_the_users_memory_as_it_was() {
    let Some(_driver) = with_driver("launches::a_panic_in_a_later_piece_leaves_the_users_memory_as_it_was", "discrete")
    else {
        return;
    };
    let device = Device::options().memory_cap(1 << 20).cuda(0).expect("it opens").without_fallback();
    let (table, mut at, mut y) = (vec![7_u32; 100], vec![3_u32; 500_000], vec![5_u32; 500_000]);
    at[499_999] = 1 << 30;
    let error = device.run(picked(&table, &at, &mut y)).map(drop).expect_err("the last index is too large");
    assert!(matches!(error, Error::KernelPanic { work_item: 499_999, .. }), "{error}");
    assert!(y.iter().all(|&y| y == 5));
}

#[kernel]
fn swapped(x: &[f32; 4], y: &mut [f32; 4]) {
    *y = [x[3], x[2], x[1], x[0]];
}

/// Arrays of four numbers go through one instruction, which their memory has to be aligned for: at any other address another text runs.
#[test]
fn memory_that_is_not_aligned_to_vectors_is_used_in_place_too() {
    let test = "launches::memory_that_is_not_aligned_to_vectors_is_used_in_place_too";
    let Some(driver) = with_driver(test, "ats") else { return };
    let (x, device) = (numbers(4007), card());
    // The first place that is aligned to 16 bytes, and the three behind it.
    let aligned = x.as_ptr().align_offset(16);
    for (k, compiled) in [(0, 1), (1, 1), (0, 0), (3, 0)] {
        let before = driver.count("cuModuleLoadDataEx");
        let x = &x[aligned + k..][..4000];
        let mut y = vec![0.0; 4004];
        let to = y.as_ptr().align_offset(16);
        let y = &mut y[to..][..4000];
        device.run(swapped(x, &mut *y).strategy(Strategy::Direct)).expect("it runs");
        assert!(y.chunks(4).zip(x.chunks(4)).all(|(y, x)| y == [x[3], x[2], x[1], x[0]]), "{k} further");
        assert_eq!(driver.count("cuModuleLoadDataEx") - before, compiled, "texts compiled, {k} further");
    }
}
