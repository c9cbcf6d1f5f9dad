//! One group of segments: staged, submitted at once, waited for, and read back.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use smallvec::SmallVec;

use crate::codegen::wgsl::{BufferPosition, error_block};

use super::super::error_blocks::{self, ErrorBlock};
use super::super::failure::Failure;
use super::super::grid::Grid;
use super::super::kernel::Kernel;
use super::super::pipeline::{Pipeline, Window};
use super::super::pool::{Kind, Lease};
use super::super::session::{Flight, Ticket};
use super::super::staging::{Download, Layout, Upload};
use super::super::submit::{self, CopyStep, Dispatch};
use super::bind::{Windows, bytes_in};
use super::cut::{self, Segment};
use super::operand::{Memory, Operand, Share};
use super::packed;
use super::ready::{Parameters, Prepared};
use super::run::{Run, Shadow, Stopped};
use super::{Few, One};

/// One submission of a run.
pub(crate) struct Group<'r, 'l> {
    pub(super) run: &'r Run<'l>,
    pub(super) segments: &'r [Segment],
    /// By segment and operand: the buffer of a copied operand's part.
    pub(super) own: One<Few<Option<Lease>>>,
    up: Few<Transfer>,
    down: Few<Transfer>,
    up_layout: Layout,
    down_layout: Layout,
    /// Dispatches: the number of the segment, and the items.
    pieces: One<(usize, Range<u64>)>,
    /// Parameters that do not fit into the command, and bytes from one dispatch's to the next.
    parameters: Option<(Lease, u64)>,
    parameters_staged: u64,
}

/// One dispatch.
struct Piece<'g> {
    items: Range<u64>,
    pipeline: &'g Pipeline,
    /// The error block, the operands, and the parameters if they are in a buffer.
    windows: Windows<'g>,
    /// The parameters.
    words: Vec<u32>,
}

/// Bytes on their way between the user's memory and a buffer of the device.
struct Transfer {
    operand: usize,
    /// The buffer is the segment's own; otherwise it is shared by all groups.
    segment: Option<usize>,
    /// Bytes from the operand's start.
    offset: u64,
    bytes: u64,
    /// Bytes from the staging buffer's start.
    staged: u64,
    /// The operand that the buffer belongs to: another one if they share a binding.
    lead: usize,
    /// Bytes from the buffer's start.
    inside: u64,
}

impl<'r, 'l> Group<'r, 'l> {
    /// Takes the buffers that the group needs. `piece` is the most items of a dispatch.
    pub(crate) fn new(
        run: &'r Run<'l>,
        segments: &'r [Segment],
        first: bool,
        last: bool,
        piece: u64,
    ) -> Result<Self, Failure> {
        let mut group = Self {
            run,
            segments,
            own: One::new(),
            up: Few::new(),
            down: Few::new(),
            up_layout: Layout::default(),
            down_layout: Layout::default(),
            pieces: One::new(),
            parameters: None,
            parameters_staged: 0,
        };
        if run.may_fail() {
            group.down_layout.push(run.kernel.text.error_bytes);
        }
        for (number, segment) in segments.iter().enumerate() {
            let own = run.operands.bound.iter().enumerate();
            let own: Result<Few<_>, _> = own.map(|(k, operand)| group.lend(number, segment, k, operand)).collect();
            group.own.push(own?);
            let pieces = cut::pieces(segment.items.clone(), piece, run.block);
            group.pieces.extend(pieces.map(|items| (number, items)));
        }
        group.plan_shared(first, last);
        group.lend_parameters()?;
        Ok(group)
    }

    /// A buffer for the segment's part of a copied operand, and the transfers to and from it.
    fn lend(
        &mut self,
        number: usize,
        segment: &Segment,
        index: usize,
        operand: &Operand<'_>,
    ) -> Result<Option<Lease>, Failure> {
        let staged = self.run.mapped[index].is_none() || self.run.staged_at_edge(operand, segment);
        if !staged || operand.is_resident() || !operand.per_item() {
            return Ok(None);
        }
        let bytes_of = |operand: &Operand<'_>| bytes_in(operand, segment, self.run.block);
        let bytes = bytes_of(operand);
        let offset = match operand.share {
            Share::PerItem(size) => segment.items.start * size,
            _ => 0,
        };
        let bound = &self.run.operands.bound;
        let (to, room) = match operand.slots.packed {
            false => ((index, 0), bytes.max(16)),
            true => {
                let to = (packed::lead(bound, index), packed::offset(bound, index, bytes_of));
                (to, packed::bytes(bound, operand.slots.first, bytes_of))
            }
        };
        self.plan(index, Some(number), (offset, bytes), to, operand.is_uploaded(), operand.is_downloaded());
        if to.0 != index {
            return Ok(None);
        }
        self.run.backend.gpu.pool.lend(Kind::Storage, room).map(Some)
    }

