//! The card's stream, with pinned memory through which bytes go there and back.
//!
//! Bytes go in chunks: while the card copies one, the next is filled (or emptied), so that the bus and the host's memory work at the same
//! time.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use cust::event::{Event, EventFlags, EventStatus};
use cust::memory::{cuda_free_locked, cuda_malloc_locked};
use cust::stream::Stream;

use super::failure::{Failure, Step};
use super::kernel::Started;
use super::pool::{Lease, Pool};
use crate::codegen::ptx::interface::error_block;

/// Bytes of a chunk: large enough for the bus's full rate, small enough for the cache.
const CHUNK: usize = 2 << 20;
/// Chunks each way.
const CHUNKS: usize = 4;
/// Pieces in a chunk start at a multiple of this.
const PIECE: usize = 64;
/// How long the copy of a report may take, when the kernel has ended.
const REPORT: Duration = Duration::from_secs(60);

/// The stream and what belongs to it.
pub(crate) struct Lane {
    pub(crate) stream: Stream,
    up: Vec<Chunk>,
    /// Number of the chunk that is being filled.
    filling: usize,
    down: Vec<Chunk>,
    /// Around a launch's kernel.
    around: (Event, Event),
    /// Where work-items report, all zeros.
    errors: Option<Lease>,
}

/// The thread's calls go to another context than the card's.
pub(crate) struct Elsewhere;

/// Pinned memory of the host.
struct Chunk {
    memory: *mut u8,
    used: usize,
    /// Recorded behind the copy that uses it.
    behind: Event,
    recorded: bool,
}

// SAFETY: the memory belongs to the chunk, and the driver's handles may be used by any thread.
unsafe impl Send for Chunk {}

impl Chunk {
    fn new() -> Result<Self, Failure> {
        // SAFETY: it is freed once, in `drop`.
        let memory = unsafe { cuda_malloc_locked::<u8>(CHUNK) }.step("pinning memory of the host")?;
        let behind = Event::new(EventFlags::DISABLE_TIMING).step("making an event")?;
        Ok(Self { memory, used: 0, behind, recorded: false })
    }

    fn record(&mut self, stream: &Stream) -> Result<(), Failure> {
        self.behind.record(stream).step("recording an event")?;
        self.recorded = true;
        Ok(())
    }

    fn is_free(&self) -> Result<bool, Failure> {
        Ok(!self.recorded || self.behind.query().step("asking an event")? == EventStatus::Ready)
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: it came from `cuda_malloc_locked`, and the lane waits for what uses it before it is dropped.
        if let Err(error) = unsafe { cuda_free_locked(self.memory) } {
            tracing::debug!(failure = %Failure::of("freeing pinned memory", error));
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        if let Err(error) = self.stream.synchronize() {
            tracing::debug!(failure = %Failure::of("closing the stream", error));
        }
    }
}

impl Lane {
    pub(crate) fn new(stream: Stream) -> Result<Self, Failure> {
        let event = || Event::new(EventFlags::DEFAULT).step("making an event");
        Ok(Self { stream, up: Vec::new(), filling: 0, down: Vec::new(), around: (event()?, event()?), errors: None })
    }

    /// Whether everything in the stream is done.
    pub(crate) fn is_idle(&self) -> Result<bool, Failure> {
        // SAFETY: the stream is alive, and its context is current.
        match unsafe { cust_raw::cuStreamQuery(self.stream.as_inner()) } {
            cust_raw::cudaError_enum::CUDA_SUCCESS => Ok(true),
            cust_raw::cudaError_enum::CUDA_ERROR_NOT_READY => Ok(false),
            other => driver("waiting for the card", other).map(|()| true),
        }
    }

