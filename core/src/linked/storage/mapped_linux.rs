//! Addresses reserved by `mmap`, made usable as they are needed.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::{Mutex, PoisonError};

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;
/// Mappings that are kept for the next: an image's and a queue's.
const SPARES: usize = 2;
/// Usable bytes of each of them at most: where allocators stop keeping memory, too.
const SPARE: usize = 64 << 20;

/// Nobody's memory. The kernel was told that it may take its pages.
static KEPT: Mutex<Vec<Reserved>> = Mutex::new(Vec::new());

/// Reserved addresses, the first of which are usable.
pub(super) struct Mapping {
    /// `None` while it is dropped.
    reserved: Option<Reserved>,
    /// The first address that is a multiple of a huge page.
    start: *mut u8,
}

/// Addresses of a mapping, unmapped on drop.
struct Reserved {
    base: *mut libc::c_void,
    length: usize,
    /// From the first address that is a multiple of a huge page.
    usable: usize,
}

// SAFETY: a mapping is the process's; who has this value has it alone.
unsafe impl Send for Reserved {}

impl Mapping {
    /// Reserves addresses for at most `limit` bytes, or for what the machine has memory for. What lies there is anything.
    pub(super) fn reserve(limit: u64) -> Option<Self> {
        let length = usize::try_from(limit).unwrap_or(usize::MAX).min(memory()?).next_multiple_of(HUGE) + HUGE;
        let reserved = kept(length).or_else(|| Reserved::new(length))?;
        let start = reserved.start();
        Some(Mapping { reserved: Some(reserved), start })
    }

    /// The first usable byte.
    pub(super) fn start(&self) -> *mut u8 {
        self.start
    }

    /// Makes at least `bytes` usable. How many are; `None`: the kernel refuses, or they were not reserved.
    pub(super) fn grow(&mut self, bytes: usize) -> Option<usize> {
        self.reserved.as_mut()?.grow(bytes)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let Some(reserved) = self.reserved.take().filter(Reserved::is_spare) else { return };
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < SPARES {
            kept.push(reserved);
        }
    }
}

/// A mapping of at least that length that was kept: the one with the most memory.
fn kept(length: usize) -> Option<Reserved> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = kept.iter().enumerate().filter(|(_, reserved)| reserved.length >= length);
    let (number, _) = fits.max_by_key(|(_, reserved)| reserved.usable)?;
    Some(kept.swap_remove(number))
}

/// Bytes of the machine's memory.
fn memory() -> Option<usize> {
    // SAFETY: questions without side effects.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    usize::try_from(pages).ok()?.checked_mul(usize::try_from(size).ok()?)
}

impl Reserved {
    fn new(length: usize) -> Option<Self> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping where the kernel finds room; it replaces nothing.
        let base = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: our own mapping; the advice changes no content.
        unsafe { libc::madvise(base, length, libc::MADV_HUGEPAGE) };
        Some(Reserved { base, length, usable: 0 })
    }

    fn start(&self) -> *mut u8 {
        let base = self.base.cast::<u8>();
        base.wrapping_add(base.align_offset(HUGE))
    }

    fn grow(&mut self, bytes: usize) -> Option<usize> {
        let bytes = bytes.next_multiple_of(HUGE);
        if bytes > self.length - HUGE {
            return None;
        }
        if bytes > self.usable {
            // SAFETY: pages of our own mapping: `start` is less than a huge page into it, and there is one more than was asked
            // for. Gaining access harms nobody.
            let done = unsafe { libc::mprotect(self.start().cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) };
            if done != 0 {
                return None;
            }
            self.usable = bytes;
        }
        Some(self.usable)
    }

    /// Whether it may be kept: it is small, and the kernel may take its pages from now on until they are written again.
    fn is_spare(&self) -> bool {
        // SAFETY: our own pages, of whose content nobody expects anything any more.
        let free = || unsafe { libc::madvise(self.start().cast(), self.usable, libc::MADV_FREE) };
        self.usable <= SPARE && free() == 0
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // SAFETY: our own mapping; who drops it has no pointer into it any more.
        unsafe { libc::munmap(self.base, self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_one_owners_and_grows() {
        let mut all: Vec<Mapping> = (0..4).map(|_| Mapping::reserve(8 << 20).expect("addresses")).collect();
        for (number, mapping) in all.iter_mut().enumerate() {
            assert_eq!(mapping.start().addr() % HUGE, 0);
            assert!(mapping.grow(3 << 20).expect("memory") >= 4 << 20);
            // SAFETY: the first byte is usable.
            unsafe { mapping.start().write(number as u8) };
        }
        for (number, mapping) in all.iter().enumerate() {
            // SAFETY: it was written.
            assert_eq!(unsafe { mapping.start().read() }, number as u8);
        }
        let beyond = all.pop().expect("four").grow(usize::MAX / 2);
        assert_eq!(beyond, None);
        drop(all);
        assert!(KEPT.lock().expect("nobody panics with it").len() <= SPARES);
        // A longer one than any that was kept.
        let mut long = Mapping::reserve(u64::MAX).expect("addresses");
        assert!(long.grow(SPARE + 1).expect("memory") > SPARE);
        assert!(!long.reserved.as_ref().expect("there").is_spare());
    }
}
