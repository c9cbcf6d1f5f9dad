//! Data that stays on the device from launch to launch, as bytes.
//!
//! This is the low-level half of what scopes are built on: no borrow is kept, bytes are sent and fetched explicitly.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex};

use landbridge_core::argument::ArgumentView;
use landbridge_core::ir::Role;
use landbridge_core::launch::{Definition, Output};
use landbridge_core::report::Steps;
use landbridge_core::{Error, Extent, Result};
use smallvec::smallvec;

use crate::codegen::wgsl::{Mode, UsizeWidth};

use super::backend::WgpuBackend;
use super::device::lock;
use super::failure::Failure;
use super::kernel::Kernel;
use super::launch;
use super::pool::{Kind, Lease};
use super::staging::{Download, Upload};
use super::submit::{self, CopyStep};

/// Bytes on a device. They belong to the backend that made them.
pub struct Resident {
    pub(crate) lease: Lease,
    bytes: usize,
}

impl std::fmt::Debug for Resident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resident({} bytes)", self.bytes)
    }
}

/// An argument of [`WgpuBackend::launch_resident`], by the parameter's role.
#[derive(Debug, Clone, Copy)]
pub enum ResidentArgument<'a> {
    /// `&T`, `&mut T`, `&[T]`, `&[AtomicU32]`: elements one after the other.
    Memory(&'a Resident),
    /// `#[rows]`: a matrix, and the number of elements in a row.
    Rows(&'a Resident, usize),
    /// A value's bytes.
    Uniform(&'a [u8]),
    /// The work-item's number.
    Index,
}

impl Resident {
    /// How many bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl WgpuBackend {
    /// Copies bytes to the device, where they stay until the result is dropped.
    ///
    /// # Errors
    /// `OutOfMemory`, `Unsupported` (more than one buffer holds), `DeviceLost`, `Driver`, `Timeout`.
    pub fn keep(&self, bytes: &[u8]) -> Result<Resident> {
        // SAFETY: as `MaybeUninit` bytes can only be read as what they may be.
        self.keep_bytes(unsafe { std::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
    }

    /// The same, where some may be padding.
    ///
    /// # Errors
    /// As [`Self::keep`].
    pub(crate) fn keep_bytes(&self, bytes: &[MaybeUninit<u8>]) -> Result<Resident> {
        self.try_keep(bytes).map_err(|failure| failure.into_error(&self.info, "keep"))
    }

    /// Copies the bytes of `resident` back.
    ///
    /// # Errors
    /// As [`WgpuBackend::keep`].
    ///
    /// # Panics
    /// If `bytes` is longer than what was kept.
    pub fn fetch(&self, resident: &Resident, bytes: &mut [u8]) -> Result<()> {
        assert!(bytes.len() <= resident.bytes, "more bytes wanted than are kept");
        self.try_fetch(resident, bytes).map_err(|failure| failure.into_error(&self.info, "fetch"))
    }

    /// Runs a kernel on data that is on the device already. Only what the kernel writes changes.
    ///
    /// # Errors
    /// `WrongLength`: an argument does not have the extent's items, or is none for its parameter; else as
    /// [`landbridge_core::Device::run`].
    pub fn launch_resident(
        &self,
        definition: &'static Definition,
        extent: Extent,
        arguments: &[ResidentArgument<'_>],
    ) -> Result<Steps> {
        let key = key(definition, extent, arguments);
        let kept = lock(&self.ready).get(&key, self.gpu.pool.trims());
        // Two launches that run at once need two: the other one has it.
        if let Some(mut ready) = kept.as_ref().and_then(|ready| ready.try_lock().ok()) {
            return self.run_ready(definition, &key, &mut ready);
        }
        let kernel = self.kernel(definition, Mode::Run, UsizeWidth::Auto)?;
        let given = self.given(definition, &kernel, extent, arguments)?;
        match launch::make_ready(self, definition, &kernel, extent, &given)? {
            Some(mut ready) => {
                let steps = self.run_ready(definition, &key, &mut ready)?;
                lock(&self.ready).keep(&key, Arc::new(Mutex::new(ready)), self.gpu.pool.trims());
                Ok(steps)
            }
            None => launch::run_given(self, definition, &kernel, extent, &given, Output::None),
        }
    }

    /// After an error it is of no more use.
    fn run_ready(
        &self,
        definition: &'static Definition,
        key: &launch::Key,
        ready: &mut launch::Ready,
    ) -> Result<Steps> {
        launch::run_ready(self, definition, ready).inspect_err(|_| lock(&self.ready).forget(key))
    }

    fn given<'a>(
        &self,
        definition: &'static Definition,
        kernel: &Kernel,
        extent: Extent,
        arguments: &[ResidentArgument<'a>],
    ) -> Result<launch::Few<launch::Given<'a>>> {
        let parameters = &kernel.module.parameters;
        let wrong = |position: usize, found: usize, expected: usize| Error::WrongLength {
            kernel: definition.name,
            parameter: definition.parameter(position),
            found,
            other: "extent",
            expected,
        };
        if arguments.len() != parameters.len() {
            return Err(wrong(arguments.len(), arguments.len(), parameters.len()));
        }
        let items = extent.items().unwrap_or(usize::MAX);
        let mut given = launch::Few::new();
        for (position, (argument, parameter)) in arguments.iter().zip(parameters).enumerate() {
            let size = kernel.module.types.size(parameter.ty) as usize;
            let (one, found) = pair(argument, parameter.role, size).ok_or_else(|| wrong(position, 0, items))?;
            if found.is_some_and(|found| found != items) {
                return Err(wrong(position, found.unwrap_or(0), items));
            }
            given.push(one);
        }
        Ok(given)
    }

    fn try_keep(&self, bytes: &[MaybeUninit<u8>]) -> Result<Resident, Failure> {
        let lease = self.gpu.pool.lend(Kind::Storage, (bytes.len() as u64).max(16))?;
        if !bytes.is_empty() {
            let upload = Upload::new(&self.gpu, bytes.len() as u64)?;
            // SAFETY: the slice is valid for reads of its length.
            unsafe { upload.write(0, bytes.as_ptr().cast(), bytes.len()) }?;
            upload.close();
            self.copy(upload.buffer(), lease.buffer(), bytes.len(), || upload.submitted())?;
        }
        Ok(Resident { lease, bytes: bytes.len() })
    }

    fn try_fetch(&self, resident: &Resident, bytes: &mut [u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Ok(());
        }
        let download = Download::new(&self.gpu, bytes.len() as u64)?;
        self.copy(resident.lease.buffer(), download.buffer(), bytes.len(), || download.submitted())?;
        // SAFETY: the slice is borrowed exclusively.
        unsafe { download.copy_to(0, bytes.as_mut_ptr(), bytes.len()) }
    }

    fn copy(
        &self,
        from: &wgpu::Buffer,
        to: &wgpu::Buffer,
        bytes: usize,
        submitted: impl FnOnce(),
    ) -> Result<(), Failure> {
        let bytes = (bytes as u64).next_multiple_of(4);
        let step = CopyStep { from, from_offset: 0, to, to_offset: 0, bytes };
        let steps = submit::Steps { uploads: smallvec![step], ..Default::default() };
        let _turn = self.take_turn()?;
        let submission = self.gpu.scoped("copying", || submit::submit(&self.gpu, &steps))?;
        submitted();
        self.gpu.wait(&submission, self.patience())
    }
}

/// What a launch is, as numbers: launches with equal keys are the same dispatch.
fn key(definition: &'static Definition, extent: Extent, arguments: &[ResidentArgument<'_>]) -> launch::Key {
    let mut key = launch::Key::new();
    key.push(std::ptr::from_ref(definition).addr() as u64);
    key.push(u64::from(extent.dimensions));
    key.extend(extent.sizes.map(|size| size as u64));
    for argument in arguments {
        match *argument {
            ResidentArgument::Memory(data) => key.extend([0, data.lease.id(), data.bytes as u64]),
            ResidentArgument::Rows(data, columns) => {
                key.extend([1, data.lease.id(), data.bytes as u64, columns as u64]);
            }
            ResidentArgument::Uniform(bytes) => {
                key.extend([2, bytes.len() as u64]);
                key.extend(bytes.chunks(8).map(word));
            }
            ResidentArgument::Index => key.push(3),
        }
    }
    key
}

/// Up to 8 bytes as a number.
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// The argument as the engine takes it, and the number of items that it gives. `None` if it does not suit the role.
fn pair<'a>(argument: &ResidentArgument<'a>, role: Role, size: usize) -> Option<(launch::Given<'a>, Option<usize>)> {
    let memory = |data: &'a Resident, per_item: Option<usize>| {
        let elements = data.bytes.checked_div(size).unwrap_or(0);
        let items = per_item.map(|count| elements.checked_div(count).unwrap_or(0));
        let lease = &data.lease;
        let kept = launch::Kept { lease, offset: 0, elements, element_size: size, per_item, writable: true };
        (launch::Given::Resident(kept), items)
    };
    Some(match (*argument, role) {
        (ResidentArgument::Memory(data), Role::Item { .. }) => memory(data, Some(1)),
        (ResidentArgument::Memory(data), Role::Whole | Role::Atomics) => memory(data, None),
        (ResidentArgument::Rows(data, columns), Role::Row { .. }) => memory(data, Some(columns)),
        (ResidentArgument::Uniform(bytes), Role::Uniform) if bytes.len() == size => {
            let data = bytes.as_ptr().cast::<MaybeUninit<u8>>();
            (launch::Given::View(ArgumentView::Uniform { data, size }), None)
        }
        (ResidentArgument::Index, Role::Index { .. }) => (launch::Given::View(ArgumentView::Index), None),
        _ => return None,
    })
}
