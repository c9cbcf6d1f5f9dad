//! Running a case on the devices that are here.

use landbridge::Device;
use landbridge_backends::devices::Devices;

pub(crate) fn on_host(case: fn(&Device)) {
    case(&Device::host());
}

/// All adapters, or the one that `LANDBRIDGE_TEST_ADAPTER` selects.
#[cfg(feature = "wgpu")]
pub(crate) fn on_adapters(name: &str, case: fn(&Device)) {
    let devices = adapters();
    if devices.is_empty() {
        let required = std::env::var("LANDBRIDGE_REQUIRE_WGPU").is_ok_and(|value| value == "1");
        let why = Device::wgpu(usize::MAX).map(drop).expect_err("no such adapter");
        assert!(!required, "no adapter for `{name}`: {why}");
        println!("skipped: {name}: {why}");
    }
    for device in devices {
        println!("{name} on {device}");
        case(&device);
    }
}

#[cfg(feature = "wgpu")]
fn adapters() -> Vec<Device> {
    match std::env::var("LANDBRIDGE_TEST_ADAPTER") {
        Ok(adapter) => vec![Device::named(&format!("wgpu:{adapter}")).expect("the adapter that was asked for")],
        Err(_) => Device::all().into_iter().filter(|device| device.info().id.starts_with("wgpu")).collect(),
    }
}

/// Whether scopes keep data on the device.
pub(crate) fn keeps(device: &Device) -> bool {
    device.info().id.starts_with("wgpu")
}
