//! Measured rates, each with where it comes from.

use std::collections::BTreeMap;

use super::machine::{Computer, Copying, Machine, Mapping, Moving, Path, Reach};

/// What is measured. Those of the host are in its own [`Rates`], the others in their device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// Host, one thread copying: bytes a second.
    HostCopyOne,
    /// Host, all threads copying: bytes a second.
    HostCopyAll,
    /// Host, one thread streaming two arrays into a third: bytes a second.
    HostStreamOne,
    /// Host, all threads doing so: bytes a second.
    HostStreamAll,
    /// Host, until a sleeping thread of the pool helps: seconds.
    HostWake,
    /// Host, first touch of an ordinary page: seconds.
    HostFault,
    /// Device, from submitting an empty launch to its end: seconds.
    Launch,
    /// Device, a transfer however small: seconds.
    CopyLatency,
    /// Device, to it: bytes a second.
    CopyIn,
    /// Device, from it: bytes a second.
    CopyOut,
    /// Device, its own memory: bytes a second.
    OwnMemory,
    /// Device, arithmetic: times one core of the host.
    Speed,
    /// Device, mapping an argument however small: seconds.
    MapLatency,
    /// Device, mapping: seconds a byte.
    MapByte,
    /// Device, mapped memory: bytes a second.
    MappedMemory,
    /// Device, the host's memory where it is: bytes a second.
    DirectMemory,
    /// Node, moving ordinary pages there: bytes a second.
    MovePages,
    /// Node, moving huge pages there: bytes a second.
    MoveHugePages,
    /// Node, a move of pages however small: seconds.
    MoveLatency,
    /// Node, copying ordinary pages there and remapping them: bytes a second.
    Remap,
    /// Node, copying huge pages there and remapping them: bytes a second.
    RemapHuge,
    /// Device, a launch on data that is kept there, however small: seconds.
    KeptLaunch,
    /// Device, its memory, as launches see it whose data is kept there: bytes a second.
    KeptMemory,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Quantity; 23] = {
        use Quantity::*;
        [
            HostCopyOne,
            HostCopyAll,
            HostStreamOne,
            HostStreamAll,
            HostWake,
            HostFault,
            Launch,
            CopyLatency,
            CopyIn,
            CopyOut,
            OwnMemory,
            Speed,
            MapLatency,
            MapByte,
            MappedMemory,
            DirectMemory,
            MovePages,
            MoveHugePages,
            MoveLatency,
            Remap,
            RemapHuge,
            KeptLaunch,
            KeptMemory,
        ]
    };

    /// Its name in files and tables, such as `copy_in`.
    pub fn name(self) -> &'static str {
        match self {
            Quantity::HostCopyOne => "host_copy_one",
            Quantity::HostCopyAll => "host_copy_all",
            Quantity::HostStreamOne => "host_stream_one",
            Quantity::HostStreamAll => "host_stream_all",
            Quantity::HostWake => "host_wake",
            Quantity::HostFault => "host_fault",
            Quantity::Launch => "launch",
            Quantity::CopyLatency => "copy_latency",
            Quantity::CopyIn => "copy_in",
            Quantity::CopyOut => "copy_out",
            Quantity::OwnMemory => "own_memory",
            Quantity::Speed => "speed",
            Quantity::MapLatency => "map_latency",
            Quantity::MapByte => "map_byte",
            Quantity::MappedMemory => "mapped_memory",
            Quantity::DirectMemory => "direct_memory",
            Quantity::MovePages => "move_pages",
            Quantity::MoveHugePages => "move_huge_pages",
            Quantity::MoveLatency => "move_latency",
            Quantity::Remap => "remap",
            Quantity::RemapHuge => "remap_huge",
            Quantity::KeptLaunch => "kept_launch",
            Quantity::KeptMemory => "kept_memory",
        }
    }

    /// The quantity of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quantity| quantity.name() == name)
    }

    /// `s`, `B/s`, `s/B` or `x`.
    pub fn unit(self) -> &'static str {
        use Quantity::*;
        match self {
            HostWake | HostFault | Launch | CopyLatency | MapLatency | MoveLatency | KeptLaunch => "s",
            MapByte => "s/B",
            Speed => "x",
            _ => "B/s",
        }
    }
}

/// How a rate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// By a probe.
    Probe,
    /// From what launches of the user took.
    Launches,
}

/// A measured rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// In the quantity's unit.
    pub value: f64,
    /// Measurements that it rests on.
    pub samples: u32,
    /// How it was found first.
    pub origin: Origin,
    /// When it was last measured, seconds since 1970.
    pub when: u64,
}

/// What a quantity can be, whatever its unit: seconds a byte at the lower end, operations a second at the upper.
const PLAUSIBLE: std::ops::Range<f64> = 1e-21..1e18;

/// What has been measured of one device (or the host), on one version of hardware and driver.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Hardware and driver that they hold for.
    pub key: String,
    values: BTreeMap<Quantity, Rate>,
}

impl Rates {
    /// Nothing measured yet.
    pub fn new(key: impl Into<String>) -> Self {
        Rates { key: key.into(), values: BTreeMap::new() }
    }

    /// A rate with where it comes from.
    pub fn rate(&self, quantity: Quantity) -> Option<&Rate> {
        self.values.get(&quantity)
    }

