//! One launch on one device, from operands to results.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use landbridge_core::Strategy;
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;
use landbridge_core::session::Trouble;

use crate::codegen::wgsl::{self, PackError, error_block};

use super::super::backend::WgpuBackend;
use super::super::error_blocks::ErrorBlock;
use super::super::failure::Failure;
use super::super::grid;
use super::super::import::Imported;
use super::super::kernel::Kernel;
use super::super::pages::{self, HostBytes};
use super::super::pool::{Kind, Lease};
use super::super::session::{Flight, Ticket};
use super::super::staging::Download;
use super::cut::{self, Room, Segment, Use};
use super::group::Group;
use super::operand::{Memory, Operand, Operands, Share};
use super::packed;
use super::parts::{self, Cut};
use super::ready::{Prepared, Ready};
use super::strategy::{self, Choice};
use super::{Few, One};

/// Why a launch has no result.
pub(crate) enum Stopped {
    /// A work-item failed.
    Kernel(error_block::Failure),
    /// The device, the driver or wgpu failed.
    Device(Failure),
    /// The kernel computes in 32 bits and this launch needs more.
    Narrow(String),
    /// A launch before this one failed.
    Earlier(Trouble),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Device(failure)
    }
}

impl From<Trouble> for Stopped {
    fn from(trouble: Trouble) -> Self {
        Self::Earlier(trouble)
    }
}

impl From<PackError> for Stopped {
    fn from(error: PackError) -> Self {
        match error {
            PackError::TooLarge(what) => Self::Narrow(format!("{what} does not fit 32 bits")),
            other => Self::Device(Failure::Internal { step: "packing parameters", message: other.to_string() }),
        }
    }
}

/// A launch that runs: what stays the same from its first group to its last.
pub(crate) struct Run<'l> {
    pub(crate) backend: &'l WgpuBackend,
    pub(crate) kernel: &'l Kernel,
    pub(crate) operands: &'l Operands<'l>,
    pub(crate) extent: [u64; 3],
    pub(crate) items: u64,
    /// Items that one invocation of a reduction folds.
    pub(crate) block: u64,
    /// By operand: the import it lies in and where, if it is mapped.
    pub(crate) mapped: Few<Option<(usize, u64)>>,
    pub(crate) imports: Vec<Imported>,
    /// By operand: the buffer that all groups share, of copied operands that are whole.
    pub(crate) shared: Few<Option<Lease>>,
    /// Copied operands that are whole and larger than a binding.
    pub(crate) cuts: Vec<Cut>,
    pub(crate) steps: Steps,
    /// Set by the first submission.
    pub(crate) submitted: Option<&'l Cell<bool>>,
}

/// What a finished launch leaves to be delivered.
pub(crate) struct Finished {
    pub(crate) steps: Steps,
    /// Partial results of a reduction.
    pub(crate) partials: Vec<u8>,
}

impl<'l> Run<'l> {
    /// Imports what is to be mapped (or makes it a copy and says why), and takes the buffers that stay for all groups.
    pub(crate) fn new(
        backend: &'l WgpuBackend,
        kernel: &'l Kernel,
        operands: &'l Operands<'l>,
        extent: [u64; 3],
        choices: &mut [Choice],
    ) -> Result<Self, Stopped> {
        let items = extent.iter().product();
        let mut run = Self {
            backend,
            kernel,
            operands,
            extent,
            items,
            block: block(backend, kernel, operands, items),
            mapped: operands.bound.iter().map(|_| None).collect(),
            imports: Vec::new(),
            shared: Few::new(),
            cuts: Vec::new(),
            steps: Steps::default(),
            submitted: None,
        };
        run.import(choices);
        run.lend_shared()?;
        Ok(run)
    }

    /// Takes the buffers of operands that are copied whole.
    fn lend_shared(&mut self) -> Result<(), Stopped> {
        let (backend, bound) = (self.backend, &self.operands.bound);
        for (index, operand) in bound.iter().enumerate() {
            if operand.is_resident() && operand.slots.packed {
                let why = format!("`{}` is kept in a buffer of its own, which takes more bindings", operand.name);
                return Err(Stopped::Device(Failure::unsupported(why)));
            }
            let own = operand.share == Share::Whole && self.mapped[index].is_none() && !operand.is_resident();
            if own && operand.slots.parts > 1 {
                self.cuts.push(Cut::new(backend, index, operand)?);
            }
            let bytes = match operand.slots {
                slots if !own || slots.parts > 1 => None,
                slots if !slots.packed => Some(operand.bytes.max(16)),
                slots => (packed::lead(bound, index) == index)
                    .then(|| packed::bytes(bound, slots.first, |operand| operand.bytes)),
            };
            let lease = bytes.map(|bytes| backend.gpu.pool.lend(Kind::Storage, bytes)).transpose()?;
            self.shared.push(lease);
        }
        Ok(())
    }

