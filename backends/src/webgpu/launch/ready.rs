//! Launches that are one dispatch, kept ready: one like an earlier one is submitted as it was.
//!
//! Such a launch takes a tenth of a millisecond, most of it asleep, and wakes with cold caches: what is not executed
//! counts. Taking it apart anew would make it 8 % slower.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::argument::ArgumentView;
use landbridge_core::launch::Launch;
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use smallvec::SmallVec;

use crate::codegen::wgsl::{self, BufferPosition, PackError, error_block};

use super::super::backend::WgpuBackend;
use super::super::error_blocks::{self, ErrorBlock};
use super::super::grid::Grid;
use super::super::kernel::Kernel;
use super::super::pipeline::Mixed;
use super::super::staging::Download;
use super::super::submit::{self, CopyStep, Dispatch};
use super::Few;
use super::operand::{self, Given};
use super::run::Stopped;

/// What makes two launches the same.
pub(crate) type Key = SmallVec<[u64; 24]>;

/// One dispatch: what it runs, what it binds, its parameters.
pub(crate) struct Prepared {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) group: wgpu::BindGroup,
    pub(crate) parameters: Parameters,
    pub(crate) grid: Grid,
}

impl Prepared {
    /// The dispatch with these words as its parameters.
    pub(crate) fn dispatch<'a>(&'a self, words: &'a [u32]) -> Dispatch<'a> {
        Dispatch {
            pipeline: &self.kernel.pipeline,
            group: self.group.clone(),
            immediates: bytemuck::cast_slice(words),
            grid: self.grid,
        }
    }

    /// Whether the kernel may report anything.
    pub(crate) fn may_fail(&self) -> bool {
        self.kernel.text.may_panic || self.kernel.text.may_exceed_range
    }
}

/// The parameters of a dispatch of all work-items, and what they are packed from: uniforms differ from launch to launch.
pub(crate) struct Parameters {
    pub(crate) words: Vec<u32>,
    pub(crate) extent: [u64; 3],
    pub(crate) positions: Few<BufferPosition>,
    pub(crate) lengths: Few<u64>,
}

impl Parameters {
    /// The words for a launch that differs in its uniforms only.
    pub(crate) fn of(&self, kernel: &Kernel, launch: &dyn Launch) -> Result<Cow<'_, [u32]>, PackError> {
        if kernel.uniforms.iter().all(Vec::is_empty) {
            return Ok(Cow::Borrowed(&self.words));
        }
        let mut uniforms = Few::new();
        launch.describe(&mut |view| {
            uniforms.push(match view {
                ArgumentView::Uniform { .. } => operand::uniform(&Given::View(view), &kernel.uniforms[uniforms.len()]),
                ArgumentView::Span(_) | ArgumentView::Index => Vec::new(),
            });
        });
        let uniforms: Few<&[u8]> = uniforms.iter().map(Vec::as_slice).collect();
        let words = kernel.text.parameters.pack(&wgsl::Dispatch {
            first: 0,
            count: self.extent.iter().product::<u64>() as u32,
            block: 1,
            extent: self.extent,
            buffers: &self.positions,
            lengths: &self.lengths,
            uniforms: &uniforms,
        })?;
        Ok(Cow::Owned(words))
    }
}

/// A dispatch on resident data. It belongs to one launch at a time.
pub(crate) struct Ready {
    pub(crate) prepared: Prepared,
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
            let _turn = backend.take_turn()?;
            let submission = gpu.scoped("submitting", || submit::submit(gpu, &self.steps()))?;
            self.download.iter().for_each(Download::submitted);
            gpu.wait(&submission, backend.patience())?;
        }
        self.errors.clean = true;
        let mut steps = Steps::default();
        steps.add(StepKind::Run, start.elapsed());
        let bytes = self.prepared.kernel.text.error_bytes;
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
            bytes: self.prepared.kernel.text.error_bytes,
        };
        let mut steps = submit::Steps::default();
        if !self.errors.clean {
            steps.clears.push(errors);
        }
        steps.dispatches.push(self.prepared.dispatch(&self.prepared.parameters.words));
        if let Some(download) = &self.download {
            steps.downloads.push(read_back(download));
        }
        steps
    }
}

/// Reads the error block and unmaps it.
fn error_of(download: &Download, bytes: u64) -> Result<Option<error_block::Failure>, Stopped> {
    let failure = error_blocks::read(download, bytes)?;
    download.close();
    Ok(failure)
}

/// Dispatches that may be wanted again. What one launch at a time may use is in a mutex.
pub(crate) struct ReadyLaunches<R> {
    /// [`super::super::pool::Pool::trims`] when they were made.
    trims: u64,
    kept: Mixed<Box<[u64]>, Arc<R>>,
}

impl<R> Default for ReadyLaunches<R> {
    fn default() -> Self {
        Self { trims: 0, kept: Mixed::default() }
    }
}

impl<R> ReadyLaunches<R> {
    /// More are not kept: a program's loop rarely has more launches.
    const MOST: usize = 32;

    /// What was kept of a launch of the same kind.
    pub(crate) fn get(&mut self, key: &Key, trims: u64) -> Option<Arc<R>> {
        self.forget_stale(trims);
        self.kept.get(key.as_slice()).cloned()
    }

    /// Keeps it for the next launch of the same kind.
    pub(crate) fn keep(&mut self, key: &Key, ready: Arc<R>, trims: u64) {
        self.forget_stale(trims);
        if self.kept.len() >= Self::MOST {
            self.kept.clear();
        }
        self.kept.insert(key.as_slice().into(), ready);
    }

    /// Forgets what is of no more use.
    pub(crate) fn forget(&mut self, key: &Key) {
        self.kept.remove(key.as_slice());
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
