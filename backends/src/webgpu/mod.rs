//! Devices behind wgpu: Vulkan; Metal and DX12 are enabled but untested.
//!
//! From the bottom up: `adapters` says what is here, `device` opens it and turns errors into
//! values, `pool` keeps buffers, `import` maps host pages, `pipeline` and `disk_cache` keep compiled
//! kernels, `grid` and `pages` are arithmetic, `submit` sends one piece of a launch,
//! `self_test` finds out how a driver rounds, `session` keeps a scope's data and its launches on their way.

mod adapters;
mod backend;
mod caught;
mod device;
#[cfg(test)]
mod device_tests;
mod disk_cache;
#[cfg(test)]
mod endless_tests;
mod error_blocks;
mod failure;
mod grid;
#[cfg(not(any(target_os = "macos", target_os = "ios")))]
mod import;
#[cfg(any(target_os = "macos", target_os = "ios"))]
#[path = "import_absent.rs"]
mod import;
mod kernel;
mod launch;
mod pages;
mod pipeline;
mod pool;
mod resident;
mod self_test;
mod session;
mod staging;
mod submit;
#[cfg(test)]
mod testing;

pub use adapters::{Adapter, AdapterFacts, AdapterLimits, INSTALL_HINT, adapter, adapters};
pub use backend::{DEFAULT_TIMEOUT, WgpuBackend};
pub use device::Gpu;
pub use failure::Failure;
pub use pool::PoolUse;
pub use resident::{Resident, ResidentArgument};
