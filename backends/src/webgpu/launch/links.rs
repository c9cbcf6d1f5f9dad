//! Linked arguments: rebuilt as images before a launch, and what the kernel changed written back after it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::Launch;
use landbridge_core::linked::{self, FlattenError, How, Image, LinkMap, Root, Target};
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use landbridge_core::types::Ty;
use landbridge_core::{Error, Result};

use super::super::backend::WgpuBackend;
use super::super::device::Gpu;
use super::super::kernel::Kernel;
use super::super::resident::Resident;
use super::Few;
use super::crew::Threads;
use super::operand::{Given, Memory, Rebuilt};
use crate::codegen::wgsl::Bound;

/// Addresses in kernels are 32 bits, of bytes where a node has fields smaller than a word.
const REACH: u64 = 1 << 32;

/// The images of a launch's linked arguments.
pub(crate) struct Images<'l> {
    /// With the number of the parameter, and its span.
    images: Few<(usize, Span, Made<'l>)>,
}

/// Where an image is.
pub(crate) enum Made<'l> {
    /// On the host, of this launch.
    Here(Box<Image<'l>>),
    /// On the host, kept by whoever borrows the structure.
    Kept(Arc<Image<'l>>),
    /// On the device, until the structure's borrow ends.
    There(Arc<There>),
}

/// An image in the device's memory.
pub(crate) struct There {
    gpu: Arc<Gpu>,
    resident: Resident,
}

/// Whether a launch has linked arguments.
pub(crate) fn has_links(launch: &dyn Launch) -> bool {
    let mut found = false;
    launch.describe(&mut |view| found |= matches!(view, ArgumentView::Span(Span { links: Some(_), .. })));
    found
}

impl<'l> Images<'l> {
    /// No images, for launches whose arguments are given otherwise.
    pub(crate) fn none() -> Self {
        Images { images: Few::new() }
    }

    /// Rebuilds what is linked. `kernel` tells which arguments share a binding with others, so that they go with the launch.
    ///
    /// # Errors
    /// `OutOfMemory` if an image is larger than a buffer of the device, or the host has no memory for it.
    pub(crate) fn of(
        backend: &WgpuBackend,
        launch: &'l dyn Launch,
        kernel: &Kernel,
        steps: &mut Steps,
    ) -> Result<Self> {
        let packed = |position| {
            let source = Bound::Parameter(position);
            kernel.text.bindings.iter().any(|binding| binding.packed && binding.source == source)
        };
        Self::made(backend, launch, steps, &mut |position, _| Some(!packed(position)))
    }

    /// Rebuilds those of the linked arguments for which the test holds, which is asked once of each in their order.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(crate) fn of_those(
        backend: &WgpuBackend,
        launch: &'l dyn Launch,
        steps: &mut Steps,
        test: &mut dyn FnMut(&Span) -> bool,
    ) -> Result<Self> {
        Self::made(backend, launch, steps, &mut |_, span| test(span).then_some(true))
    }

    /// `wanted`: of an argument's position and span, whether there is to be an image; and if so, whether it may stay on the
    /// device.
    fn made(
        backend: &WgpuBackend,
        launch: &'l dyn Launch,
        steps: &mut Steps,
        wanted: &mut dyn FnMut(usize, &Span) -> Option<bool>,
    ) -> Result<Self> {
        let mut images = Self::none();
        let (mut position, mut failed) = (0, None);
        launch.describe(&mut |view| {
            if let (ArgumentView::Span(span @ Span { links: Some(ty), .. }), None) = (view, &failed)
                && let Some(stays) = wanted(position, &span)
            {
                let start = Instant::now();
                // SAFETY: the launch is borrowed for 'l.
                match unsafe { made(backend, &span, ty, stays) } {
                    Ok((image, is_new)) => {
                        images.images.push((position, span, image));
                        if is_new {
                            steps.add(StepKind::Flatten, start.elapsed());
                        }
                    }
                    Err(error) => failed = Some(error),
                }
            }
            position += 1;
        });
        failed.map_or(Ok(images), Err)
    }

    /// The launch's arguments as the engine takes them; the images have to outlive the launch.
    pub(crate) fn given<'g>(&'g mut self, launch: &'g dyn Launch) -> Few<Given<'g>> {
        let (mut given, mut images) = (Few::new(), self.images.iter_mut().peekable());
        launch.describe(&mut |view| {
            given.push(match images.next_if(|image| image.0 == given.len()) {
                Some((_, span, image)) => given_image(span, image),
                None => Given::View(view),
            });
        });
        given
    }

    /// The image of the argument at a position, if it has one on the host.
    pub(crate) fn at<'g>(&mut self, position: usize) -> Option<Given<'g>> {
        let (_, span, image) = self.images.iter_mut().find(|image| image.0 == position)?;
        on_host(span, image)
    }

    /// The arguments with their images.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = (Span, Made<'l>)> {
        self.images.into_iter().map(|(_, span, image)| (span, image))
    }

    /// Gives the nodes what the kernel has changed in the images.
    pub(crate) fn write_back(&mut self, steps: &mut Steps) {
        for (_, span, image) in &mut self.images {
            if let (Made::Here(image), Access::ReadWrite) = (image, span.access) {
                let start = Instant::now();
                // SAFETY: the launch borrows the structure exclusively and no device reads or writes it; the image holds
                // what a verified kernel has made of valid values.
                unsafe { image.write_back(&Threads) };
                steps.add(StepKind::WriteBack, start.elapsed());
            }
        }
    }
}

