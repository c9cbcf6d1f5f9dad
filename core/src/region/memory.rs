//! The memory of a region: addresses are reserved once, pages are made usable as the region grows, so nothing ever moves.
//!
//! ```text
//!   reserved   | bits of starts  <- grow down | data: granules grow up ->                    | reserved
//!                                             ^ start()
//! ```
//! Bits and data in use lie next to each other, so the whole region is one range of bytes.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ptr::NonNull;

/// Bytes of a granule: what handles count in.
pub(super) const GRANULE: usize = 8;
/// The most granules that handles of 32 bits tell apart.
pub(super) const MOST_GRANULES: usize = 1 << 32;
/// The largest alignment of a node: the smallest page.
pub(super) const MOST_ALIGN: usize = 4096;
/// Granules whose bits share a word.
pub(super) const PER_WORD: usize = 32;

/// What the memory of a region is to be like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    /// Ask for huge pages.
    pub(super) huge: bool,
    /// The memory node that new pages are wanted on.
    pub(super) node: Option<u32>,
}

impl Default for Wish {
    fn default() -> Self {
        Self { huge: true, node: None }
    }
}

/// Reserved addresses, of which the part in the middle is usable.
pub(super) struct Memory {
    /// Where granule 0 lies.
    start: NonNull<u8>,
    /// Bytes of data that are reserved.
    limit: usize,
    /// Bytes of data that are usable; so are the bits for them. All were zero at first.
    usable: usize,
    /// `None`: it belongs to somebody else.
    whole: Option<system::Whole>,
}

impl Memory {
    /// Reserves room for `limit` bytes of data (a multiple of pages) and their bits. Nothing is usable yet.
    ///
    /// `None`: there are not that many addresses.
    pub(super) fn reserve(limit: usize, wish: Wish) -> Option<Self> {
        let page = system::page();
        let limit = limit.clamp(page, MOST_GRANULES * GRANULE).next_multiple_of(page);
        let align = if wish.huge { system::HUGE.max(page) } else { page.max(MOST_ALIGN) };
        let below = bytes_of_bits(limit).next_multiple_of(align);
        let (whole, start) = system::reserve(below, limit, align, wish)?;
        Some(Self { start, limit, usable: 0, whole: Some(whole) })
    }

    /// Memory of somebody else, with bits for `usable` bytes of data below `start`. It does not grow.
    pub(super) fn elsewhere(start: NonNull<u8>, usable: usize) -> Self {
        Self { start, limit: usable, usable, whole: None }
    }

    /// Where granule 0 lies; bits lie directly below.
    #[inline]
    pub(super) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Bytes of data that are reserved.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes of data that are usable now.
    #[inline]
    pub(super) fn usable(&self) -> usize {
        self.usable
    }

    /// Puts pages of a file in place of our own: `below` bytes below the start and `above` from it, all usable already, from
    /// `offset` of the file on; all are multiples of 4 KiB. What is written to them does not reach the file.
    ///
    /// # Errors
    /// As the system says; all is as before.
    ///
    /// # Safety
    /// The file has these bytes, and nobody changes or truncates it while this memory lives.
    pub(super) unsafe fn map(&mut self, file: &File, offset: u64, below: usize, above: usize) -> io::Result<()> {
        let Some(whole) = &mut self.whole else { return Err(io::ErrorKind::Unsupported.into()) };
        // SAFETY: as the caller promises; the range is ours, as it is usable.
        unsafe { whole.map(self.start, file, offset, below, above) }
    }

    /// Makes at least `bytes` of data usable, and the bits for them.
    ///
    /// Whether it worked; if not, all is as before.
    #[cold]
    pub(super) fn grow(&mut self, bytes: usize) -> bool {
        if bytes > self.limit {
            return false;
        }
        let wanted = bytes.max(2 * self.usable).max(1 << 16).next_multiple_of(system::page()).min(self.limit);
        let least = bytes.next_multiple_of(system::page()).min(self.limit);
        for usable in [wanted, least] {
            let Some(whole) = &mut self.whole else { return false };
            if whole.commit(self.start, bytes_of_bits(usable), usable) {
                self.usable = usable;
                return true;
            }
        }
        false
    }
}

/// Bytes of the bits for that many bytes of data.
pub(super) fn bytes_of_bits(data: usize) -> usize {
    data.div_ceil(GRANULE).div_ceil(PER_WORD) * 4
}

// SAFETY: the memory belongs to this value alone; what is done with it is up to who holds the value.
unsafe impl Send for Memory {}
// SAFETY: as above: through `&Memory` only addresses and numbers can be read.
unsafe impl Sync for Memory {}

#[cfg(all(target_os = "linux", not(miri)))]
#[path = "memory_linux.rs"]
mod system;
#[cfg(not(all(target_os = "linux", not(miri))))]
#[path = "memory_plain.rs"]
mod system;

pub(super) use system::{DEFAULT_LIMIT, can_map};
