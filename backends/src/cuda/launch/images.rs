//! Linked arguments: rebuilt as images for their place on the card, and what the kernel changed written back after it.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::argument::{Access, ArgumentView, Span};
use landbridge_core::launch::Launch;
use landbridge_core::linked::{self, Alone, FlattenError, How, Image, LinkMap, Root, Target};
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use landbridge_core::types::Ty;
use landbridge_core::{Error, Result};

use super::super::backend::CudaBackend;
use super::super::card::Card;
use super::super::pool::{LEAST_ALIGN, Lease};
use super::operand::{Given, ImageAt};
use super::run::reserve;

/// The images of a launch's linked arguments, with the number of the parameter and its span.
#[derive(Default)]
pub(crate) struct Images<'l> {
    images: Vec<(usize, Span, Made<'l>)>,
}

/// An image with its place on the card.
pub(crate) enum Made<'l> {
    /// On the host, of this launch.
    Here(Box<Image<'l>>, Lease),
    /// On the host, copied for this launch from what is kept by whoever borrows the structure.
    Copied(Copied),
    /// On the card, until the structure's borrow ends.
    There(Arc<Room>),
}

/// An image's bytes with pointers for a place on the card.
pub(crate) struct Copied {
    pub(crate) bytes: Vec<MaybeUninit<u8>>,
    /// Of the root, in bytes from the place's start.
    pub(crate) root: u64,
    pub(crate) place: Lease,
}

/// An image on a card that belongs to a structure.
pub(crate) struct Room {
    card: Arc<Card>,
    place: Lease,
    /// Of the root, in bytes from the place's start.
    root: u64,
}

/// Whether a launch has linked arguments.
pub(crate) fn has_links(launch: &dyn Launch) -> bool {
    let mut found = false;
    launch.describe(&mut |view| found |= matches!(view, ArgumentView::Span(Span { links: Some(_), .. })));
    found
}

