//! Launches on their way: bounded in number, and looked after when they have ended.
//!
//! Submissions are counted into windows. While one window fills up, the one before it may still run; when the next is begun,
//! the one before is waited for, so the device never idles for it. All launches share one error block, which stays as
//! the first failure left it; behind each launch that may fail, the block is copied into the window's report, and the first
//! report that is not zero tells which launch it was.

use std::sync::Arc;

use landbridge_core::launch::Definition;
use landbridge_core::session::Trouble;

use crate::codegen::wgsl::{UsizeWidth, error_block};

use super::super::backend::WgpuBackend;
use super::super::device::lock;
use super::super::error_blocks::{self, ErrorBlock};
use super::super::failure::Failure;
use super::super::kernel::Kernel;
use super::super::launch;
use super::super::staging::{Download, Upload};
use super::super::submit::{self, CopyStep, Steps};

/// Submissions of a window. Two windows are on their way at most.
const MOST: usize = 32;

/// Bytes of staging that a window keeps.
const MOST_BYTES: u64 = 256 << 20;

/// What a submission belongs to.
#[derive(Clone)]
pub(crate) struct Ticket {
    /// The scope's number of the launch.
    pub(crate) number: u64,
    pub(crate) definition: &'static Definition,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) width: UsizeWidth,
}

/// One submission.
struct Sent {
    /// `None`: it only moves bytes.
    ticket: Option<Ticket>,
    submission: wgpu::SubmissionIndex,
    /// It has a place in the report.
    reports: bool,
}

/// Submissions that are waited for together.
#[derive(Default)]
struct Window {
    sent: Vec<Sent>,
    /// Staging that the device copies from.
    uploads: Vec<Upload>,
    staged: u64,
    report: Option<Download>,
    reported: usize,
}

/// The submissions of one session.
pub(crate) struct Flight {
    backend: Arc<WgpuBackend>,
    errors: Option<ErrorBlock>,
    now: Window,
    before: Option<Window>,
}

impl Flight {
    pub(crate) fn new(backend: Arc<WgpuBackend>) -> Self {
        Self { backend, errors: None, now: Window::default(), before: None }
    }

    /// Makes room for one more submission; waits if too many are on their way.
    pub(crate) fn room(&mut self) -> Result<(), Trouble> {
        if self.now.sent.len() < MOST && self.now.staged < MOST_BYTES {
            return Ok(());
        }
        if let Some(before) = self.before.take() {
            self.settle(before)?;
        }
        let full = std::mem::take(&mut self.now);
        full.report.iter().for_each(Download::submitted);
        self.before = Some(full);
        Ok(())
    }

    /// Takes what the next submission of a launch needs to report failures.
    pub(crate) fn prepare(&mut self, may_fail: bool) -> Result<(), Failure> {
        let gpu = &self.backend.gpu;
        if self.errors.is_none() {
            self.errors = Some(self.backend.error_blocks.take(gpu)?);
        }
        if may_fail && self.now.report.is_none() {
            self.now.report = Some(Download::new(gpu, MOST as u64 * error_block::MOST_BYTES)?);
        }
        Ok(())
    }

    /// The error block of all launches. Only after [`Flight::prepare`].
    pub(crate) fn errors(&self) -> &ErrorBlock {
        self.errors.as_ref().expect("prepared")
    }

