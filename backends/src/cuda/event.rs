//! Points in the work of streams. cust's own cannot be waited for by another stream without being given up.
#![allow(unsafe_code)]

use std::time::Duration;

use cust::stream::Stream;
use cust_raw::CUevent;

use super::failure::Failure;
use super::lane::driver;

/// An event of the current context.
pub(crate) struct Event(CUevent);

// SAFETY: a handle of the driver's, which any thread may use while the context is current.
unsafe impl Send for Event {}
// SAFETY: as above.
unsafe impl Sync for Event {}

const BLOCKING_SYNC: u32 = 1;
const DISABLE_TIMING: u32 = 2;

impl Event {
    /// One that knows no time, which costs less.
    pub(crate) fn untimed() -> Result<Self, Failure> {
        Self::new(BLOCKING_SYNC | DISABLE_TIMING)
    }

    /// One that knows when it was passed.
    pub(crate) fn timed() -> Result<Self, Failure> {
        Self::new(BLOCKING_SYNC)
    }

    fn new(flags: u32) -> Result<Self, Failure> {
        let mut event = std::ptr::null_mut();
        // SAFETY: there is room for the handle, which is destroyed once, in `drop`.
        driver("making an event", unsafe { cust_raw::cuEventCreate(&raw mut event, flags) })?;
        Ok(Self(event))
    }

    /// It stands for what the stream has been given so far.
    pub(crate) fn record(&self, stream: &Stream) -> Result<(), Failure> {
        // SAFETY: both are alive, in the current context.
        driver("recording an event", unsafe { cust_raw::cuEventRecord(self.0, stream.as_inner()) })
    }

    /// Whether that is done.
    pub(crate) fn is_passed(&self) -> Result<bool, Failure> {
        // SAFETY: it is alive, in the current context.
        match unsafe { cust_raw::cuEventQuery(self.0) } {
            cust_raw::cudaError_enum::CUDA_ERROR_NOT_READY => Ok(false),
            other => driver("asking an event", other).map(|()| true),
        }
    }

    /// What the stream is given from now on comes behind what the event stands for now.
    pub(crate) fn hold_up(&self, stream: &Stream) -> Result<(), Failure> {
        // SAFETY: both are alive, in the current context.
        driver("letting a stream wait", unsafe { cust_raw::cuStreamWaitEvent(stream.as_inner(), self.0, 0) })
    }

    /// The time since an earlier one, both timed and passed; none if the driver does not say.
    pub(crate) fn since(&self, earlier: &Event) -> Duration {
        let mut milliseconds = 0.0_f32;
        // SAFETY: both are alive, in the current context, and there is room for the answer.
        let asked = unsafe { cust_raw::cuEventElapsedTime(&raw mut milliseconds, earlier.0, self.0) };
        let known = driver("asking for a time", asked).ok();
        known.and_then(|()| Duration::try_from_secs_f32(milliseconds * 1e-3).ok()).unwrap_or_default()
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: made by `new`; the driver keeps it until nothing waits for it any more.
        if let Err(failure) = driver("giving an event up", unsafe { cust_raw::cuEventDestroy_v2(self.0) }) {
            tracing::debug!(%failure);
        }
    }
}
