//! The card's memory, lent from launch to launch: asking the driver takes as long as a small launch.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use cust::memory::{DevicePointer, cuda_free, cuda_malloc, mem_get_info};

use super::failure::{Failure, Step};

/// What the pool holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolUse {
    /// Bytes that launches and scopes have.
    pub lent: u64,
    /// Bytes that wait for the next.
    pub kept: u64,
}

/// The card's memory. Calls need the card's context to be current; dropping a [`Lease`] does not.
pub(crate) struct Pool {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Free blocks by their size, addresses.
    kept: BTreeMap<u64, Vec<u64>>,
    in_use: PoolUse,
    cap: Option<u64>,
    /// The context is dead, or a kernel may still write: nothing is used again or freed.
    abandoned: bool,
}

/// Memory of the card, given back when dropped. What is still on its way there goes first: all work of a card is in one stream.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    address: u64,
    bytes: u64,
}

/// Smallest block, in bytes.
const LEAST: u64 = 256;
/// What every block is aligned to: the driver's own promise.
pub(crate) const LEAST_ALIGN: usize = 256;

impl Pool {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default() })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing here panics half-way through an update.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends at least so many bytes.
    ///
    /// # Errors
    /// [`Failure::OutOfMemory`]: the card or the cap has no more, even without what is kept.
    pub(crate) fn lend(self: &Arc<Self>, bytes: u64) -> Result<Lease, Failure> {
        let size = block(bytes);
        let mut state = self.state();
        // A block that is a little larger will do.
        let fitting = state.kept.range_mut(size..=size.saturating_mul(2)).find_map(|(&s, free)| Some((s, free.pop()?)));
        if let Some((size, address)) = fitting {
            state.in_use.kept -= size;
            state.in_use.lent += size;
            return Ok(self.lease(address, size));
        }
        state.make_room(size)?;
        let address = match allocate(size) {
            Err(Failure::OutOfMemory { .. }) if state.in_use.kept > 0 => {
                state.free_all();
                allocate(size)
            }
            other => other,
        }?;
        state.in_use.lent += size;
        Ok(self.lease(address, size))
    }

    fn lease(self: &Arc<Self>, address: u64, bytes: u64) -> Lease {
        Lease { pool: Arc::clone(self), address, bytes }
    }

    pub(crate) fn set_cap(&self, cap: Option<u64>) {
        self.state().cap = cap;
    }

    /// Gives kept memory back to the driver.
    pub(crate) fn trim(&self) {
        self.state().free_all();
    }

    /// To be called when the context is dead, or a kernel that nobody waits for may still write.
    pub(crate) fn abandon(&self) {
        self.state().abandoned = true;
    }

    pub(crate) fn in_use(&self) -> PoolUse {
        self.state().in_use
    }
}

impl State {
    /// Frees what is kept if the cap needs it.
    fn make_room(&mut self, size: u64) -> Result<(), Failure> {
        let Some(cap) = self.cap else { return Ok(()) };
        if self.in_use.lent + self.in_use.kept + size > cap {
            self.free_all();
        }
        if self.in_use.lent + size <= cap {
            return Ok(());
        }
        Err(Failure::OutOfMemory {
            step: "asking for memory of the card",
            wanted: size,
            available: cap.saturating_sub(self.in_use.lent),
            message: format!("the memory cap is {cap} bytes"),
        })
    }

    fn free_all(&mut self) {
        let kept = std::mem::take(&mut self.kept);
        self.in_use.kept = 0;
        if self.abandoned {
            return;
        }
        for address in kept.into_values().flatten() {
            // SAFETY: it came from `allocate`, and its lease is gone; the driver waits for what is still on its way.
            if let Err(error) = unsafe { cuda_free(DevicePointer::<u8>::from_raw(address)) } {
                tracing::debug!(%address, failure = %Failure::of("freeing memory", error));
            }
        }
    }
}

impl Lease {
    /// As the card sees it.
    pub(crate) fn address(&self) -> u64 {
        self.address
    }

    /// At least as many as asked for.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        state.in_use.lent -= self.bytes;
        if !state.abandoned {
            state.in_use.kept += self.bytes;
            state.kept.entry(self.bytes).or_default().push(self.address);
        }
    }
}

/// The size of the block that serves so many bytes: powers of two and three steps between them, so that few sizes serve many.
fn block(bytes: u64) -> u64 {
    let bytes = bytes.max(LEAST);
    bytes.next_multiple_of((bytes.next_power_of_two() / 8).max(LEAST))
}

fn allocate(size: u64) -> Result<u64, Failure> {
    // SAFETY: the memory is freed once, by `free_all`.
    let allocated = unsafe { cuda_malloc::<u8>(size as usize) };
    allocated.map(|pointer| pointer.as_raw()).step("asking for memory of the card").map_err(|failure| {
        let left = mem_get_info().map_or(0, |(free, _)| free as u64);
        failure.wanting(size, left)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_few_and_not_much_larger_than_what_they_serve() {
        assert_eq!((block(0), block(1), block(256), block(257)), (256, 256, 256, 512));
        assert_eq!(block((1 << 20) + 1), (1 << 20) + (1 << 18));
        for bytes in [1000, 5000, 123_456, 987_654_321] {
            assert!(block(bytes) >= bytes && block(bytes) <= bytes + bytes / 4 + LEAST, "{bytes}");
        }
    }

    #[test]
    fn a_cap_is_kept_without_asking_the_driver() {
        let pool = Pool::new();
        pool.set_cap(Some(1000));
        let refused = pool.lend(2000).map(drop).expect_err("over the cap");
        assert!(matches!(refused, Failure::OutOfMemory { wanted: 2048, available: 1000, .. }), "{refused:?}");
    }
}
