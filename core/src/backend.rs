//! The contract between core and the devices.
//!
//! # Who does what
//! **Core checks** lengths and extents before it makes a [`Launch`], so a backend sees a launch that is well-formed:
//! every per-item argument has exactly the items of the extent. **The backend checks** what depends on the device: that
//! it can run the kernel's IR, that memory suffices, that the strategy asked for is possible.
//!
//! **The backend waits**: when [`Backend::launch`] returns, whether with `Ok` or `Err`, no device touches the memory of the
//! launch any more. Where it cannot stop a device that has the user's pages (strategies `Direct`, `Map`, `Migrate`), it does
//! not return. Under `Copy` it may give up on the device instead, since only the device's own memory is at stake.
//!
//! **What stays alive**: the launch borrows the user's memory until `launch` returns; the backend keeps no pointer to it.
//! On an error under `Copy` the user's memory is as it was before.

#![allow(unsafe_code)]

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::launch::{Definition, Launch};
use crate::plan::{Plan, Strategy};
use crate::report::Report;
use crate::session::Session;

/// Something that computes. See the module's documentation for who checks, who waits and what stays alive.
///
/// # Safety
/// Implementations promise what the module's documentation says of waiting and of what stays alive; and that where
/// [`Self::launch`] is `Ok`, every work-item has run and the results are where [`Launch::output`] says. The same of the
/// sessions that they open, with what [`crate::session`] says. Devices run a kernel's IR only as `<dyn Launch>::module` gives it.
pub unsafe trait Backend: Send + Sync {
    /// What the device is and can do.
    fn info(&self) -> &Arc<DeviceInfo>;

    /// What [`Self::launch`] would do and how long it would take, without doing it.
    ///
    /// # Errors
    /// As [`Self::launch`], for what can be known before.
    fn plan(&self, launch: &dyn Launch) -> Result<Plan>;

    /// Translates and compiles a kernel ahead of its first launch.
    ///
    /// # Errors
    /// `Unsupported`, `Untranslatable`, `DeviceLost`, `Driver`.
    fn prepare(&self, definition: &'static Definition) -> Result<()>;

    /// Runs a launch and waits for its end.
    ///
    /// # Errors
    /// `KernelPanic`, `Unsupported`, `Untranslatable`, `StrategyUnavailable`, `OutOfMemory`, `Timeout`, `DeviceLost`,
    /// `Driver`.
    fn launch(&self, launch: &dyn Launch) -> Result<Report>;

    /// Starts to keep data for a scope. `None`: a scope launches one by one through [`Self::launch`], on the user's memory.
    /// That is right for every device, and best for those that work in place.
    ///
    /// # Errors
    /// `DeviceLost`, `OutOfMemory`, `Driver`.
    fn session(self: Arc<Self>) -> Result<Option<Box<dyn Session>>> {
        Ok(None)
    }
}

/// What kind of device it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeviceKind {
    /// The cores that run the program.
    Host,
    /// A GPU with memory of its own.
    DiscreteGpu,
    /// A GPU that shares the host's memory.
    IntegratedGpu,
    /// A driver that computes on the host's cores: for tests, slower than the host itself.
    Software,
    /// Cores near to one of the machine's memory nodes.
    Node,
    /// Something else.
    Other,
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            DeviceKind::Host => "host",
            DeviceKind::DiscreteGpu => "discrete GPU",
            DeviceKind::IntegratedGpu => "integrated GPU",
            DeviceKind::Software => "software",
            DeviceKind::Node => "memory node",
            DeviceKind::Other => "other",
        })
    }
}

/// What a device is and can do.
#[derive(Clone, Debug)]
pub struct DeviceInfo {
    /// As `LANDBRIDGE_DEVICE` names it: `host`, `node:1`, `wgpu:0`.
    pub id: String,
    /// As the driver names it.
    pub name: String,
    /// Driver and its version; empty for the host.
    pub driver: String,
    /// What kind it is.
    pub kind: DeviceKind,
    /// Memory that launches may use, in bytes.
    pub memory: u64,
    /// Cores or other units that work at the same time, as far as known.
    pub units: u32,
    /// What kernels may use, and why not.
    pub capabilities: Vec<Capability>,
    /// The strategies, and why not.
    pub strategies: Vec<StrategySupport>,
}

impl DeviceInfo {
    /// Whether a strategy is possible.
    pub fn supports(&self, strategy: Strategy) -> bool {
        self.strategies.iter().any(|s| s.strategy == strategy && s.missing.is_none())
    }

    /// Whether kernels may use this, by the capability's name, such as [`Capability::ROUNDED_F32`].
    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c.name == capability && c.missing.is_none())
    }
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.id, self.name)?;
        if self.kind == DeviceKind::Software {
            f.write_str(", software")?;
        }
        f.write_str(")")
    }
}

/// Something a kernel may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// Such as `f64`.
    pub name: &'static str,
    /// Why it is not there; `None` if it is.
    pub missing: Option<String>,
}

impl Capability {
    /// Each `+ - * /` and `sqrt` of `f32` whose result is normal rounds to nearest even, as IEEE 754 says and the host does.
    pub const ROUNDED_F32: &'static str = "f32 rounded as on the host";
    /// Several operations on `f32` in a row are computed as written: not contracted, reassociated or simplified.
    pub const AS_WRITTEN_F32: &'static str = "f32 as written";
}

/// Whether a strategy is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrategySupport {
    /// Never [`Strategy::Auto`].
    pub strategy: Strategy,
    /// Why it is not possible; `None` if it is.
    pub missing: Option<String>,
}
