//! Addresses of nodes, one after the other: a vector whose memory does not move.
#![allow(unsafe_code)]

use super::how::FlattenError;
use super::storage::Storage;
use super::table::Address;

const WORD: usize = size_of::<Address>();

/// A vector of addresses.
pub(crate) struct Queue {
    memory: Storage,
    len: usize,
}

impl Default for Queue {
    fn default() -> Self {
        Queue { memory: Storage::new(u64::MAX), len: 0 }
    }
}

impl Queue {
    /// Makes room for `more` entries.
    ///
    /// # Errors
    /// [`FlattenError::NoMemory`] if there is none.
    #[inline(always)]
    pub(crate) fn reserve(&mut self, more: usize) -> Result<(), FlattenError> {
        self.memory.reserve(((self.len + more) * WORD) as u64)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// [`FlattenError::NoMemory`] if there is no room for it.
    #[inline(always)]
    pub(crate) fn push(&mut self, address: Address) -> Result<(), FlattenError> {
        self.reserve(1)?;
        // SAFETY: room for it was just made.
        unsafe { self.start().add(self.len).write(address) };
        self.len += 1;
        Ok(())
    }

    /// The first entry. Behind the last one there is as much room as [`Self::reserve`] made.
    #[inline(always)]
    pub(crate) fn start(&mut self) -> *mut Address {
        self.memory.start().cast()
    }

    /// Says that there are `len` entries.
    ///
    /// # Safety
    /// They are initialised, in room that was reserved.
    #[inline(always)]
    pub(crate) unsafe fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    /// Drops the first `count` entries.
    pub(crate) fn drop_first(&mut self, count: usize) {
        let len = self.len;
        self.copy_within(count..len, 0);
        self.len -= count;
    }
}

impl std::ops::Deref for Queue {
    type Target = [Address];

    #[inline(always)]
    fn deref(&self) -> &[Address] {
        // SAFETY: the first `len` entries are initialised, in memory that is aligned for them (or there are none).
        unsafe { std::slice::from_raw_parts(self.memory.start().cast(), self.len) }
    }
}

impl std::ops::DerefMut for Queue {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Address] {
        // SAFETY: as above, borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.memory.start().cast(), self.len) }
    }
}
