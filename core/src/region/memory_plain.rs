//! Memory by one plain allocation of all that the region may ever take, for systems other than Linux (and for Miri).
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::fs::File;
use std::io;
use std::ptr::NonNull;

use super::Wish;

/// What a region may grow to where nobody says.
pub(in super::super) const DEFAULT_LIMIT: usize = if cfg!(miri) { 1 << 16 } else { 1 << 26 };
/// Nobody is asked for huge pages here.
pub(super) const HUGE: usize = 4096;

/// An allocation of ours.
pub(super) struct Whole {
    base: NonNull<u8>,
    layout: Layout,
}

/// Whether parts of files can be mapped: not here.
pub(in super::super) fn can_map() -> bool {
    false
}

/// The unit of growth; not what the system calls a page.
pub(super) fn page() -> usize {
    4096
}

/// `below` bytes below the start that is returned, `above` bytes from there.
pub(super) fn reserve(below: usize, above: usize, align: usize, _: Wish) -> Option<(Whole, NonNull<u8>)> {
    let layout = Layout::from_size_align(below.checked_add(above)?, align).ok()?;
    // SAFETY: `above` is at least a page, so the size is not zero.
    let base = NonNull::new(unsafe { alloc_zeroed(layout) })?;
    // SAFETY: `below` bytes are part of the allocation; `below` is a multiple of `align`.
    let start = unsafe { base.add(below) };
    Some((Whole { base, layout }, start))
}

impl Whole {
    /// All is usable from the first.
    pub(super) fn commit(&mut self, _start: NonNull<u8>, _below: usize, _above: usize) -> bool {
        true
    }

    /// As `Memory::map`.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn map(&mut self, _: NonNull<u8>, _: &File, _: u64, _: usize, _: usize) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // SAFETY: allocated in `reserve` with this layout; who drops it has no pointer into it any more.
        unsafe { dealloc(self.base.as_ptr(), self.layout) };
    }
}
