//! Where an operand's bytes are while a segment runs.

use std::ops::Range;

use super::super::pipeline::Window;
use super::operand::{Operand, Share};

/// A part of an operand inside a buffer.
pub(crate) struct Place<'a> {
    pub(crate) buffer: &'a wgpu::Buffer,
    /// Which pooled buffer it is; `None` for imported pages.
    pub(crate) pooled: Option<u64>,
    /// Where the bytes of `first_item` (of the whole operand, if it is not per item) start.
    pub(crate) first_byte: u64,
    pub(crate) first_item: u64,
    /// Bytes of all operands that share the binding, if others do: then it covers them all.
    pub(crate) packed: Option<u64>,
}

/// No binding is smaller: what the widest element of any binding takes.
pub(crate) const LEAST: u64 = 16;

impl<'a> Place<'a> {
    /// The window that a dispatch of `items` binds, and where in it its first element lies, bytes.
    /// `block` is the number of items that make one block of a reduction.
    pub(crate) fn window(
        &self,
        operand: &Operand<'_>,
        items: &Range<u64>,
        block: u64,
        alignment: u64,
    ) -> (Window<'a>, u64) {
        let (skipped, bytes) = match operand.share {
            Share::PerItem(size) => ((items.start - self.first_item) * size, (items.end - items.start) * size),
            Share::PerBlock(size) => {
                let blocks = (items.end - items.start).div_ceil(block);
                ((items.start - self.first_item).div_ceil(block) * size, blocks * size)
            }
            Share::Whole => (0, operand.bytes),
        };
        let start = self.first_byte + skipped;
        if let Some(bytes) = self.packed {
            return (Window { buffer: self.buffer, pooled: self.pooled, offset: 0, bytes }, start);
        }
        let all = self.buffer.size();
        // An operand without bytes may start at the very end; something has to be bound all the same.
        let offset = (start / alignment * alignment).min((all - LEAST) / alignment * alignment);
        let end = (start + bytes).next_multiple_of(LEAST).max(offset + LEAST).min(all);
        let window = Window { buffer: self.buffer, pooled: self.pooled, offset, bytes: end - offset };
        (window, start - offset)
    }
}
