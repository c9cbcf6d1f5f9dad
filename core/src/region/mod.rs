//! Regions: arenas of linked data whose pointers are valid on every device.
//!
//! A [`Region`] holds nodes of any kernel types; [`Shared<T>`] is a handle of 32 bits. Since handles are numbers within
//! the region, moving a region as a whole (one copy, one import, one migration) rewrites no pointer.
//!
//! ```
//! use landbridge_core::{KernelType, Region, Shared};
//!
//! #[derive(KernelType)]
//! # #[kernel_type(crate = landbridge_core)]
//! struct Node {
//!     value: f32,
//!     next: Option<Shared<Node>>,
//! }
//!
//! let mut region = Region::new();
//! let last = region.push(Node { value: 2.0, next: None });
//! let first = region.push(Node { value: 1.0, next: Some(last) });
//! region[last].value = 3.0;
//!
//! let (mut sum, mut next) = (0.0, Some(first));
//! while let Some(node) = next {
//!     sum += region[node].value;
//!     next = region[node].next;
//! }
//! assert_eq!(sum, 4.0);
//! ```
//!
//! # How handles are checked
//!
//! Each use of a handle is checked, in release builds too, by what the region alone writes: one bit for each granule of 8
//! bytes says whether something starts there, and a header of 8 bytes before it says what (a tag of its type, and how many).
//! No user can reach either, so whatever a handle is (of another region, of a node that was removed, of another type, out of
//! thin air), it leads to an initialised value of the handle's own type, or nowhere, which is an error.
//!
//! Regions begin to count at different numbers, spread so that the handles of a process' first *n* regions lead nowhere in
//! each other while each takes less than about 14/*n* GiB. Beyond that, and after a removed node's room was taken by a new
//! node of the same type, an old handle may find a `T` that is not the one it was made for: as with any index.
#![allow(unsafe_code)]

mod access;
mod argument;
pub mod boxed;
mod error;
mod file;
mod gather;
mod handle;
mod iter;
mod kinds;
mod layout;
mod list;
mod many;
mod memory;
mod options;
mod stored;
mod tree;

use std::any::{TypeId, type_name};
use std::fmt;

pub(crate) use access::NO_NODE;
pub(crate) use argument::BLOCK_WORDS;
#[doc(hidden)]
pub use argument::Word;
pub use argument::{RegionArg, RegionSource};
pub use boxed::{FromLinks, FromNode, ToLinks, ToNode, Unboxable};
pub use error::{BadHandle, RegionFull};
pub use file::FileError;
pub use gather::Gathered;
pub use handle::Shared;
pub use iter::{Iter, IterMut};
pub(crate) use kinds::tag_of;
pub use list::{Link, List};
pub use many::Handles;
pub use options::RegionOptions;
pub use stored::Stored;
pub use tree::{Branch, Range, Tree};

use crate::text::Bytes;
use crate::types::{KernelType, KernelValue};
use kinds::{Kinds, SLICE};
use memory::{GRANULE, MOST_ALIGN, Memory, PER_WORD};

/// An arena of linked data on whole pages. It grows in place: nothing in it ever moves. See the [module](self).
///
/// It reserves addresses, not memory: all that handles reach (32 GiB) unless it is given a
/// [limit](Region::with_limit). On systems other than Linux the limit is allocated at once, and is 64 MiB by default.
pub struct Region {
    memory: Memory,
    /// Granules in use from the start, freed slots among them; granule 0 holds `first`.
    end: usize,
    /// The number of granule 0.
    first: u32,
    kinds: Kinds,
}

/// What lies in the granule before a node: written by the region only.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Header {
    tag: u32,
    /// Elements: 1 for single nodes.
    count: u32,
}

/// # Building
impl Region {
    /// Adds a node.
    ///
    /// # Panics
    /// If the region is full; see [`Region::try_push`].
    #[track_caller]
    pub fn push<T: KernelType>(&mut self, node: T) -> Shared<T> {
        match self.try_push(node) {
            Ok(handle) => handle,
            Err(full) => panic!("{full}"),
        }
    }

