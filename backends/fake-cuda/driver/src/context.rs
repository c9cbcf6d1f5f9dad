//! A context's part that its streams' threads see as well.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use crate::stream::Stream;

/// What sticks to a context.
#[derive(Default)]
pub(crate) struct Shared {
    error: AtomicI32,
    /// Running kernels are to stop.
    pub(crate) abort: AtomicBool,
}

impl Shared {
    /// The first error of its work, which every later call answers.
    pub(crate) fn error(&self) -> Option<c_int> {
        Some(self.error.load(Ordering::SeqCst)).filter(|code| *code != 0)
    }

    pub(crate) fn fail(&self, code: c_int) {
        let _ = self.error.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst);
    }
}

#[derive(Clone)]
pub(crate) struct Context {
    /// The handle.
    pub(crate) number: u64,
    pub(crate) device: c_int,
    pub(crate) is_primary: bool,
    pub(crate) shared: Arc<Shared>,
    pub(crate) default_stream: Arc<Stream>,
}
