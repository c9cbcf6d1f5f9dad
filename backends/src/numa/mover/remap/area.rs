//! Address ranges of our own, and their pages.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::ops::Range;
use std::ptr;
use std::sync::LazyLock;

use crate::numa::mover::sys::{self, Errno, Policy};

/// What `mremap` does: a parameter, so that tests can make it fail.
pub(super) type Replace = unsafe fn(&Range<usize>, usize) -> Result<(), Errno>;

/// Move to the given address, whatever is mapped there (linux/mman.h).
const MREMAP_FIXED_AT: c_int = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
/// Move the pages, but leave the old mapping where it is, empty (linux/mman.h, Linux 5.7).
const MREMAP_DONTUNMAP: c_int = 4;

/// Private anonymous memory of our own: nobody else knows the address. It is unmapped when dropped.
#[derive(Debug)]
pub(super) struct Area(Range<usize>);

/// How new memory is to be like the old.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Likeness {
    /// `madvise` with this, if any: huge pages, or none.
    pub(super) advice: Option<c_int>,
    /// Not counted against the limit of committed memory.
    pub(super) unreserved: bool,
}

impl Area {
    /// Reserves addresses that lie to places for huge pages as `like` does, so that pages of any size can change places.
    ///
    /// # Errors
    /// `ENOMEM`.
    pub(super) fn reserve(like: &Range<usize>, likeness: Likeness) -> Result<Self, Errno> {
        let huge = sys::huge_size();
        let length = like.len() + huge;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let unreserved = if likeness.unreserved { libc::MAP_NORESERVE } else { 0 };
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | unreserved;
        // SAFETY: a new mapping where the kernel finds room; it replaces nothing.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, access, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(sys::errno());
        }
        let mut area = Self(start.addr()..start.addr() + length);
        let shift = like.start.wrapping_sub(start.addr()) & (huge - 1);
        drop(area.split_front(shift));
        drop(area.split_off(like.len()));
        area.advise(likeness.advice);
        Ok(area)
    }

    /// Advice on huge pages, if any.
    pub(super) fn advise(&self, advice: Option<c_int>) {
        if let Some(advice) = advice {
            // SAFETY: our own mapping; advice on huge pages changes no content. Without effect it only costs time.
            unsafe { libc::madvise(self.0.start as *mut _, self.0.len(), advice) };
        }
    }

    pub(super) fn range(&self) -> &Range<usize> {
        &self.0
    }

    /// Splits off what lies behind the first `bytes`, a multiple of pages.
    pub(super) fn split_off(&mut self, bytes: usize) -> Self {
        let middle = self.0.start + bytes.min(self.0.len());
        let rest = Self(middle..self.0.end);
        self.0.end = middle;
        rest
    }

    /// Splits off the first `bytes`, a multiple of pages.
    pub(super) fn split_front(&mut self, bytes: usize) -> Self {
        let rest = self.split_off(bytes);
        std::mem::replace(self, rest)
    }

    /// The place in this area that corresponds to an address of `target`, for which it was made.
    pub(super) fn place_of(&self, address: usize, target: &Range<usize>) -> usize {
        self.0.start + (address - target.start)
    }

    /// Tells the kernel to take pages from a node.
    ///
    /// # Errors
    /// What the kernel says.
    pub(super) fn prefer(&self, node: u32) -> Result<(), Errno> {
        sys::bind(&self.0, &Policy::prefer(node), false)
    }

    /// Makes the pages in `part` of this area, zeroed.
    ///
    /// # Errors
    /// What the kernel says: there is no memory.
    pub(super) fn populate(&self, part: &Range<usize>) -> Result<(), Errno> {
        assert!(self.0.start <= part.start && part.end <= self.0.end, "pages of this area");
        // SAFETY: the pages are ours; those that exist stay as they are, others come into being.
        let result = unsafe { libc::madvise(part.start as *mut _, part.len(), libc::MADV_POPULATE_WRITE) };
        if result == 0 {
            return Ok(());
        }
        match sys::errno() {
            // Linux before 5.14 does not know it.
            libc::EINVAL => {
                touch(part);
                Ok(())
            }
            errno => Err(errno),
        }
    }

    /// Gives the mapping away: it is somewhere else now, or another's.
    pub(super) fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        if !self.0.is_empty() {
            // SAFETY: the range is mapped and ours alone, and nothing refers to it any more.
            unsafe { libc::munmap(self.0.start as *mut _, self.0.len()) };
        }
    }
}

fn touch(part: &Range<usize>) {
    for address in part.clone().step_by(sys::page_size()) {
        // SAFETY: the caller's own writable pages, which nobody has written to: they read as zeros before and after.
        unsafe { ptr::write_volatile(address as *mut u8, 0) };
    }
}

/// Copies pages.
///
/// # Safety
/// `from` has `bytes` readable bytes, `to` as many writable ones; they do not overlap, and nobody else uses either
/// meanwhile.
pub(super) unsafe fn copy(from: usize, to: usize, bytes: usize) {
    // SAFETY: the caller vouches for both ranges. Padding is copied as what it is: bytes without a value.
    unsafe { ptr::copy_nonoverlapping(from as *const std::mem::MaybeUninit<u8>, to as *mut _, bytes) };
}

/// Frees pages, which read as zeros then.
///
/// # Safety
/// The pages are private, anonymous and writable, nobody else uses them, and their content is not needed.
pub(super) unsafe fn free(pages: &Range<usize>) {
    // SAFETY: as the caller says. An error leaves pages that will be freed later.
    unsafe { libc::madvise(pages.start as *mut _, pages.len(), libc::MADV_DONTNEED) };
}