    /// Copies bytes to the card, in the stream's order. They are not used after this has returned. `patience`: how long what is in front
    /// of them may take.
    ///
    /// # Safety
    /// `from` is valid for reads of `bytes` bytes, which may be uninitialised; `to` is as much memory of the card.
    pub(crate) unsafe fn send(
        &mut self,
        to: u64,
        from: *const MaybeUninit<u8>,
        bytes: usize,
        patience: Duration,
    ) -> Result<(), Failure> {
        let mut sent = 0;
        while sent < bytes {
            let chunk = self.chunk_with_room(patience)?;
            let part = (bytes - sent).min(CHUNK - chunk.used);
            let staged = chunk.memory.wrapping_add(chunk.used);
            chunk.used = (chunk.used + part).next_multiple_of(PIECE);
            // SAFETY: the caller vouches for the source, and the room in the chunk is that of `part` bytes which nobody uses; bytes are
            // copied untyped.
            unsafe { std::ptr::copy_nonoverlapping(from.add(sent), staged.cast(), part) };
            let (to, staged) = (to + sent as u64, staged.cast::<c_void>());
            // SAFETY: the chunk is not written again before the event behind this copy; the caller vouches for the target.
            let copied = unsafe { cust_raw::cuMemcpyHtoDAsync_v2(to, staged, part, self.stream.as_inner()) };
            driver("copying to the card", copied)?;
            sent += part;
        }
        Ok(())
    }

    /// A chunk with room for at least one byte.
    fn chunk_with_room(&mut self, patience: Duration) -> Result<&mut Chunk, Failure> {
        if self.up.is_empty() {
            self.up = chunks()?;
        }
        if self.up[self.filling].used >= CHUNK {
            self.up[self.filling].record(&self.stream)?;
            self.filling = (self.filling + 1) % CHUNKS;
            wait_for(&self.up[self.filling], patience)?;
            self.up[self.filling].used = 0;
        }
        Ok(&mut self.up[self.filling])
    }

    /// Copies bytes from the card, in the stream's order, and waits for them.
    ///
    /// # Safety
    /// `to` is valid for writes of `bytes` bytes and nobody else uses it meanwhile; `from` is as much memory of the card.
    pub(crate) unsafe fn fetch(
        &mut self,
        to: *mut MaybeUninit<u8>,
        from: u64,
        bytes: usize,
        patience: Duration,
    ) -> Result<(), Failure> {
        if self.down.is_empty() {
            self.down = chunks()?;
        }
        let parts = bytes.div_ceil(CHUNK);
        let part = |k: usize| k * CHUNK..bytes.min((k + 1) * CHUNK);
        for k in 0..parts + CHUNKS - 1 {
            if k < parts {
                let (range, chunk) = (part(k), &mut self.down[k % CHUNKS]);
                let staged = chunk.memory.cast::<c_void>();
                // SAFETY: the chunk's former content was taken out below, `CHUNKS - 1` rounds ago; the caller vouches for the source.
                let copied = unsafe {
                    cust_raw::cuMemcpyDtoHAsync_v2(
                        staged,
                        from + range.start as u64,
                        range.len(),
                        self.stream.as_inner(),
                    )
                };
                driver("copying from the card", copied)?;
                chunk.record(&self.stream)?;
            }
            let Some(done) = k.checked_sub(CHUNKS - 1) else { continue };
            let (range, chunk) = (part(done), &self.down[done % CHUNKS]);
            wait_for(chunk, patience)?;
            // SAFETY: the card has written these bytes of the chunk; the caller vouches for the target.
            unsafe { std::ptr::copy_nonoverlapping(chunk.memory.cast(), to.add(range.start), range.len()) };
        }
        Ok(())
    }

    /// Fills memory of the card with zeros, in the stream's order.
    pub(crate) fn clear(&mut self, at: u64, bytes: u64) -> Result<(), Failure> {
        // SAFETY: callers pass memory that the pool has lent them, of at least as many bytes.
        let cleared = unsafe { cust_raw::cuMemsetD8Async(at, 0, bytes as usize, self.stream.as_inner()) };
        driver("clearing memory of the card", cleared)
    }

    /// Starts a kernel with its launch block.
    ///
    /// # Safety
    /// The block is one that the kernel's layout has packed, and the addresses in it are good for what the kernel does there, until it has ended.
    pub(crate) unsafe fn start(&self, started: &Started) -> Result<(), Failure> {
        // SAFETY: passed on.
        driver("starting a kernel", unsafe { self.start_raw(started) })
    }

