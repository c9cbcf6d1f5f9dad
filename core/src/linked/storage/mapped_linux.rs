//! Addresses reserved by `mmap`, made usable as they are needed.
#![allow(unsafe_code)]

use std::ptr;

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;

/// Reserved addresses, the first of which are usable.
pub(super) struct Mapping {
    base: *mut libc::c_void,
    length: usize,
    /// The first address that is a multiple of a huge page.
    start: *mut u8,
    usable: usize,
}

impl Mapping {
    /// Reserves addresses for at most `limit` bytes, or for what the machine has memory for.
    pub(super) fn reserve(limit: u64) -> Option<Self> {
        // SAFETY: questions without side effects.
        let memory = unsafe {
            let pages = libc::sysconf(libc::_SC_PHYS_PAGES);
            usize::try_from(pages).ok()?.checked_mul(usize::try_from(libc::sysconf(libc::_SC_PAGESIZE)).ok()?)?
        };
        let length = usize::try_from(limit).unwrap_or(usize::MAX).min(memory).next_multiple_of(HUGE) + HUGE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping where the kernel finds room; it replaces nothing.
        let base = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        let start = base.cast::<u8>().wrapping_add(base.cast::<u8>().align_offset(HUGE));
        // SAFETY: our own mapping; the advice changes no content.
        unsafe { libc::madvise(base, length, libc::MADV_HUGEPAGE) };
        Some(Mapping { base, length, start, usable: 0 })
    }

    /// The first usable byte.
    pub(super) fn start(&self) -> *mut u8 {
        self.start
    }

    /// Makes at least `bytes` usable. How many are; `None`: the kernel refuses, or they were not reserved.
    pub(super) fn grow(&mut self, bytes: usize) -> Option<usize> {
        let bytes = bytes.next_multiple_of(HUGE);
        if bytes > self.length - HUGE {
            return None;
        }
        // SAFETY: pages of our own mapping: `start` is less than a huge page into it, and there is one more than was asked
        // for. Gaining access harms nobody.
        let done = unsafe { libc::mprotect(self.start.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) };
        if done != 0 {
            return None;
        }
        self.usable = self.usable.max(bytes);
        Some(self.usable)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: our own mapping; who drops it has no pointer into it any more.
        unsafe { libc::munmap(self.base, self.length) };
    }
}
