//! Running a case on the devices that are here.

use landbridge::Device;
use landbridge_backends::devices::Devices;

use super::answer::{compare, lacks};
use super::{Case, interpreter, plain};

pub(crate) fn on_host(name: &str, case: Case) {
    check(name, case, &Device::host());
}

/// The first node, which is there on any machine, and the one that looks most like a device's, if there is one; under
/// every strategy that they have.
#[cfg(all(feature = "numa", target_os = "linux"))]
pub(crate) fn on_nodes(name: &str, case: Case) {
    use std::sync::{Arc, LazyLock};

    use landbridge::Strategy;
    use landbridge_backends::numa::{backend, topology};

    type Nodes = Vec<Arc<backend::NodeBackend>>;
    static NODES: LazyLock<Nodes> = LazyLock::new(|| {
        let device = topology().device_nodes().first().map(|node| node.id);
        let numbers = std::iter::once(topology().nodes[0].id).chain(device);
        let open = |number| backend::NodeBackend::open(topology(), number, &backend::NodeOptions::default());
        numbers.map(|number| Arc::new(open(number).expect("a node that the topology lists"))).collect()
    });
    for node in &*NODES {
        for strategy in [Strategy::Auto, Strategy::Migrate, Strategy::Copy] {
            check(&format!("{name} by {strategy}"), case, &super::forced::device(node.clone(), strategy));
        }
    }
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
