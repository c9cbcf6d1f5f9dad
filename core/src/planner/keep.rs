//! Whether the data of a scope's launches goes to a device and stays there between them.

use super::place::pays;

/// What a launch costs on a device that keeps its data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// Seconds of the launch with all that it uses there; `None` if unknown.
    pub run: Option<f64>,
    /// Whether launches of the kernel there have shown so.
    pub measured: bool,
    /// Seconds to bring there what is not.
    pub into: f64,
    /// Seconds that it will take to bring home what the launch writes, unless that has to come home anyway.
    pub back: f64,
}

/// What it costs at home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtHome {
    /// Seconds of the launch; `None` if unknown.
    pub run: Option<f64>,
    /// Seconds to bring home what only the device has.
    pub fetch: f64,
}

/// Whether a launch, and as many after it as `launches` says, had better run on the device. As many as a scope has launched
/// so far is a guess that never costs more than twice the best.
///
/// ```
/// use landbridge_core::planner::{AtHome, Kept, keeps};
/// let device = Kept { run: Some(1.0), measured: true, into: 5.0, back: 5.0 };
/// let home = AtHome { run: Some(3.0), fetch: 0.0 };
/// assert!(!keeps(5.0, &device, &home) && keeps(6.0, &device, &home));
/// ```
pub fn keeps(launches: f64, device: &Kept, home: &AtHome) -> bool {
    let launches = launches.max(1.0);
    let there = device.run.map(|run| device.into + launches * run + device.back);
    let here = home.run.map(|run| home.fetch + launches * run);
    pays(there, device.measured, here)
}

#[cfg(test)]
mod tests {
    use super::super::machines;
    use super::*;

    /// A launch that goes through 1 GB and writes it, on a synthetic machine.
    fn costs(name: &str) -> (Kept, AtHome) {
        let machine = machines::named(name).expect("named").machine;
        let device = &machine.devices[0];
        let (copying, own) = (device.copying.expect("copies"), device.own.expect("memory").bandwidth);
        let host = machine.host.expect("memory").bandwidth;
        let kept = Kept { run: Some(1e9 / own), measured: true, into: 1e9 / copying.into, back: 1e9 / copying.back };
        (kept, AtHome { run: Some(1e9 / host), fetch: 0.0 })
    }

    #[test]
    fn data_goes_to_the_device_from_as_many_launches_on_as_its_way_there_and_back_costs() {
        for name in ["pcie4", "pcie5", "gh200"] {
            let (kept, home) = costs(name);
            let expected = (kept.into + kept.back) / (home.run.unwrap() - kept.run.unwrap());
            let found = (1..1000).find(|launches| keeps(f64::from(*launches), &kept, &home)).expect("some time");
            assert_eq!(f64::from(found), expected.floor().max(0.0) + 1.0, "{name}");
        }
    }

    #[test]
    fn what_is_there_stays_unless_home_is_faster_by_more_than_the_way() {
        let (kept, home) = costs("pcie4");
        let there = Kept { into: 0.0, back: 0.0, ..kept };
        let away = AtHome { fetch: kept.back, ..home };
        assert!(keeps(1.0, &there, &away));
        let slow = Kept { run: Some(home.run.unwrap() * 2.0), ..there };
        assert!(keeps(1.0, &slow, &away), "one launch does not pay for the way home");
        assert!(!keeps(100.0, &slow, &away));
    }

    #[test]
    fn what_is_not_known_stays_at_home_and_what_only_a_plan_promises_needs_a_margin() {
        let (kept, home) = costs("pcie4");
        assert!(!keeps(1e9, &Kept { run: None, ..kept }, &home));
        assert!(!keeps(1e9, &kept, &AtHome { run: None, ..home }));
        let close = Kept { run: home.run.map(|run| run * 0.9), ..kept };
        assert!(keeps(1e9, &close, &home) && !keeps(1e9, &Kept { measured: false, ..close }, &home));
    }
}
