//! No driver, no card, or one that is of no use.

use landbridge::{Device, Error, Strategy};
use landbridge_backends::devices::Devices;

use crate::support::{card, expected, in_process, numbers, saxpy, with_driver, with_driver_lacking};

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

#[test]
fn a_driver_that_lacks_what_every_launch_needs_is_too_old() {
    let test = "absent::a_driver_that_lacks_what_every_launch_needs_is_too_old";
    let Some(_driver) = with_driver_lacking(test, "discrete", &["cuStreamWaitEvent", "cuMemcpyDtoHAsync_v2"]) else {
        return;
    };
    let text = absent();
    let says = ["no `cuStreamWaitEvent` and no `cuMemcpyDtoHAsync_v2`", "too old", "newer driver"];
    assert!(says.iter().all(|part| text.contains(part)), "{text}");
}

#[test]
fn a_driver_that_lacks_what_some_launches_need_does_the_others() {
    let test = "absent::a_driver_that_lacks_what_some_launches_need_does_the_others";
    let functions = ["cuMemPrefetchAsync", "cuMemHostRegister_v2"];
    let Some(_driver) = with_driver_lacking(test, "hmm", &functions) else { return };
    let (device, x, mut y) = (card(), numbers(50_000), vec![1.0; 50_000]);
    assert!(!device.info().supports(Strategy::Migrate));
    let error = device.run(saxpy(2.0, &x, &mut y).strategy(Strategy::Migrate)).map(drop).expect_err("it cannot");
    assert!(matches!(error, Error::StrategyUnavailable { .. }), "{error}");
    assert!(error.to_string().contains("no `cuMemPrefetchAsync`"), "{error}");
    let report = device.run(saxpy(2.0, &x, &mut y).strategy(Strategy::Map)).expect("as a copy");
    let whys: Vec<_> = report.arguments.iter().map(|argument| argument.why.as_ref()).collect();
    assert!(whys.iter().any(|why| why.contains("no `cuMemHostRegister_v2`")), "{report}");
    assert_eq!(y, expected(50_000));
}
