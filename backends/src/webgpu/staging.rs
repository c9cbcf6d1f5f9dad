//! Moving bytes between the user's memory and buffers that the device copies from and to.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use super::device::Gpu;
use super::failure::Failure;
use super::pool::{Kind, Lease};

/// A piece of a staging buffer starts at a multiple of this, bytes: what every copy needs.
const PIECE: u64 = 16;

/// Offsets for pieces of one staging buffer, handed out in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    bytes: u64,
    alignment: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Self::aligned(PIECE)
    }
}

impl Layout {
    /// Pieces start at multiples of this, itself one of 16.
    pub(crate) fn aligned(alignment: u64) -> Self {
        Self { bytes: 0, alignment }
    }

    /// Room for `bytes`; returns where it starts.
    pub(crate) fn push(&mut self, bytes: u64) -> u64 {
        let start = self.bytes;
        self.bytes += bytes.next_multiple_of(self.alignment);
        start
    }

    /// Bytes of all pieces.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// A buffer that the host writes and the device copies from.
pub(crate) struct Upload {
    lease: Lease,
}

impl Upload {
    /// # Errors
    /// As [`super::pool::Pool::lend`]; [`Failure::Internal`] if the driver does not map it.
    pub(crate) fn new(gpu: &Gpu, bytes: u64) -> Result<Self, Failure> {
        gpu.check_alive()?;
        let upload = Self { lease: gpu.pool.lend(Kind::Upload, bytes)? };
        upload.map_again(gpu)?;
        Ok(upload)
    }

    /// Sees to it that the buffer can be written. Mostly it was mapped again while its last launch was waited for.
    ///
    /// # Errors
    /// [`Failure::Internal`] if the driver does not map it.
    pub(crate) fn map_again(&self, gpu: &Gpu) -> Result<(), Failure> {
        let lease = &self.lease;
        if !lease.is_mapped() {
            gpu.scoped("mapping a buffer", || lease.start_mapping(0))?;
            gpu.tick();
        }
        if !lease.is_mapped() {
            gpu.check_alive()?;
            return Err(not_mapped());
        }
        Ok(())
    }

    /// The first `bytes` bytes, a multiple of 4, for several writes.
    ///
    /// # Errors
    /// [`Failure::Internal`] if they are not mapped.
    pub(crate) fn target(&self, bytes: u64) -> Result<Target, Failure> {
        let view = self.lease.buffer().get_mapped_range_mut(0..bytes).map_err(|_| not_mapped())?;
        Ok(Target { view })
    }

    /// Copies `bytes` bytes from `source` to `offset`, a multiple of 4.
    ///
    /// # Safety
    /// `source` is valid for reads of `bytes` bytes, which may be uninitialised (padding).
    ///
    /// # Errors
    /// [`Failure::Internal`] if the range is not mapped.
    pub(crate) unsafe fn write(&self, offset: u64, source: *const u8, bytes: usize) -> Result<(), Failure> {
        if bytes == 0 {
            return Ok(());
        }
        let range = offset..offset + (bytes as u64).next_multiple_of(4);
        let mut view = self.lease.buffer().get_mapped_range_mut(range);
        let view = view.as_mut().map_err(|_| not_mapped())?;
        let target = view.slice(..bytes).as_raw_element_ptr().as_ptr();
        // SAFETY:
        // - the caller vouches for the source; the target is `bytes` bytes of the mapped view.
        // - mapped device memory and the user's memory do not overlap.
        // - copied as `MaybeUninit`: padding is moved, never read as a value.
        unsafe {
            std::ptr::copy_nonoverlapping(source.cast::<MaybeUninit<u8>>(), target.cast::<MaybeUninit<u8>>(), bytes);
        }
        Ok(())
    }

    /// Copies a slice to `offset`, a multiple of 4.
    ///
    /// # Errors
    /// As [`Upload::write`].
    pub(crate) fn write_slice(&self, offset: u64, source: &[f32]) -> Result<(), Failure> {
        // SAFETY: the slice is valid for reads of its size.
        unsafe { self.write(offset, source.as_ptr().cast(), size_of_val(source)) }
    }