    /// Runs all groups. The user's memory is written only when the last one has ended well, but for mapped operands.
    pub(crate) fn finish(&mut self) -> Result<Finished, Stopped> {
        let mut steps = self.steps;
        let (groups, piece) = self.cut()?;
        let mut shadow = Shadow::new(self.operands, &self.mapped, groups.len())?;
        let mut partials = Vec::new();
        for cut in &self.cuts {
            cut.send(self.backend, &self.operands.bound[cut.operand], &mut steps)?;
        }
        let last = groups.len().saturating_sub(1);
        for (number, segments) in groups.iter().enumerate() {
            let group = Group::new(self, segments, number == 0, number == last, piece)?;
            group.execute(&mut steps, &mut shadow, &mut partials)?;
        }
        for cut in &self.cuts {
            let operand = &self.operands.bound[cut.operand];
            if operand.is_downloaded() {
                shadow.operands[cut.operand] = Some(cut.fetch(self.backend, operand, &mut steps)?);
            }
        }
        let start = Instant::now();
        shadow.deliver(self.operands);
        if last > 0 {
            steps.add(StepKind::CopyOut, start.elapsed());
        }
        Ok(Finished { steps, partials })
    }

    /// Submits all groups and does not wait: for launches that bring nothing back to the host.
    pub(crate) fn start(mut self, flight: &mut Flight, ticket: &Ticket) -> Result<(), Stopped> {
        let (groups, piece) = self.cut()?;
        let mut steps = self.steps;
        for cut in &self.cuts {
            cut.send(self.backend, &self.operands.bound[cut.operand], &mut steps)?;
        }
        let last = groups.len().saturating_sub(1);
        for (number, segments) in groups.iter().enumerate() {
            Group::new(&self, segments, number == 0, number == last, piece)?.start(flight, ticket)?;
        }
        Ok(())
    }

    /// The launch as a dispatch that can be kept, if it is one dispatch and all its operands are on the device.
    pub(crate) fn prepared(&mut self, kernel: &Arc<Kernel>, errors: &ErrorBlock) -> Result<Option<Prepared>, Stopped> {
        if !self.operands.bound.iter().all(Operand::is_resident) {
            return Ok(None);
        }
        let (groups, piece) = self.cut()?;
        let [segments] = groups.as_slice() else {
            return Ok(None);
        };
        Group::new(self, segments, true, true, piece)?.prepared(kernel, errors)
    }

    /// The same with an error block of its own and staging to read it.
    pub(crate) fn ready(&mut self, kernel: &Arc<Kernel>) -> Result<Option<Ready>, Stopped> {
        let gpu = &self.backend.gpu;
        let errors = self.backend.error_blocks.take(gpu)?;
        let Some(prepared) = self.prepared(kernel, &errors)? else {
            self.backend.error_blocks.give_back(errors);
            return Ok(None);
        };
        let download = if self.may_fail() { Some(Download::new(gpu, kernel.text.error_bytes)?) } else { None };
        Ok(Some(Ready { prepared, errors, download }))
    }

    /// The groups, and the most items of a dispatch.
    fn cut(&mut self) -> Result<(One<One<Segment>>, u64), Stopped> {
        let mut room = self.room();
        let uses: Few<Use> = self.uses().collect();
        let unsupported = |why| Stopped::Device(Failure::unsupported(why));
        // A binding covers what shares it as a whole, so that a group has no more of it.
        let packed = packed::items(&self.operands.bound, self.block, &room).map_err(unsupported)?;
        let piece = cut::piece_items(&uses, &room).map_err(unsupported)?.min(packed);
        let shared: u64 = self.shared.iter().flatten().map(|lease| lease.buffer().size()).sum();
        let fixed = shared + self.cuts.iter().map(Cut::bytes).sum::<u64>();
        // They are staged with the first group, and with the last.
        room.buffer = room.buffer.saturating_sub(shared);
        let most = cut::group_items(&uses, fixed, &room).map_err(|why| self.too_large(why, &room))?.min(packed);
        // A part is at least one block long, so that parts can be whole blocks.
        self.block = self.block.min(piece).min(most).max(1);
        let groups = cut::groups(self.items, self.interior(), self.whole_blocks(most));
        Ok((groups, self.whole_blocks(piece)))
    }

