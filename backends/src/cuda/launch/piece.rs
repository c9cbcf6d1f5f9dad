//! One piece of a launch: what goes to the card, the kernel, what comes home.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;

use super::super::failure::Failure;
use super::super::kernel::Started;
use super::super::lane::Lane;
use super::operand::{Entry, Memory, Operand};
use super::run::{At, NO_BYTES, Run};
use crate::codegen::ptx::{Piece, SlotKind, SlotValue};

/// Work-items of a piece that one kernel computes.
pub(super) struct Part {
    pub(super) items: Range<u64>,
    /// The piece's first item, whose data is where the piece has its place.
    pub(super) first: u64,
    /// Items, or partial results.
    pub(super) threads: u64,
    /// Partial results of the piece's parts before this one.
    pub(super) partials: u64,
}

impl Part {
    /// All of a piece.
    pub(super) fn whole(items: &Range<u64>, threads: u64) -> Self {
        Self { items: items.clone(), first: items.start, threads, partials: 0 }
    }

    /// Bytes from the operand's place on the card to where the part's are.
    pub(super) fn offset(&self, operand: &Operand<'_>) -> u64 {
        match operand.memory {
            Memory::Partials => self.partials * operand.element_bytes,
            _ => operand.bytes_of(self.items.start - self.first).unwrap_or(0),
        }
    }
}