    /// A rate's value.
    pub fn get(&self, quantity: Quantity) -> Option<f64> {
        self.rate(quantity).map(|rate| rate.value)
    }

    /// All that is known.
    pub fn iter(&self) -> impl Iterator<Item = (Quantity, &Rate)> {
        self.values.iter().map(|(&quantity, rate)| (quantity, rate))
    }

    /// Puts a rate in place of what was known. What no machine can have is ignored, such as a damaged file's.
    pub fn set(&mut self, quantity: Quantity, rate: Rate) {
        if PLAUSIBLE.contains(&rate.value) {
            self.values.insert(quantity, rate);
        }
    }

    /// Adds a measurement: follows a change within a few, and one odd measurement hardly. What is no positive number is
    /// ignored.
    pub fn note(&mut self, quantity: Quantity, measured: f64, origin: Origin, when: u64) {
        if !measured.is_finite() || measured <= 0.0 {
            return;
        }
        let first = Rate { value: measured, samples: 0, origin, when };
        let rate = self.values.entry(quantity).or_insert(first);
        // The first few weigh the same.
        let weight = (1.0 / (f64::from(rate.samples) + 1.0)).max(0.2);
        rate.value += weight * (measured - rate.value);
        rate.samples = rate.samples.saturating_add(1);
        rate.when = when;
    }

    /// The device that these rates make; what was not measured is `None`.
    pub fn computer(&self, id: impl Into<String>, memory: Option<f64>) -> Computer {
        let get = |quantity| self.get(quantity);
        let copying = || {
            let latency = get(Quantity::CopyLatency).unwrap_or(0.0);
            Some(Copying { latency, into: get(Quantity::CopyIn)?, back: get(Quantity::CopyOut)? })
        };
        let mapping = || {
            let path = Path::streaming(get(Quantity::MappedMemory)?);
            Some(Mapping { latency: get(Quantity::MapLatency)?, per_byte: get(Quantity::MapByte).unwrap_or(0.0), path })
        };
        let huge = || self.moving(Quantity::MoveHugePages, 2.0 * 1024.0 * 1024.0);
        let moving = || huge().or_else(|| self.moving(Quantity::MovePages, 4096.0));
        Computer {
            id: id.into(),
            memory,
            launch: get(Quantity::Launch),
            own: get(Quantity::OwnMemory).map(Path::streaming),
            speed: get(Quantity::Speed),
            reach: get(Quantity::DirectMemory).map(|rate| Reach::Coherent(Path::streaming(rate))),
            copying: copying(),
            moving: moving(),
            mapping: mapping(),
        }
    }

    /// The mover of this quantity, by pages of so many bytes.
    pub fn moving(&self, quantity: Quantity, page_bytes: f64) -> Option<Moving> {
        let moving = Moving::at(self.get(quantity)?, page_bytes);
        Some(Moving { start: self.get(Quantity::MoveLatency).unwrap_or(moving.start), ..moving })
    }

    /// The host that these rates make, without devices.
    pub fn machine(&self, name: impl Into<String>, threads: f64) -> Machine {
        let stream = self.get(Quantity::HostStreamAll).or_else(|| self.get(Quantity::HostStreamOne));
        Machine {
            name: name.into(),
            threads,
            wake: self.get(Quantity::HostWake).unwrap_or(0.0),
            host: stream.map(Path::streaming),
            devices: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantity_has_its_own_name() {
        for quantity in Quantity::ALL {
            assert_eq!(Quantity::named(quantity.name()), Some(quantity));
        }
        assert_eq!(Quantity::named("copy"), None);
    }

    #[test]
    fn the_first_measurements_weigh_the_same_and_nonsense_is_ignored() {
        let mut rates = Rates::new("k");
        for value in [1.0, 2.0, 3.0, f64::NAN, 0.0, -1.0, f64::INFINITY] {
            rates.note(Quantity::Launch, value, Origin::Probe, 7);
        }
        let rate = rates.rate(Quantity::Launch).expect("measured");
        assert_eq!((rate.value, rate.samples, rate.when), (2.0, 3, 7));
        for _ in 0..50 {
            rates.note(Quantity::Launch, 10.0, Origin::Launches, 8);
        }
        let many = Rate { samples: u32::MAX, ..*rates.rate(Quantity::Launch).expect("measured") };
        rates.set(Quantity::Launch, many);
        rates.note(Quantity::Launch, 10.0, Origin::Launches, 8);
        let rate = rates.rate(Quantity::Launch).expect("measured");
        assert!(rate.value > 9.9 && rate.origin == Origin::Probe);
    }

    #[test]
    fn what_was_not_measured_is_not_there() {
        let mut rates = Rates::new("k");
        assert_eq!(rates.computer("wgpu:0", None), Computer::unknown("wgpu:0"));
        rates.note(Quantity::CopyIn, 1e9, Origin::Probe, 0);
        assert_eq!(rates.computer("wgpu:0", None).copying, None, "one direction is not enough");
        rates.note(Quantity::CopyOut, 2e9, Origin::Probe, 0);
        let copying = rates.computer("wgpu:0", None).copying.expect("both directions");
        assert_eq!((copying.into, copying.back), (1e9, 2e9));
    }
}
