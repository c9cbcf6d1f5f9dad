//! Stand-in where no Vulkan driver imports host memory: Apple's systems.

use std::ops::Range;
use std::sync::Arc;

use super::device::Gpu;

/// How this device imports host pages: it does not.
#[derive(Clone)]
pub(crate) struct ImportSupport {
    pub(crate) page: usize,
}

pub(crate) fn open(
    _: &wgpu::Adapter,
    _: &wgpu::DeviceDescriptor<'_>,
) -> Result<(wgpu::Device, wgpu::Queue, ImportSupport), String> {
    Err("only Vulkan devices import host memory".to_owned())
}

pub(crate) fn device_memory(_: &wgpu::Adapter) -> Option<u64> {
    None
}

/// Never made.
pub(crate) enum Imported {}

impl Imported {
    /// # Safety
    /// None needed: it always fails.
    #[allow(unsafe_code)]
    pub(crate) unsafe fn new(_: &Arc<Gpu>, _: Range<usize>) -> Result<Self, String> {
        Err("only Vulkan devices import host memory".to_owned())
    }

    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        match *self {}
    }

    pub(crate) fn pages(&self) -> &Range<usize> {
        match *self {}
    }
}
