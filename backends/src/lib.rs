//! The devices of landbridge: the host through rayon, Vulkan through wgpu.

#[cfg(feature = "wgpu")]
pub mod webgpu;
