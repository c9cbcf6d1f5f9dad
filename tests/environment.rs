//! `LANDBRIDGE_DEVICE`: each setting in a process of its own, since the environment belongs to the whole process.

use std::process::Command;

use landbridge::prelude::*;

/// What the child prints for each constructor.
fn describe(device: landbridge::Result<Device>) -> String {
    match device {
        Ok(device) => format!("device {}", device.info().id),
        Err(error) => format!("error {error}"),
    }
}

/// Not a test by itself: the others run it as a child.
#[test]
fn child() {
    if std::env::var_os("LANDBRIDGE_TEST_CHILD").is_some() {
        println!("from_env: {}", describe(Device::from_env()));
        println!("auto: {}", describe(Device::auto()));
    }
}

/// What `Device::from_env()` and `Device::auto()` give under this setting.
fn under(setting: Option<&str>) -> [String; 2] {
    let mut command = Command::new(std::env::current_exe().expect("the test's own program"));
    command.args(["--exact", "child", "--nocapture"]).env("LANDBRIDGE_TEST_CHILD", "1");
    match setting {
        Some(setting) => command.env("LANDBRIDGE_DEVICE", setting),
        None => command.env_remove("LANDBRIDGE_DEVICE"),
    };
    let output = command.output().expect("the child runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = |start: &str| {
        let found = text.lines().find_map(|line| line.split_once(start).map(|(_, rest)| rest.to_owned()));
        found.unwrap_or_else(|| panic!("no `{start}` in {text}"))
    };
    [line("from_env: "), line("auto: ")]
}

#[test]
fn unset_is_automatic_but_nothing_to_ask_for() {
    let [from_env, auto] = under(None);
    assert!(from_env.starts_with("error no device `$LANDBRIDGE_DEVICE`: the environment variable is not set"));
    assert_eq!(auto, "device auto");
    assert_eq!(under(Some("  ")), [from_env, auto]);
}

#[test]
fn a_name_overrides_both() {
    assert_eq!(under(Some("host")), ["device host", "device host"]);
    assert_eq!(under(Some("auto")), ["device auto", "device auto"]);
}

#[cfg(all(feature = "numa", target_os = "linux"))]
#[test]
fn a_memory_node_by_its_number() {
    assert_eq!(under(Some("node:0")), ["device node:0", "device node:0"]);
    for text in under(Some("node:99")) {
        assert!(text.starts_with("error no device `node:99`: there ") && text.contains(" node:0 ("), "{text}");
    }
}

#[test]
fn an_adapter_by_number_and_by_part_of_its_name() {
    let Some(device) = Device::all().into_iter().find(|device| device.info().id == "wgpu:0") else {
        return println!("skipped: {}", describe(Device::wgpu(0)));
    };
    let expected = ["device wgpu:0", "device wgpu:0"];
    assert_eq!(under(Some("wgpu:0")), expected);
    let name = device.info().name.to_uppercase();
    assert_eq!(under(Some(&format!("wgpu:{}", &name[..4]))), expected);
}

#[test]
fn what_is_not_there_is_an_error_that_says_what_is() {
    for setting in ["wgpu:999", "wgpu:no such adapter"] {
        for text in under(Some(setting)) {
            assert!(text.starts_with(&format!("error no device `{setting}`: there ")), "{text}");
            assert!(text.contains("host"), "{text}");
        }
    }
    for text in under(Some("cuda:0")) {
        // A card, or why there is none: no feature, no driver, no card.
        let whose = ["feature `cuda`", "libcuda", "driver", "card"];
        let told = text.starts_with("error no device `cuda:0`: ") && whose.iter().any(|part| text.contains(part));
        assert!(told || text == "device cuda:0", "{text}");
    }
}

/// A loader that is told to use no driver finds none.
#[cfg(feature = "wgpu")]
#[test]
fn without_a_driver_the_hint_says_how_to_get_one() {
    let mut command = Command::new(std::env::current_exe().expect("the test's own program"));
    command.args(["--exact", "child", "--nocapture"]).env("LANDBRIDGE_TEST_CHILD", "1");
    command
        .env("LANDBRIDGE_DEVICE", "wgpu:0")
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("VK_ICD_FILENAMES", "/nonexistent");
    let output = command.output().expect("the child runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if cfg!(target_os = "linux") {
        assert!(text.contains("no device `wgpu:0`: there is only host. "), "{text}");
        assert!(text.contains("apt-get install") && text.contains("mesa-vulkan-drivers"), "{text}");
    }
}
