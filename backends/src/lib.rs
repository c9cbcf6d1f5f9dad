//! The devices of landbridge: the host through rayon, memory nodes, Vulkan through wgpu, NVIDIA cards through cust, and the one that chooses among them.
//!
//! Users reach all of it through the facade `landbridge`.
#![deny(unsafe_code)]

// As kernels name it.
extern crate landbridge_core as landbridge;

#[cfg(feature = "host")]
pub mod auto;
mod cache_folder;
#[cfg(feature = "host")]
mod cards;
pub mod codegen;
#[cfg(all(feature = "cuda", target_os = "linux"))]
pub mod cuda;
#[cfg(feature = "host")]
pub mod devices;
#[cfg(feature = "host")]
mod drivers;
#[cfg(feature = "host")]
pub mod host;
#[cfg(any(feature = "wgpu", all(feature = "cuda", target_os = "linux")))]
mod launch_rates;
pub mod name;
#[cfg(feature = "host")]
mod nodes;
#[cfg(feature = "numa")]
pub mod numa;
#[cfg(feature = "host")]
mod pci;
#[cfg(feature = "host")]
pub mod probe;
pub mod rates;
#[cfg(feature = "host")]
// What only devices of nodes ask it is dead where there are none.
#[cfg_attr(not(all(feature = "numa", target_os = "linux")), allow(dead_code))]
mod uses;
#[cfg(any(feature = "wgpu", all(feature = "cuda", target_os = "linux")))]
mod value_bytes;
#[cfg(feature = "wgpu")]
pub mod webgpu;
