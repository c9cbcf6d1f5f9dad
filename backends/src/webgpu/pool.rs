//! Device buffers that are kept from launch to launch.
//!
//! A fresh buffer costs three to four times what a kept one does, so a launch in the steady state
//! allocates nothing: sizes are rounded up to classes, and what a launch gives back serves the next.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::caught::in_scope;
use super::device::lock;
use super::failure::Failure;
use super::pipeline::Mixed;

/// What a buffer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Bound to kernels.
    Storage,
    /// Written by the host, copied from by the device.
    Upload,
    /// Copied to by the device, read by the host.
    Download,
}

impl Kind {
    fn usage(self) -> wgpu::BufferUsages {
        match self {
            Self::Storage => wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST,
            Self::Upload => wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC,
            Self::Download => wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }
}

/// What the pool did and holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolUse {
    /// Bytes of all buffers, lent or idle.
    pub bytes: u64,
    /// Bytes of idle buffers.
    pub idle_bytes: u64,
    /// Buffers made since the device was opened.
    pub allocations: u64,
}

/// The buffers of one device.
#[derive(Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    device: wgpu::Device,
    largest: u64,
    state: Mutex<State>,
    /// Counts the times that idle buffers were given up, so that caches of them can follow.
    trims: AtomicU64,
    abandoned: AtomicBool,
}

#[derive(Default)]
struct State {
    idle: Mixed<(Kind, u64), Vec<Pooled>>,
    used: PoolUse,
    cap: Option<u64>,
}

/// Identities are given once in a process: a buffer of another device is never mistaken for one of this.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A buffer and its identity.
struct Pooled {
    buffer: wgpu::Buffer,
    id: u64,
    mapping: Arc<Mapping>,
}

/// Whether the host sees a buffer, and how often it has been unmapped: wgpu may tell of an attempt to map it after that was
/// taken back, when the buffer already serves another launch.
struct Mapping(AtomicU32);

const UNMAPPED: u32 = 0;
const PENDING: u32 = 1;
const MAPPED: u32 = 2;
const FAILED: u32 = 3;
/// The states' bits; the others count.
const STATE: u32 = 3;

impl Mapping {
    fn new(state: u32) -> Self {
        Self(AtomicU32::new(state))
    }

    fn state(&self) -> u32 {
        self.0.load(Ordering::Acquire) & STATE
    }

    /// Starts an attempt if the buffer is unmapped, and returns its number.
    fn start(&self) -> Option<u32> {
        let attempt = self.0.load(Ordering::Acquire);
        let free = attempt & STATE == UNMAPPED;
        free.then(|| {
            self.0.store(attempt | PENDING, Ordering::Release);
            attempt
        })
    }

