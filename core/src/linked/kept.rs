//! What was found out about a structure, for as long as it is borrowed.
#![allow(unsafe_code)]

use std::any::Any;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gather::{Alone, Crew};
use super::how::{FlattenError, How, Root, Target};
use super::image::Image;
use super::map::LinkMap;
use super::pages::pages;

/// Images and pages of a structure that nobody changes, and what devices made of them: found once, good as long as this lives.
/// [`Linked`](super::Linked) and [`Nodes`](super::Nodes) have one, launches lend it to devices
/// ([`Span::kept`](crate::argument::Span::kept)).
pub struct Kept {
    map: &'static LinkMap,
    root: Root,
    images: Mutex<Vec<Arc<Image<'static>>>>,
    /// Of the size that was asked for last.
    pages: Mutex<(usize, Arc<[Range<usize>]>)>,
    made: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

// SAFETY: of the structure, all of whose nodes are `Sync`, it only reads, under the contract of `new`.
unsafe impl Send for Kept {}
// SAFETY: as above; what changes lies behind locks.
unsafe impl Sync for Kept {}

impl Kept {
    /// Nothing is known yet.
    ///
    /// # Safety
    /// - `root` is values of the type that `map` was made for, whose description is exact.
    /// - They are borrowed shared, with all that they lead to, as long as the result lives and as long as the images live that
    ///   [`Self::image_of_borrow`] gives.
    pub(crate) unsafe fn new(map: &'static LinkMap, root: Root) -> Self {
        Kept { map, root, images: Mutex::default(), pages: Mutex::default(), made: Mutex::default() }
    }

    /// Whether nodes have atomics, which change although the structure is borrowed: an image is good for one launch then.
    pub fn changes(&self) -> bool {
        self.map.has_atomics()
    }

    /// The structure's image for a target: made by the first call, the same one for later calls. (Where nodes have atomics it
    /// is brought up to date.)
    ///
    /// # Errors
    /// As [`flatten`](super::flatten)'s. A limit below the size of an image that is there is an error, too.
    pub fn image(&self, target: Target, limit: u64, crew: &dyn Crew) -> Result<Arc<Image<'_>>, FlattenError> {
        // SAFETY: the image's lifetime is that of the borrow of `self`.
        unsafe { self.image_of_borrow(target, limit, crew) }
    }

    /// As [`Self::image`].
    ///
    /// # Safety
    /// The structure is borrowed for `'a`.
    pub(super) unsafe fn image_of_borrow<'a>(
        &self,
        target: Target,
        limit: u64,
        crew: &dyn Crew,
    ) -> Result<Arc<Image<'a>>, FlattenError> {
        let mut images = lock(&self.images);
        let atomics = self.changes();
        if let Some(number) = images.iter().position(|image| image.target() == target) {
            let bytes = images[number].bytes().len() as u64;
            if bytes > limit {
                return Err(FlattenError::TooLarge { bytes, limit });
            }
            let current = match Arc::get_mut(&mut images[number]) {
                Some(image) if atomics => image.refresh(crew),
                _ => !atomics,
            };
            if current {
                return Ok(images[number].clone());
            }
            // Somebody holds the image, whose atomics are old by now.
            images.swap_remove(number);
        }
        // Addresses are moved to where a device has the image, which takes the nodes.
        let keep = atomics || matches!(target, Target::Address(_));
        // SAFETY: the structure is borrowed as long as `self` lives, and its description is exact, by the contract of `new`.
        let image = unsafe { super::flatten(self.map, self.root, How { limit, keep, crew, ..How::new(target) })? };
        let image = Arc::new(image);
        images.push(image.clone());
        Ok(image)
    }

    /// The pages that the structure lies on: see [`pages`].
    ///
    /// # Errors
    /// As [`pages`]'.
    ///
    /// # Panics
    /// If `page` is not a power of two.
    pub fn pages(&self, page: usize) -> Result<Arc<[Range<usize>]>, FlattenError> {
        let mut kept = lock(&self.pages);
        if kept.0 != page {
            // SAFETY: as in `image_of_borrow`.
            let ranges = unsafe { pages(self.map, self.root, page, &Alone) }?;
            *kept = (page, ranges.into());
        }
        Ok(kept.1.clone())
    }

    /// What a device keeps with the structure, such as its image in the device's memory: what `suits`, or else what `make`
    /// makes. It is dropped with the structure's borrow.
    ///
    /// # Errors
    /// As `make`'s.
    pub fn made<T: Any + Send + Sync, E>(
        &self,
        suits: impl Fn(&T) -> bool,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        // Held while it is made, so that threads make it once.
        let mut made = lock(&self.made);
        let known = made.iter().filter_map(|it| it.clone().downcast::<T>().ok()).find(|it| suits(it));
        match known {
            Some(it) => Ok(it),
            None => {
                let it = Arc::new(make()?);
                made.push(it.clone());
                Ok(it)
            }
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("root", &self.root).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
