//! No driver, no card, or one that is of no use.

use landbridge::{Device, Error};
use landbridge_backends::devices::Devices;

use crate::support::{in_process, with_driver};

fn absent() -> String {
    let error = Device::cuda(0).map(drop).expect_err("there is no card");
    assert!(matches!(error, Error::NoDevice { .. }), "{error}");
    assert!(Device::all().iter().all(|device| !device.info().id.starts_with("cuda")));
    error.to_string()
}

#[test]
fn without_a_driver_the_error_says_what_does_not_open() {
    if !in_process("absent::without_a_driver_the_error_says_what_does_not_open", "/nowhere/libcuda.so.1", &[]) {
        return;
    }
    let text = absent();
    assert!(text.contains("`cuda:0`") && text.contains("/nowhere/libcuda.so.1") && text.contains("driver"), "{text}");
}

#[test]
fn a_library_that_is_no_driver_is_said_to_lack_functions() {
    if !in_process("absent::a_library_that_is_no_driver_is_said_to_lack_functions", "libc.so.6", &[]) {
        return;
    }
    let text = absent();
    assert!(text.contains("no `cuInit`"), "{text}");
}

#[test]
fn a_driver_without_cards_says_so() {
    let Some(_driver) = with_driver("absent::a_driver_without_cards_says_so", "none") else { return };
    let text = absent();
    assert!(text.contains("no card"), "{text}");
}

#[test]
fn a_card_that_is_too_old_says_what_it_would_take() {
    let Some(_driver) = with_driver("absent::a_card_that_is_too_old_says_what_it_would_take", "old") else { return };
    let text = absent();
    assert!(text.contains("7.0"), "{text}");
}

#[test]
fn cards_are_found_by_number_and_by_name() {
    let Some(_driver) = with_driver("absent::cards_are_found_by_number_and_by_name", "two") else { return };
    assert_eq!(Device::named("cuda:1").expect("there are two").info().id, "cuda:1");
    let name = Device::cuda(0).expect("there are two").info().name.to_lowercase();
    assert_eq!(Device::named(&format!("cuda:{name}")).expect("it has that name").info().id, "cuda:0");
    let missing = Device::cuda(2).map(drop).expect_err("there are two").to_string();
    assert!(missing.contains("cuda:0 (") && missing.contains("cuda:1 ("), "{missing}");
    assert_eq!(Device::all().iter().filter(|device| device.info().id.starts_with("cuda")).count(), 2);
}
