//! Buffers in which a failing work-item leaves its report.

use std::sync::Mutex;

use super::device::{Gpu, lock};
use super::failure::Failure;
use super::pool::{Kind, Lease};

/// Error blocks that are known to be zero, so that a launch that goes well never clears one.
#[derive(Default)]
pub(crate) struct ErrorBlocks {
    clean: Mutex<Vec<Lease>>,
}

/// An error block for one submission.
pub(crate) struct ErrorBlock {
    pub(crate) lease: Lease,
    /// It is zero already.
    pub(crate) clean: bool,
}

impl ErrorBlocks {
    /// More are not kept: as many launches rarely run at once.
    const KEPT: usize = 8;

    pub(crate) fn take(&self, gpu: &Gpu) -> Result<ErrorBlock, Failure> {
        if let Some(lease) = lock(&self.clean).pop() {
            return Ok(ErrorBlock { lease, clean: true });
        }
        let lease = gpu.pool.lend(Kind::Storage, 256)?;
        Ok(ErrorBlock { lease, clean: false })
    }

    /// Keeps a block that no work-item has written.
    pub(crate) fn give_back(&self, lease: Lease) {
        let mut clean = lock(&self.clean);
        if clean.len() < Self::KEPT {
            clean.push(lease);
        }
    }
}