    /// Adds a node.
    ///
    /// # Errors
    /// [`RegionFull`]: no room is left. What is in the region is unchanged.
    ///
    /// ```
    /// # use landbridge_core::Region;
    /// let mut region = Region::with_limit(64 << 10);
    /// let first = region.push(7_u64);
    /// while region.try_push(8_u64).is_ok() {}
    /// assert_eq!(region[first], 7);
    /// ```
    pub fn try_push<T: KernelType>(&mut self, node: T) -> Result<Shared<T>, RegionFull> {
        let granule = self.place::<T>(1, 0)?;
        // SAFETY: `place` gives room for one `T`, aligned, that nothing else uses.
        unsafe {
            self.at(granule).cast::<T>().write(node);
            self.publish::<T>(granule, 0);
        }
        Ok(self.handle(granule))
    }

    /// Adds a copy of a slice: `region[handle]` is a `[T]`.
    ///
    /// ```
    /// # use landbridge_core::Region;
    /// let mut region = Region::new();
    /// let primes = region.push_slice(&[2, 3, 5]);
    /// region[primes][0] = 7;
    /// assert_eq!(region[primes], [7, 3, 5]);
    /// ```
    ///
    /// # Panics
    /// If the region is full; see [`Region::try_push_slice`].
    #[track_caller]
    pub fn push_slice<T: KernelValue>(&mut self, slice: &[T]) -> Shared<[T]> {
        match self.try_push_slice(slice) {
            Ok(handle) => handle,
            Err(full) => panic!("{full}"),
        }
    }

    /// Adds a copy of a slice.
    ///
    /// # Errors
    /// [`RegionFull`]: no room is left. What is in the region is unchanged.
    pub fn try_push_slice<T: KernelValue>(&mut self, slice: &[T]) -> Result<Shared<[T]>, RegionFull> {
        self.try_push_with(slice.len(), |k| slice[k])
    }

    /// Adds a slice of `length` elements, each made from its index.
    ///
    /// # Errors
    /// [`RegionFull`]: no room is left. What is in the region is unchanged; `make` was not called.
    ///
    /// # Panics
    /// If `make` does: the region holds what it held before, but the room is lost until it is [cleared](Region::clear).
    pub fn try_push_with<T: KernelType>(
        &mut self,
        length: usize,
        mut make: impl FnMut(usize) -> T,
    ) -> Result<Shared<[T]>, RegionFull> {
        let granule = self.place::<T>(length, SLICE)?;
        let start = self.at(granule).cast::<T>();
        for k in 0..length {
            // SAFETY: `place` gives room for `length` values of type `T`, aligned, that nothing else uses; it is not
            // published yet, so nobody reads it if `make` panics.
            unsafe { start.add(k).write(make(k)) };
        }
        // SAFETY: all elements were written.
        unsafe { self.publish::<T>(granule, SLICE) };
        Ok(self.handle(granule))
    }

    /// Room for `count` values of type `T` with a header, not yet published.
    #[inline]
    fn place<T: KernelType>(&mut self, count: usize, bit: u32) -> Result<usize, RegionFull> {
        const { assert!(align_of::<T>() <= MOST_ALIGN, "a node in a region is aligned to 4096 bytes at most") };
        let kind = self.kinds.enter(T::DESC, type_name::<T>());
        let reused = if bit == 0 {
            kind.free.pop()
        } else {
            let count = u32::try_from(count).ok();
            count.and_then(|count| kind.free_slices.get_mut(&count)?.pop())
        };
        if let Some(granule) = reused {
            return Ok(granule as usize);
        }
        let tag = kind.tag | bit;
        self.append(tag, count, size_of::<T>(), align_of::<T>())
    }

    /// Room behind everything else, with its header.
    #[inline]
    fn append(&mut self, tag: u32, count: usize, size: usize, align: usize) -> Result<usize, RegionFull> {
        let step = align.div_ceil(GRANULE);
        let mut granule = (self.end + 1).next_multiple_of(step);
        if self.number(granule) == 0 {
            granule += step; // no handle has the number 0
        }
        let end = count.checked_mul(size).and_then(|bytes| bytes.div_ceil(GRANULE).max(1).checked_add(granule));
        let enough = |end: &usize| *end <= self.memory.limit() / GRANULE;
        let (Some(end), Ok(count)) = (end.filter(enough), u32::try_from(count)) else {
            return Err(self.full(count.saturating_mul(size), false));
        };
        if end * GRANULE > self.memory.usable() && !self.memory.grow(end * GRANULE) {
            return Err(self.full(count as usize * size, true));
        }
        // SAFETY: `granule - 1` is at least the old `end` and below the new one, so it is usable and nothing's; every granule
        // is aligned as a header is.
        unsafe { self.at(granule - 1).cast::<Header>().write(Header { tag, count }) };
        self.end = end;
        Ok(granule)
    }

