//! The run of one launch: memory, copies, pieces, the kernel, what it reports.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::time::{Duration, Instant};

use landbridge_core::Strategy;
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;

use super::super::card::Card;
use super::super::failure::Failure;
use super::super::kernel::Kernel;
use super::super::lane::Lane;
use super::super::pool::Lease;
use super::map::{Registered, page_bytes, pages_around};
use super::migrate::{Away, Stays};
use super::operand::{Entry, Memory, Operand};
use super::strategy::Choice;
use crate::codegen::ptx::interface::error_block;
use crate::codegen::ptx::{Piece, SlotKind, SlotValue};

/// A launch with everything that it needs.
pub(crate) struct Run<'r, 'l> {
    pub(crate) card: &'r Card,
    pub(crate) kernel: &'r Kernel,
    pub(crate) entries: &'r [Entry<'l>],
    /// By entry, of those with memory. What could not be mapped becomes a copy, with the reason.
    pub(crate) choices: &'r mut [Choice],
    pub(crate) extent: [u64; 3],
    pub(crate) items: u64,
    /// Results are folded.
    pub(crate) folds: bool,
}

/// What a launch gave.
#[derive(Default)]
pub(crate) struct Finished {
    /// Partial results, one after the other.
    pub(crate) partials: Vec<MaybeUninit<u8>>,
    pub(crate) steps: Steps,
}

/// Why a launch has no results.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The kernel's report.
    Kernel(error_block::Failure),
    /// Pages that were to move do not.
    Stays(String),
    /// The driver, the card, or too little memory.
    Device(Failure),
}

impl Stopped {
    /// The same after a part of the launch has run: nobody may run it again from the start for want of memory.
    fn begun(self) -> Self {
        match self {
            Self::Device(Failure::OutOfMemory { step, message, .. }) => {
                Self::Device(Failure::Driver { step, message: format!("{message}, after a part of the launch") })
            }
            other => other,
        }
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Device(failure)
    }
}

/// Where an operand is while a piece runs.
enum At {
    /// All of it, from this address on.
    All(u64, Option<Lease>),
    /// The bytes of the piece.
    Piece(Lease),
    /// It has none.
    Nowhere,
}

/// Partial results of a launch: enough threads to keep every card busy, few enough to fold quickly.
const PARTIALS: u64 = 1 << 16;
/// Items of the smallest piece.
const LEAST_PIECE: u64 = 1024;
/// What memory without bytes has for an address.
const NO_BYTES: u64 = 256;

impl Run<'_, '_> {
    /// Runs it, and waits for it.
    pub(crate) fn finish(&mut self) -> Result<Finished, Stopped> {
        let mut lane = self.card.lane()?;
        let mut steps = Steps::default();
        let registered = self.register(&mut steps);
        let mut away = Away::default();
        let moved = self.migrate(&lane, &mut away, &mut steps);
        let done = moved.and_then(|()| self.in_pieces(&mut lane, &registered, &mut steps));
        if done.is_err() && self.reaches_host() {
            // The kernel may have been started: the user's memory is free only when it has ended.
            let ended = self.card.wait(&lane, None);
            tracing::debug!(?ended, "after a failure");
        }
        if !away.is_empty() {
            let start = Instant::now();
            away.home(self.card, &lane);
            steps.add(StepKind::Return, start.elapsed());
        }
        let partials = done.inspect_err(|stopped| {
            if let Stopped::Device(failure) = stopped {
                lane.forget_errors();
                self.card.note(failure);
            }
        })?;
        Ok(Finished { partials, steps })
    }

    fn operands(&self) -> impl Iterator<Item = (usize, &Operand<'_>)> {
        self.entries.iter().enumerate().filter_map(|(k, entry)| match entry {
            Entry::Memory(operand) => Some((k, operand)),
            Entry::Uniform { .. } => None,
        })
    }

    /// Whether the kernel works on the user's own memory.
    fn reaches_host(&self) -> bool {
        self.choices
            .iter()
            .any(|choice| matches!(choice.strategy, Strategy::Map | Strategy::Direct | Strategy::Migrate))
    }

