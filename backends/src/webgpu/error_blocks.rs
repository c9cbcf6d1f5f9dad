//! Buffers in which a failing work-item leaves its report.

use std::sync::Mutex;

use crate::codegen::wgsl::error_block;

use super::device::{Gpu, lock};
use super::failure::Failure;
use super::pool::{Kind, Lease};
use super::staging::Download;

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
        let lease = gpu.pool.lend(Kind::Storage, error_block::MOST_BYTES)?;
        Ok(ErrorBlock { lease, clean: false })
    }

    /// Keeps a block if it is clean.
    pub(crate) fn give_back(&self, block: ErrorBlock) {
        let mut clean = lock(&self.clean);
        if block.clean && clean.len() < Self::KEPT {
            clean.push(block.lease);
        }
    }
}

/// What the kernel reports: the error block, of so many bytes, is what came back first.
pub(crate) fn read(download: &Download, bytes: u64) -> Result<Option<error_block::Failure>, Failure> {
    let view = download.read(0, bytes as usize)?;
    Ok(decode(&view))
}

/// The failure in the bytes of an error block, if there is one.
pub(crate) fn decode(bytes: &[u8]) -> Option<error_block::Failure> {
    let mut words = [0; error_block::MOST_BYTES as usize / 4];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    error_block::read(&words)
}