/// The image of an argument, the one that is there or a new one, and whether anything was done for it. `stays`: it may be kept
/// on the device.
///
/// # Safety
/// It is the argument of a launch that is borrowed for `'l`, with such links.
unsafe fn made<'l>(backend: &WgpuBackend, span: &Span, ty: Ty, stays: bool) -> Result<(Made<'l>, bool)> {
    let limit = backend.gpu.facts.limits.buffer_bytes.min(REACH);
    let on_device = |error: FlattenError| error.on(&backend.info.to_string());
    // SAFETY: passed on.
    let known = unsafe { span.known() };
    let Some(kept) = known else {
        let exclusive = span.access == Access::ReadWrite;
        let root = Root { data: span.data.cast(), count: span.elements, exclusive };
        let how = How { limit, keep: exclusive, crew: &Threads, ..How::new(Target::Words) };
        // SAFETY: the launch borrows the elements, exclusively if it may write them, for as long as it is borrowed,
        // which is 'l; `ty` is the description of their type, which the derive vouches for.
        let image = unsafe { linked::flatten(LinkMap::of(ty), root, how) }.map_err(on_device)?;
        return Ok((Made::Here(Box::new(image)), true));
    };
    let image = || kept.image(Target::Words, limit, &Threads).map_err(on_device);
    if kept.changes() || !stays {
        return Ok((Made::Kept(image()?), true));
    }
    let mut is_new = false;
    let send = || {
        is_new = true;
        let resident = backend.keep_bytes(image()?.bytes())?;
        Ok(There { gpu: Arc::clone(&backend.gpu), resident })
    };
    match kept.made(|there: &There| Arc::ptr_eq(&there.gpu, &backend.gpu), send) {
        Ok(there) => Ok((Made::There(there), is_new)),
        // Not to stay there; with the launch it may fit.
        Err(Error::OutOfMemory { .. }) => Ok((Made::Kept(image()?), true)),
        Err(error) => Err(error),
    }
}

/// An image on the host; it has to outlive the launch.
fn on_host<'g>(span: &Span, image: &mut Made<'_>) -> Option<Given<'g>> {
    let (address, bytes) = match image {
        Made::Here(image) => {
            // SAFETY: a verified kernel stores to plain fields only, and valid values.
            let bytes: &mut [MaybeUninit<u8>] = unsafe { image.bytes_mut() };
            (bytes.as_mut_ptr(), bytes.len())
        }
        // What is kept is borrowed shared, so that no kernel writes it.
        Made::Kept(image) => (image.bytes().as_ptr().cast_mut(), image.bytes().len()),
        Made::There(_) => return None,
    };
    let memory = Memory::Host { address, initialised: true };
    Some(Given::Image(Rebuilt { memory, bytes, span: *span }))
}

impl There {
    /// As an argument.
    pub(crate) fn given(&self, span: &Span) -> Given<'_> {
        let memory = Memory::Resident { lease: &self.resident.lease, offset: 0 };
        Given::Image(Rebuilt { memory, bytes: self.resident.bytes(), span: *span })
    }
}

fn given_image<'g>(span: &Span, image: &'g mut Made<'_>) -> Given<'g> {
    if let Made::There(there) = image {
        return there.given(span);
    }
    on_host(span, image).unwrap_or_else(|| unreachable!("it is not on the device"))
}
