//! All nodes of one type.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use super::{Region, Shared, Stored};

/// What [`Region::iter`] gives.
pub struct Iter<'r, T: ?Sized> {
    region: &'r Region,
    cursor: Cursor,
    of: PhantomData<&'r T>,
}

/// What [`Region::iter_mut`] gives.
pub struct IterMut<'r, T: ?Sized> {
    region: &'r Region,
    cursor: Cursor,
    of: PhantomData<&'r mut T>,
}

struct Cursor {
    tag: u32,
    granule: usize,
    left: usize,
}

impl Cursor {
    fn new<T: Stored + ?Sized>(region: &Region) -> Self {
        let tag = region.kinds.tag(TypeId::of::<T::Element>()) | T::BIT;
        Self { tag, granule: 0, left: region.count::<T>() }
    }

    fn next(&mut self, region: &Region) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        let granule = region.next_of(self.tag, self.granule)?;
        self.granule = granule + 1;
        self.left -= 1;
        Some(granule)
    }
}

/// # All of a type
impl Region {
    /// All nodes of a type (`iter::<Node>()`) or slices (`iter::<[f32]>()`) with their handles, in order of address.
    ///
    /// ```
    /// # use landbridge_core::Region;
    /// let mut region = Region::new();
    /// let handles = [region.push(1_u32), region.push(2)];
    /// region.push(0.5_f32);
    /// assert!(region.iter::<u32>().eq([(handles[0], &1), (handles[1], &2)]));
    /// ```
    pub fn iter<T: Stored + ?Sized>(&self) -> Iter<'_, T> {
        Iter { region: self, cursor: Cursor::new::<T>(self), of: PhantomData }
    }

    /// As [`Region::iter`], each node exclusively.
    pub fn iter_mut<T: Stored + ?Sized>(&mut self) -> IterMut<'_, T> {
        IterMut { cursor: Cursor::new::<T>(self), region: self, of: PhantomData }
    }
}

impl<'r, T: Stored + ?Sized> Iterator for Iter<'r, T> {
    type Item = (Shared<T>, &'r T);

    fn next(&mut self) -> Option<Self::Item> {
        let granule = self.cursor.next(self.region)?;
        // SAFETY: what starts there has the tag of `T`; `region` is borrowed for the iterator's lifetime.
        Some((self.region.handle(granule), unsafe { &*self.region.pointer(granule) }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.cursor.left, Some(self.cursor.left))
    }
}

impl<'r, T: Stored + ?Sized> Iterator for IterMut<'r, T> {
    type Item = (Shared<T>, &'r mut T);

    fn next(&mut self) -> Option<Self::Item> {
        let granule = self.cursor.next(self.region)?;
        // SAFETY: what starts there has the tag of `T`; the region was borrowed exclusively for the iterator's lifetime,
        // which reads only bits and headers, and each node is given once, as granules only grow.
        Some((self.region.handle(granule), unsafe { &mut *self.region.pointer(granule) }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.cursor.left, Some(self.cursor.left))
    }
}

impl<T: Stored + ?Sized> ExactSizeIterator for Iter<'_, T> {}
impl<T: Stored + ?Sized> ExactSizeIterator for IterMut<'_, T> {}
impl<T: Stored + ?Sized> FusedIterator for Iter<'_, T> {}
impl<T: Stored + ?Sized> FusedIterator for IterMut<'_, T> {}