    /// Maps the pages of operands that are to be mapped; what cannot be becomes a copy.
    fn register(&mut self, steps: &mut Steps) -> Vec<Registered> {
        let mapped = |run: &Self| -> Vec<(usize, Range<usize>)> {
            let to_map = run.operands().filter(|(k, _)| run.choices[*k].strategy == Strategy::Map);
            to_map.filter_map(|(k, operand)| Some((k, operand.addresses()?))).collect()
        };
        let wanted = mapped(self);
        if wanted.is_empty() {
            return Vec::new();
        }
        let start = Instant::now();
        let (mut registered, mut refused) = (Vec::new(), Vec::new());
        for pages in pages_around(wanted.iter().map(|(_, range)| range.clone()), page_bytes()) {
            // SAFETY: they hold operands, which the launch borrows; `finish` waits for the kernel before it lets go of them.
            match unsafe { Registered::new(pages.clone()) } {
                Ok(done) => registered.push(done),
                Err(failure) => refused.push((pages, failure)),
            }
        }
        for (k, range) in wanted {
            if let Some((_, failure)) = refused.iter().find(|(pages, _)| pages.contains(&range.start)) {
                let why = format!("cannot be mapped: {failure}").into();
                self.choices[k] = Choice { strategy: Strategy::Copy, why, moved: 0 };
            }
        }
        steps.add(StepKind::Map, start.elapsed());
        registered
    }

    /// Moves the pages of operands that are to move, and says at each what became of them.
    fn migrate(&mut self, lane: &Lane, away: &mut Away, steps: &mut Steps) -> Result<(), Stopped> {
        let start = Instant::now();
        for (k, entry) in self.entries.iter().enumerate() {
            let Entry::Memory(operand) = entry else { continue };
            if self.choices[k].strategy != Strategy::Migrate {
                continue;
            }
            let moved = away.send(self.card, lane, operand).map_err(|stays| match stays {
                Stays::Failed(failure) => Stopped::Device(failure),
                Stays::Refused(why) => Stopped::Stays(format!("the pages of `{}` do not move: {why}", operand.name)),
            })?;
            self.choices[k].why = moved.why.into();
            self.choices[k].moved = moved.bytes;
        }
        if !away.is_empty() {
            steps.add(StepKind::Migrate, start.elapsed());
        }
        Ok(())
    }

    fn in_pieces(
        &self,
        lane: &mut Lane,
        registered: &[Registered],
        steps: &mut Steps,
    ) -> Result<Vec<MaybeUninit<u8>>, Stopped> {
        let (places, piece) = self.places(registered)?;
        let mut shadows = self.shadows(piece < self.items)?;
        let errors = if self.kernel.text.may_panic { lane.errors(&self.card.pool)? } else { 0 };
        let mut partials = Vec::new();
        let mut first = 0;
        while first < self.items {
            let items = first..self.items.min(first + piece);
            let ran = self.piece(lane, &places, &items, errors, steps, &mut partials);
            ran.map_err(|stopped| if first == 0 { stopped } else { stopped.begun() })?;
            let start = Instant::now();
            self.bring_home(lane, &places, &items, &mut shadows)?;
            if self.operands().any(|(k, operand)| operand.is_downloaded() && self.is_copied(k)) {
                steps.add(StepKind::CopyOut, start.elapsed());
            }
            first = items.end;
        }
        for (shadow, (_, operand)) in shadows.into_iter().zip(self.operands()) {
            if let (Some(shadow), Memory::Host { address, .. }) = (shadow, operand.memory) {
                // SAFETY: the operand is borrowed exclusively for the launch and as long as its shadow.
                unsafe { std::ptr::copy_nonoverlapping(shadow.as_ptr(), address, shadow.len()) };
            }
        }
        Ok(partials)
    }

    fn is_copied(&self, entry: usize) -> bool {
        self.choices[entry].strategy == Strategy::Copy
    }

