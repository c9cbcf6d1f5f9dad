//! The host's pages mapped for the card, for the time of one launch.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ops::Range;

use super::super::failure::Failure;
use super::super::lane::driver;

/// Pages that the driver has pinned and mapped. Dropped only when no kernel uses them any more.
#[derive(Debug)]
pub(crate) struct Registered {
    pages: Range<usize>,
    /// Of the first page, as the card sees it.
    card: u64,
}

const PORTABLE: u32 = 1;
const DEVICE_MAP: u32 = 2;

impl Registered {
    /// Maps whole pages. The card's context is current.
    ///
    /// # Safety
    /// Some of the pages' bytes are borrowed for as long as this lives, and kernels touch no others.
    ///
    /// # Errors
    /// Why not: it may be pages of a file, pages that are registered already, or too many.
    pub(crate) unsafe fn new(pages: Range<usize>) -> Result<Self, Failure> {
        let first: *mut c_void = std::ptr::with_exposed_provenance_mut(pages.start);
        // SAFETY: the caller vouches for the pages; pinning them changes nothing that the program sees.
        let registered = unsafe { cust_raw::cuMemHostRegister_v2(first, pages.len(), PORTABLE | DEVICE_MAP) };
        driver("mapping pages", registered)?;
        let mut registered = Self { pages, card: 0 };
        // SAFETY: the pages were registered just now; from here on `drop` gives them back.
        let found = unsafe { cust_raw::cuMemHostGetDevicePointer_v2(&raw mut registered.card, first, 0) };
        driver("asking where mapped pages are", found)?;
        Ok(registered)
    }

    /// The card's address of an address in these pages.
    pub(crate) fn on_card(&self, address: usize) -> Option<u64> {
        self.pages.contains(&address).then(|| self.card + (address - self.pages.start) as u64)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: registered once, by `new`, and no kernel uses the pages any more.
        let gone = unsafe { cust_raw::cuMemHostUnregister(std::ptr::with_exposed_provenance_mut(self.pages.start)) };
        if let Err(failure) = driver("giving mapped pages back", gone) {
            tracing::debug!(%failure);
        }
    }
}

/// Whole pages around ranges of addresses; those that touch become one, since no page can be registered twice.
pub(crate) fn pages_around(ranges: impl Iterator<Item = Range<usize>>, page: usize) -> Vec<Range<usize>> {
    let outward = |range: Range<usize>| range.start & !(page - 1)..range.end.next_multiple_of(page);
    let mut pages: Vec<_> = ranges.filter(|range| !range.is_empty()).map(outward).collect();
    pages.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in pages {
        match merged.last_mut() {
            Some(last) if last.end > range.start => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Bytes of a page.
pub(crate) fn page_bytes() -> usize {
    // SAFETY: a question without arguments that are pointers.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).ok().filter(|bytes| bytes.is_power_of_two()).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_are_shared_are_mapped_once() {
        let ranges = [8192..8200, 16..5000, 4200..4300, 100..100, 12288..16384];
        assert_eq!(pages_around(ranges.into_iter(), 4096), [0..8192, 8192..12288, 12288..16384]);
        assert_eq!(pages_around([4097..12289, 12290..12291].into_iter(), 4096), vec![4096..16384; 1]);
    }
}