    fn plan(
        &mut self,
        operand: usize,
        segment: Option<usize>,
        (offset, bytes): (u64, u64),
        (lead, inside): (usize, u64),
        up: bool,
        down: bool,
    ) {
        let transfer = |layout: &mut Layout| {
            let staged = layout.push(bytes);
            Transfer { operand, segment, offset, bytes, staged, lead, inside }
        };
        if up && bytes > 0 {
            self.up.push(transfer(&mut self.up_layout));
        }
        if down && bytes > 0 {
            self.down.push(transfer(&mut self.down_layout));
        }
    }

    /// Operands that all groups share go there with the first group and come back with the last.
    fn plan_shared(&mut self, first: bool, last: bool) {
        for (index, operand) in self.run.operands.bound.iter().enumerate() {
            let Some(to) = self.run.shared_place(index) else { continue };
            let (up, down) = (first && operand.is_uploaded(), last && operand.is_downloaded());
            self.plan(index, None, (0, operand.bytes), to, up, down);
        }
    }

    fn lend_parameters(&mut self) -> Result<(), Failure> {
        let kernel = &self.run.kernel.text;
        if kernel.parameters_binding().is_none() {
            return Ok(());
        }
        let alignment = u64::from(self.run.backend.gpu.facts.limits.offset_alignment).max(16);
        let stride = u64::from(kernel.parameters.bytes()).max(16).next_multiple_of(alignment);
        let bytes = stride * self.pieces.len() as u64;
        self.parameters_staged = self.up_layout.push(bytes);
        self.parameters = Some((self.run.backend.gpu.pool.lend(Kind::Storage, bytes)?, stride));
        Ok(())
    }

    fn alignment(&self) -> u64 {
        u64::from(self.run.backend.gpu.facts.limits.offset_alignment)
    }

    /// The group's dispatch as one that can be kept, if there is one only and it needs nothing but what it binds.
    pub(crate) fn prepared(&self, kernel: &Arc<Kernel>, errors: &ErrorBlock) -> Result<Option<Prepared>, Stopped> {
        let run = self.run;
        if self.pieces.len() != 1 || self.up_layout.bytes() > 0 || run.block != 1 {
            return Ok(None);
        }
        let Piece { items, pipeline, windows, words } = self.piece(0, &errors.lease)?;
        if !std::ptr::eq(pipeline, &kernel.pipeline) {
            return Ok(None);
        }
        let gpu = &run.backend.gpu;
        let group = gpu.scoped("binding", || gpu.bind_groups.get(gpu, pipeline, &windows))?;
        // The text that is not for shifted arguments has them all where their bindings start.
        let positions = run.operands.bound.iter().map(|_| BufferPosition::default()).collect();
        let parameters = Parameters { words, extent: run.extent, positions, lengths: run.operands.lengths.clone() };
        Ok(Some(Prepared { kernel: Arc::clone(kernel), group, parameters, grid: self.grid(&items) }))
    }

    /// Runs the group; the bytes that come back go to `shadow`'s targets, partial results to `partials`.
    pub(crate) fn execute(
        &self,
        steps: &mut Steps,
        shadow: &mut Shadow,
        partials: &mut Vec<u8>,
    ) -> Result<(), Stopped> {
        let start = Instant::now();
        let errors = self.run.backend.error_blocks.take(&self.run.backend.gpu)?;
        let pieces = self.all_pieces(&errors)?;
        let upload = self.upload(&pieces)?;
        let copied_in = Instant::now();
        if upload.is_some() {
            steps.add(StepKind::CopyIn, copied_in - start);
        }
        let download = self.submit_and_wait(&pieces, &errors, upload.as_ref())?;
        drop(pieces);
        self.check(download.as_ref(), errors)?;
        let ran = Instant::now();
        steps.add(StepKind::Run, ran - copied_in);
        if let Some(download) = &download {
            let _span = tracing::debug_span!("copy out").entered();
            self.deliver(download, shadow, partials)?;
            if !self.down.is_empty() {
                steps.add(StepKind::CopyOut, ran.elapsed());
            }
        }
        Ok(())
    }

    /// Submits the group and does not wait; `flight` finds out how it ends.
    pub(crate) fn start(&self, flight: &mut Flight, ticket: &Ticket) -> Result<(), Stopped> {
        flight.room()?;
        let backend = self.run.backend;
        let reports = self.run.may_fail();
        flight.prepare(reports)?;
        let pieces = self.all_pieces(flight.errors())?;
        let upload = self.upload(&pieces)?;
        let submission = {
            let mut turn = backend.take_turn()?;
            let submission = backend.gpu.scoped("submitting", || {
                let mut steps = self.steps(&pieces, flight.errors(), upload.as_ref(), None);
                steps.uploads.extend(flight.joining());
                if reports {
                    steps.downloads.push(flight.report(self.run.kernel.text.error_bytes));
                }
                submit::submit(&backend.gpu, &steps)
            })?;
            turn.left_running(self.run.kernel, &submission);
            submission
        };
        self.run.note_submission();
        drop(pieces);
        flight.sent(Some(ticket.clone()), submission, upload, reports);
        Ok(())
    }

