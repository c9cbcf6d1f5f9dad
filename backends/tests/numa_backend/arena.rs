//! Memory of a test's own: what a thread allocates within [`own_pages`] shares its pages with nothing else, so that where each
//! of them is can be told exactly, and no address is given out twice, so that nothing is known of it.
//!
//! Where the kernel balances memory that matters most: a page that others share gets no policy and may walk by itself.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// The system's allocator, but within [`own_pages`].
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

const PAGE: usize = 4096;
const HUGE: usize = 2 << 20;

thread_local! {
    /// What is left of the thread's own pages: nothing outside of `own_pages`.
    static LEFT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Where all own pages of the process lie.
mod reserve {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::{Mutex, PoisonError};

    use super::{HUGE, PAGE};

    const BYTES: usize = 8 << 30;
    /// Of the first; 0 until they are reserved.
    static START: AtomicUsize = AtomicUsize::new(0);
    static NEXT: Mutex<usize> = Mutex::new(0);

    pub(super) fn holds(address: usize) -> bool {
        let start = START.load(SeqCst);
        start != 0 && (start..start + BYTES).contains(&address)
    }

    /// Pages that nobody has had.
    pub(super) fn take(bytes: usize, huge: bool) -> (usize, usize) {
        let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
        if START.load(SeqCst) == 0 {
            START.store(map(), SeqCst);
        }
        let start = START.load(SeqCst);
        let at = (start + *next).next_multiple_of(if huge { HUGE } else { PAGE });
        *next = at + bytes - start;
        assert!(*next <= BYTES, "tests take more address space of their own than is reserved");
        // SAFETY: advice on pages that nobody uses yet.
        unsafe { libc::madvise(at as *mut _, bytes, if huge { libc::MADV_HUGEPAGE } else { libc::MADV_NOHUGEPAGE }) };
        (at, at + bytes)
    }

    fn map() -> usize {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), BYTES, access, flags, -1, 0) };
        assert!(start != libc::MAP_FAILED, "no address space");
        start as usize
    }
}

// SAFETY: memory is the system's, or a part of the reserve that is given out once: its pages go when it is freed, its
// addresses stay.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (at, end) = LEFT.get();
        if at == end {
            // SAFETY: passed on.
            return unsafe { System.alloc(layout) };
        }
        let start = at.next_multiple_of(layout.align());
        if start + layout.size() > end {
            return ptr::null_mut();
        }
        LEFT.set((start + layout.size(), end));
        ptr::with_exposed_provenance_mut(start)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if !reserve::holds(memory.addr()) {
            // SAFETY: passed on; what is not in the reserve is the system's.
            return unsafe { System.dealloc(memory, layout) };
        }
        let (first, end) = (memory.addr().next_multiple_of(PAGE), (memory.addr() + layout.size()) / PAGE * PAGE);
        if first < end {
            // SAFETY: these whole pages are the allocation's alone, and it ends.
            unsafe { libc::madvise(first as *mut _, end - first, libc::MADV_DONTNEED) };
        }
    }
}

/// Runs `make`, whose allocations are small pages of their own, `bytes` at most.
pub(crate) fn own_pages<T>(bytes: usize, make: impl FnOnce() -> T) -> T {
    within(reserve::take(bytes.next_multiple_of(PAGE), false), make)
}

fn within<T>(own: (usize, usize), make: impl FnOnce() -> T) -> T {
    /// Also after a panic.
    struct Ends;
    impl Drop for Ends {
        fn drop(&mut self) {
            LEFT.set((0, 0));
        }
    }
    let _ends = Ends;
    LEFT.set(own);
    make()
}

/// Leaves the rest of the page that is being filled.
pub(crate) fn next_page() {
    let (at, end) = LEFT.get();
    LEFT.set((at.next_multiple_of(PAGE).min(end), end));
}

/// Values on small pages of their own.
pub(crate) fn values(count: usize, value: impl Fn(usize) -> u64) -> Vec<u64> {
    own_pages(8 * count, || (0..count).map(value).collect())
}

/// The same on huge pages, where the system has any.
pub(crate) fn values_on_huge_pages(count: usize, value: impl Fn(usize) -> u64) -> Vec<u64> {
    within(reserve::take((8 * count).next_multiple_of(HUGE), true), || (0..count).map(value).collect())
}
