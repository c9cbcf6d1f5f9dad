//! Memory by `mmap`: addresses without access, made readable and writable as they are needed.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::ptr::{self, NonNull};

use super::Wish;

/// What a region may grow to where nobody says: all that handles reach. Addresses cost nothing.
pub(in super::super) const DEFAULT_LIMIT: usize = 1 << 35;
/// Bytes of a huge page; more where the machine has larger ones would help nobody.
pub(super) const HUGE: usize = 2 << 20;

/// A mapping of ours.
pub(super) struct Whole {
    base: *mut libc::c_void,
    length: usize,
}

/// Whether parts of files can be mapped that are aligned to 4 KiB.
pub(in super::super) fn can_map() -> bool {
    page() == 4096
}

/// Bytes of a page.
pub(super) fn page() -> usize {
    // SAFETY: a question without side effects.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).unwrap_or(4096)
}

/// `below` bytes below the start that is returned, `above` bytes from there.
pub(super) fn reserve(below: usize, above: usize, align: usize, wish: Wish) -> Option<(Whole, NonNull<u8>)> {
    let length = below.checked_add(above)?.checked_add(align)?;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping where the kernel finds room; it replaces nothing.
    let base = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    let whole = Whole { base, length };
    let start = base.cast::<u8>().wrapping_add(below);
    let start = start.wrapping_add(start.align_offset(align));
    if wish.huge {
        // SAFETY: our own mapping; advice on huge pages changes no content. Without effect it only costs time.
        unsafe { libc::madvise(base, length, libc::MADV_HUGEPAGE) };
    }
    if let Some(node) = wish.node {
        prefer(base, length, node);
    }
    Some((whole, NonNull::new(start)?))
}

/// Asks for pages of `node` first. Where the kernel knows no such node, pages come from where they always do.
fn prefer(base: *mut libc::c_void, length: usize, node: u32) {
    const MPOL_PREFERRED: libc::c_long = 1; // linux/mempolicy.h
    let mut mask = [0_u64; 16];
    let Some(word) = mask.get_mut(node as usize / 64) else { return };
    *word |= 1 << (node % 64);
    let bits = mask.len() * 64;
    // SAFETY: our own mapping; a policy changes no content; `mask` has the number of bits that is said.
    unsafe { libc::syscall(libc::SYS_mbind, base, length, MPOL_PREFERRED, mask.as_ptr(), bits, 0_usize) };
}

impl Whole {
    /// Makes `below` bytes below `start` and `above` bytes from it readable and writable.
    pub(super) fn commit(&mut self, start: NonNull<u8>, below: usize, above: usize) -> bool {
        let page = page();
        let (below, above) = (below.next_multiple_of(page), above.next_multiple_of(page));
        let low = start.as_ptr().wrapping_sub(below);
        debug_assert!(low.addr() >= self.base.addr());
        debug_assert!(start.as_ptr().addr() + above <= self.base.addr() + self.length);
        // SAFETY: pages of our own mapping, as `reserve` made room for both; gaining access harms nobody.
        unsafe { libc::mprotect(low.cast(), below + above, libc::PROT_READ | libc::PROT_WRITE) == 0 }
    }

    /// As `Memory::map`.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn map(
        &mut self,
        start: NonNull<u8>,
        file: &File,
        offset: u64,
        below: usize,
        above: usize,
    ) -> io::Result<()> {
        let low = start.as_ptr().wrapping_sub(below);
        debug_assert!(low.addr() >= self.base.addr());
        debug_assert!(start.as_ptr().addr() + above <= self.base.addr() + self.length);
        let offset = libc::off_t::try_from(offset).map_err(io::Error::other)?;
        let flags = libc::MAP_PRIVATE | libc::MAP_FIXED;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: it replaces pages of our own mapping, as the caller promises, in which nothing is yet.
        let at = unsafe { libc::mmap(low.cast(), below + above, access, flags, file.as_raw_fd(), offset) };
        if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // SAFETY: our own mapping; who drops it has no pointer into it any more.
        unsafe { libc::munmap(self.base, self.length) };
    }
}