    /// The copy that reports on the next submission, of so many bytes of the error block. Only after [`Flight::prepare`].
    pub(crate) fn report(&self, bytes: u64) -> CopyStep<'_> {
        CopyStep {
            from: self.errors().lease.buffer(),
            from_offset: 0,
            to: self.now.report.as_ref().expect("prepared").buffer(),
            to_offset: self.now.reported as u64 * error_block::MOST_BYTES,
            bytes,
        }
    }

    /// Sends steps that belong to no launch, with the staging that they copy from.
    pub(crate) fn move_bytes(&mut self, steps: &Steps<'_>, upload: Option<Upload>) -> Result<(), Failure> {
        let gpu = &self.backend.gpu;
        let submission = {
            let _turn = lock(&self.backend.turn);
            gpu.scoped("copying", || submit::submit(gpu, steps))?
        };
        self.sent(None, submission, upload, false);
        Ok(())
    }

    /// Takes note of a submission.
    pub(crate) fn sent(
        &mut self,
        ticket: Option<Ticket>,
        submission: wgpu::SubmissionIndex,
        upload: Option<Upload>,
        reports: bool,
    ) {
        self.backend.on_their_way(1);
        if let (Some(_), Some(errors)) = (&ticket, &mut self.errors) {
            // The submission has cleared it, if need be.
            errors.clean = true;
        }
        self.now.reported += usize::from(reports);
        self.now.sent.push(Sent { ticket, submission, reports });
        if let Some(upload) = upload {
            upload.submitted();
            self.now.staged += upload.buffer().size();
            self.now.uploads.push(upload);
        }
    }

    /// Waits for everything that was sent.
    pub(crate) fn wait(&mut self) -> Result<(), Trouble> {
        if let Some(before) = self.before.take() {
            self.settle(before)?;
        }
        let now = std::mem::take(&mut self.now);
        now.report.iter().for_each(Download::submitted);
        self.settle(now)
    }

    /// Waits for a window and looks whether one of its launches has failed. What was sent after it counts no more then.
    fn settle(&mut self, window: Window) -> Result<(), Trouble> {
        let settled = self.look_after(&window);
        if settled.is_err() {
            let mut own = self.left();
            for later in self.before.take().into_iter().chain([std::mem::take(&mut self.now)]) {
                if let Err(failure) = self.wait_in_turn(&later, own) {
                    tracing::debug!(%failure, "behind a launch that failed");
                }
                self.backend.on_their_way(-(later.sent.len() as i64));
                own -= later.sent.len();
            }
        }
        settled
    }

    fn look_after(&mut self, window: &Window) -> Result<(), Trouble> {
        let Some(last) = window.sent.last() else { return Ok(()) };
        let backend = Arc::clone(&self.backend);
        let own = window.sent.len() + self.left();
        let ended = backend.gpu.has_ended(&last.submission, backend.timeout());
        // Only one that takes its time is looked at launch by launch: each may take as long as the timeout says.
        let waited = ended.and_then(|ended| if ended { Ok(()) } else { self.wait_in_turn(window, own) });
        backend.on_their_way(-(window.sent.len() as i64));
        waited.map_err(|failure| {
            let name = window.sent.iter().find_map(|sent| Some(sent.ticket.as_ref()?.definition.name));
            Trouble::Failed { launch: 0, error: failure.into_error(&backend.info, name.unwrap_or("copy")) }
        })?;
        match window.first_failure() {
            Ok(None) => Ok(()),
            Ok(Some((ticket, failure))) => {
                // The block is not zero any more.
                self.errors = None;
                let error = launch::kernel_error(&backend, ticket.definition, &ticket.kernel, failure);
                Err(Trouble::Failed { launch: ticket.number, error })
            }
            Err(failure) => Err(Trouble::Failed { launch: 0, error: failure.into_error(&backend.info, "report") }),
        }
    }

    /// `own`: this flight's submissions that count as on their way.
    fn wait_in_turn(&self, window: &Window, own: usize) -> Result<(), Failure> {
        for sent in &window.sent {
            // Between two of this scope's, those of others may have been queued: as many as are on their way now.
            self.backend.gpu.wait(&sent.submission, self.backend.patience_beside(own))?;
        }
        Ok(())
    }

    /// Submissions that nobody has waited for yet.
    fn left(&self) -> usize {
        self.before.iter().chain([&self.now]).map(|window| window.sent.len()).sum()
    }
}

impl Window {
    fn first_failure(&self) -> Result<Option<(&Ticket, error_block::Failure)>, Failure> {
        let Some(report) = self.report.as_ref().filter(|_| self.reported > 0) else { return Ok(None) };
        let bytes = error_block::MOST_BYTES as usize;
        let view = report.read(0, self.reported * bytes)?;
        let reporting = self.sent.iter().filter(|sent| sent.reports);
        for (sent, block) in reporting.zip(view.chunks_exact(bytes)) {
            if let (Some(ticket), Some(failure)) = (&sent.ticket, error_blocks::decode(block)) {
                return Ok(Some((ticket, failure)));
            }
        }
        Ok(None)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // What is still on its way uses buffers of the device only; a launch after it waits a little longer.
        let left = self.left();
        self.backend.on_their_way(-(left as i64));
        let errors = self.errors.take().filter(|errors| left == 0 && errors.clean);
        if let Some(errors) = errors {
            self.backend.error_blocks.give_back(errors.lease);
        }
    }
}
