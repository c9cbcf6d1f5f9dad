//! Microprobes: how fast this machine's devices and its memory are.
//!
//! The device that chooses takes what it lacks in small pieces beside the user's launches (`background`); [`device`] and
//! [`host`] take all of it at once, for `devices --probe`. What is found goes to [`crate::rates`], which keeps it for the
//! next process. `LANDBRIDGE_PROBE=off` turns the first of these off: then only launches themselves teach anything.

mod background;
mod device_pieces;
mod host_pieces;
mod kernels;
#[cfg(all(feature = "numa", target_os = "linux"))]
mod node_pieces;
#[cfg(not(all(feature = "numa", target_os = "linux")))]
#[path = "no_nodes.rs"]
mod node_pieces;

use std::sync::Arc;

use landbridge_core::backend::Backend;
use landbridge_core::planner::Quantity;
use landbridge_core::{Device, DeviceInfo, DeviceKind, Result};

use crate::rates::{self, Shared};

pub(crate) use background::Background;

/// What a probe found.
type Measured = Vec<(Quantity, f64)>;

/// Called before each launch of a probe: returns when nothing of the user's is in the way.
type Wait<'w> = dyn Fn() + 'w;

/// The environment variable that turns probes beside launches off.
pub const VARIABLE: &str = "LANDBRIDGE_PROBE";

/// How long a probe may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A few milliseconds: beside launches.
    Quick,
    /// Up to a second or two: when the user asks for it.
    Thorough,
}

impl Effort {
    /// Bytes of a buffer.
    fn bytes(self) -> usize {
        match self {
            Effort::Quick => 1 << 20,
            Effort::Thorough => 64 << 20,
        }
    }

    /// The same for a device: caches hold what little would do for a GPU, and tell nothing of a node's memory.
    fn bytes_for(self, device: &Device) -> usize {
        if device.info().kind == DeviceKind::Node { self.bytes().max(16 << 20) } else { self.bytes() }
    }

    /// Work-items of arithmetic.
    fn items(self) -> usize {
        match self {
            Effort::Quick => 1 << 12,
            Effort::Thorough => 1 << 16,
        }
    }
}

/// Whether the user lets launches be followed by probes.
fn allowed() -> bool {
    std::env::var_os(VARIABLE).is_none_or(|value| value != "off")
}

/// Measures all of a device's rates and keeps them.
///
/// # Errors
/// As [`Device::run`]: what the device lacks, or how it failed. What was found until then is kept.
pub fn device(backend: &Arc<dyn Backend>, effort: Effort) -> Result<Arc<Shared>> {
    let device = Device::from_backend(backend.clone(), None);
    let known = rates::of(backend.info());
    for piece in device_pieces::Piece::ALL.into_iter().filter(|piece| piece.is_for(&device)) {
        known.renew(&piece.measure(&device, effort, &|| ())?);
    }
    Ok(known)
}

/// Measures all of the host's rates and keeps them. `info` is the host's.
pub fn host(info: &DeviceInfo, effort: Effort) -> Arc<Shared> {
    use host_pieces::Piece;
    let known = rates::of(info);
    for piece in [Piece::Alone, Piece::Together, Piece::Fault, Piece::Wake] {
        known.renew(&piece.measure(effort));
    }
    known
}
