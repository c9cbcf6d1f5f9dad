//! Where nothing can be mapped: memory is the allocator's.

/// Does not exist.
pub(super) enum Mapping {}

impl Mapping {
    /// `None`.
    pub(super) fn reserve(_: u64) -> Option<Self> {
        None
    }

    /// Cannot be called.
    pub(super) fn start(&self) -> *mut u8 {
        match *self {}
    }

    /// Cannot be called.
    pub(super) fn grow(&mut self, _: usize, _: bool) -> Option<usize> {
        match *self {}
    }
}