impl Run<'_, '_> {
    /// Sends what all items of a launch share.
    pub(super) fn upload_shared(&self, lane: &mut Lane, places: &[At]) -> Result<(), Failure> {
        let patience = self.card.patience();
        for ((place, entry), k) in places.iter().zip(self.entries).zip(0..) {
            let (to, from, bytes) = match (entry, place) {
                (Entry::Uniform { bytes, at: true }, At::All(to, _)) => (*to, bytes.as_ptr().cast(), bytes.len()),
                (Entry::Memory(operand), place) if operand.is_uploaded() && self.is_copied(k) => {
                    match (operand.memory, place) {
                        (Memory::Image(image), _) => (image.base, image.host.cast_const(), image.bytes as usize),
                        (Memory::Host { address, .. }, At::All(to, Some(_))) => {
                            (*to, address.cast_const(), operand.bytes() as usize)
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

    /// Sends what the items of a part need for themselves.
    pub(super) fn upload_items(
        &self,
        lane: &mut Lane,
        places: &[At],
        part: &Part,
        beside: bool,
    ) -> Result<(), Failure> {
        let patience = self.card.patience();
        for (k, operand) in self.operands() {
            let (At::Piece(lease), Memory::Host { address, .. }) = (&places[k], operand.memory) else { continue };
            if !operand.is_uploaded() || !self.is_copied(k) {
                continue;
            }
            let range = bytes_of(operand, &part.items);
            let to = lease.address() + part.offset(operand);
            let from = address.cast_const().wrapping_add(range.start);
            // SAFETY (of both): the bytes are those of an argument that the launch borrows; the place on the card was lent for those of the
            // whole piece.
            if beside {
                // SAFETY: as above.
                unsafe { lane.send_beside((to, from, range.len()), patience) }?;
            } else {
                // SAFETY: as above.
                unsafe { lane.send(to, from, range.len(), patience) }?;
            }
        }
        Ok(())
    }

    /// Starts the kernel on the items of a part.
    pub(super) fn start(&self, lane: &mut Lane, places: &[At], part: &Part, errors: u64) -> Result<Started, Failure> {
        let Part { items, threads, .. } = part;
        let values: Vec<SlotValue<'_>> = self
            .entries
            .iter()
            .zip(places)
            .zip(&self.kernel.text.launch.slots)
            .map(|((entry, place), slot)| match (entry, place) {
                (Entry::Uniform { bytes, at: false }, _) => SlotValue::Bytes(bytes),
                (Entry::Uniform { .. }, At::All(address, _)) => SlotValue::Memory { address: *address, length: 1 },
                (Entry::Memory(operand), place) => memory(operand, place, slot.kind, part),
                (Entry::Uniform { .. }, _) => SlotValue::Bytes(&[]),
            })
            .collect();
        let piece = Piece {
            errors,
            first: items.start,
            count: items.end - items.start,
            threads: *threads,
            extent: self.extent,
            slots: &values,
        };
        let text = &self.kernel.text;
        let internal = |message: String| Failure::Driver { step: "starting a kernel", message };
        let block = text.launch.pack(&piece).map_err(|error| internal(error.to_string()))?;
        let blocks = u32::try_from(threads.div_ceil(text.block_size.into())).ok().filter(|&blocks| blocks < 1 << 31);
        let blocks = blocks.ok_or_else(|| internal(format!("{threads} threads are more than a grid has")))?;
        let function = self.card.watched(self.kernel.function(&values))?;
        let started = Started { function, blocks, block_size: text.block_size, block };
        // SAFETY: the block is packed just now, by the kernel's own layout; each address is of memory that an operand has, on the card or
        // where the card reaches it, as large as the kernel's checks believe it to be, until `finish` has waited.
        self.card.watched(unsafe { lane.start(&started) })?;
        Ok(started)
    }

    /// Copies back what a piece has left: its own items, unless they have come `beside` its kernels, and with the last piece what all share.
    pub(super) fn bring_home(
        &self,
        lane: &mut Lane,
        places: &[At],
        items: &Range<u64>,
        shadows: &mut [Option<Vec<MaybeUninit<u8>>>],
        beside: bool,
    ) -> Result<(), Failure> {
        let (patience, is_last) = (self.card.patience(), items.end == self.items);
        let mut home = Vec::new();
        for ((k, operand), shadow) in self.operands().zip(shadows) {
            if !operand.is_downloaded() || !self.is_copied(k) || (beside && matches!(places[k], At::Piece(_))) {
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
            self.card.watched(fetched).map_err(|failure| failure.with_results(&home, name.as_slice()))?;
            home.extend(name);
        }
        Ok(())
    }
}

/// Starts a launch on data of a scope, and does not wait. `errors`: where its work-items report; zeros. How it was started.
///
/// # Errors
/// Nothing of it has happened, unless the card is lost.
pub(crate) fn begin(run: &Run<'_, '_>, lane: &mut Lane, errors: u64) -> Result<Started, Failure> {
    let places = run.places_for(run.items, &[])?;
    let part = Part::whole(&(0..run.items), run.items);
    run.upload_shared(lane, &places)?;
    run.upload_items(lane, &places, &part, false)?;
    // The places are given back when this returns: whoever has them next comes behind the kernel in the stream.
    run.start(lane, &places, &part, errors)
}

pub(super) fn bytes_of(operand: &Operand<'_>, items: &Range<u64>) -> Range<usize> {
    let at = |item| operand.bytes_of(item).unwrap_or(0) as usize;
    at(items.start)..at(items.end)
}

fn memory<'v>(operand: &Operand<'_>, place: &At, kind: SlotKind, part: &Part) -> SlotValue<'v> {
    let address = match place {
        At::All(address, _) => {
            let cut = matches!(kind, SlotKind::Items | SlotKind::Rows | SlotKind::Results);
            if cut { address + operand.bytes_of(part.items.start).unwrap_or(0) } else { *address }
        }
        At::Piece(lease) => lease.address() + part.offset(operand),
        At::Nowhere => 0,
    };
    // What has no elements has an address all the same, but for a root: there it is `None`.
    let none = if kind == SlotKind::Root { 0 } else { NO_BYTES };
    let address = if operand.elements == 0 && !matches!(operand.memory, Memory::Partials) { none } else { address };
    let length = if kind == SlotKind::Rows { operand.per_item.unwrap_or(0) } else { operand.elements };
    SlotValue::Memory { address, length }
}
