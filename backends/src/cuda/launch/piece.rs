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

impl Run<'_, '_> {
    /// Sends what the items need, and with the first piece what all share.
    pub(super) fn upload(&self, lane: &mut Lane, places: &[At], items: &Range<u64>) -> Result<(), Failure> {
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

    /// Starts the kernel on the items.
    pub(super) fn start(
        &self,
        lane: &mut Lane,
        places: &[At],
        items: &Range<u64>,
        threads: u64,
        errors: u64,
    ) -> Result<Started, Failure> {
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
        let started = Started { function, blocks, block_size: text.block_size, block };
        // SAFETY: the block is packed just now, by the kernel's own layout; each address is of memory that an operand has, on the card or
        // where the card reaches it, as large as the kernel's checks believe it to be, until `finish` has waited.
        self.card.watched(unsafe { lane.start(&started) })?;
        Ok(started)
    }

    /// Copies back what a piece has left: its own items, and with the last piece what all share.
    pub(super) fn bring_home(
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

/// Starts a launch on data of a scope, and does not wait. `errors`: where its work-items report; zeros. How it was started.
///
/// # Errors
/// Nothing of it has happened, unless the card is lost.
pub(crate) fn begin(run: &Run<'_, '_>, lane: &mut Lane, errors: u64) -> Result<Started, Failure> {
    let places = run.places_for(run.items, &[])?;
    let items = 0..run.items;
    run.upload(lane, &places, &items)?;
    // The places are given back when this returns: whoever has them next comes behind the kernel in the stream.
    run.start(lane, &places, &items, run.items, errors)
}

pub(super) fn bytes_of(operand: &Operand<'_>, items: &Range<u64>) -> Range<usize> {
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
