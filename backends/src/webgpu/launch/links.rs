//! Linked arguments: rebuilt as images before a launch, and what the kernel changed written back after it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::time::Instant;

use landbridge_core::Result;
use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::Launch;
use landbridge_core::linked::{self, How, Image, LinkMap, Root, Target};
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;

use super::super::backend::WgpuBackend;
use super::Few;
use super::crew::Threads;
use super::operand::{Given, Memory, Rebuilt};

/// Addresses in kernels are 32 bits, of bytes where a node has fields smaller than a word.
const REACH: u64 = 1 << 32;

/// The images of a launch's linked arguments.
pub(crate) struct Images<'l> {
    /// With the number of the parameter, and its span.
    images: Few<(usize, Span, Image<'l>)>,
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

    /// Rebuilds what is linked.
    ///
    /// # Errors
    /// `OutOfMemory` if an image is larger than a buffer of the device, or the host has no memory for it.
    pub(crate) fn of(backend: &WgpuBackend, launch: &'l dyn Launch, steps: &mut Steps) -> Result<Self> {
        Self::of_those(backend, launch, steps, &mut |_| true)
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
        let mut images = Self::none();
        let (mut position, mut failed) = (0, None);
        launch.describe(&mut |view| {
            if let (ArgumentView::Span(span @ Span { links: Some(ty), .. }), None) = (view, &failed)
                && test(&span)
            {
                let start = Instant::now();
                let exclusive = span.access == Access::ReadWrite;
                let root = Root { data: span.data.cast(), count: span.elements, exclusive };
                let limit = backend.gpu.facts.limits.buffer_bytes.min(REACH);
                let how = How { limit, keep: exclusive, crew: &Threads, ..How::new(Target::Words) };
                // SAFETY: the launch borrows the elements, exclusively if it may write them, for as long as it is borrowed,
                // which is 'l; `links` is the description of their type, which the derive vouches for.
                match unsafe { linked::flatten(LinkMap::of(ty), root, how) } {
                    Ok(image) => images.images.push((position, span, image)),
                    Err(error) => failed = Some(error),
                }
                steps.add(StepKind::Flatten, start.elapsed());
            }
            position += 1;
        });
        failed.map_or(Ok(images), |error| Err(error.on(&backend.info.to_string())))
    }

    /// The launch's arguments as the engine takes them; the images have to outlive the launch.
    pub(crate) fn given(&mut self, launch: &dyn Launch) -> Few<Given<'l>> {
        let (mut given, mut images) = (Few::new(), self.images.iter_mut().peekable());
        launch.describe(&mut |view| {
            given.push(match images.next_if(|image| image.0 == given.len()) {
                Some((_, span, image)) => given_image(span, image),
                None => Given::View(view),
            });
        });
        given
    }

    /// The image of the argument at a position, if it has one.
    pub(crate) fn at<'g>(&mut self, position: usize) -> Option<Given<'g>> {
        let (_, span, image) = self.images.iter_mut().find(|image| image.0 == position)?;
        Some(given_image(span, image))
    }

    /// The arguments with their images.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = (Span, Image<'l>)> {
        self.images.into_iter().map(|(_, span, image)| (span, image))
    }

    /// Gives the nodes what the kernel has changed in the images.
    pub(crate) fn write_back(&mut self, steps: &mut Steps) {
        for (_, span, image) in &mut self.images {
            if span.access == Access::ReadWrite {
                let start = Instant::now();
                // SAFETY: the launch borrows the structure exclusively and no device reads or writes it; the image holds
                // what a verified kernel has made of valid values.
                unsafe { image.write_back(&Threads) };
                steps.add(StepKind::WriteBack, start.elapsed());
            }
        }
    }
}

fn given_image<'l>(span: &Span, image: &mut Image<'_>) -> Given<'l> {
    // SAFETY: a verified kernel stores to plain fields only, and valid values.
    let bytes: &mut [MaybeUninit<u8>] = unsafe { image.bytes_mut() };
    let memory = Memory::Host { address: bytes.as_mut_ptr(), initialised: true };
    Given::Image(Rebuilt { memory, bytes: bytes.len(), span: *span })
}
