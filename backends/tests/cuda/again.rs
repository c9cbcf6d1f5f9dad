//! Launches on resident data that come again: each is one call of the driver, whatever differs from the one before.

use landbridge::{Device, Error, kernel};
use landbridge_backends::devices::Devices;

use crate::support::{card, saxpy, with_driver};

#[kernel]
fn step(by: u32, from: &u32, to: &mut u32) {
    *to = from.wrapping_mul(3).wrapping_add(by);
}

#[kernel]
fn looked_up(table: &[u32], x: &mut u32) {
    *x = table[*x as usize];
}

/// What [`step`] does, on the host.
fn stepped(x: u32, by: u32) -> u32 {
    x.wrapping_mul(3).wrapping_add(by)
}

#[test]
fn a_launch_that_comes_again_is_one_call_of_the_driver() {
    let Some(driver) = with_driver("again::a_launch_that_comes_again_is_one_call_of_the_driver", "discrete") else {
        return;
    };
    let (device, start) = (card(), (0..3000).collect::<Vec<u32>>());
    let (mut one, mut other) = (start.clone(), vec![0; 3000]);
    device
        .scope(|scope| {
            let (mut a, mut b) = (scope.attach_mut(&mut one), scope.attach_mut(&mut other));
            for by in 0..2 {
                scope.launch(step(by, &a, &mut b))?;
                std::mem::swap(&mut a, &mut b);
            }
            let (calls, launches) = (driver.count("*"), driver.count("cuLaunchKernel"));
            for by in 2..202 {
                scope.launch(step(by, &a, &mut b))?;
                std::mem::swap(&mut a, &mut b);
            }
            assert_eq!(driver.count("cuLaunchKernel") - launches, 200);
            assert_eq!(driver.count("*") - calls, 200, "a launch took more than its own call");
            Ok(())
        })
        .expect("it runs");
    let expected: Vec<u32> = start.iter().map(|&x| (0..202).fold(x, stepped)).collect();
    assert_eq!(one, expected);
}

/// Reports are read when somebody waits, all at once.
#[test]
fn a_launch_that_may_fail_is_one_call_too_and_its_failure_is_found() {
    let test = "again::a_launch_that_may_fail_is_one_call_too_and_its_failure_is_found";
    let Some(driver) = with_driver(test, "discrete") else { return };
    let (device, mut x) = (card(), vec![0_u32; 500]);
    // A circle of ten, out of which the last leads after a hundred steps.
    let mut table: Vec<u32> = (1..=200).collect();
    let done = device.scope(|scope| {
        let (table, mut x) = (scope.attach_mut(&mut table), scope.attach_mut(&mut x));
        scope.launch(looked_up(&table, &mut x))?;
        let calls = driver.count("*");
        for _ in 1..250 {
            scope.launch(looked_up(&table, &mut x))?;
        }
        assert_eq!(driver.count("*") - calls, 249);
        scope.read(&x, ..1).map(drop)
    });
    let error = done.expect_err("the table has 200 entries");
    assert!(matches!(error.root(), Error::KernelPanic { index: Some(200), length: Some(200), .. }), "{error}");
    assert_eq!(x, vec![0; 500]);
}

#[test]
fn more_launches_than_are_kept_and_arrays_that_come_and_go_are_right() {
    let test = "again::more_launches_than_are_kept_and_arrays_that_come_and_go_are_right";
    let Some(_driver) = with_driver(test, "discrete") else { return };
    let device = card();
    let mut arrays: Vec<Vec<u32>> = (0..50).map(|k| vec![k; 1000]).collect();
    let mut expected = arrays.clone();
    let ones = vec![1_u32; 1000];
    device
        .scope(|scope| {
            let ones = scope.attach(&ones);
            let mut kept = Vec::new();
            for (k, array) in arrays.iter_mut().enumerate() {
                let mut array = scope.attach_mut(array);
                for by in 0..3 {
                    scope.launch(grown(&ones, by, &mut array))?;
                }
                // Whoever comes next gets the room, and with it the address.
                if k % 2 == 0 { scope.detach(array)? } else { kept.push(array) }
            }
            for round in 0..2 {
                for array in &mut kept {
                    scope.launch(grown(&ones, round * 10, array))?;
                }
            }
            Ok(())
        })
        .expect("it runs");
    for (k, array) in expected.iter_mut().enumerate() {
        let more = 3 + (1 + 2) + if k % 2 == 0 { 0 } else { 2 + 10 };
        array.iter_mut().for_each(|x| *x += more);
    }
    assert_eq!(arrays, expected);
}

#[kernel]
fn grown(ones: &u32, by: u32, x: &mut u32) {
    *x += ones + by;
}

/// Whoever else uses the driver may send the thread's calls to another context meanwhile.
#[test]
fn a_thread_whose_calls_go_elsewhere_comes_back() {
    let Some(driver) = with_driver("again::a_thread_whose_calls_go_elsewhere_comes_back", "two") else { return };
    let second = Device::cuda(1).expect("there are two").without_fallback();
    let (mut x, mut y) = (vec![1.0_f32; 1000], vec![1.0_f32; 1000]);
    second.run(saxpy(1.0, &[1.0; 1000], &mut x)).expect("it runs");
    let elsewhere = driver.here();
    let (device, ones) = (card(), vec![1.0_f32; 1000]);
    device
        .scope(|scope| {
            let (ones, mut y) = (scope.attach(&ones), scope.attach_mut(&mut y));
            for round in 0..30 {
                match round % 3 {
                    1 => driver.go_to(elsewhere),
                    2 => driver.go_to(std::ptr::null_mut()),
                    _ => {}
                }
                scope.launch(saxpy(2.0, &ones, &mut y))?;
            }
            // And two cards in turns.
            second.scope(|other| {
                let (theirs, mut x) = (other.attach(&[1.0; 1000]), other.attach_mut(&mut x));
                for _ in 0..10 {
                    other.launch(saxpy(1.0, &theirs, &mut x))?;
                    scope.launch(saxpy(1.0, &ones, &mut y))?;
                }
                Ok(())
            })
        })
        .expect("it runs");
    assert_eq!((x, y), (vec![12.0; 1000], vec![71.0; 1000]));
}

#[test]
fn a_launch_that_the_driver_refuses_when_it_comes_again_is_an_error_and_the_next_one_runs() {
    let test = "again::a_launch_that_the_driver_refuses_when_it_comes_again_is_an_error_and_the_next_one_runs";
    let Some(driver) = with_driver(test, "discrete") else { return };
    let (device, ones, mut y) = (card(), vec![1.0_f32; 1000], vec![1.0_f32; 1000]);
    device
        .scope(|scope| {
            let (ones, mut y) = (scope.attach(&ones), scope.attach_mut(&mut y));
            scope.launch(saxpy(2.0, &ones, &mut y))?;
            driver.fail("cuLaunchKernel", 0, 1);
            let error = scope.launch(saxpy(2.0, &ones, &mut y)).expect_err("refused");
            assert!(matches!(error, Error::Driver { .. }) && error.to_string().contains("cuLaunchKernel"), "{error}");
            scope.launch(saxpy(2.0, &ones, &mut y))
        })
        .expect("the others run");
    assert_eq!(y, vec![5.0; 1000]);
}
