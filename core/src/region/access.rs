//! From handles to nodes.
#![allow(unsafe_code)]

use std::any::{TypeId, type_name};
use std::num::NonZeroU32;
use std::ops::{Index, IndexMut};

use super::memory::{GRANULE, PER_WORD};
use super::{BadHandle, Header, Region, Shared, Stored};

/// # Reading and editing
impl Region {
    /// The node or slice that a handle leads to.
    ///
    /// # Errors
    /// [`BadHandle`]: it leads to no `T` of this region.
    #[inline]
    pub fn get<T: Stored + ?Sized>(&self, handle: Shared<T>) -> Result<&T, BadHandle> {
        let granule = self.find(handle)?;
        // SAFETY: `find` says that an initialised `T` starts there, and `&self` that nobody has exclusive access.
        Ok(unsafe { &*self.pointer(granule) })
    }

    /// The node or slice that a handle leads to, exclusively.
    ///
    /// # Errors
    /// [`BadHandle`]: it leads to no `T` of this region.
    #[inline]
    pub fn get_mut<T: Stored + ?Sized>(&mut self, handle: Shared<T>) -> Result<&mut T, BadHandle> {
        let granule = self.find(handle)?;
        // SAFETY: `find` says that an initialised `T` starts there, and `&mut self` that nobody else has access.
        Ok(unsafe { &mut *self.pointer(granule) })
    }

    /// Whether the handle leads to a `T` of this region.
    #[inline]
    pub fn contains<T: Stored + ?Sized>(&self, handle: Shared<T>) -> bool {
        self.granule(handle).is_some()
    }

    /// The granule that a good handle leads to.
    #[inline]
    pub(super) fn find<T: Stored + ?Sized>(&self, handle: Shared<T>) -> Result<usize, BadHandle> {
        match self.granule(handle) {
            Some(granule) => Ok(granule),
            None => Err(self.why_bad(handle)),
        }
    }

    /// The check of handles: something starts there, and its tag is that of `T`.
    #[inline]
    fn granule<T: Stored + ?Sized>(&self, handle: Shared<T>) -> Option<usize> {
        let tag = self.kinds.tag(TypeId::of::<T::Element>()) | T::BIT;
        let granule = handle.number().get().wrapping_sub(self.first) as usize;
        (granule < self.end && self.starts(granule) && self.header(granule).tag == tag).then_some(granule)
    }

    /// Whether a number in a node leads to something with this tag.
    pub(super) fn leads(&self, number: u32, tag: u32) -> bool {
        let granule = number.wrapping_sub(self.first) as usize;
        granule < self.end && self.starts(granule) && self.header(granule).tag == tag
    }

    #[cold]
    #[inline(never)]
    fn why_bad<T: Stored + ?Sized>(&self, handle: Shared<T>) -> BadHandle {
        let (number, wanted) = (handle.number().get(), type_name::<T>());
        let granule = number.wrapping_sub(self.first) as usize;
        if granule >= self.end {
            return BadHandle::Foreign { number, wanted };
        }
        if !self.starts(granule) {
            return BadHandle::Removed { number, wanted };
        }
        let found = self.kinds.by_tag(self.header(granule).tag).map_or("?", |kind| kind.name);
        BadHandle::OtherType { number, wanted, found }
    }

    /// Whether a node starts at a granule below `end`.
    #[inline]
    pub(super) fn starts(&self, granule: usize) -> bool {
        debug_assert!(granule < self.end);
        // SAFETY: words of granules below `end` are usable, and were zero at first.
        let word = unsafe { *self.word(granule) };
        word >> (granule % PER_WORD) & 1 != 0
    }

    /// The header of a node that starts at a granule.
    #[inline]
    pub(super) fn header(&self, granule: usize) -> Header {
        debug_assert!(self.starts(granule));
        // SAFETY: what starts somewhere has a header before it, which was written before it was published.
        unsafe { self.at(granule - 1).cast::<Header>().read() }
    }

    /// A pointer to what starts at a granule that `find` gave for a `T`.
    #[inline]
    pub(super) fn pointer<T: Stored + ?Sized>(&self, granule: usize) -> *mut T {
        T::at(self.at(granule), self.header(granule).count)
    }

    /// Address of a granule.
    #[inline]
    pub(super) fn at(&self, granule: usize) -> *mut u8 {
        self.memory.start().wrapping_add(granule * GRANULE)
    }

    /// Address of the word with a granule's bit: words lie below the data, in falling order.
    #[inline]
    pub(super) fn word(&self, granule: usize) -> *mut u32 {
        self.memory.start().cast::<u32>().wrapping_sub(1 + granule / PER_WORD)
    }

    /// The number of a granule in handles; 0 is none.
    #[inline]
    pub(super) fn number(&self, granule: usize) -> u32 {
        self.first.wrapping_add(granule as u32)
    }

    /// The handle of what starts at a granule.
    #[inline]
    pub(super) fn handle<T: ?Sized>(&self, granule: usize) -> Shared<T> {
        Shared::from_number(NonZeroU32::new(self.number(granule)).expect("nothing is put where the number would be 0"))
    }

    /// The first granule from `from` on at which something of this tag starts.
    pub(super) fn next_of(&self, tag: u32, mut from: usize) -> Option<usize> {
        while from < self.end {
            // SAFETY: words of granules below `end` are usable, and were zero at first.
            let rest = unsafe { *self.word(from) } >> (from % PER_WORD);
            if rest == 0 {
                from = (from / PER_WORD + 1) * PER_WORD;
                continue;
            }
            from += rest.trailing_zeros() as usize;
            if self.header(from).tag == tag {
                return Some(from);
            }
            from += 1;
        }
        None
    }
}

/// `region[p]`.
impl<T: Stored + ?Sized> Index<Shared<T>> for Region {
    type Output = T;

    /// # Panics
    /// If the handle leads to no `T` of this region; see [`Region::get`].
    #[inline]
    #[track_caller]
    fn index(&self, handle: Shared<T>) -> &T {
        match self.get(handle) {
            Ok(node) => node,
            Err(bad) => refuse(bad),
        }
    }
}

impl<T: Stored + ?Sized> IndexMut<Shared<T>> for Region {
    /// # Panics
    /// If the handle leads to no `T` of this region; see [`Region::get_mut`].
    #[inline]
    #[track_caller]
    fn index_mut(&mut self, handle: Shared<T>) -> &mut T {
        match self.get_mut(handle) {
            Ok(node) => node,
            Err(bad) => refuse(bad),
        }
    }
}

/// What `region[p]` panics with, on every device.
pub(crate) const NO_NODE: &str =
    "a handle leads to no node of its type in this region: another region made it, or its node was removed";

#[cold]
#[inline(never)]
#[track_caller]
fn refuse(_: BadHandle) -> ! {
    panic!("{NO_NODE}")
}
