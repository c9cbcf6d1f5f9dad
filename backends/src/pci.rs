//! GPUs that are on the machine, whether or not a Vulkan driver serves them: so that an error can say what is missing.

use std::fs;
use std::path::Path;

use landbridge_core::Error;

/// Vendors whose GPUs compute, by their PCI numbers, and how to get their drivers on Debian and its kin.
const VENDORS: [(&str, &str, &str); 3] = [
    ("0x1002", "AMD", "apt-get install mesa-vulkan-drivers"),
    ("0x8086", "Intel", "apt-get install mesa-vulkan-drivers"),
    ("0x10de", "NVIDIA", "apt-get install nvidia-driver, or the vendor's own installer"),
];

/// The error that no adapter fits, with what is known of the machine's GPUs.
pub(crate) fn explain(error: Error) -> Error {
    match error {
        Error::NoDevice { wanted, why, mut hint } => {
            if cfg!(target_os = "linux") {
                hint.push_str(". ");
                hint.push_str(&words(Path::new("/sys/bus/pci/devices")));
            }
            Error::NoDevice { wanted, why, hint }
        }
        other => other,
    }
}

/// What the folder of the machine's PCI devices tells.
fn words(folder: &Path) -> String {
    let found: Vec<_> =
        VENDORS.iter().filter(|vendor| graphics(folder).iter().any(|found| found == vendor.0)).collect();
    match &found[..] {
        [] => "This machine has no GPU of AMD, Intel or NVIDIA that the system sees".into(),
        found => {
            let list = |part: fn(&(&str, &str, &str)) -> String| found.iter().map(|v| part(v)).collect::<Vec<_>>();
            format!(
                "This machine has a GPU of {}; if it is not listed, its Vulkan driver is missing ({})",
                list(|v| v.1.into()).join(" and one of "),
                list(|v| format!("{}: {}", v.1, v.2)).join("; ")
            )
        }
    }
}

/// The vendors of what is a display or a 3D controller.
fn graphics(folder: &Path) -> Vec<String> {
    let Ok(devices) = fs::read_dir(folder) else { return vec![] };
    let read =
        |device: &Path, file: &str| fs::read_to_string(device.join(file)).ok().map(|text| text.trim().to_string());
    let vendor = |device: fs::DirEntry| {
        let class = read(&device.path(), "class")?;
        if class.starts_with("0x03") { read(&device.path(), "vendor") } else { None }
    };
    devices.flatten().filter_map(vendor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of devices, each with its class and vendor.
    fn machine(name: &str, devices: &[(&str, &str)]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("landbridge-pci-{}-{name}", std::process::id()));
        for (k, (class, vendor)) in devices.iter().enumerate() {
            let device = folder.join(format!("0000:0{k}:00.0"));
            fs::create_dir_all(&device).unwrap();
            fs::write(device.join("class"), format!("{class}\n")).unwrap();
            fs::write(device.join("vendor"), format!("{vendor}\n")).unwrap();
        }
        folder
    }

    #[test]
    fn a_gpu_on_the_bus_may_lack_its_driver() {
        let folder = machine("both", &[("0x030000", "0x1002"), ("0x030200", "0x10de"), ("0x020000", "0x8086")]);
        let text = words(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert!(text.contains("a GPU of AMD and one of NVIDIA;") && text.contains("NVIDIA: apt-get"), "{text}");
        assert!(!text.contains("Intel"), "its network card is no GPU: {text}");
    }

    #[test]
    fn without_a_gpu_no_driver_is_missing() {
        let folder = machine("none", &[("0x030000", "0x1234"), ("0x010000", "0x1002")]);
        let text = words(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert!(text.contains("no GPU of AMD"), "{text}");
        assert!(words(Path::new("/nonexistent")).contains("no GPU of AMD"));
    }
}