    /// Where each entry is, and how many items a piece has: all, if the card's memory suffices.
    fn places(&self, registered: &[Registered]) -> Result<(Vec<At>, u64), Failure> {
        let mut piece = self.items;
        loop {
            match self.places_for(piece, registered) {
                Err(Failure::OutOfMemory { .. }) if piece > LEAST_PIECE && self.can_be_cut() => {
                    piece = piece.div_ceil(2)
                }
                other => return Ok((other?, piece)),
            }
        }
    }

    /// Whether smaller pieces need less memory.
    fn can_be_cut(&self) -> bool {
        self.operands().any(|(k, operand)| {
            self.is_copied(k) && operand.per_item.is_some() && matches!(operand.memory, Memory::Host { .. })
        })
    }

    fn places_for(&self, piece: u64, registered: &[Registered]) -> Result<Vec<At>, Failure> {
        let pool = &self.card.pool;
        let place = |(k, entry): (usize, &Entry<'_>)| {
            let operand = match entry {
                Entry::Uniform { bytes, at: true } => {
                    let lease = pool.lend(bytes.len() as u64)?;
                    return Ok(At::All(lease.address(), Some(lease)));
                }
                Entry::Uniform { at: false, .. } => return Ok(At::Nowhere),
                Entry::Memory(operand) => operand,
            };
            match (operand.memory, self.choices[k].strategy) {
                (Memory::Card(address), _) => Ok(At::All(address, None)),
                (Memory::Image(image), _) => Ok(At::All(image.base + image.root, None)),
                (Memory::Partials, _) => Ok(At::Piece(pool.lend(PARTIALS.min(piece) * operand.element_bytes)?)),
                (Memory::Host { .. }, _) if operand.bytes() == 0 => {
                    Ok(At::All(if operand.elements == 0 { 0 } else { NO_BYTES }, None))
                }
                (Memory::Host { address, .. }, Strategy::Direct | Strategy::Migrate) => {
                    Ok(At::All(address.expose_provenance() as u64, None))
                }
                (Memory::Host { address, .. }, Strategy::Map) => {
                    let on_card = registered.iter().find_map(|pages| pages.on_card(address.expose_provenance()));
                    Ok(At::All(on_card.expect("what is not registered is a copy"), None))
                }
                (Memory::Host { .. }, _) => match operand.bytes_of(piece) {
                    Some(bytes) => Ok(At::Piece(pool.lend(bytes)?)),
                    None => {
                        let lease = pool.lend(operand.bytes())?;
                        Ok(At::All(lease.address(), Some(lease)))
                    }
                },
            }
        };
        self.entries.iter().enumerate().map(place).collect()
    }

    /// Memory of the host for results of a launch in several pieces, until the last piece has ended well.
    fn shadows(&self, several: bool) -> Result<Vec<Option<Vec<MaybeUninit<u8>>>>, Failure> {
        let shadow = |(k, operand): (usize, &Operand<'_>)| {
            let kept = several
                && self.is_copied(k)
                && operand.per_item.is_some()
                && operand.is_uploaded()
                && operand.is_downloaded();
            if kept { reserve(operand.bytes()).map(Some) } else { Ok(None) }
        };
        self.operands().map(shadow).collect()
    }

