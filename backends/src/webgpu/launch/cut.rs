//! Cutting a launch: into groups that are submitted one after the other, their segments, and
//! pieces that are one dispatch each. Pure arithmetic.

use std::ops::Range;

use super::super::pages::whole_words;
use super::One;

/// Work-items that use the same buffers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) items: Range<u64>,
    /// Some mapped operands share a word with a neighbour here and are staged instead.
    pub(crate) edge: bool,
}

/// How one operand fills buffers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// Bytes of an item.
    pub(crate) item_bytes: u64,
    /// It has a buffer of its own on the device.
    pub(crate) copied: bool,
    /// Its bytes are uploaded.
    pub(crate) up: bool,
    /// Its bytes are downloaded.
    pub(crate) down: bool,
}

/// What a device has room for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// Largest binding, bytes.
    pub(crate) binding: u64,
    /// Largest buffer, bytes.
    pub(crate) buffer: u64,
    /// All buffers together, bytes, if limited.
    pub(crate) budget: Option<u64>,
    /// Bytes by which a binding may have to start early.
    pub(crate) slack: u64,
    /// Work-items of a dispatch.
    pub(crate) items: u64,
}

/// The most work-items of one dispatch, or why not even one fits.
pub(crate) fn piece_items(uses: &[Use], room: &Room) -> Result<u64, String> {
    let binding = room.binding.saturating_sub(room.slack);
    let fits = |most: u64, one: &Use| most.min(binding.checked_div(one.item_bytes).unwrap_or(u64::MAX));
    match uses.iter().fold(room.items.min(u64::from(u32::MAX)), fits) {
        0 => Err(format!("one work-item's data is larger than a binding ({} bytes)", room.binding)),
        most => Ok(most),
    }
}

/// The most work-items of one group, with `fixed` bytes taken by operands that all groups share.
pub(crate) fn group_items(uses: &[Use], fixed: u64, room: &Room) -> Result<u64, String> {
    let copied = || uses.iter().filter(|one| one.copied);
    let largest = copied().map(|one| one.item_bytes).max().unwrap_or(0);
    let up: u64 = copied().filter(|one| one.up).map(|one| one.item_bytes).sum();
    let down: u64 = copied().filter(|one| one.down).map(|one| one.item_bytes).sum();
    let storage: u64 = copied().map(|one| one.item_bytes).sum();
    // A size class wastes up to a quarter; pieces of staging start at multiples of 16.
    let overhead = 4096 + 16 * uses.len() as u64;
    let per = |room: u64, bytes: u64| room.saturating_sub(overhead).checked_div(bytes).unwrap_or(u64::MAX);
    let mut most = per(room.buffer, largest.max(up).max(down));
    if let Some(budget) = room.budget {
        let left = budget.saturating_sub(fixed);
        most = most.min(per(left / 5 * 4, storage + up + down));
    }
    match most {
        0 => Err("not even one work-item's data fits the device's memory".to_owned()),
        most => Ok(most),
    }
}

/// Groups of segments for `items` work-items, of which `head` and the rest from `tail` on are edges.
/// As long as everything fits, there is one group.
pub(crate) fn groups(items: u64, interior: Range<u64>, most: u64) -> One<One<Segment>> {
    let edges = [0..interior.start, interior.end..items];
    let [head, tail] = edges.map(|items| Segment { items, edge: true });
    let mut middle: One<Segment> = even(interior, most).map(|items| Segment { items, edge: false }).collect();
    if middle.len() <= 1 {
        let all = [head].into_iter().chain(middle.pop()).chain([tail]);
        let group: One<Segment> = all.filter(|segment| !segment.items.is_empty()).collect();
        return Some(group).filter(|group| !group.is_empty()).into_iter().collect();
    }
    let all = [head].into_iter().chain(middle).chain([tail]);
    all.filter(|segment| !segment.items.is_empty()).map(|segment| One::from_buf([segment])).collect()
}

/// Cuts a segment into pieces for one dispatch each, of at most `most` items. `most` is a multiple of `block`, and so is the
/// start of every piece, counted from the segment's: each block of a reduction has a result of its own.
pub(crate) fn pieces(items: Range<u64>, most: u64, block: u64) -> impl Iterator<Item = Range<u64>> {
    let granule = if block.is_multiple_of(WORD) { block } else { block * WORD };
    in_steps(granule, items, most)
}

/// Cuts `items` into as few ranges of at most `most` as there can be, of about equal length.
pub(crate) fn even(items: Range<u64>, most: u64) -> impl Iterator<Item = Range<u64>> {
    in_steps(WORD, items, most)
}

/// Parts of bytes start at words where parts are multiples of this many items.
const WORD: u64 = 4;

/// Ranges of one length, a multiple of `granule` or `most` itself; the last one may be shorter.
fn in_steps(granule: u64, items: Range<u64>, most: u64) -> impl Iterator<Item = Range<u64>> {
    let count = items.end - items.start;
    let parts = count.div_ceil(most);
    let step = if parts <= 1 { count } else { count.div_ceil(parts).next_multiple_of(granule).min(most) }.max(1);
    (0..count.div_ceil(step)).map(move |k| {
        let start = items.start + k * step;
        start..items.end.min(start + step)
    })
}

