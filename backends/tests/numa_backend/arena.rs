//! Memory of a test's own, of small pages: what a thread allocates within [`own_pages`] shares its pages with nothing else, so
//! that where each of them is can be told exactly.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// The system's allocator, but within [`own_pages`].
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

const PAGE: usize = 4096;

thread_local! {
    /// What is left of the thread's own pages: nothing outside of `own_pages`.
    static LEFT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Where all own pages of the process lie: as many as tests need in all, for none is used twice.
mod reserve {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    const BYTES: usize = 256 << 20;
    /// 0 until they are made.
    static START: AtomicUsize = AtomicUsize::new(0);
    static NEXT: AtomicUsize = AtomicUsize::new(0);

    pub(super) fn holds(address: usize) -> bool {
        let start = START.load(Relaxed);
        start != 0 && (start..start + BYTES).contains(&address)
    }

    pub(super) fn take(bytes: usize) -> (usize, usize) {
        static ONCE: OnceLock<()> = OnceLock::new();
        ONCE.get_or_init(|| START.store(map(), Relaxed));
        let at = START.load(Relaxed) + NEXT.fetch_add(bytes, Relaxed);
        assert!(at + bytes <= START.load(Relaxed) + BYTES, "tests take more pages of their own than are reserved");
        (at, at + bytes)
    }

    fn map() -> usize {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice, and advice on it that frees nothing.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), BYTES, access, flags, -1, 0) };
        assert!(start != libc::MAP_FAILED, "no address space");
        // SAFETY: as above.
        unsafe { libc::madvise(start, BYTES, libc::MADV_NOHUGEPAGE) };
        start as usize
    }
}

// SAFETY: memory is the system's, or a part of the reserve that is given out once and never freed.
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
            unsafe { System.dealloc(memory, layout) };
        }
    }
}

/// Runs `make`, whose allocations are whole pages of their own, `bytes` of them at most. Nobody uses them again.
pub(crate) fn own_pages<T>(bytes: usize, make: impl FnOnce() -> T) -> T {
    /// Also after a panic.
    struct Ends;
    impl Drop for Ends {
        fn drop(&mut self) {
            LEFT.set((0, 0));
        }
    }
    let own = reserve::take(bytes.next_multiple_of(PAGE));
    let _ends = Ends;
    LEFT.set(own);
    make()
}

/// Leaves the rest of the page that is being filled.
pub(crate) fn next_page() {
    let (at, end) = LEFT.get();
    LEFT.set((at.next_multiple_of(PAGE).min(end), end));
}
