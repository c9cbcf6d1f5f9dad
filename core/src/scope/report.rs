//! What a scope did.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::{DeviceInfo, DeviceKind};
use crate::residency::{Array, Side};
use crate::text::{Bytes, Time};

/// What a scope did: launches, where they ran, and why every byte moved. From
/// [`Device::scope_reported`](crate::Device::scope_reported).
#[derive(Clone, Debug)]
pub struct ScopeReport {
    /// Where it ran.
    pub device: Arc<DeviceInfo>,
    /// Whether the device works on the user's memory, or is given copies launch by launch: then nothing is kept on it.
    pub in_place: bool,
    /// Launches that ran or were accepted, on the device or the host.
    pub launches: u64,
    /// Launches that the host ran because the device could not: kernel, why, how often.
    pub on_host: Vec<(&'static str, String, u64)>,
    /// What was attached, in order, with what moved.
    pub arrays: Vec<Array>,
    /// Bytes of arguments that are not attached and went to the device with their launches.
    pub along: u64,
    /// Bytes of pages of such arguments that walked home at the end.
    pub along_home: u64,
    /// What should have walked home at the end and did not, and why.
    pub stayed: Vec<String>,
    /// Time of the whole scope.
    pub time: Duration,
}

impl ScopeReport {
    /// Bytes that went to the device.
    pub fn bytes_in(&self) -> u64 {
        self.along + self.arrays.iter().map(|array| array.bytes_to(Side::Device)).sum::<u64>()
    }

    /// Bytes that came back.
    pub fn bytes_out(&self) -> u64 {
        self.along_home + self.arrays.iter().map(|array| array.bytes_to(Side::Host)).sum::<u64>()
    }
}

impl fmt::Display for ScopeReport {
    /// Several lines, the last one without an end: device, launches, arrays and why their bytes moved.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let launches = if self.launches == 1 { "launch" } else { "launches" };
        writeln!(f, "scope on {}: {} {launches}", self.device, self.launches)?;
        for (kernel, why, times) in &self.on_host {
            writeln!(f, "  on the host: `{kernel}`, {times} of them: {why}")?;
        }
        for array in &self.arrays {
            writeln!(f, "  {}", array.name)?;
            for moved in &array.moved {
                writeln!(f, "    {moved}")?;
            }
            if array.moved.is_empty() {
                writeln!(f, "    nothing moved{}", if self.in_place { self.unmoved() } else { "" })?;
            }
        }
        if self.along > 0 {
            writeln!(f, "  {} of arguments that are not attached went along with their launches", Bytes(self.along))?;
        }
        if self.along_home > 0 {
            writeln!(
                f,
                "  {} of arguments that are not attached walked home: the scope ended",
                Bytes(self.along_home)
            )?;
        }
        for stayed in &self.stayed {
            writeln!(f, "  {stayed}")?;
        }
        write!(f, "  took {}", Time(self.time))
    }
}

impl ScopeReport {
    fn unmoved(&self) -> &'static str {
        match self.device.kind {
            DeviceKind::Host | DeviceKind::Node => ": used in place",
            _ => " by the scope: this device is launched on one by one",
        }
    }
}