    #[cold]
    fn full(&self, wanted: usize, refused: bool) -> RegionFull {
        RegionFull { wanted, used: self.end * GRANULE, limit: self.memory.limit(), refused }
    }

    /// Lets handles lead to a granule.
    ///
    /// # Safety
    /// `place` gave the granule for this `T` and `bit`, and all its values have been written.
    #[inline]
    unsafe fn publish<T: KernelType>(&mut self, granule: usize, bit: u32) {
        // SAFETY: `granule` is below `end`, so its word is usable; nobody else has access.
        unsafe { *self.word(granule) |= 1 << (granule % PER_WORD) };
        let kind = self.kinds.enter(T::DESC, type_name::<T>());
        *(if bit == 0 { &mut kind.nodes } else { &mut kind.slices }) += 1;
    }
}

/// # Removing
impl Region {
    /// Takes a node out. Its room goes to the next node of this type. Handles of it lead nowhere until then.
    ///
    /// ```
    /// # use landbridge_core::Region;
    /// let mut region = Region::new();
    /// let p = region.push(1.0_f64);
    /// assert_eq!(region.remove(p), Ok(1.0));
    /// assert!(region.get(p).is_err());
    /// ```
    ///
    /// # Errors
    /// [`BadHandle`]: the handle leads to no `T` of this region.
    pub fn remove<T: KernelType>(&mut self, handle: Shared<T>) -> Result<T, BadHandle> {
        let granule = self.find(handle)?;
        // SAFETY: the handle was checked; the value is read once only, as nothing leads to it afterwards.
        let node = unsafe { self.at(granule).cast::<T>().read() };
        self.withdraw(granule);
        if let Some(kind) = self.kinds.get_mut(TypeId::of::<T>()) {
            kind.nodes -= 1;
            kind.free.push(granule as u32);
        }
        Ok(node)
    }

    /// Takes a slice out. Its room goes to the next slice of this type and length.
    ///
    /// # Errors
    /// [`BadHandle`]: the handle leads to no `[T]` of this region.
    pub fn remove_slice<T: KernelType>(&mut self, handle: Shared<[T]>) -> Result<(), BadHandle> {
        let granule = self.find(handle)?;
        let Header { count, .. } = self.header(granule);
        self.withdraw(granule);
        if let Some(kind) = self.kinds.get_mut(TypeId::of::<T>()) {
            kind.slices -= 1;
            kind.free_slices.entry(count).or_default().push(granule as u32);
        }
        Ok(())
    }

    /// Removes everything. Handles made before lead nowhere; memory is kept for what comes next.
    pub fn clear(&mut self) {
        for granule in (0..self.end).step_by(PER_WORD) {
            // SAFETY: words of granules below `end` are usable; nobody else has access.
            unsafe { *self.word(granule) = 0 };
        }
        self.kinds.clear();
        self.begin(options::first_number());
    }

    /// An empty region that counts from `first`. Kernels find that number in granule 0, where no node is.
    fn begin(&mut self, first: u32) {
        (self.end, self.first) = (1, first);
        // SAFETY: a region is made with at least one granule that is usable; nothing else is in it.
        unsafe { self.at(0).cast::<[u32; 2]>().write([first, 0]) };
    }

    fn withdraw(&mut self, granule: usize) {
        // SAFETY: `granule` is below `end`, so its word is usable; nobody else has access.
        unsafe { *self.word(granule) &= !(1 << (granule % PER_WORD)) };
    }
}

/// # What there is
impl Region {
    /// How many nodes and slices there are, of all types.
    pub fn len(&self) -> usize {
        self.kinds.iter().map(|kind| kind.nodes + kind.slices).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are of one type: `count::<Node>()` of nodes, `count::<[f32]>()` of slices.
    pub fn count<T: Stored + ?Sized>(&self) -> usize {
        let kind = self.kinds.get(TypeId::of::<T::Element>());
        kind.map_or(0, |kind| if T::BIT == SLICE { kind.slices } else { kind.nodes })
    }

    /// Bytes in use, headers and freed slots among them.
    pub fn bytes(&self) -> usize {
        self.end * GRANULE
    }

    /// Bytes that it may grow to.
    pub fn limit(&self) -> usize {
        self.memory.limit()
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({} nodes, {})", self.len(), Bytes(self.bytes() as u64))
    }
}
