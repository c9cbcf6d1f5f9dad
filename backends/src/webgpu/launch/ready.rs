//! Launches on resident data that are one dispatch, kept ready: one like an earlier one is submitted as it was.
//!
//! Such a launch takes a tenth of a millisecond, most of it asleep, and wakes with cold caches: what is not executed
//! counts. Taking it apart anew would make it 8 % slower.

use std::sync::Arc;
use std::time::Instant;

use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use smallvec::{SmallVec, smallvec};

use crate::codegen::wgsl::error_block;

use super::super::backend::WgpuBackend;
use super::super::device::lock;
use super::super::error_blocks::{self, ErrorBlock};
use super::super::grid::Grid;
use super::super::kernel::Kernel;
use super::super::pipeline::Mixed;
use super::super::staging::Download;
use super::super::submit::{self, CopyStep, Dispatch};
use super::run::Stopped;

/// What makes two resident launches the same.
pub(crate) type Key = SmallVec<[u64; 24]>;

/// One dispatch with all that it needs. It belongs to one launch at a time.
pub(crate) struct Ready {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) group: wgpu::BindGroup,
    pub(crate) words: Vec<u32>,
    pub(crate) grid: Grid,
    pub(crate) errors: ErrorBlock,
    /// For the error block, if the kernel may write it.
    pub(crate) download: Option<Download>,
}

impl Ready {
    /// Runs it. After an error it is of no more use: its error block is written.
    pub(crate) fn run(&mut self, backend: &WgpuBackend) -> Result<Steps, Stopped> {
        let start = Instant::now();
        let gpu = &backend.gpu;
        {
            // One launch at a time: a timeout must count this launch's time, not that of others before it.
            let _turn = lock(&backend.turn);
            let submission = gpu.scoped("submitting", || submit::submit(gpu, &self.steps()))?;
            self.download.iter().for_each(Download::submitted);
            gpu.wait(&submission, backend.patience())?;
        }
        self.errors.clean = true;
        let mut steps = Steps::default();
        steps.add(StepKind::Run, start.elapsed());
        let bytes = self.kernel.text.error_bytes;
        match self.download.as_ref().map(|download| error_of(download, bytes)).transpose()?.flatten() {
            Some(failure) => Err(Stopped::Kernel(failure)),
            None => Ok(steps),
        }
    }

    fn steps(&self) -> submit::Steps<'_> {
        let errors = self.errors.lease.buffer();
        let read_back = |download| CopyStep {
            from: errors,
            from_offset: 0,
            to: Download::buffer(download),
            to_offset: 0,
            bytes: self.kernel.text.error_bytes,
        };
        submit::Steps {
            clears: Some(errors).filter(|_| !self.errors.clean).into_iter().collect(),
            dispatches: smallvec![Dispatch {
                pipeline: &self.kernel.pipeline,
                group: self.group.clone(),
                immediates: bytemuck::cast_slice(&self.words),
                grid: self.grid,
            }],
            downloads: self.download.iter().map(read_back).collect(),
            ..Default::default()
        }
    }
}

/// Reads the error block and unmaps it.
fn error_of(download: &Download, bytes: u64) -> Result<Option<error_block::Failure>, Stopped> {
    let failure = error_blocks::read(download, bytes)?;
    download.close();
    Ok(failure)
}

/// Dispatches that may be wanted again.
#[derive(Default)]
pub(crate) struct ReadyLaunches {
    /// [`super::super::pool::Pool::trims`] when they were made.
    trims: u64,
    kept: Mixed<Box<[u64]>, Ready>,
}

impl ReadyLaunches {
    /// More are not kept: a program's loop rarely has more launches.
    const MOST: usize = 64;

    /// Takes the dispatch out, if no other thread has: two launches that run at once need two.
    pub(crate) fn take(&mut self, key: &Key, trims: u64) -> Option<(Box<[u64]>, Ready)> {
        self.forget_stale(trims);
        self.kept.remove_entry(key.as_slice())
    }

    /// Keeps the dispatch for the next launch of the same kind.
    pub(crate) fn keep(&mut self, key: Box<[u64]>, ready: Ready, trims: u64) {
        self.forget_stale(trims);
        if self.kept.len() >= Self::MOST {
            self.kept.clear();
        }
        self.kept.insert(key, ready);
    }

    /// Buffers that the pool gives up must not be held here.
    fn forget_stale(&mut self, trims: u64) {
        if self.trims != trims {
            self.kept.clear();
            self.trims = trims;
        }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
    }
}
