//! What a dispatch binds: where each operand is, and through which windows the kernel sees it.

use std::ops::Range;

use smallvec::SmallVec;

use super::super::pipeline::Window;
use super::super::pool::Lease;
use super::cut::Segment;
use super::group::Group;
use super::operand::{Memory, Operand, Share};
use super::packed;
use super::parts::{self, Cut};
use super::place::Place;
use super::run::Run;

/// What a dispatch binds, in order.
pub(super) type Windows<'g> = SmallVec<[Window<'g>; 6]>;

impl<'l> Group<'_, 'l> {
    /// Adds the windows of an operand; returns where in the first it starts, bytes.
    pub(super) fn bind<'g>(
        &'g self,
        (segment, items): (usize, &Range<u64>),
        index: usize,
        operand: &Operand<'l>,
        alignment: u64,
        windows: &mut Windows<'g>,
    ) -> u64 {
        if let Some(cut) = self.run.in_parts(index) {
            cut.bind(operand, windows);
            return 0;
        }
        let place = self.place(segment, index, operand);
        if operand.slots.parts > 1 {
            return parts::bind_in_place(&place, operand, alignment, windows);
        }
        let (window, offset) = place.window(operand, items, self.run.block, alignment);
        // Before it are the error block's and those of earlier bindings; the first operand of a shared one has bound it.
        if windows.len() == operand.slots.first as usize {
            windows.push(window);
        }
        offset
    }

    /// The buffer of an operand's part, and where in it that starts.
    pub(super) fn place(&self, segment: usize, index: usize, operand: &Operand<'l>) -> Place<'_> {
        if operand.slots.packed {
            return self.packed_place(segment, index, operand);
        }
        let pooled = |lease, first_item| {
            let lease: &Lease = lease;
            Place { buffer: lease.buffer(), pooled: Some(lease.id()), first_byte: 0, first_item, packed: None }
        };
        if let Some(own) = &self.own[segment][index] {
            return pooled(own, self.segments[segment].items.start);
        }
        if let Some(shared) = &self.run.shared[index] {
            return pooled(shared, 0);
        }
        match (operand.memory, self.run.mapped[index]) {
            (Memory::Resident { lease, offset }, _) => Place { first_byte: offset, ..pooled(lease, 0) },
            (_, Some((import, first_byte))) => {
                let buffer = self.run.imports[import].buffer();
                Place { buffer, pooled: None, first_byte, first_item: 0, packed: None }
            }
            (_, None) => unreachable!("an operand is copied, shared, resident or mapped"),
        }
    }

    /// Packed operands are copied: none is mapped or resident.
    fn packed_place(&self, segment: usize, index: usize, operand: &Operand<'l>) -> Place<'_> {
        let bound = &self.run.operands.bound;
        let lead = packed::lead(bound, index);
        let part = &self.segments[segment];
        let bytes_of = |operand: &Operand<'_>| bytes_in(operand, part, self.run.block);
        let lease = self.own[segment][lead].as_ref().or(self.run.shared[lead].as_ref());
        let lease = lease.expect("the first operand of a shared binding has its buffer");
        Place {
            buffer: lease.buffer(),
            pooled: Some(lease.id()),
            first_byte: packed::offset(bound, index, bytes_of),
            first_item: if operand.per_item() { part.items.start } else { 0 },
            packed: Some(packed::bytes(bound, operand.slots.first, bytes_of)),
        }
    }
}

impl Run<'_> {
    /// The operand's buffers, if it is copied in parts.
    pub(super) fn in_parts(&self, operand: usize) -> Option<&Cut> {
        self.cuts.iter().find(|cut| cut.operand == operand)
    }

    /// Of an operand that is copied whole: which one's buffer it is in, and where, bytes.
    pub(super) fn shared_place(&self, index: usize) -> Option<(usize, u64)> {
        let bound = &self.operands.bound;
        let (lead, inside) = match bound[index].slots.packed {
            false => (index, 0),
            true => (packed::lead(bound, index), packed::offset(bound, index, |operand| operand.bytes)),
        };
        self.shared[lead].as_ref().map(|_| (lead, inside))
    }
}

/// Bytes of an operand that a segment uses.
pub(super) fn bytes_in(operand: &Operand<'_>, segment: &Segment, block: u64) -> u64 {
    let count = segment.items.end - segment.items.start;
    match operand.share {
        Share::PerItem(size) => count * size,
        Share::PerBlock(size) => count.div_ceil(block) * size,
        Share::Whole => operand.bytes,
    }
}