impl<'l> Images<'l> {
    /// Rebuilds those of the linked arguments for which the test holds, which is asked once of each in their order.
    ///
    /// # Errors
    /// `OutOfMemory` if the card or the host has no memory for an image; `DeviceLost`, `Driver`.
    pub(crate) fn of_those(
        backend: &CudaBackend,
        launch: &'l dyn Launch,
        steps: &mut Steps,
        test: &mut dyn FnMut(&Span) -> bool,
    ) -> Result<Self> {
        let mut images = Self::default();
        let (mut position, mut failed) = (0, None);
        launch.describe(&mut |view| {
            if let (ArgumentView::Span(span @ Span { links: Some(ty), .. }), None) = (view, &failed)
                && test(&span)
            {
                let start = Instant::now();
                // SAFETY: the launch is borrowed for 'l.
                match unsafe { made(backend, &span, ty) } {
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

    /// The image of the argument at a position, if it has one; the images have to outlive the launch.
    pub(crate) fn at(&mut self, position: usize) -> Option<Given> {
        let (_, span, image) = self.images.iter_mut().find(|image| image.0 == position)?;
        Some(image.given(span))
    }

    /// The launch's arguments as the engine takes them.
    pub(crate) fn given(&mut self, launch: &dyn Launch) -> Vec<Given> {
        let mut given = Vec::new();
        launch.describe(&mut |view| {
            let image = self.at(given.len());
            given.push(image.unwrap_or(Given::View(view)));
        });
        given
    }

    /// The arguments with their images.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = (Span, Made<'l>)> {
        self.images.into_iter().map(|(_, span, image)| (span, image))
    }

    /// Gives the nodes what the kernel has changed in the images.
    pub(crate) fn write_back(&mut self, steps: &mut Steps) {
        for (_, span, image) in &mut self.images {
            if let (Made::Here(image, _), Access::ReadWrite) = (image, span.access) {
                let start = Instant::now();
                // SAFETY: the launch borrows the structure exclusively and no device reads or writes it; the image holds what a verified
                // kernel has made of valid values.
                unsafe { image.write_back(&Alone) };
                steps.add(StepKind::WriteBack, start.elapsed());
            }
        }
    }
}

impl Made<'_> {
    /// As an argument.
    pub(crate) fn given(&mut self, span: &Span) -> Given {
        let (host, bytes, base, root) = match self {
            Made::There(room) => return room.given(span),
            Made::Here(image, lease) => {
                let root = image.root();
                // SAFETY: a verified kernel stores to plain fields only, and valid values.
                let bytes = unsafe { image.bytes_mut() };
                (bytes.as_mut_ptr(), bytes.len() as u64, lease.address(), root)
            }
            Made::Copied(Copied { bytes, root, place }) => {
                (bytes.as_mut_ptr(), bytes.len() as u64, place.address(), *root)
            }
        };
        Given::Image(ImageAt { host, bytes, base, root }, *span)
    }
}

impl Room {
    /// What is there, as an argument.
    pub(crate) fn given(&self, span: &Span) -> Given {
        Given::Card(self.place.address() + self.root, *span)
    }
}

/// The image of an argument, the one that is there or a new one, and whether anything was done for it.
///
/// # Safety
/// It is the argument of a launch that is borrowed for `'l`, with such links.
unsafe fn made<'l>(backend: &CudaBackend, span: &Span, ty: Ty) -> Result<(Made<'l>, bool)> {
    let (card, on_card) = (&backend.card, |error: FlattenError| error.on(&backend.info.to_string()));
    let limit = card.facts.memory;
    // SAFETY: passed on.
    let known = unsafe { span.known() };
    let Some(kept) = known else {
        let exclusive = span.access == Access::ReadWrite;
        let root = Root { data: span.data.cast(), count: span.elements, exclusive };
        let how = How { limit, keep: true, crew: &Alone, ..How::new(ANYWHERE) };
        // SAFETY: the launch borrows the elements, exclusively if it may write them, for as long as it is borrowed, which is 'l;
        // `ty` is the description of their type, which the derive vouches for.
        let mut image = unsafe { linked::flatten(LinkMap::of(ty), root, how) }.map_err(on_card)?;
        let place = lend(backend, image.bytes().len(), image.align())?;
        assert!(image.rebase(place.address(), &Alone), "its nodes were kept, and its pointers are addresses");
        return Ok((Made::Here(Box::new(image), place), true));
    };
    let copied = || {
        let image = kept.image(ANYWHERE, limit, &Alone).map_err(on_card)?;
        let place = lend(backend, image.bytes().len(), image.align())?;
        let mut bytes =
            reserve(image.bytes().len() as u64).map_err(|failure| failure.into_error(&backend.info, "flatten"))?;
        assert!(
            image.copy_based(place.address(), 0, &mut bytes, &Alone),
            "its nodes were kept, and its pointers are addresses"
        );
        Ok::<_, Error>(Copied { bytes, root: image.root(), place })
    };
    if kept.changes() {
        // It is good for one launch.
        return Ok((Made::Copied(copied()?), true));
    }
    let mut is_new = false;
    let room = kept.made(
        |room: &Room| Arc::ptr_eq(&room.card, card),
        || {
            is_new = true;
            let Copied { bytes, root, place } = copied()?;
            backend.send_all(&place, &bytes)?;
            Ok::<_, Error>(Room { card: Arc::clone(card), place, root })
        },
    )?;
    Ok((Made::There(room), is_new))
}

/// What an image's pointers are for as long as its place on the card is not known.
const ANYWHERE: Target = Target::Address(0);

/// A place on the card for an image.
fn lend(backend: &CudaBackend, bytes: usize, align: usize) -> Result<Lease> {
    if align > LEAST_ALIGN {
        let what = format!("its nodes are aligned to {align} bytes, and memory of the card to {LEAST_ALIGN}");
        return Err(Error::Unsupported { kernel: "flatten", device: backend.info.to_string(), what });
    }
    let lent = backend.card.enter().and_then(|()| backend.card.pool.lend(bytes as u64));
    lent.map_err(|failure| failure.into_error(&backend.info, "flatten"))
}