    /// Notes how an attempt has ended, unless it was taken back.
    fn end(&self, attempt: u32, state: u32) {
        let (from, to) = (attempt | PENDING, attempt | state);
        // If it was, there is nothing to note.
        let _ = self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Takes an attempt or a mapping back; false if there is none.
    fn take_back(&self) -> bool {
        let now = self.0.load(Ordering::Acquire);
        let there = matches!(now & STATE, PENDING | MAPPED);
        if there {
            self.0.store((now | STATE).wrapping_add(1), Ordering::Release);
        }
        there
    }
}

/// A buffer lent to one launch; it goes back when dropped.
pub(crate) struct Lease {
    pooled: Option<Pooled>,
    kind: Kind,
    class: u64,
    shared: Arc<Shared>,
}

impl Pool {
    pub(crate) fn new(device: wgpu::Device, largest: u64) -> Self {
        let shared = Shared {
            device,
            largest,
            state: Mutex::default(),
            trims: AtomicU64::new(0),
            abandoned: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Lends a buffer of at least `bytes`.
    ///
    /// # Errors
    /// - [`Failure::Unsupported`]: more than one buffer holds.
    /// - [`Failure::OutOfMemory`]: the cap or the device has no room, after idle buffers were freed.
    pub(crate) fn lend(&self, kind: Kind, bytes: u64) -> Result<Lease, Failure> {
        let class = size_class(bytes, self.shared.largest).ok_or_else(|| {
            let largest = self.shared.largest;
            Failure::unsupported(format!("{bytes} bytes are more than one buffer holds ({largest})"))
        })?;
        let pooled = match self.take_idle(kind, class) {
            Some(pooled) => pooled,
            None => self.create(kind, class)?,
        };
        Ok(Lease { pooled: Some(pooled), kind, class, shared: Arc::clone(&self.shared) })
    }

    /// Limits the bytes of all buffers; `None` leaves it to the driver.
    pub(crate) fn set_cap(&self, cap: Option<u64>) {
        let over = {
            let mut state = lock(&self.shared.state);
            state.cap = cap;
            cap.is_some_and(|cap| state.used.bytes > cap)
        };
        if over {
            self.trim();
        }
    }

    /// The limit set with [`Pool::set_cap`].
    pub(crate) fn cap(&self) -> Option<u64> {
        lock(&self.shared.state).cap
    }

    /// Frees all idle buffers.
    pub(crate) fn trim(&self) {
        let idle = self.shared.take_all_idle();
        drop(idle);
    }

    /// How often idle buffers were given up; a cache of bind groups is stale when this changes.
    pub(crate) fn trims(&self) -> u64 {
        self.shared.trims.load(Ordering::Relaxed)
    }

    pub(crate) fn in_use(&self) -> PoolUse {
        lock(&self.shared.state).used
    }

    /// The device is lost: nothing is reused any more.
    pub(crate) fn abandon(&self) {
        self.shared.abandoned.store(true, Ordering::Relaxed);
    }

    fn take_idle(&self, kind: Kind, class: u64) -> Option<Pooled> {
        let mut state = lock(&self.shared.state);
        let pooled = state.idle.get_mut(&(kind, class))?.pop()?;
        state.used.idle_bytes -= class;
        Some(pooled)
    }

    fn create(&self, kind: Kind, class: u64) -> Result<Pooled, Failure> {
        let _span = tracing::debug_span!("allocate buffer", kind = kind.label(), class).entered();
        self.reserve(class)?;
        let created = self.shared.create_buffer(kind, class).or_else(|failure| {
            if !matches!(failure, Failure::OutOfMemory { .. }) {
                return Err(failure);
            }
            self.trim();
            self.shared.create_buffer(kind, class)
        });
        let mut state = lock(&self.shared.state);
        match created {
            Ok(buffer) => {
                state.used.allocations += 1;
                let mapped = if kind == Kind::Upload { MAPPED } else { UNMAPPED };
                let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
                Ok(Pooled { buffer, id, mapping: Arc::new(Mapping::new(mapped)) })
            }
            Err(failure) => {
                state.used.bytes -= class;
                Err(failure)
            }
        }
    }

    /// Counts `class` bytes in, giving up idle buffers if the cap asks for it.
    fn reserve(&self, class: u64) -> Result<(), Failure> {
        let mut state = lock(&self.shared.state);
        if state.over_cap(class) {
            drop(state);
            self.trim();
            state = lock(&self.shared.state);
        }
        if state.over_cap(class) {
            let cap = state.cap.unwrap_or_default();
            return Err(Failure::OutOfMemory {
                step: "allocating a buffer",
                wanted: class,
                available: cap.saturating_sub(state.used.bytes),
                message: format!("the memory cap is {cap} bytes, {} are in use", state.used.bytes),
            });
        }
        state.used.bytes += class;
        Ok(())
    }
}

impl State {
    fn over_cap(&self, more: u64) -> bool {
        self.cap.is_some_and(|cap| self.used.bytes.saturating_add(more) > cap)
    }
}

impl Shared {
    fn create_buffer(&self, kind: Kind, class: u64) -> Result<wgpu::Buffer, Failure> {
        let descriptor = wgpu::BufferDescriptor {
            label: Some(kind.label()),
            size: class,
            usage: kind.usage(),
            mapped_at_creation: kind == Kind::Upload,
        };
        in_scope("allocating a buffer", || self.device.create_buffer(&descriptor))
    }

    fn take_all_idle(&self) -> Vec<Pooled> {
        self.trims.fetch_add(1, Ordering::Relaxed);
        let mut state = lock(&self.state);
        state.used.bytes -= state.used.idle_bytes;
        state.used.idle_bytes = 0;
        state.idle.drain().flat_map(|(_, buffers)| buffers).collect()
    }

    fn give_back(&self, kind: Kind, class: u64, pooled: Pooled) {
        let broken = pooled.mapping.state() == FAILED;
        let mut state = lock(&self.state);
        if broken || self.abandoned.load(Ordering::Relaxed) {
            state.used.bytes -= class;
            return;
        }
        state.used.idle_bytes += class;
        state.idle.entry((kind, class)).or_default().push(pooled);
    }
}

impl Lease {
    fn pooled(&self) -> &Pooled {
        self.pooled.as_ref().expect("present until dropped")
    }

    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        &self.pooled().buffer
    }

    /// Which buffer this is: equal ids are the same buffer.
    pub(crate) fn id(&self) -> u64 {
        self.pooled().id
    }

    /// Starts mapping the first `bytes`, unless they are mapped: for reading if this is a download.
    ///
    /// The mapping is there once the device was polled after its last use.
    pub(crate) fn start_mapping(&self, bytes: u64) {
        let pooled = self.pooled();
        let Some(attempt) = pooled.mapping.start() else {
            return;
        };
        let (mode, bytes) = match self.kind {
            Kind::Upload => (wgpu::MapMode::Write, self.class),
            _ => (wgpu::MapMode::Read, bytes.next_multiple_of(8).min(self.class)),
        };
        let mapping = Arc::clone(&pooled.mapping);
        pooled.buffer.map_async(mode, 0..bytes, move |result| {
            mapping.end(attempt, if result.is_ok() { MAPPED } else { FAILED });
        });
    }

    pub(crate) fn is_mapped(&self) -> bool {
        self.pooled().mapping.state() == MAPPED
    }

    pub(crate) fn unmap(&self) {
        let pooled = self.pooled();
        if pooled.mapping.take_back() {
            pooled.buffer.unmap();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.kind == Kind::Download {
            self.unmap();
        }
        if let Some(pooled) = self.pooled.take() {
            self.shared.give_back(self.kind, self.class, pooled);
        }
    }
}

/// The class of `bytes`: a quarter of a power of two apart, so at most a quarter is wasted.
/// `None` when no buffer is that large.
fn size_class(bytes: u64, largest: u64) -> Option<u64> {
    const SMALLEST: u64 = 256;
    if bytes > largest {
        return None;
    }
    let bytes = bytes.max(SMALLEST);
    let step = (bytes.next_power_of_two() / 8).max(64);
    Some(bytes.next_multiple_of(step).min(largest))
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn classes_hold_what_is_asked_and_waste_little() {
        for bytes in (1..100_000).chain([1 << 26, (1 << 26) + 1, (1 << 30) - 4]) {
            let class = size_class(bytes, 1 << 30).expect("fits");
            assert!(class >= bytes && class.is_multiple_of(4), "{bytes} in {class}");
            assert!(bytes < 1024 || class - bytes <= bytes / 4, "{bytes} in {class}");
        }
        assert_eq!(size_class(1 << 20, 1 << 20), Some(1 << 20));
        assert_eq!(size_class((1 << 20) + 1, 1 << 20), None);
    }

    #[test]
    fn a_buffer_given_back_is_lent_again() {
        let Some(gpu) = testing::gpu() else { return };
        let first = gpu.pool.lend(Kind::Storage, 5000).expect("lent");
        let (id, before) = (first.id(), gpu.pool.in_use().allocations);
        drop(first);
        let second = gpu.pool.lend(Kind::Storage, 4990).expect("lent");
        assert_eq!(second.id(), id);
        assert_eq!(gpu.pool.in_use().allocations, before);
        let third = gpu.pool.lend(Kind::Storage, 4990).expect("lent");
        assert_ne!(third.id(), id, "a lent buffer is not lent twice");
    }

    #[test]
    fn a_mapping_that_was_taken_back_does_not_break_the_buffer() {
        let Some(gpu) = testing::gpu() else { return };
        let first = gpu.pool.lend(Kind::Download, 5000).expect("lent");
        let id = first.id();
        // The launch fails before it waits: nobody has polled.
        gpu.scoped("mapping", || first.start_mapping(5000)).expect("starts");
        assert!(!first.is_mapped());
        drop(first);
        gpu.tick();
        let second = gpu.pool.lend(Kind::Download, 5000).expect("lent");
        assert_eq!(second.id(), id, "it is as good as before");
        gpu.scoped("mapping", || second.start_mapping(5000)).expect("starts");
        gpu.tick();
        assert!(second.is_mapped());
        drop(second);
        assert_eq!(gpu.take_stray(), None);
    }

    #[test]
    fn late_news_of_a_mapping_change_nothing() {
        let mapping = Mapping::new(UNMAPPED);
        let first = mapping.start().expect("unmapped");
        assert!(mapping.start().is_none() && mapping.take_back() && !mapping.take_back());
        let second = mapping.start().expect("taken back");
        mapping.end(first, FAILED);
        assert_eq!(mapping.state(), PENDING);
        mapping.end(second, FAILED);
        assert_eq!(mapping.state(), FAILED);
        assert!(!mapping.take_back() && mapping.start().is_none(), "what has failed is not used again");
    }

    #[test]
    fn the_cap_frees_idle_buffers_and_then_refuses() {
        let Some(gpu) = testing::gpu() else { return };
        gpu.pool.set_cap(Some(1 << 20));
        drop(gpu.pool.lend(Kind::Storage, 1 << 19).expect("below the cap"));
        let trims = gpu.pool.trims();
        let held = gpu.pool.lend(Kind::Upload, 3 << 18).expect("idle buffers make room");
        assert!(gpu.pool.trims() > trims);
        let refused = gpu.pool.lend(Kind::Storage, 1 << 19).err().expect("over the cap");
        assert!(matches!(refused, Failure::OutOfMemory { .. }));
        assert!(refused.to_string().contains("memory cap"));
        drop(held);
        gpu.pool.lend(Kind::Storage, 1 << 19).expect("room again");
    }

    #[test]
    fn more_than_a_buffer_holds_is_refused_before_the_driver_sees_it() {
        let Some(gpu) = testing::gpu() else { return };
        let refused = gpu.pool.lend(Kind::Storage, u64::MAX / 2).err().expect("too large");
        assert!(matches!(refused, Failure::Unsupported { .. }));
        assert_eq!(gpu.take_stray(), None);
    }

    #[test]
    fn trimming_gives_idle_memory_back() {
        let Some(gpu) = testing::gpu() else { return };
        drop(gpu.pool.lend(Kind::Download, 1 << 16).expect("lent"));
        assert!(gpu.pool.in_use().idle_bytes > 0);
        gpu.pool.trim();
        assert_eq!(gpu.pool.in_use().idle_bytes, 0);
        assert_eq!(gpu.pool.in_use().bytes, 0);
    }
}
