//! Memory that grows without moving: an image's bytes, a walk's queue.
//!
//! New pages are what a walk pays most for: 2 us for 4 KiB, as much as a hundred nodes. So large memory is a mapping that asks
//! for huge pages and grows in place, and that of some MiB is kept for the next walk (the kernel may take it back any time);
//! where there are none, it is the allocator's.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, realloc};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::how::FlattenError;

#[cfg(all(target_os = "linux", not(miri)))]
#[path = "storage/mapped_linux.rs"]
mod mapped;
#[cfg(not(all(target_os = "linux", not(miri))))]
#[path = "storage/mapped_nowhere.rs"]
mod mapped;

/// What the start is aligned for: what most types need at most.
const ALIGN: usize = 64;
/// From here on memory is mapped.
const LARGE: usize = 1 << 20;

/// Bytes that grow, of which nothing is known to be initialised.
pub(crate) struct Storage {
    start: *mut u8,
    /// In bytes.
    capacity: usize,
    /// `None`: the allocator's.
    mapping: Option<mapped::Mapping>,
    /// In bytes: no request beyond it is granted.
    limit: u64,
    /// What is mapped next is small pages.
    small: bool,
}

// SAFETY: the memory belongs to this value alone, and is reached through it only.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

impl Storage {
    /// No memory yet.
    pub(crate) fn new(limit: u64) -> Self {
        Storage { start: std::ptr::without_provenance_mut(ALIGN), capacity: 0, mapping: None, limit, small: false }
    }

    /// Whether memory that is new from now on, beyond some MiB, is small pages. Huge ones cost a fifth, mostly; but where a
    /// hypervisor has taken back what was free they cost five times as much (measured: 20 to 700 ms for 160 MB, small
    /// ones 80 to 170 ms). So they are for walks that are fast enough to gain by them.
    pub(super) fn small_pages(&mut self, small: bool) {
        self.small = small;
    }

    /// Makes room for `bytes` from the start on; room grows by half at least, and fourfold before it is mapped: the allocator copies.
    ///
    /// # Errors
    /// - [`FlattenError::TooLarge`] over the limit.
    /// - [`FlattenError::NoMemory`] if the system refuses.
    #[inline(always)]
    pub(crate) fn reserve(&mut self, bytes: u64) -> Result<(), FlattenError> {
        if bytes <= self.capacity as u64 { Ok(()) } else { self.grow(bytes) }
    }

    #[cold]
    fn grow(&mut self, bytes: u64) -> Result<(), FlattenError> {
        if bytes > self.limit {
            return Err(FlattenError::TooLarge { bytes, limit: self.limit });
        }
        let none = FlattenError::NoMemory { bytes };
        let least = usize::try_from(bytes).map_err(|_| none.clone())?;
        let more = if self.capacity < LARGE { 3 * self.capacity } else { self.capacity / 2 };
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let wanted = least.max((self.capacity + more).max(4096).min(most)).next_multiple_of(4096);
        if self.mapping.is_none() && wanted >= LARGE {
            self.map(wanted);
        }
        let grown = match &mut self.mapping {
            Some(mapping) => mapping.grow(wanted, self.small).or_else(|| mapping.grow(least, self.small)),
            None => self.reallocate(wanted),
        };
        self.capacity = grown.ok_or(none)?;
        Ok(())
    }

    /// Moves into a mapping, if there are any.
    fn map(&mut self, wanted: usize) {
        let Some(mut mapping) = mapped::Mapping::reserve(self.limit) else { return };
        let Some(capacity) = mapping.grow(wanted, self.small) else { return };
        // SAFETY: the mapping has at least `wanted` bytes, more than there were; it is new, so nothing overlaps.
        unsafe { std::ptr::copy_nonoverlapping(self.start, mapping.start(), self.capacity) };
        self.free();
        (self.start, self.capacity) = (mapping.start(), capacity);
        self.mapping = Some(mapping);
    }

    /// Grows the allocator's memory. The bytes that there are then.
    fn reallocate(&mut self, wanted: usize) -> Option<usize> {
        let layout = Layout::from_size_align(wanted, ALIGN).ok()?;
        // SAFETY: the size is not 0; memory that is there came from here, with this alignment and the capacity as its size.
        let new = unsafe {
            match self.capacity {
                0 => alloc(layout),
                had => realloc(self.start, Layout::from_size_align_unchecked(had, ALIGN), wanted),
            }
        };
        self.start = NonNull::new(new)?.as_ptr();
        Some(wanted)
    }

    /// Gives back the allocator's memory.
    fn free(&mut self) {
        if self.capacity > 0 && self.mapping.is_none() {
            // SAFETY: it came from `reallocate`, with this layout.
            unsafe { dealloc(self.start, Layout::from_size_align_unchecked(self.capacity, ALIGN)) };
        }
    }

    /// The first byte; [`Self::reserve`] says how many may be used.
    #[inline(always)]
    pub(crate) fn start(&self) -> *mut u8 {
        self.start
    }

    /// How many bytes may be used.
    #[inline(always)]
    pub(crate) fn capacity(&self) -> u64 {
        self.capacity as u64
    }

    /// The first `len` bytes.
    ///
    /// # Panics
    /// If there is no room for that many.
    pub(crate) fn bytes(&self, len: usize) -> &[MaybeUninit<u8>] {
        assert!(len <= self.capacity);
        // SAFETY: inside the memory, by the line above; nothing is promised of uninitialised bytes; borrowed like `self`.
        unsafe { std::slice::from_raw_parts(self.start.cast(), len) }
    }

    /// The first `len` bytes, to be written.
    ///
    /// # Panics
    /// If there is no room for that many.
    pub(crate) fn bytes_mut(&mut self, len: usize) -> &mut [MaybeUninit<u8>] {
        assert!(len <= self.capacity);
        // SAFETY: as in `bytes`, and borrowed exclusively like `self`.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast(), len) }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.free();
    }
}
