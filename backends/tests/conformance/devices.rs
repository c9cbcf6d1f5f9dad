//! Running a case on the devices that are here.

use landbridge::Device;
use landbridge_backends::devices::Devices;

use super::answer::{compare, lacks};
use super::{Case, interpreter, plain};

pub(crate) fn on_host(name: &str, case: Case) {
    check(name, case, &Device::host());
}

/// Some nodes, under every strategy that they have.
#[cfg(all(feature = "numa", target_os = "linux"))]
pub(crate) fn on_nodes(name: &str, case: Case) {
    super::forced::nodes().iter().for_each(|device| check(name, case, device));
}

pub(crate) fn interpreted(name: &str, case: Case) {
    check(name, case, &interpreter::device());
}

/// All adapters, or the one that `LANDBRIDGE_TEST_ADAPTER` selects.
#[cfg(feature = "wgpu")]
pub(crate) fn on_adapters(name: &str, case: Case) {
    let devices = adapters();
    if devices.is_empty() {
        let required = std::env::var("LANDBRIDGE_REQUIRE_WGPU").is_ok_and(|value| value == "1");
        let why = Device::wgpu(usize::MAX).map(drop).expect_err("no such adapter");
        assert!(!required, "no adapter for `{name}`: {why}");
        println!("skipped: {name}: {why}");
    }
    for device in devices {
        check(name, case, &device.without_fallback());
    }
}

#[cfg(feature = "wgpu")]
fn adapters() -> Vec<Device> {
    match std::env::var("LANDBRIDGE_TEST_ADAPTER") {
        Ok(adapter) => vec![Device::named(&format!("wgpu:{adapter}")).expect("the adapter that was asked for")],
        Err(_) => Device::all().into_iter().filter(|device| device.info().id.starts_with("wgpu")).collect(),
    }
}

/// The first card of whatever driver is there: a real one, or the one that `LANDBRIDGE_LIBCUDA` names.
#[cfg(all(feature = "cuda", target_os = "linux"))]
pub(crate) fn on_cards(name: &str, case: Case) {
    match Device::cuda(0) {
        Ok(device) => check(name, case, &device.without_fallback()),
        Err(why) => {
            let required = std::env::var("LANDBRIDGE_REQUIRE_CUDA").is_ok_and(|value| value == "1");
            assert!(!required, "no card for `{name}`: {why}");
            println!("skipped: {name}: {why}");
        }
    }
}

/// Runs the case there and in a plain loop, and compares.
fn check(name: &str, case: Case, device: &Device) {
    let info = device.info();
    match case(device) {
        Ok(found) => {
            let expected = case(&plain::device()).expect("the plain loop");
            compare(name, &info.to_string(), &found, &expected);
        }
        Err(error) if lacks(device, &error) => println!("{name} not on {info}: {error}"),
        Err(error) => panic!("{name} on {info}: {error}"),
    }
}
