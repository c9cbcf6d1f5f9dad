//! How a region is made.

use std::sync::atomic::{AtomicU32, Ordering};

use super::kinds::Kinds;
use super::memory::{DEFAULT_LIMIT, GRANULE, Memory, Wish};
use super::{Region, RegionFull};

/// How a region is to be made.
///
/// ```
/// use landbridge_core::region::RegionOptions;
///
/// let mut region = RegionOptions::new().limit(1 << 30).huge_pages(false).node(0).build()?;
/// let p = region.push(1_u32);
/// assert_eq!(region[p], 1);
/// # Ok::<(), landbridge_core::region::RegionFull>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct RegionOptions {
    limit: Option<usize>,
    wish: Wish,
}

impl RegionOptions {
    /// As [`Region::new`] does it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that the region may grow to: at least a page, at most 32 GiB, rounded up to pages.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Whether to ask for huge pages, as is done where nothing is said: from 2 MiB on fewer misses of the TLB, in walks and in
    /// copies. A wish: systems without them use small ones. Small pages take less memory where a large region is sparsely used.
    pub fn huge_pages(mut self, wanted: bool) -> Self {
        self.wish.huge = wanted;
        self
    }

    /// The memory node that pages should come from, by the system's number. A wish: a full or unknown node is passed over.
    pub fn node(mut self, number: u32) -> Self {
        self.wish.node = Some(number);
        self
    }

    /// Makes the region.
    ///
    /// # Errors
    /// [`RegionFull`]: the system has not that many addresses left. Without a [limit](RegionOptions::limit) smaller ones
    /// are tried first.
    pub fn build(self) -> Result<Region, RegionFull> {
        let mut limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        loop {
            if let Some(mut memory) = Memory::reserve(limit, self.wish)
                && memory.grow(GRANULE)
            {
                let mut region = Region { memory, end: 0, first: 0, kinds: Kinds::new() };
                region.begin(first_number());
                return Ok(region);
            }
            if self.limit.is_some() || limit <= 1 << 20 {
                return Err(RegionFull { wanted: limit, used: 0, limit, refused: true });
            }
            limit /= 2;
        }
    }
}

impl Default for Region {
    fn default() -> Self {
        Self::new()
    }
}

/// # Making
impl Region {
    /// An empty region that may grow to 32 GiB (or, where addresses are limited, to less).
    ///
    /// # Panics
    /// If the system has not even a few addresses left.
    pub fn new() -> Self {
        made(RegionOptions::new())
    }

    /// An empty region that may grow to `bytes`.
    ///
    /// # Panics
    /// If the system has not that many addresses left; [`RegionOptions::build`] returns an error instead.
    pub fn with_limit(bytes: usize) -> Self {
        made(RegionOptions::new().limit(bytes))
    }
}

fn made(options: RegionOptions) -> Region {
    match options.build() {
        Ok(region) => region,
        Err(full) => panic!("{full}"),
    }
}

/// Where the next region begins to count. Multiples of the golden ratio are the numbers that stay farthest apart.
pub(super) fn first_number() -> u32 {
    const STEP: u32 = 0x9e37_79b9;
    static NEXT: AtomicU32 = AtomicU32::new(STEP);
    NEXT.fetch_add(STEP, Ordering::Relaxed)
}