/// Moves the mapping of `from` to `to`, in place of what is mapped there: in one step, without a hole.
///
/// # Safety
/// Both ranges are whole pages of private anonymous memory that nobody else uses meanwhile.
pub(super) unsafe fn replace(from: &Range<usize>, to: usize) -> Result<(), Errno> {
    remap(from, to, MREMAP_FIXED_AT)
}

/// Takes the pages of `from` away to a new area with [`empty`]; `from` stays mapped, and reads as zeros.
///
/// # Safety
/// The range is whole pages of private anonymous memory that nobody else uses meanwhile, and its content is not needed.
pub(super) unsafe fn park(from: &Range<usize>, likeness: Likeness, empty: Replace) -> Result<Area, Errno> {
    if !can_empty() {
        return Err(libc::EINVAL);
    }
    let area = Area::reserve(from, likeness)?;
    // SAFETY: the caller vouches for `from`; `area` is ours.
    if let Err(errno) = unsafe { empty(from, area.0.start) } {
        // A late error leaves the area unmapped, and another thread may have mapped something there. If it is not free, it
        // is theirs, or still ours and without pages: then only addresses are lost.
        if !claim(area.range()) {
            area.forget();
        }
        return Err(errno);
    }
    Ok(area)
}

/// Whether the kernel can take pages away and leave their mapping: asked once, with a page of our own and no target that
/// could get lost.
fn can_empty() -> bool {
    static CAN: LazyLock<bool> = LazyLock::new(|| {
        let page = sys::page_size();
        let Ok(from) = Area::reserve(&(0..page), Likeness::default()) else { return false };
        let flags = libc::MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
        // Not by the C library, which leaves out the last argument, a hint, without `MREMAP_FIXED`.
        // SAFETY: our own page, which nobody uses, to where the kernel finds room. Older kernels refuse the flag.
        let to = unsafe { libc::syscall(libc::SYS_mremap, from.0.start, page, page, flags, 0) };
        let to = usize::try_from(to);
        to.map(|to| drop(Area(to..to + page))).is_ok()
    });
    *CAN
}

/// Moves the pages of `from` to `to`, in place of what is mapped there; `from` stays mapped, and reads as zeros.
///
/// # Safety
/// As for [`replace`]; the content of `from` is not needed.
pub(super) unsafe fn empty(from: &Range<usize>, to: usize) -> Result<(), Errno> {
    remap(from, to, MREMAP_FIXED_AT | MREMAP_DONTUNMAP)
}

fn remap(from: &Range<usize>, to: usize, flags: c_int) -> Result<(), Errno> {
    // SAFETY: the callers vouch for both ranges; the kernel checks addresses and alignment.
    let result = unsafe { libc::mremap(from.start as *mut _, from.len(), from.len(), flags, to as *mut libc::c_void) };
    if result == libc::MAP_FAILED { Err(sys::errno()) } else { Ok(()) }
}

/// Maps new memory over `range` if nothing is mapped there; whether that worked.
pub(super) fn claim(range: &Range<usize>) -> bool {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    let wanted = range.start as *mut libc::c_void;
    // SAFETY: the kernel maps nothing over what is there; old kernels, which do not know the flag, take the address for a
    // hint, and what they map elsewhere is unmapped again.
    let start = unsafe { libc::mmap(wanted, range.len(), access, flags, -1, 0) };
    if start != libc::MAP_FAILED && start != wanted {
        drop(Area(start.addr()..start.addr() + range.len()));
    }
    start == wanted
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;

    const BYTES: usize = 64 << 10;

    /// What the other thread has.
    static OTHERS: AtomicUsize = AtomicUsize::new(0);

    /// What `mremap` may do when it fails late.
    unsafe fn lose(_: &Range<usize>, to: usize) -> Result<(), Errno> {
        // SAFETY: the caller gives it up.
        unsafe { libc::munmap(to as *mut _, BYTES) };
        Err(libc::ENOMEM)
    }

    /// The same, and another thread was quicker to take it.
    unsafe fn lose_to_another(_: &Range<usize>, to: usize) -> Result<(), Errno> {
        // SAFETY: the caller gives it up; then it is the other's.
        unsafe { libc::munmap(to as *mut _, BYTES) };
        assert!(claim(&(to..to + BYTES)));
        // SAFETY: just mapped.
        unsafe { ptr::write_volatile(to as *mut u8, 7) };
        OTHERS.store(to, Relaxed);
        Err(libc::ENOMEM)
    }

    #[test]
    fn where_pages_could_not_be_parked_nothing_of_anothers_is_unmapped() {
        let from = Area::reserve(&(0..BYTES), Likeness::default()).unwrap();
        for empty in [lose as Replace, lose_to_another] {
            // SAFETY: the area is this test's own.
            let parked = unsafe { park(from.range(), Likeness::default(), empty) };
            assert_eq!(parked.unwrap_err(), libc::ENOMEM);
        }
        let others = OTHERS.load(Relaxed);
        let mut present = 0_u8;
        // SAFETY: `mincore` reads nothing, and writes one byte for the one page it is asked about.
        let mapped = unsafe { libc::mincore(others as *mut _, 1, (&raw mut present).cast()) } == 0;
        assert!(mapped, "the other thread's memory is still mapped");
        // SAFETY: it is mapped, and this test's.
        assert_eq!(unsafe { ptr::read_volatile(others as *const u8) }, 7);
        // SAFETY: nobody uses it any more.
        unsafe { libc::munmap(others as *mut _, BYTES) };
    }
}