    /// Parts of a reduction start at whole blocks, or two invocations would share a result.
    fn whole_blocks(&self, most: u64) -> u64 {
        if most == u64::MAX { most } else { most / self.block * self.block }
    }

    fn import(&mut self, choices: &mut [Choice]) {
        let Ok(support) = &self.backend.gpu.import else {
            return;
        };
        let start = Instant::now();
        let mut wanted = Few::new();
        for (operand, choice) in self.operands.bound.iter().zip(&*choices) {
            let range = strategy::addresses(operand).filter(|_| choice.strategy == Strategy::Map).unwrap_or(0..0);
            wanted.push(HostBytes { range, writable: operand.writable });
        }
        if wanted.iter().all(|bytes| bytes.range.is_empty()) {
            return;
        }
        let _span = tracing::debug_span!("map pages").entered();
        for group in pages::group(&wanted, support.page).unwrap_or_default() {
            // SAFETY: see `import_pages`; the operands are borrowed as long as `self`, which drops the import first.
            match import_pages(self.backend, group.pages) {
                Ok(imported) => {
                    for &member in &group.members {
                        let lead = wanted[member].range.start - imported.pages().start;
                        self.mapped[member] = Some((self.imports.len(), lead as u64));
                    }
                    self.imports.push(imported);
                }
                Err(why) => {
                    tracing::debug!(%why, "import refused");
                    for &member in &group.members {
                        let why = format!("copied, because mapping failed: {why}").into();
                        choices[member] = Choice { strategy: Strategy::Copy, why };
                    }
                }
            }
        }
        self.steps.add(StepKind::Map, start.elapsed());
    }

    fn uses(&self) -> impl Iterator<Item = Use> + '_ {
        let operands = self.operands.bound.iter().zip(&self.mapped);
        operands.filter(|(operand, _)| operand.per_item()).map(|(operand, mapped)| Use {
            item_bytes: match operand.share {
                Share::PerItem(bytes) => bytes,
                Share::PerBlock(bytes) => bytes.div_ceil(self.block),
                Share::Whole => 0,
            },
            copied: mapped.is_none() && !operand.is_resident(),
            up: operand.is_uploaded(),
            down: operand.is_downloaded(),
        })
    }

    fn room(&self) -> Room {
        let limits = &self.backend.gpu.facts.limits;
        Room {
            binding: limits.binding_bytes,
            buffer: limits.buffer_bytes,
            budget: self.backend.gpu.pool.cap(),
            slack: parts::slack(limits),
            items: grid::most_items(self.kernel.text.workgroup_size, limits),
        }
    }

    fn too_large(&self, why: String, room: &Room) -> Stopped {
        let wanted = self.operands.bound.iter().map(|operand| operand.bytes).sum();
        let available = room.budget.unwrap_or(room.buffer);
        Stopped::Device(Failure::OutOfMemory { step: "cutting the launch", wanted, available, message: why })
    }

    /// The items at which no mapped operand shares a word with a neighbour.
    fn interior(&self) -> Range<u64> {
        let mut interior = 0..self.items;
        for (operand, mapped) in self.operands.bound.iter().zip(&self.mapped) {
            if mapped.is_some() && operand.writable {
                let own = self.interior_of(operand);
                interior = interior.start.max(own.start)..interior.end.min(own.end);
            }
        }
        if interior.is_empty() { 0..0 } else { interior }
    }

    fn interior_of(&self, operand: &Operand<'_>) -> Range<u64> {
        match (operand.share, strategy::addresses(operand)) {
            (Share::PerItem(size), Some(range)) => cut::interior(&range, size, self.items),
            _ => 0..self.items,
        }
    }

    /// Whether a segment stages this operand though it is mapped: somebody else's bytes share its words.
    pub(crate) fn staged_at_edge(&self, operand: &Operand<'_>, segment: &Segment) -> bool {
        segment.edge && operand.writable && self.interior_of(operand) != (0..self.items)
    }

    pub(crate) fn any_mapped(&self) -> bool {
        !self.imports.is_empty()
    }

    /// The parameters of one dispatch.
    pub(crate) fn parameters(
        &self,
        items: &Range<u64>,
        positions: &[wgsl::BufferPosition],
    ) -> Result<Vec<u32>, PackError> {
        let uniforms: Few<&[u8]> = self.operands.uniforms.iter().map(Vec::as_slice).collect();
        self.kernel.text.parameters.pack(&wgsl::Dispatch {
            first: items.start,
            count: (items.end - items.start) as u32,
            block: self.block as u32,
            extent: self.extent,
            buffers: positions,
            lengths: &self.operands.lengths,
            uniforms: &uniforms,
        })
    }
}

