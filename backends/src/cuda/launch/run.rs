//! The run of one launch: memory, pieces, what the kernel reports.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::time::{Duration, Instant};

use landbridge_core::Strategy;
use landbridge_core::plan::StepKind;
use landbridge_core::report::Steps;

use super::super::card::Card;
use super::super::crew;
use super::super::failure::Failure;
use super::super::kernel::Kernel;
use super::super::lane::Lane;
use super::super::pool::Lease;
use super::map::{Registered, page_bytes, pages_around};
use super::migrate::{Away, Stays};
use super::operand::{Entry, Memory, Operand};
use super::strategy::Choice;
use crate::codegen::ptx::interface::error_block;

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
    /// Where pages that move to the card are noted that stay there for longer; none: they go home with the launch.
    pub(crate) keeps: Option<&'r mut Away>,
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
pub(super) enum At {
    /// All of it, from this address on.
    All(u64, Option<Lease>),
    /// The bytes of the piece.
    Piece(Lease),
    /// It has none.
    Nowhere,
}

/// Partial results of a launch: enough threads to keep every card busy, few enough to fold quickly.
pub(super) const PARTIALS: u64 = 1 << 16;
/// Items of the smallest piece.
const LEAST_PIECE: u64 = 1024;
/// What memory without bytes has for an address.
pub(super) const NO_BYTES: u64 = 256;

impl Run<'_, '_> {
    /// Runs it, and waits for it.
    pub(crate) fn finish(&mut self) -> Result<Finished, Stopped> {
        let mut lane = self.card.lane()?;
        let mut steps = Steps::default();
        let registered = self.register(&mut steps);
        let (mut own, kept) = (Away::default(), self.keeps.take());
        let stays = kept.is_some();
        let moved = self.migrate(&lane, kept.unwrap_or(&mut own), &mut steps);
        let done = moved.and_then(|()| self.in_pieces(&mut lane, &registered, &mut steps));
        if done.is_err() && self.reaches_host() {
            // The kernel may have been started: the user's memory is free only when it has ended.
            let ended = self.card.wait(&lane, None);
            tracing::debug!(?ended, "after a failure");
        }
        if !stays && !own.is_empty() {
            let start = Instant::now();
            own.home(self.card, Some(&lane));
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

    pub(super) fn operands(&self) -> impl Iterator<Item = (usize, &Operand<'_>)> {
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
            let ran = self.piece(lane, &places, &items, errors, steps, &mut partials, &mut shadows);
            let beside = ran.map_err(|stopped| if first == 0 { stopped } else { stopped.begun() })?;
            let start = Instant::now();
            self.bring_home(lane, &places, &items, &mut shadows, beside)?;
            if self.operands().any(|(k, operand)| operand.is_downloaded() && self.is_copied(k)) {
                steps.add(StepKind::CopyOut, start.elapsed());
            }
            first = items.end;
        }
        for (shadow, (_, operand)) in shadows.into_iter().zip(self.operands()) {
            if let (Some(shadow), Memory::Host { address, .. }) = (shadow, operand.memory) {
                // SAFETY: the operand is borrowed exclusively for the launch and as long as its shadow.
                unsafe { crew::copy(shadow.as_ptr(), address, shadow.len()) };
            }
        }
        Ok(partials)
    }

    pub(super) fn is_copied(&self, entry: usize) -> bool {
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

    pub(super) fn places_for(&self, piece: u64, registered: &[Registered]) -> Result<Vec<At>, Failure> {
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

    /// Copies a piece to the card, runs it, waits, and looks at its report. Whether results have come home already.
    #[allow(clippy::too_many_arguments, reason = "it is what a piece has")]
    fn piece(
        &self,
        lane: &mut Lane,
        places: &[At],
        items: &Range<u64>,
        errors: u64,
        steps: &mut Steps,
        partials: &mut Vec<MaybeUninit<u8>>,
        shadows: &mut [Option<Vec<MaybeUninit<u8>>>],
    ) -> Result<bool, Stopped> {
        let start = Instant::now();
        let parts = self.parts(items);
        let beside = parts.len() > 1;
        let mut sent = None;
        if items.start == 0 {
            self.upload_shared(lane, places)?;
        }
        if beside {
            sent = Some(self.beside(lane, places, &parts, errors, shadows)?);
        } else {
            self.upload_items(lane, places, &parts[0], false)?;
            lane.mark(0, false)?;
            self.start(lane, places, &parts[0], errors)?;
            lane.mark(0, true)?;
        }
        self.card.wait(lane, self.limit())?;
        self.note_times(steps, lane.between_marks(parts.len()), start, sent);
        if errors != 0
            && let Some(failure) = lane.report(errors, self.kernel.text.error_bytes)?
        {
            return Err(Stopped::Kernel(failure));
        }
        let threads: u64 = parts.iter().map(|part| part.threads).sum();
        for (k, operand) in self.operands() {
            if let (At::Piece(lease), Memory::Partials) = (&places[k], operand.memory) {
                let (had, bytes) = (partials.len(), (threads * operand.element_bytes) as usize);
                partials.resize(had + bytes, MaybeUninit::uninit());
                // SAFETY: the vector has grown by as many bytes, and the lease has at least as many.
                unsafe { lane.fetch(partials[had..].as_mut_ptr(), lease.address(), bytes, self.card.patience()) }?;
            }
        }
        Ok(beside && !self.kernel.text.may_panic)
    }

    /// How long its kernels may take; none where they reach the user's memory.
    pub(super) fn limit(&self) -> Option<Duration> {
        if self.reaches_host() { None } else { Some(self.card.patience()) }
    }

    /// Notes a piece's times: how long its kernels ran, when it was begun, and, if it went in parts, when the last was sent.
    fn note_times(&self, steps: &mut Steps, run: Duration, start: Instant, sent: Option<Duration>) {
        let total = start.elapsed();
        steps.add(StepKind::Run, run);
        let copies = self.operands().any(|(k, operand)| operand.is_uploaded() && self.is_copied(k));
        match sent {
            Some(sent) => {
                steps.add(StepKind::CopyIn, sent.saturating_sub(run));
                steps.add(StepKind::CopyOut, total.saturating_sub(run.max(sent)));
            }
            None if copies => steps.add(StepKind::CopyIn, total.saturating_sub(run)),
            None => steps.add(StepKind::Wait, total.saturating_sub(run)),
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

/// How long a launch of so many of a scope's may take together.
pub(crate) fn patience_of(card: &Card, launches: usize) -> Duration {
    card.timeout().saturating_mul(u32::try_from(launches).unwrap_or(u32::MAX).max(1)).max(card.patience())
}
