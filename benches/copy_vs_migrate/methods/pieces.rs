//! Data cut in pieces, of which one is used while the next is on its way.

use std::ops::Range;

use super::super::cases::Case;

/// Into so many.
pub(super) const PIECES: usize = 8;

/// A piece of the data of a case.
pub(super) struct Piece {
    /// Of the data.
    pub(super) bytes: Range<usize>,
    /// Work-items that read it.
    pub(super) items: Range<usize>,
    /// Elements that a use writes: its first ones.
    pub(super) writes: usize,
}

/// The pieces of a case whose elements are used in order.
pub(super) fn cut(case: &Case) -> Vec<Piece> {
    let (length, stride) = (case.elements() / PIECES, case.stride() as usize);
    let piece = |number: usize| {
        let elements = number * length..(number + 1) * length;
        let until = |element: usize| (element / stride).min(case.items());
        Piece {
            bytes: elements.start * size_of::<f32>()..elements.end * size_of::<f32>(),
            items: until(elements.start)..until(elements.end),
            writes: case.elements_written().clamp(elements.start, elements.end) - elements.start,
        }
    };
    (0..PIECES).map(piece).collect()
}