impl Operand<'_> {
    pub(crate) fn is_resident(&self) -> bool {
        matches!(self.memory, Memory::Resident { .. })
    }

    pub(crate) fn is_uploaded(&self) -> bool {
        matches!(self.memory, Memory::Host { initialised: true, .. })
    }

    pub(crate) fn is_downloaded(&self) -> bool {
        self.writable && !self.is_resident()
    }
}

/// Imports pages for the time of one launch.
fn import_pages(backend: &WgpuBackend, pages: Range<usize>) -> Result<Imported, String> {
    // SAFETY:
    // - the pages hold operands of the launch, which the caller keeps borrowed until it returns; an import is dropped
    //   before that, and dropping waits until the device has let go.
    // - kernels check every index against the operand's length, and `Run::interior` keeps words that are shared with a
    //   neighbour out of what is written in place.
    unsafe { Imported::new(&backend.gpu, pages) }
}

/// Items of a block, 1 unless this is a reduction: few enough partial results to fold quickly, many enough to keep the device busy.
fn block(backend: &WgpuBackend, kernel: &Kernel, operands: &Operands<'_>, items: u64) -> u64 {
    if !operands.bound.iter().any(|operand| matches!(operand.share, Share::PerBlock(_))) {
        return 1;
    }
    let partials = if backend.gpu.facts.software { 1 << 12 } else { 1 << 16 };
    // Lavapipe ends loops after 65535 rounds of an invocation, those of the kernel itself included.
    let most = if backend.gpu.facts.software && kernel.loops { 16 } else { 4096 };
    items.div_ceil(partials).clamp(1, most)
}

/// Results of a launch in several groups, kept beside the user's memory until the last group has ended well.
pub(crate) struct Shadow {
    operands: Few<Option<Vec<MaybeUninit<u8>>>>,
}

impl Shadow {
    fn new(operands: &Operands<'_>, mapped: &[Option<(usize, u64)>], groups: usize) -> Result<Self, Failure> {
        let mut shadows = Few::new();
        for (operand, mapped) in operands.bound.iter().zip(mapped) {
            let kept = groups > 1
                && mapped.is_none()
                && operand.per_item()
                && operand.is_downloaded()
                && operand.is_uploaded();
            shadows.push(if kept { Some(reserve(operand.bytes)?) } else { None });
        }
        Ok(Self { operands: shadows })
    }

    /// Where to put bytes of an operand that came back: here, or straight into the user's memory.
    pub(crate) fn target(&mut self, number: usize, operand: &Operand<'_>, offset: u64) -> Option<*mut u8> {
        let Memory::Host { address, .. } = operand.memory else {
            return None;
        };
        let base = match &mut self.operands[number] {
            Some(shadow) => shadow.as_mut_ptr(),
            None => address,
        };
        Some(base.cast::<u8>().wrapping_add(offset as usize))
    }

    fn deliver(self, operands: &Operands<'_>) {
        for (shadow, operand) in self.operands.into_iter().zip(&operands.bound) {
            if let (Some(shadow), Memory::Host { address, .. }) = (shadow, operand.memory) {
                // SAFETY: the operand is borrowed exclusively for the launch and as long as its shadow.
                unsafe { std::ptr::copy_nonoverlapping(shadow.as_ptr(), address, shadow.len()) };
            }
        }
    }
}

pub(crate) fn reserve(bytes: u64) -> Result<Vec<MaybeUninit<u8>>, Failure> {
    let mut memory = Vec::new();
    let reserved = memory.try_reserve_exact(bytes as usize);
    reserved.map_err(|error| Failure::OutOfMemory {
        step: "keeping results until the launch has ended",
        wanted: bytes,
        available: 0,
        message: error.to_string(),
    })?;
    memory.resize(bytes as usize, MaybeUninit::uninit());
    Ok(memory)
}
