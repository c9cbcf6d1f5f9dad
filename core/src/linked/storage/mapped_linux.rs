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

    /// Makes at least `bytes` usable: huge pages, or small ones behind what is kept for the next, if `small` is set. How many
    /// are; `None`: the kernel refuses, or they were not reserved.
    pub(super) fn grow(&mut self, bytes: usize, small: bool) -> Option<usize> {
        self.reserved.as_mut()?.grow(bytes, small)
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        let Some(mut reserved) = self.reserved.take() else { return };
        if !reserved.trim() || !reserved.is_spare() {
            return;
        }
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

    fn grow(&mut self, bytes: usize, small: bool) -> Option<usize> {
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
            let behind = self.usable.max(SPARE);
            if small && bytes > behind {
                // SAFETY: our own pages; the advice changes no content.
                unsafe { libc::madvise(self.at(behind), bytes - behind, libc::MADV_NOHUGEPAGE) };
            }
            self.usable = bytes;
        }
        Some(self.usable)
    }

    /// The address that many bytes behind the start.
    fn at(&self, bytes: usize) -> *mut libc::c_void {
        self.start().wrapping_add(bytes).cast()
    }

    /// Gives back what is more than may be kept. Whether that worked.
    fn trim(&mut self) -> bool {
        let Some(more) = self.usable.checked_sub(SPARE).filter(|&more| more > 0) else { return true };
        self.usable = SPARE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
        // SAFETY: our own pages, of which nobody expects anything any more; the new ones that take their place are ours, too.
        unsafe {
            libc::mmap(self.at(SPARE), more, libc::PROT_NONE, flags, -1, 0) != libc::MAP_FAILED
                && libc::madvise(self.at(SPARE), more, libc::MADV_HUGEPAGE) == 0
        }
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
            assert!(mapping.grow(3 << 20, false).expect("memory") >= 4 << 20);
            // SAFETY: the first byte is usable.
            unsafe { mapping.start().write(number as u8) };
        }
        for (number, mapping) in all.iter().enumerate() {
            // SAFETY: it was written.
            assert_eq!(unsafe { mapping.start().read() }, number as u8);
        }
        let beyond = all.pop().expect("four").grow(usize::MAX / 2, false);
        assert_eq!(beyond, None);
        drop(all);
        assert!(KEPT.lock().expect("nobody panics with it").len() <= SPARES);
        // A longer one than any that was kept, with small pages behind; what is kept of it is its beginning.
        let mut long = Mapping::reserve(u64::MAX).expect("addresses");
        let had = long.grow(SPARE + 1, true).expect("memory");
        assert!(had > SPARE);
        let mut reserved = long.reserved.take().expect("there");
        // SAFETY: it is usable.
        unsafe { reserved.at(SPARE).cast::<u8>().write(1) };
        assert!(!reserved.is_spare());
        assert!(reserved.trim() && reserved.is_spare());
        assert_eq!(reserved.usable, SPARE);
        assert_eq!(reserved.grow(had, false), Some(had));
        // SAFETY: it is usable again.
        assert_eq!(unsafe { reserved.at(SPARE).cast::<u8>().read() }, 0);
    }
}