    fn all_pieces<'g>(&'g self, errors: &'g ErrorBlock) -> Result<One<Piece<'g>>, Stopped> {
        (0..self.pieces.len()).map(|number| self.piece(number, &errors.lease)).collect()
    }

    /// A dispatch with all that it needs.
    fn piece<'g>(&'g self, number: usize, errors: &'g Lease) -> Result<Piece<'g>, Stopped> {
        let run = self.run;
        let alignment = self.alignment();
        let (segment, items) = &self.pieces[number];
        let (mut windows, mut positions) = (SmallVec::new(), Few::new());
        windows.push(pooled(errors, 0, run.kernel.text.error_bytes));
        for (index, operand) in run.operands.bound.iter().enumerate() {
            let offset_bytes = self.bind((*segment, items), index, operand, alignment, &mut windows);
            positions.push(BufferPosition { offset_bytes });
        }
        if let Some((lease, stride)) = &self.parameters {
            windows.push(pooled(lease, number as u64 * stride, *stride));
        }
        // Few dispatches have arguments that start inside their bindings; the others run a shorter text.
        let shifted = positions.iter().any(|position| position.offset_bytes != 0);
        Ok(Piece {
            items: items.clone(),
            pipeline: if shifted { run.backend.shifted(run.kernel)? } else { &run.kernel.pipeline },
            windows,
            words: run.parameters(items, &positions)?,
        })
    }