/// The items of a mapped, written operand that share no 32-bit word with a neighbour of the operand.
pub(crate) fn interior(bytes: &Range<usize>, item_bytes: u64, items: u64) -> Range<u64> {
    let words = whole_words(bytes);
    if item_bytes == 0 || bytes.is_empty() {
        return 0..items;
    }
    if words.is_empty() {
        return 0..0;
    }
    let head = (words.start - bytes.start) as u64;
    let tail = (words.end - bytes.start) as u64;
    let (start, end) = (head.div_ceil(item_bytes), tail / item_bytes);
    if start < end { start..end } else { 0..0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOM: Room = Room { binding: 1 << 27, buffer: 1 << 31, budget: None, slack: 256, items: 1 << 31 };

    fn both_ways(item_bytes: u64) -> Use {
        Use { item_bytes, copied: true, up: true, down: true }
    }

    proptest! {
        #[test]
        fn pieces_of_a_reduction_start_at_whole_blocks(
            start in 0_u64..100, count in 0_u64..1 << 40, block in 1_u64..5000, blocks in 1_u64..50_000,
        ) {
            // Few enough pieces to look at each.
            let most = block * blocks.max(count / block / 1000 + 1);
            let (mut next, mut partials) = (start, 0);
            for piece in pieces(start..start + count, most, block) {
                prop_assert_eq!(piece.start, next);
                prop_assert_eq!((piece.start - start) % block, 0);
                prop_assert!(piece.end - piece.start <= most);
                partials += (piece.end - piece.start).div_ceil(block);
                next = piece.end;
            }
            prop_assert_eq!(next, start + count);
            prop_assert_eq!(partials, count.div_ceil(block));
        }
    }

    #[test]
    fn what_fits_is_one_group_of_one_segment() {
        let most = group_items(&[both_ways(4)], 0, &ROOM).expect("fits");
        assert!(most > 1 << 24);
        let groups = groups(1 << 24, 0..1 << 24, most);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].as_slice(), [Segment { items: 0..1 << 24, edge: false }]);
    }

    #[test]
    fn a_binding_limits_the_piece_and_a_budget_the_group() {
        let uses = [both_ways(4), both_ways(8)];
        assert_eq!(piece_items(&uses, &ROOM).expect("fits"), ((1 << 27) - 256) / 8);
        let small = Room { budget: Some(1 << 20), ..ROOM };
        let most = group_items(&uses, 0, &small).expect("fits");
        assert!(most * 12 * 3 <= 1 << 20 && most * 12 * 5 > 1 << 20);
        assert!(group_items(&uses, 1 << 20, &small).is_err());
        assert!(piece_items(&[both_ways(1 << 28)], &ROOM).is_err());
    }

    #[test]
    fn operands_without_bytes_limit_nothing() {
        assert_eq!(piece_items(&[both_ways(0)], &ROOM), Ok(1 << 31));
        assert_eq!(group_items(&[both_ways(0)], 0, &ROOM), Ok(u64::MAX));
    }

    #[test]
    fn edges_are_segments_of_their_own() {
        let groups = groups(100, 3..98, 1000);
        let edges: Vec<_> = groups[0].iter().map(|s| (s.items.clone(), s.edge)).collect();
        assert_eq!(edges, [(0..3, true), (3..98, false), (98..100, true)]);
        assert_eq!(super::groups(100, 3..98, 50).len(), 4);
        assert!(super::groups(0, 0..0, 50).is_empty());
    }

    #[test]
    fn interiors_of_bytes() {
        assert_eq!(interior(&(4096..4196), 1, 100), 0..100);
        assert_eq!(interior(&(4097..4197), 1, 100), 3..99);
        assert_eq!(interior(&(4097..4099), 1, 2), 0..0);
        assert_eq!(interior(&(4097..4397), 3, 100), 1..99);
    }

    proptest! {
        #[test]
        fn parts_cover_all_items_once(start in 0_u64..1000, count in 0_u64..100_000, most in 1_u64..5000) {
            let mut next = start;
            for part in even(start..start + count, most) {
                prop_assert_eq!(part.start, next);
                prop_assert!(!part.is_empty() && part.end - part.start <= most);
                next = part.end;
            }
            prop_assert_eq!(next, start + count);
        }

        #[test]
        fn interiors_never_touch_a_shared_word(start in 4096_usize..4104, items in 0_u64..50, size in 1_u64..9) {
            let bytes = start..start + (items * size) as usize;
            let inside = interior(&bytes, size, items);
            prop_assert!(inside.end <= items);
            if !inside.is_empty() {
                let first = start + (inside.start * size) as usize;
                let last = start + (inside.end * size) as usize;
                // The words that the interior touches are all inside.
                prop_assert!(first & !3 >= bytes.start && last.next_multiple_of(4) <= bytes.end);
            }
        }
    }
}
