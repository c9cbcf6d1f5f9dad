//! The devices of landbridge: the host through rayon, Vulkan through wgpu.

#[cfg(feature = "wgpu")]
#[allow(dead_code, reason = "the launch layer, which uses all of it, follows")]
pub mod webgpu;
