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

/// The device that chooses, over each adapter and a host that thinks it is slow: launches go back and forth.
#[cfg(feature = "wgpu")]
pub(crate) fn on_auto(name: &str, case: fn(&Device)) {
    for number in 0..landbridge_backends::webgpu::adapters().len() {
        let Ok(device) = super::choosing::over(number) else { continue };
        println!("{name} on {device}");
        case(&device);
    }
}

/// Some nodes, under every strategy that they have.
#[cfg(all(feature = "numa", target_os = "linux"))]
pub(crate) fn on_nodes(name: &str, case: fn(&Device)) {
    for device in super::forced::nodes() {
        println!("{name} on {device}");
        case(device);
    }
}

/// Whether scopes keep data on the device.
pub(crate) fn keeps(device: &Device) -> bool {
    runs_ahead(device) || device.info().name.ends_with("by copy")
}

/// Whether launches return before the device has run them. Such a device also lacks what not every GPU has.
pub(crate) fn runs_ahead(device: &Device) -> bool {
    device.info().id.starts_with("wgpu")
}

/// Whether each launch may run here or there: then where bytes are in between is not the cases' business.
pub(crate) fn chooses(device: &Device) -> bool {
    device.info().id == "auto"
}

/// Whether pages walk to the device, if there is somewhere else: how many bytes, they say themselves.
pub(crate) fn walks(device: &Device) -> bool {
    device.info().name.ends_with("by migrate")
}
