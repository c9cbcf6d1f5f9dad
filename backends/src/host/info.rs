//! What the host is.

use landbridge_core::backend::{Capability, DeviceInfo, DeviceKind, StrategySupport};
use landbridge_core::plan::Strategy;

/// Why the host has one strategy only.
pub(super) const IN_PLACE: &str = "the host works on the bytes where they are";

/// Cores that this process may use.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

/// The host with this many threads.
pub(super) fn describe(threads: usize) -> DeviceInfo {
    let capability = |name| Capability { name, missing: None };
    let support =
        |strategy| StrategySupport { strategy, missing: (strategy != Strategy::Direct).then(|| IN_PLACE.into()) };
    DeviceInfo {
        id: "host".into(),
        name: processor().unwrap_or_else(|| std::env::consts::ARCH.into()),
        driver: String::new(),
        kind: DeviceKind::Host,
        memory: memory().unwrap_or(0),
        units: u32::try_from(threads).unwrap_or(u32::MAX),
        capabilities: ["f64", "i64", "i16", "i8", "atomics", Capability::ROUNDED_F32, Capability::AS_WRITTEN_F32]
            .map(capability)
            .into(),
        strategies: [Strategy::Direct, Strategy::Migrate, Strategy::Map, Strategy::Copy].map(support).into(),
    }
}

/// The processor's name, as Linux tells it.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    field(&text, "model name").map(String::from)
}

/// Bytes of memory, as Linux tells it.
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes: u64 = field(&text, "MemTotal")?.strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The value of the first line `NAME : VALUE`.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let values = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = { values }.find(|(key, _)| key.trim() == name)?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_proc_files_are_found_by_their_whole_name() {
        let text = "processor\t: 0\nmodel name\t: A: B\nmodel\t: 1\nMemTotal:       24617664 kB\n";
        assert_eq!(field(text, "model name"), Some("A: B"));
        assert_eq!(field(text, "model"), Some("1"));
        assert_eq!(field(text, "MemTotal"), Some("24617664 kB"));
        assert_eq!(field(text, "Mem"), None);
        assert_eq!(field("model name\t:\n", "model name"), None);
    }
}
