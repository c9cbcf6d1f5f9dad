//! Launches on their way: bounded in number, and looked after when they have ended.
//!
//! Submissions are counted into windows. While one window fills up, the one before it may still run; when the next is begun,
//! the one before is waited for, so the device never idles for it. All launches share one error block, which stays as
//! the first failure left it; behind each launch that may fail, the block is copied into the window's report, and the first
//! report that is not zero tells which launch it was.
//!
//! Few bytes on their way to the device make no submission of their own, which takes as long as a small launch: they join the
//! next one.

use std::sync::Arc;

use landbridge_core::launch::Definition;
use landbridge_core::session::Trouble;

use crate::codegen::wgsl::{UsizeWidth, error_block};

use super::super::backend::WgpuBackend;
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

/// Bytes of staging that wait for the next submission, at most: more are worth one of their own, at once.
const MOST_JOINING: u64 = 1 << 20;

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

/// Staged bytes that go with the next submission.
struct Joining {
    upload: Upload,
    to: wgpu::Buffer,
    to_offset: u64,
    bytes: u64,
}

/// The submissions of one session.
pub(crate) struct Flight {
    backend: Arc<WgpuBackend>,
    joining: Vec<Joining>,
    errors: Option<ErrorBlock>,
    now: Window,
    before: Option<Window>,
}

impl Flight {
    pub(crate) fn new(backend: Arc<WgpuBackend>) -> Self {
        Self { backend, joining: Vec::new(), errors: None, now: Window::default(), before: None }
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

    /// Sends closed staging to `to` with the next submission, or now if it is much.
    pub(crate) fn send(&mut self, upload: Upload, to: wgpu::Buffer, to_offset: u64, bytes: u64) -> Result<(), Failure> {
        self.joining.push(Joining { upload, to, to_offset, bytes });
        let staged: u64 = self.joining.iter().map(|joining| joining.upload.buffer().size()).sum();
        if staged <= MOST_JOINING { Ok(()) } else { self.flush() }
    }

    /// The copies that each submission has to take along before anything else.
    pub(crate) fn joining(&self) -> impl Iterator<Item = CopyStep<'_>> {
        self.joining.iter().map(|joining| CopyStep {
            from: joining.upload.buffer(),
            from_offset: 0,
            to: &joining.to,
            to_offset: joining.to_offset,
            bytes: joining.bytes,
        })
    }

    /// Submits what waits for the next submission. After an error it still waits.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        if self.joining.is_empty() { Ok(()) } else { self.move_bytes(None, None) }
    }

    /// Nothing goes to this buffer any more: it may be lent to others now.
    pub(crate) fn forget(&mut self, to: &wgpu::Buffer) {
        self.joining.retain(|joining| joining.to != *to);
    }

    /// Fills a buffer with zeros.
    pub(crate) fn clear(&mut self, buffer: &wgpu::Buffer) -> Result<(), Failure> {
        // A submission clears first.
        self.flush()?;
        self.move_bytes(Some(buffer), None)
    }

    /// Copies back what the submissions before have left. The wait for all maps the staging.
    pub(crate) fn fetch(&mut self, step: CopyStep<'_>, download: &Download) -> Result<(), Failure> {
        self.move_bytes(None, Some(step))?;
        download.submitted();
        Ok(())
    }

    /// Submits steps that belong to no launch.
    fn move_bytes(&mut self, clear: Option<&wgpu::Buffer>, back: Option<CopyStep<'_>>) -> Result<(), Failure> {
        let gpu = &self.backend.gpu;
        let submission = {
            let mut steps = Steps::default();
            steps.clears.extend(clear);
            steps.uploads.extend(self.joining());
            steps.downloads.extend(back);
            let _turn = self.backend.take_turn()?;
            gpu.scoped("copying", || submit::submit(gpu, &steps))?
        };
        self.sent(None, submission, None, false);
        Ok(())
    }

    /// Takes note of a submission, which has taken [`Flight::joining`] along.
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
        let joined = std::mem::take(&mut self.joining).into_iter().map(|joining| joining.upload);
        for upload in joined.chain(upload) {
            upload.submitted();
            self.now.staged += upload.buffer().size();
            self.now.uploads.push(upload);
        }
    }

    /// Waits for everything that was sent.
    pub(crate) fn wait(&mut self) -> Result<(), Trouble> {
        self.flush().map_err(|failure| {
            let error = failure.into_error(&self.backend.info, "attach");
            Trouble::Failed { launch: 0, error }
        })?;
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
        if let Some(errors) = self.errors.take().filter(|_| left == 0) {
            self.backend.error_blocks.give_back(errors);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::pool::{Kind, Lease};
    use super::*;

    fn staged(backend: &WgpuBackend, values: &[f32]) -> Upload {
        let upload = Upload::new(&backend.gpu, size_of_val(values) as u64).expect("staging");
        upload.write_slice(0, values).expect("written");
        upload.close();
        upload
    }

    fn fetched(flight: &mut Flight, from: &Lease) -> f32 {
        let download = Download::new(&flight.backend.gpu, 16).expect("staging");
        let step = CopyStep { from: from.buffer(), from_offset: 0, to: download.buffer(), to_offset: 0, bytes: 4 };
        flight.fetch(step, &download).expect("sent");
        assert!(flight.wait().is_ok());
        let bytes = download.read(0, 4).expect("mapped");
        f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    #[test]
    fn few_bytes_join_the_next_submission_and_many_make_their_own() {
        let Some(_) = super::super::super::testing::adapter() else { return };
        let backend = WgpuBackend::open(0).expect("the adapter opens");
        let backend = Arc::new(backend);
        let to = backend.gpu.pool.lend(Kind::Storage, 2 * MOST_JOINING).expect("lent");
        let mut flight = Flight::new(Arc::clone(&backend));
        flight.send(staged(&backend, &[1.0]), to.buffer().clone(), 0, 4).expect("sent");
        assert_eq!((flight.left(), flight.joining.len()), (0, 1));
        assert_eq!(fetched(&mut flight, &to), 1.0);
        assert!(flight.joining.is_empty());
        // What the buffer is lent for next is not overwritten.
        flight.send(staged(&backend, &[2.0]), to.buffer().clone(), 0, 4).expect("sent");
        flight.forget(to.buffer());
        assert_eq!(fetched(&mut flight, &to), 1.0);
        // Zeros come after what was sent before them.
        flight.send(staged(&backend, &[3.0]), to.buffer().clone(), 0, 4).expect("sent");
        flight.clear(to.buffer()).expect("sent");
        assert_eq!(fetched(&mut flight, &to), 0.0);
        let many = vec![4.0; MOST_JOINING as usize / 2];
        flight.send(staged(&backend, &many), to.buffer().clone(), 0, 4 * many.len() as u64).expect("sent");
        assert_eq!((flight.left(), flight.joining.len()), (1, 0));
        assert_eq!(fetched(&mut flight, &to), 4.0);
    }
}
