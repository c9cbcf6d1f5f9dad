//! The card's stream: what it is asked to do, in order.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::time::Duration;

use cust::stream::Stream;

use super::beside::Beside;
use super::event::Event;
use super::failure::Failure;
use super::kernel::Started;
use super::pool::{Lease, Pool};
use super::staging::{Downloads, Uploads};
use crate::codegen::ptx::interface::error_block;

/// How long the copy of a report may take, when the kernel has ended.
const REPORT: Duration = Duration::from_secs(60);

/// The stream and what belongs to it.
pub(crate) struct Lane {
    pub(crate) stream: Stream,
    up: Uploads,
    down: Downloads,
    /// Made when a launch first has copies beside its kernels.
    pub(super) beside: Option<Beside>,
    /// Around the kernels of a launch.
    pub(super) marks: Vec<(Event, Arc<Event>)>,
    /// Where work-items report, all zeros.
    errors: Option<Lease>,
}

/// The thread's calls go to another context than the card's.
pub(crate) struct Elsewhere;

impl Drop for Lane {
    fn drop(&mut self) {
        if let Err(error) = self.stream.synchronize() {
            tracing::debug!(failure = %Failure::of("closing the stream", error));
        }
    }
}

impl Lane {
    pub(crate) fn new(stream: Stream) -> Result<Self, Failure> {
        let (up, down) = (Uploads::default(), Downloads::default());
        Ok(Self { stream, up, down, beside: None, marks: vec![mark()?], errors: None })
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
        // SAFETY: passed on; it is always this stream.
        unsafe { self.up.send(&self.stream, (to, from, bytes), patience, &mut || Ok(())) }
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
        // SAFETY: passed on: all has come when this returns, or is abandoned.
        unsafe { self.down.want((to, from, bytes), None) };
        let come = self.down.pump(&self.stream, patience, true).map(drop);
        come.inspect_err(|_| self.down.abandon())
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

    /// Takes the time of kernel number `number` of a launch from here, or to here.
    pub(crate) fn mark(&mut self, number: usize, end: bool) -> Result<(), Failure> {
        while self.marks.len() <= number {
            self.marks.push(mark()?);
        }
        let (start, stop) = &self.marks[number];
        if end { stop.record(&self.stream) } else { start.record(&self.stream) }
    }

    /// The time between the marks of so many kernels, once the stream is idle.
    pub(crate) fn between_marks(&self, kernels: usize) -> Duration {
        self.marks.iter().take(kernels).map(|(start, stop)| stop.since(start)).sum()
    }
}

fn mark() -> Result<(Event, Arc<Event>), Failure> {
    Ok((Event::timed()?, Arc::new(Event::timed()?)))
}

/// Rests while the card works that has been waited for so long: not at all at first, since a small launch takes microseconds, and then
/// an eighth of that time, so that long kernels leave the host's cores to others.
pub(crate) fn rest(waited: Duration) {
    if waited < Duration::from_micros(50) {
        std::hint::spin_loop();
    } else if waited < Duration::from_micros(200) {
        std::thread::yield_now();
    } else {
        std::thread::sleep((waited / 8).clamp(Duration::from_micros(25), Duration::from_millis(1)));
    }
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
