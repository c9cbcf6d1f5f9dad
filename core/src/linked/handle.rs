//! A borrow of a structure that keeps what was found out about it.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::{Deref, Range};
use std::sync::Arc;

use super::gather::{Alone, Crew};
use super::how::{FlattenError, How, Root, Target};
use super::image::Image;
use super::kept::Kept;
use super::map::LinkMap;
use super::walk::flatten;
use crate::types::{KernelNode, TypeInfo};

/// A shared borrow of a structure that keeps its images: as long as it lives nothing can change, so a second launch over the
/// same structure sends nothing anew. Used in place of `&root`:
///
/// ```
/// # use landbridge_core::{KernelType, linked::linked};
/// # #[derive(KernelType)]
/// # #[kernel_type(crate = landbridge_core)]
/// # struct Node { value: f32, next: Option<Box<Node>> }
/// # let list = Node { value: 1.0, next: None };
/// let kept = linked(&list);
/// // for step in 0..1000 { device.run(sums(&kept, step, ..))?; }
/// assert_eq!(kept.value, 1.0);
/// drop(kept); // and what devices keep of the list is gone
/// ```
///
/// Images and pages are found by the first launch that needs them. A device with memory of its own keeps the image there until
/// the handle is dropped. Where nodes have atomics their contents are copied for each launch.
pub struct Linked<'a, T> {
    root: &'a T,
    kept: Kept,
}

/// Borrows a structure for several launches. See [`Linked`].
pub fn linked<T: KernelNode>(root: &T) -> Linked<'_, T> {
    let at = Root { data: std::ptr::from_ref(root).cast_mut().cast(), count: 1, exclusive: false };
    // SAFETY: the root is borrowed as long as the handle lives, and its type is a `KernelNode`, so its description is exact;
    // layouts do not depend on lifetimes.
    let kept = unsafe { Kept::new(LinkMap::of(T::Erased::DESC), at) };
    Linked { root, kept }
}

impl<'a, T: KernelNode> Linked<'a, T> {
    /// The structure's image for a target: made by the first call, the same one for later calls. (Where nodes have atomics it
    /// is brought up to date.)
    ///
    /// # Errors
    /// As [`flatten`](super::flatten)'s. A limit below the size of an image that is there is an error, too.
    pub fn image(&self, target: Target, limit: u64) -> Result<Arc<Image<'a>>, FlattenError> {
        // SAFETY: the root is borrowed for `'a`.
        unsafe { self.kept.image_of_borrow(target, limit, &Alone) }
    }

    /// The pages that the structure lies on: see [`pages`](super::pages).
    ///
    /// # Errors
    /// As [`pages`](super::pages)'.
    ///
    /// # Panics
    /// If `page` is not a power of two.
    pub fn pages(&self, page: usize) -> Result<Vec<Range<usize>>, FlattenError> {
        Ok(self.kept.pages(page)?.to_vec())
    }
}

impl<T> Linked<'_, T> {
    /// The structure, and what is known of it.
    pub(crate) fn parts(&self) -> (&T, &Kept) {
        (self.root, &self.kept)
    }
}

impl<T> Deref for Linked<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.root
    }
}

/// An exclusive borrow of a structure that keeps its image between launches, for plain fields to come back to the nodes.
pub struct LinkedMut<'a, T> {
    root: *mut T,
    map: &'static LinkMap,
    image: Option<Image<'a>>,
    borrow: PhantomData<&'a mut T>,
}

// SAFETY: it is an exclusive borrow of a `T`, and an image whose nodes are part of that borrow.
unsafe impl<T: Send> Send for LinkedMut<'_, T> {}
// SAFETY: as above; through `&LinkedMut` the structure is only read.
unsafe impl<T: Sync> Sync for LinkedMut<'_, T> {}

/// Borrows a structure for several launches that change it. See [`LinkedMut`].
pub fn linked_mut<T: KernelNode>(root: &mut T) -> LinkedMut<'_, T> {
    LinkedMut { root, map: LinkMap::of(T::Erased::DESC), image: None, borrow: PhantomData }
}

impl<'a, T: KernelNode> LinkedMut<'a, T> {
    /// The structure's image: made by the first call, later calls copy the nodes' plain fields only.
    ///
    /// # Errors
    /// As [`flatten`]'s.
    pub fn image(&mut self, target: Target, limit: u64, crew: &dyn Crew) -> Result<&Image<'a>, FlattenError> {
        match self.image.take() {
            Some(mut image) if image.target() == target && image.bytes().len() as u64 <= limit => {
                image.refresh(crew);
                Ok(self.image.insert(image))
            }
            _ => {
                let root = Root { data: self.root.cast(), count: 1, exclusive: true };
                // SAFETY: as in `Linked::image`, and the borrow is exclusive: nobody reaches the structure but through
                // `self`, which drops the image before it lets anybody change a link.
                let image = unsafe { flatten(self.map, root, How { limit, keep: true, crew, ..How::new(target) })? };
                Ok(self.image.insert(image))
            }
        }
    }

    /// The image's bytes, for what a device made of them; empty if there is no image.
    ///
    /// # Safety
    /// Only plain fields are written, and with valid values of their types: links are never made again.
    pub unsafe fn bytes_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        // SAFETY: passed on.
        self.image.as_mut().map_or(&mut [], |image| unsafe { image.bytes_mut() })
    }

    /// Copies plain fields from the image back into the nodes: see [`Image::write_back`]. `false` if there is no image.
    ///
    /// # Safety
    /// Plain fields in the image are valid values of their types.
    pub unsafe fn write_back(&mut self, crew: &dyn Crew) -> bool {
        let Some(image) = &mut self.image else { return false };
        // SAFETY: the borrow is exclusive, and nobody has a reference into the structure: those that `get` gave borrow
        // `self`. What lies in the image is the caller's promise.
        unsafe { image.write_back(crew) }
    }

    /// The structure.
    pub fn get(&self) -> &T {
        // SAFETY: the root is borrowed exclusively for `'a`, and nothing is written through `&self`.
        unsafe { &*self.root }
    }

    /// The structure, to be changed at will: the image is forgotten.
    pub fn get_mut(&mut self) -> &mut T {
        self.image = None;
        // SAFETY: the root is borrowed exclusively for `'a`, and so is `self` for as long as the reference lives.
        unsafe { &mut *self.root }
    }
}