    /// Copies a piece to the card, runs it, waits, and looks at its report.
    fn piece(
        &self,
        lane: &mut Lane,
        places: &[At],
        items: &Range<u64>,
        errors: u64,
        steps: &mut Steps,
        partials: &mut Vec<MaybeUninit<u8>>,
    ) -> Result<(), Stopped> {
        let start = Instant::now();
        self.upload(lane, places, items)?;
        let threads = if self.folds { (items.end - items.start).min(PARTIALS) } else { items.end - items.start };
        lane.mark(false)?;
        self.start(lane, places, items, threads, errors)?;
        lane.mark(true)?;
        let limit = if self.reaches_host() { None } else { Some(self.card.patience()) };
        self.card.wait(lane, limit)?;
        let run = lane.between_marks();
        steps.add(StepKind::Run, run);
        if self.operands().any(|(k, operand)| operand.is_uploaded() && self.is_copied(k)) {
            steps.add(StepKind::CopyIn, start.elapsed().saturating_sub(run));
        } else {
            steps.add(StepKind::Wait, start.elapsed().saturating_sub(run));
        }
        if errors != 0
            && let Some(failure) = lane.report(errors, self.kernel.text.error_bytes)?
        {
            return Err(Stopped::Kernel(failure));
        }
        for (k, operand) in self.operands() {
            if let (At::Piece(lease), Memory::Partials) = (&places[k], operand.memory) {
                let (had, bytes) = (partials.len(), (threads * operand.element_bytes) as usize);
                partials.resize(had + bytes, MaybeUninit::uninit());
                // SAFETY: the vector has grown by as many bytes, and the lease has at least as many.
                unsafe { lane.fetch(partials[had..].as_mut_ptr(), lease.address(), bytes, self.card.patience()) }?;
            }
        }
        Ok(())
    }

    fn upload(&self, lane: &mut Lane, places: &[At], items: &Range<u64>) -> Result<(), Failure> {
        let patience = self.card.patience();
        let is_first = items.start == 0;
        for ((place, entry), k) in places.iter().zip(self.entries).zip(0..) {
            let (to, from, bytes) = match (entry, place) {
                (Entry::Uniform { bytes, at: true }, At::All(to, _)) if is_first => {
                    (*to, bytes.as_ptr().cast(), bytes.len())
                }
                (Entry::Memory(operand), place) if operand.is_uploaded() && self.is_copied(k) => {
                    match (operand.memory, place) {
                        (Memory::Image(image), _) if is_first => {
                            (image.base, image.host.cast_const(), image.bytes as usize)
                        }
                        (Memory::Host { address, .. }, At::All(to, Some(_))) if is_first => {
                            (*to, address.cast_const(), operand.bytes() as usize)
                        }
                        (Memory::Host { address, .. }, At::Piece(lease)) => {
                            let range = bytes_of(operand, items);
                            (lease.address(), address.cast_const().wrapping_add(range.start), range.len())
                        }
                        _ => continue,
                    }
                }
                _ => continue,
            };
            // SAFETY: the bytes are those of an argument that the launch borrows, of an image or of a uniform; the place on the card was
            // lent for as many.
            unsafe { lane.send(to, from, bytes, patience) }?;
        }
        Ok(())
    }

    fn start(
        &self,
        lane: &mut Lane,
        places: &[At],
        items: &Range<u64>,
        threads: u64,
        errors: u64,
    ) -> Result<(), Failure> {
        let values: Vec<SlotValue<'_>> = self
            .entries
            .iter()
            .zip(places)
            .zip(&self.kernel.text.launch.slots)
            .map(|((entry, place), slot)| match (entry, place) {
                (Entry::Uniform { bytes, at: false }, _) => SlotValue::Bytes(bytes),
                (Entry::Uniform { .. }, At::All(address, _)) => SlotValue::Memory { address: *address, length: 1 },
                (Entry::Memory(operand), place) => memory(operand, place, slot.kind, items.start),
                (Entry::Uniform { .. }, _) => SlotValue::Bytes(&[]),
            })
            .collect();
        let piece = Piece {
            errors,
            first: items.start,
            count: items.end - items.start,
            threads,
            extent: self.extent,
            slots: &values,
        };
        let text = &self.kernel.text;
        let internal = |message: String| Failure::Driver { step: "starting a kernel", message };
        let block = text.launch.pack(&piece).map_err(|error| internal(error.to_string()))?;
        let blocks = u32::try_from(threads.div_ceil(text.block_size.into())).ok().filter(|&blocks| blocks < 1 << 31);
        let blocks = blocks.ok_or_else(|| internal(format!("{threads} threads are more than a grid has")))?;
        let function = self.card.watched(self.kernel.function(&values))?;
        // SAFETY: the block is packed just now, by the kernel's own layout; each address is of memory that an operand has, on the card or
        // where the card reaches it, as large as the kernel's checks believe it to be, until `finish` has waited.
        self.card.watched(unsafe { lane.start(function, blocks, text.block_size, &block) })
    }