    /// Fills a staging buffer, if anything goes to the device.
    fn upload(&self, pieces: &[Piece<'_>]) -> Result<Option<Upload>, Failure> {
        if self.up_layout.bytes() == 0 {
            return Ok(None);
        }
        let _span = tracing::debug_span!("copy in", bytes = self.up_layout.bytes()).entered();
        let upload = Upload::new(&self.run.backend.gpu, self.up_layout.bytes())?;
        for transfer in &self.up {
            if let Memory::Host { address, .. } = self.run.operands.bound[transfer.operand].memory {
                let source = address.cast::<u8>().wrapping_add(transfer.offset as usize);
                // SAFETY: the range lies in the operand, which is borrowed for the launch.
                unsafe { upload.write(transfer.staged, source, transfer.bytes as usize) }?;
            }
        }
        if let Some((_, stride)) = &self.parameters {
            for (at, piece) in (0..).map(|k| self.parameters_staged + k * stride).zip(pieces) {
                let words = piece.words.as_slice();
                // SAFETY: the words are valid for reads of their size.
                unsafe { upload.write(at, words.as_ptr().cast(), size_of_val(words)) }?;
            }
        }
        upload.close();
        Ok(Some(upload))
    }

    fn submit_and_wait(
        &self,
        pieces: &[Piece<'_>],
        errors: &ErrorBlock,
        upload: Option<&Upload>,
    ) -> Result<Option<Download>, Failure> {
        let backend = self.run.backend;
        let gpu = &backend.gpu;
        let bytes = self.down_layout.bytes();
        let download = if bytes > 0 { Some(Download::new(gpu, bytes)?) } else { None };
        // One launch at a time: a timeout must count this launch's time, not that of others before it.
        let _turn = backend.take_turn()?;
        let submission = gpu.scoped("submitting", || {
            let steps = self.steps(pieces, errors, upload, download.as_ref());
            submit::submit(gpu, &steps)
        })?;
        self.run.note_submission();
        // The wait maps these, for reading now and for the next launch's writing.
        download.iter().for_each(Download::submitted);
        upload.iter().for_each(|upload| upload.submitted());
        if self.run.any_mapped() { gpu.wait_for_ever(&submission) } else { gpu.wait(&submission, backend.patience()) }?;
        Ok(download)
    }

    /// Reads the error block, which is kept for other launches if no work-item has written it.
    fn check(&self, download: Option<&Download>, errors: ErrorBlock) -> Result<(), Stopped> {
        match self.failure(download)? {
            Some(failure) => Err(Stopped::Kernel(failure)),
            None => {
                // The submission has cleared it, if need be.
                self.run.backend.error_blocks.give_back(ErrorBlock { clean: true, ..errors });
                Ok(())
            }
        }
    }

    fn steps<'g>(
        &'g self,
        pieces: &'g [Piece<'_>],
        errors: &'g ErrorBlock,
        upload: Option<&'g Upload>,
        download: Option<&'g Download>,
    ) -> submit::Steps<'g> {
        let mut steps = submit::Steps::default();
        if !errors.clean {
            steps.clears.push(errors.lease.buffer());
        }
        if let Some(upload) = upload {
            steps.uploads.extend(self.up.iter().map(|transfer| CopyStep {
                from: upload.buffer(),
                from_offset: transfer.staged,
                to: self.buffer(transfer),
                to_offset: transfer.inside,
                bytes: transfer.bytes.next_multiple_of(4),
            }));
            steps.uploads.extend(self.parameters.iter().map(|(lease, stride)| CopyStep {
                from: upload.buffer(),
                from_offset: self.parameters_staged,
                to: lease.buffer(),
                to_offset: 0,
                bytes: stride * self.pieces.len() as u64,
            }));
        }
        steps.dispatches = pieces.iter().map(|piece| self.dispatch(piece)).collect();
        if let Some(download) = download {
            let errors = self.run.may_fail().then(|| CopyStep {
                from: errors.lease.buffer(),
                from_offset: 0,
                to: download.buffer(),
                to_offset: 0,
                bytes: self.run.kernel.text.error_bytes,
            });
            steps.downloads.extend(errors);
            steps.downloads.extend(self.down.iter().map(|transfer| CopyStep {
                from: self.buffer(transfer),
                from_offset: transfer.inside,
                to: download.buffer(),
                to_offset: transfer.staged,
                bytes: transfer.bytes.next_multiple_of(4),
            }));
        }
        steps.host_reads = self.run.imports_written();
        steps
    }

    fn dispatch<'g>(&self, piece: &'g Piece<'_>) -> Dispatch<'g> {
        let gpu = &self.run.backend.gpu;
        Dispatch {
            pipeline: piece.pipeline,
            group: gpu.bind_groups.get(gpu, piece.pipeline, &piece.windows),
            immediates: if self.parameters.is_some() { &[] } else { bytemuck::cast_slice(&piece.words) },
            grid: self.grid(&piece.items),
        }
    }

    fn grid(&self, items: &Range<u64>) -> Grid {
        let invocations = (items.end - items.start).div_ceil(self.run.block);
        Grid::new(invocations, self.run.kernel.text.workgroup_size, &self.run.backend.gpu.facts.limits)
    }

    fn buffer(&self, transfer: &Transfer) -> &wgpu::Buffer {
        let lease = match transfer.segment {
            Some(segment) => self.own[segment][transfer.lead].as_ref(),
            None => self.run.shared[transfer.lead].as_ref(),
        };
        lease.expect("planned only for operands with a buffer").buffer()
    }

    fn failure(&self, download: Option<&Download>) -> Result<Option<error_block::Failure>, Failure> {
        match download.filter(|_| self.run.may_fail()) {
            Some(download) => error_blocks::read(download, self.run.kernel.text.error_bytes),
            None => Ok(None),
        }
    }

    fn deliver(&self, download: &Download, shadow: &mut Shadow, partials: &mut Vec<u8>) -> Result<(), Failure> {
        for transfer in &self.down {
            let operand = &self.run.operands.bound[transfer.operand];
            match shadow.target(transfer.operand, operand, transfer.offset) {
                // SAFETY: the range lies in the operand, borrowed exclusively for the launch, or in its shadow.
                Some(target) => unsafe { download.copy_to(transfer.staged, target, transfer.bytes as usize) }?,
                None => {
                    let view = download.read(transfer.staged, transfer.bytes as usize)?;
                    partials.extend_from_slice(&view[..transfer.bytes as usize]);
                }
            }
        }
        Ok(())
    }
}

fn pooled(lease: &Lease, offset: u64, bytes: u64) -> Window<'_> {
    Window { buffer: lease.buffer(), pooled: Some(lease.id()), offset, bytes }
}

impl Run<'_> {
    pub(super) fn note_submission(&self) {
        if let Some(submitted) = self.submitted {
            submitted.set(true);
        }
    }

    /// Whether the kernel may report anything.
    pub(crate) fn may_fail(&self) -> bool {
        self.kernel.text.may_panic || self.kernel.text.may_exceed_range
    }

    /// Imported buffers that the kernel writes.
    fn imports_written(&self) -> Few<&wgpu::Buffer> {
        let mut written = Few::new();
        for (operand, mapped) in self.operands.bound.iter().zip(&self.mapped) {
            if let Some((import, _)) = mapped.filter(|_| operand.writable) {
                written.push(import);
            }
        }
        written.sort_unstable();
        written.dedup();
        written.into_iter().map(|import| self.imports[import].buffer()).collect()
    }
}
