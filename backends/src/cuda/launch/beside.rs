//! A piece in parts, so that the bus works both ways while kernels run: part by part goes to the card, is computed, and comes home.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::super::failure::Failure;
use super::super::lane::Lane;
use super::operand::{Memory, Operand};
use super::piece::{Part, bytes_of};
use super::run::{At, PARTIALS, Run};

/// Parts of a piece at most: more gain nothing, and each has a kernel of its own.
const MOST: u64 = 32;

/// What holds results until a launch has ended well, by operand.
type Shadows = [Option<Vec<MaybeUninit<u8>>>];

impl Run<'_, '_> {
    /// The parts of a piece; one, if copies are too small to be worth more.
    pub(super) fn parts(&self, items: &Range<u64>) -> Vec<Part> {
        let count = items.end - items.start;
        let crossing = |(k, operand): (usize, &Operand<'_>)| match operand.memory {
            Memory::Host { .. } if self.is_copied(k) => {
                let bytes = operand.bytes_of(count).unwrap_or(0);
                bytes * u64::from(operand.is_uploaded()) + bytes * u64::from(operand.is_downloaded())
            }
            _ => 0,
        };
        let bytes: u64 = self.operands().map(crossing).sum();
        let parts = (bytes / self.card.part_bytes()).clamp(1, MOST);
        let block = u64::from(self.kernel.text.block_size);
        let each = count.div_ceil(parts);
        // Whole blocks, whose data is aligned as the first one's is.
        let each = if each > block { each.next_multiple_of(block) } else { each };
        let mut partials = 0;
        let part = |first: u64| {
            let items = first..items.end.min(first + each);
            let alone = items.end - items.start;
            let threads = if self.folds { alone.min((PARTIALS / parts).max(1)) } else { alone };
            partials += threads;
            Part { items: items.clone(), first: 0, threads, partials: partials - threads }
        };
        let firsts = (items.start..items.end).step_by(each.max(1) as usize);
        let mut all: Vec<Part> = firsts.map(part).collect();
        all.iter_mut().for_each(|part| part.first = items.start);
        all
    }

    /// Sends and starts the parts; results of a kernel that cannot panic are home when this returns. How long it took to send them.
    ///
    /// # Errors
    /// If results may have come home, the error says whose.
    pub(super) fn beside(
        &self,
        lane: &mut Lane,
        places: &[At],
        parts: &[Part],
        errors: u64,
        shadows: &mut Shadows,
    ) -> Result<Duration, Failure> {
        lane.fork()?;
        let done = self.each_beside(lane, places, parts, errors, shadows);
        // Also after a failure: what is on its way must be over before its memory is lent again.
        let joined = lane.join();
        let done = done.and_then(|sent| joined.map(|()| sent));
        self.card.watched(done).map_err(|failure| failure.in_parts(&self.coming(shadows)))
    }

    fn each_beside(
        &self,
        lane: &mut Lane,
        places: &[At],
        parts: &[Part],
        errors: u64,
        shadows: &mut Shadows,
    ) -> Result<Duration, Failure> {
        let (start, patience) = (Instant::now(), self.card.patience());
        for (number, part) in parts.iter().enumerate() {
            self.upload_items(lane, places, part, true)?;
            lane.wait_for_uploads()?;
            lane.mark(number, false)?;
            self.start(lane, places, part, errors)?;
            lane.mark(number, true)?;
            if !self.kernel.text.may_panic {
                self.want(lane, places, part, number, shadows);
            }
            lane.take_beside(patience, false)?;
        }
        let sent = start.elapsed();
        lane.take_beside(self.limit().unwrap_or(Duration::MAX), true)?;
        Ok(sent)
    }

    /// Asks for the results of a part.
    fn want(&self, lane: &mut Lane, places: &[At], part: &Part, number: usize, shadows: &mut Shadows) {
        for ((k, operand), shadow) in self.operands().zip(shadows) {
            let (At::Piece(lease), Memory::Host { address, .. }) = (&places[k], operand.memory) else { continue };
            if !operand.is_downloaded() || !self.is_copied(k) {
                continue;
            }
            let range = bytes_of(operand, &part.items);
            let target = shadow.as_mut().map_or(address, |shadow| shadow.as_mut_ptr()).wrapping_add(range.start);
            let from = lease.address() + part.offset(operand);
            // SAFETY: the bytes are those of an argument that the launch borrows exclusively, or of its shadow; nobody uses them before
            // `beside` returns, which waits for them or abandons them. The card's memory was lent for the whole piece.
            unsafe { lane.want_beside((target, from, range.len()), number) };
        }
    }

    /// The arguments whose results come home part by part: the user's own.
    fn coming(&self, shadows: &Shadows) -> Vec<&'static str> {
        if self.kernel.text.may_panic {
            return Vec::new();
        }
        let callers = self.operands().zip(shadows).filter(|((k, operand), shadow)| {
            let is_callers = matches!(operand.memory, Memory::Host { initialised: true, .. }) && shadow.is_none();
            is_callers && operand.is_downloaded() && operand.per_item.is_some() && self.is_copied(*k)
        });
        callers.map(|((_, operand), _)| operand.name).collect()
    }
}