    /// Copies back what a piece has left: its own items, and with the last piece what all share.
    fn bring_home(
        &self,
        lane: &mut Lane,
        places: &[At],
        items: &Range<u64>,
        shadows: &mut [Option<Vec<MaybeUninit<u8>>>],
    ) -> Result<(), Failure> {
        let (patience, is_last) = (self.card.patience(), items.end == self.items);
        let mut home = Vec::new();
        for ((k, operand), shadow) in self.operands().zip(shadows) {
            if !operand.is_downloaded() || !self.is_copied(k) {
                continue;
            }
            let (to, from, bytes) = match (operand.memory, &places[k]) {
                (Memory::Image(image), _) if is_last => (image.host, image.base, image.bytes as usize),
                (Memory::Host { address, .. }, At::All(from, Some(_))) if is_last => {
                    (address, *from, operand.bytes() as usize)
                }
                (Memory::Host { address, .. }, At::Piece(lease)) => {
                    let range = bytes_of(operand, items);
                    let target = shadow.as_mut().map_or(address, |shadow| shadow.as_mut_ptr());
                    (target.wrapping_add(range.start), lease.address(), range.len())
                }
                _ => continue,
            };
            // SAFETY: the bytes are those of an argument that the launch borrows exclusively, of its shadow or of an image, and the card's
            // memory was lent for as many.
            let fetched = unsafe { lane.fetch(to, from, bytes, patience) };
            // Shadows, images and results that are collected are not the caller's memory yet.
            let is_callers = shadow.is_none() && matches!(operand.memory, Memory::Host { initialised: true, .. });
            let name = is_callers.then_some(operand.name);
            self.card.watched(fetched).map_err(|failure| failure.with_results(&home, name))?;
            home.extend(name);
        }
        Ok(())
    }
}

/// Starts a launch on data of a scope, and does not wait. `errors`: where its work-items report; zeros.
///
/// # Errors
/// Nothing of it has happened, unless the card is lost.
pub(crate) fn begin(run: &Run<'_, '_>, lane: &mut Lane, errors: u64) -> Result<(), Failure> {
    let places = run.places_for(run.items, &[])?;
    let items = 0..run.items;
    run.upload(lane, &places, &items)?;
    // The places are given back when this returns: whoever has them next comes behind the kernel in the stream.
    run.start(lane, &places, &items, run.items, errors)
}

fn bytes_of(operand: &Operand<'_>, items: &Range<u64>) -> Range<usize> {
    let at = |item| operand.bytes_of(item).unwrap_or(0) as usize;
    at(items.start)..at(items.end)
}

fn memory<'v>(operand: &Operand<'_>, place: &At, kind: SlotKind, first: u64) -> SlotValue<'v> {
    let address = match place {
        At::All(address, _) => {
            let cut = matches!(kind, SlotKind::Items | SlotKind::Rows | SlotKind::Results);
            if cut { address + operand.bytes_of(first).unwrap_or(0) } else { *address }
        }
        At::Piece(lease) => lease.address(),
        At::Nowhere => 0,
    };
    // What has no elements has an address all the same, but for a root: there it is `None`.
    let none = if kind == SlotKind::Root { 0 } else { NO_BYTES };
    let address = if operand.elements == 0 && !matches!(operand.memory, Memory::Partials) { none } else { address };
    let length = if kind == SlotKind::Rows { operand.per_item.unwrap_or(0) } else { operand.elements };
    SlotValue::Memory { address, length }
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

/// How long a launch of so many of a scope's may take together.
pub(crate) fn patience_of(card: &Card, launches: usize) -> Duration {
    card.timeout().saturating_mul(u32::try_from(launches).unwrap_or(u32::MAX).max(1)).max(card.patience())
}