    /// The same where the thread's calls are only believed to go to the card: if they don't, [`Elsewhere`] says so and nothing was started.
    ///
    /// # Safety
    /// As [`Self::start`].
    pub(crate) unsafe fn try_start(&self, started: &Started) -> Result<Result<(), Failure>, Elsewhere> {
        use cust_raw::cudaError_enum::{
            CUDA_ERROR_CONTEXT_IS_DESTROYED, CUDA_ERROR_INVALID_CONTEXT, CUDA_ERROR_INVALID_HANDLE,
        };
        // SAFETY: passed on.
        match unsafe { self.start_raw(started) } {
            // What the driver answers to a stream of another context than the thread's.
            CUDA_ERROR_CONTEXT_IS_DESTROYED | CUDA_ERROR_INVALID_CONTEXT | CUDA_ERROR_INVALID_HANDLE => Err(Elsewhere),
            other => Ok(driver("starting a kernel", other)),
        }
    }

    /// # Safety
    /// As [`Self::start`].
    unsafe fn start_raw(&self, started: &Started) -> cust_raw::CUresult {
        let mut parameters = [started.block.as_ptr().cast_mut().cast::<c_void>()];
        // SAFETY: the kernel has one parameter, as long as the launch block, which the driver copies inside the call; the caller vouches
        // for the addresses.
        unsafe {
            cust_raw::cuLaunchKernel(
                started.function.0,
                started.blocks,
                1,
                1,
                started.block_size,
                1,
                1,
                0,
                self.stream.as_inner(),
                parameters.as_mut_ptr(),
                std::ptr::null_mut(),
            )
        }
    }

    /// Where the work-items of a launch report that is waited for; zeros.
    pub(crate) fn errors(&mut self, pool: &Arc<Pool>) -> Result<u64, Failure> {
        if self.errors.is_none() {
            let lease = pool.lend(error_block::MOST_BYTES)?;
            self.clear(lease.address(), error_block::MOST_BYTES)?;
            self.errors = Some(lease);
        }
        Ok(self.errors.as_ref().map_or(0, Lease::address))
    }

    /// Nobody knows what is there: the next launch takes another place.
    pub(crate) fn forget_errors(&mut self) {
        self.errors = None;
    }

    /// What a work-item has reported there, after which it is zeros again.
    pub(crate) fn report(&mut self, errors: u64, bytes: u64) -> Result<Option<error_block::Failure>, Failure> {
        let mut block = [0_u8; error_block::MOST_BYTES as usize];
        let bytes = (bytes as usize).min(block.len());
        // SAFETY: the array has as many bytes, and so has the block on the card.
        unsafe { self.fetch(block.as_mut_ptr().cast(), errors, bytes, REPORT) }?;
        let failure = decode(&block);
        if failure.is_some() {
            self.clear(errors, error_block::MOST_BYTES)?;
        }
        Ok(failure)
    }

    /// Takes the time from here, or to here.
    pub(crate) fn mark(&self, end: bool) -> Result<(), Failure> {
        let event = if end { &self.around.1 } else { &self.around.0 };
        event.record(&self.stream).step("recording an event")
    }

    /// The time between the marks, once the stream is idle.
    pub(crate) fn between_marks(&self) -> Duration {
        let milliseconds = self.around.1.elapsed_time_f32(&self.around.0).unwrap_or(0.0);
        Duration::try_from_secs_f32(milliseconds * 1e-3).unwrap_or_default()
    }
}

fn chunks() -> Result<Vec<Chunk>, Failure> {
    (0..CHUNKS).map(|_| Chunk::new()).collect()
}

fn wait_for(chunk: &Chunk, patience: Duration) -> Result<(), Failure> {
    let start = std::time::Instant::now();
    while !chunk.is_free()? {
        let waited = start.elapsed();
        if waited > patience {
            return Err(Failure::Timeout { waited });
        }
        if waited > Duration::from_millis(2) {
            std::thread::sleep(Duration::from_micros(100));
        } else {
            std::hint::spin_loop();
        }
    }
    Ok(())
}

/// The failure in the bytes of an error block, if there is one.
pub(crate) fn decode(bytes: &[u8]) -> Option<error_block::Failure> {
    let mut words = [0; error_block::MOST_BYTES as usize / 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    error_block::read(&words)
}

/// A raw answer of the driver as a result.
pub(crate) fn driver(step: &'static str, answer: cust_raw::CUresult) -> Result<(), Failure> {
    use cust::error::CudaError;
    match answer {
        cust_raw::cudaError_enum::CUDA_SUCCESS => Ok(()),
        // cust's own conversion is private; the loader knows the code anyway.
        _ => Err(Failure::of(step, CudaError::UnknownError)),
    }
}