    /// Gives the buffer to the device; nothing can be written any more.
    pub(crate) fn close(&self) {
        self.lease.unmap();
    }

    /// To be called once the submission that reads the buffer is on its way: the wait for it then
    /// also maps the buffer for its next use.
    pub(crate) fn submitted(&self) {
        self.lease.start_mapping(0);
    }

    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        self.lease.buffer()
    }
}

/// Mapped bytes of a buffer that the host writes.
pub(crate) struct Target {
    view: wgpu::BufferViewMut,
}

impl Target {
    /// Copies `bytes` bytes from `source` to `offset`.
    ///
    /// # Safety
    /// `source` is valid for reads of `bytes` bytes, which may be uninitialised (padding).
    ///
    /// # Panics
    /// If they are more than there are behind `offset`.
    pub(crate) unsafe fn write(&mut self, offset: u64, source: *const u8, bytes: usize) {
        let target = self.view.slice(offset as usize..offset as usize + bytes).as_raw_element_ptr().as_ptr();
        // SAFETY:
        // - the caller vouches for the source; the target is `bytes` bytes of the mapped view.
        // - mapped device memory and the user's memory do not overlap.
        // - copied as `MaybeUninit`: padding is moved, never read as a value.
        unsafe {
            std::ptr::copy_nonoverlapping(source.cast::<MaybeUninit<u8>>(), target.cast::<MaybeUninit<u8>>(), bytes);
        }
    }

    /// Writes `bytes` zeros to `offset`.
    ///
    /// # Panics
    /// As [`Target::write`].
    pub(crate) fn clear(&mut self, offset: u64, bytes: usize) {
        self.view.slice(offset as usize..offset as usize + bytes).fill(0);
    }
}

/// A buffer that the device copies to and the host reads.
pub(crate) struct Download {
    lease: Lease,
    bytes: u64,
}

impl Download {
    /// Gives the buffer back to the device, for a next copy; what was read is read.
    pub(crate) fn close(&self) {
        self.lease.unmap();
    }

    /// # Errors
    /// As [`super::pool::Pool::lend`].
    pub(crate) fn new(gpu: &Gpu, bytes: u64) -> Result<Self, Failure> {
        Ok(Self { lease: gpu.pool.lend(Kind::Download, bytes)?, bytes })
    }

    /// To be called once the submission that writes the buffer is on its way: the wait for it then
    /// also maps the buffer.
    pub(crate) fn submitted(&self) {
        self.lease.start_mapping(self.bytes);
    }

    /// The bytes from `offset`, a multiple of 8. Only after the wait.
    ///
    /// # Errors
    /// [`Failure::Internal`] if the range is not mapped.
    pub(crate) fn read(&self, offset: u64, bytes: usize) -> Result<wgpu::BufferView, Failure> {
        if !self.lease.is_mapped() {
            return Err(not_mapped());
        }
        let range = offset..offset + (bytes as u64).next_multiple_of(4);
        let view = self.lease.buffer().get_mapped_range(range);
        view.map_err(|_| not_mapped())
    }

    /// Copies `bytes` bytes from `offset`, a multiple of 8, to `target`. Only after the wait.
    ///
    /// # Safety
    /// `target` is valid for writes of `bytes` bytes, and nobody else uses it meanwhile.
    ///
    /// # Errors
    /// As [`Download::read`]; nothing is written then.
    pub(crate) unsafe fn copy_to(&self, offset: u64, target: *mut u8, bytes: usize) -> Result<(), Failure> {
        if bytes == 0 {
            return Ok(());
        }
        let view = self.read(offset, bytes)?;
        // SAFETY: the view has at least `bytes` bytes, the caller vouches for the target, and
        // device memory does not overlap it.
        unsafe { std::ptr::copy_nonoverlapping(view.as_ptr(), target, bytes) };
        Ok(())
    }

    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        self.lease.buffer()
    }
}

fn not_mapped() -> Failure {
    Failure::Internal { step: "mapping a buffer", message: "the driver did not map it".to_owned() }
}
