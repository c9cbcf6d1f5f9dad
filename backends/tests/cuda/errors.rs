//! What the driver refuses, and what kills a context.

use std::time::Duration;

use landbridge::{Device, Error, kernel};
use landbridge_backends::devices::Devices;

use crate::support::{card, expected, numbers, saxpy, with_driver};

#[kernel]
#[allow(clippy::while_immutable_condition, reason = "it is to be endless")]
fn endless(go: &[u32], y: &mut u32) {
    while go[0] == 0 {
        *y += 1;
    }
}

fn works(device: &Device) {
    let (x, mut y) = (numbers(1000), vec![1.0; 1000]);
    device.run(saxpy(2.0, &x, &mut y)).expect("it works");
    assert_eq!(y, expected(1000));
}

/// The error of a launch of which one call fails, which leaves the user's memory as it was.
fn failing(device: &Device) -> Error {
    let (x, mut y) = (numbers(1000), vec![1.0; 1000]);
    let error = device.run(saxpy(2.0, &x, &mut y)).map(drop).expect_err("a call fails");
    assert_eq!(y, vec![1.0; 1000]);
    error
}

#[test]
fn a_refused_call_is_named_and_the_next_launch_works() {
    let Some(driver) = with_driver("errors::a_refused_call_is_named_and_the_next_launch_works", "discrete") else {
        return;
    };
    let device = card();
    works(&device);
    // 915 is newer than what cust knows.
    for code in [1, 915] {
        driver.fail("cuLaunchKernel", 0, code);
        let error = failing(&device);
        assert!(matches!(error, Error::Driver { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("cuLaunchKernel") && text.contains(&code.to_string()), "{text}");
        works(&device);
    }
}

#[test]
fn memory_that_is_short_is_an_error_of_its_own() {
    let Some(driver) = with_driver("errors::memory_that_is_short_is_an_error_of_its_own", "discrete") else { return };
    let device = card();
    driver.fail("cuMemAlloc_v2", 0, 2);
    let error = failing(&device);
    assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
    works(&device);
}

#[kernel]
fn picked(table: &[f32], at: &u32, y: &mut f32) {
    *y += table[*at as usize];
}

#[test]
fn memory_that_another_process_has_is_missed_and_found_again() {
    let Some(driver) = with_driver("errors::memory_that_another_process_has_is_missed_and_found_again", "discrete")
    else {
        return;
    };
    let (device, table, at) = (card(), vec![1.0; 1 << 20], vec![3_u32; 1000]);
    works(&device);
    // The other process leaves a MiB beside what this one has.
    driver.set_memory(2 << 20);
    let mut y = vec![1.0; 1000];
    let error = device.run(picked(&table, &at, &mut y)).map(drop).expect_err("4 MiB do not fit");
    let text = error.to_string();
    assert!(matches!(error, Error::OutOfMemory { wanted, .. } if wanted >= 4 << 20), "{text}");
    assert!(text.contains("other processes"), "{text}");
    assert_eq!(y, vec![1.0; 1000]);
    // What can be cut goes in pieces meanwhile.
    let (x, mut long) = (numbers(1 << 20), vec![1.0; 1 << 20]);
    device.run(saxpy(2.0, &x, &mut long)).expect("in pieces");
    assert_eq!(long, expected(1 << 20));
    let in_scope = device.scope(|scope| {
        let (table, mut y) = (scope.attach(&table), scope.attach_mut(&mut y));
        scope.launch(picked(&table, &at, &mut y))
    });
    let error = in_scope.expect_err("4 MiB do not fit there either");
    assert!(matches!(error.root(), Error::OutOfMemory { .. }), "{error}");
    assert_eq!(y, vec![1.0; 1000]);
    // The other process ends.
    driver.set_memory(1 << 30);
    device
        .scope(|scope| {
            let (table, mut y) = (scope.attach(&table), scope.attach_mut(&mut y));
            scope.launch(picked(&table, &at, &mut y))
        })
        .expect("it fits");
    device.run(picked(&table, &at, &mut y)).expect("it fits");
    assert_eq!(y, vec![3.0; 1000]);
}

#[test]
fn a_dead_context_says_so_and_the_card_opens_again() {
    let Some(driver) = with_driver("errors::a_dead_context_says_so_and_the_card_opens_again", "discrete") else {
        return;
    };
    let device = card();
    works(&device);
    driver.lose_context();
    let error = failing(&device);
    assert!(matches!(error, Error::DeviceLost { .. }) && error.to_string().contains("719"), "{error}");
    // It stays lost to those who have it open,
    assert!(matches!(failing(&device), Error::DeviceLost { .. }));
    // and who opens it gets a new context.
    works(&card());
}

#[test]
fn an_error_on_the_way_home_says_which_arguments_are_new() {
    let Some(driver) = with_driver("errors::an_error_on_the_way_home_says_which_arguments_are_new", "discrete") else {
        return;
    };
    let (device, count) = (card(), 4 << 20);
    works(&device);
    let (x, mut y) = (numbers(count), vec![1.0; count]);
    // The first chunks of 16 MiB are copied, then the card is gone.
    driver.fail("cuMemcpyDtoHAsync_v2", 6, 719);
    let error = device.run(saxpy(2.0, &x, &mut y)).map(drop).expect_err("a copy fails");
    let text = error.to_string();
    assert!(matches!(error, Error::DeviceLost { .. }) && text.contains("`y` may hold a part"), "{text}");
    assert!(y[0] == expected(1)[0] && y[count - 1] == 1.0, "a part is new");
    works(&card());
}

#[test]
fn a_kernel_that_never_ends_is_given_up() {
    let Some(driver) = with_driver("errors::a_kernel_that_never_ends_is_given_up", "discrete") else { return };
    let device = Device::options().timeout(Duration::from_millis(300)).cuda(0).expect("it opens").without_fallback();
    let (go, mut y) = (vec![0_u32], vec![3_u32; 10]);
    let error = device.run(endless(&go, &mut y)).map(drop).expect_err("it never ends");
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert_eq!(y, vec![3; 10]);
    assert!(matches!(failing(&device), Error::DeviceLost { .. }));
    driver.lose_context();
    works(&card());
}

#[test]
fn a_kernel_that_the_driver_does_not_compile_says_why() {
    let Some(driver) = with_driver("errors::a_kernel_that_the_driver_does_not_compile_says_why", "discrete") else {
        return;
    };
    let device = card();
    driver.fail("cuModuleLoadDataEx", 0, 218);
    let error = failing(&device);
    assert!(matches!(error, Error::Driver { .. }) && error.to_string().contains("218"), "{error}");
}
