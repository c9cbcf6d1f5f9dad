//! Operands that share a binding, because the device has few: they lie behind each other in one buffer. Pure arithmetic.

use super::cut::Room;
use super::operand::{Operand, Share};

/// Operands start at multiples of this, bytes: what every element and every copy needs.
const START: u64 = 16;

/// Where operand `index` starts in the buffer that it shares. `bytes` is what each takes there.
pub(crate) fn offset(bound: &[Operand<'_>], index: usize, bytes: impl Fn(&Operand<'_>) -> u64) -> u64 {
    together(&bound[..index], bound[index].slots.first, bytes)
}

/// Bytes of all operands in a binding.
pub(crate) fn bytes(bound: &[Operand<'_>], slot: u32, bytes: impl Fn(&Operand<'_>) -> u64) -> u64 {
    together(bound, slot, bytes).max(START)
}

/// The first operand of those that share a binding with operand `index`: the buffer is its own.
pub(crate) fn lead(bound: &[Operand<'_>], index: usize) -> usize {
    let slot = bound[index].slots.first;
    bound.iter().position(|operand| operand.slots.first == slot).unwrap_or(index)
}

fn together(bound: &[Operand<'_>], slot: u32, bytes: impl Fn(&Operand<'_>) -> u64) -> u64 {
    let sharing = bound.iter().filter(|operand| operand.slots.first == slot);
    sharing.map(|operand| bytes(operand).next_multiple_of(START)).sum()
}

/// The most work-items whose parts of all operands that share a binding fit it, or why there are none.
pub(crate) fn items(bound: &[Operand<'_>], block: u64, room: &Room) -> Result<u64, String> {
    let mut most = u64::MAX;
    for operand in bound.iter().filter(|operand| operand.slots.packed) {
        let sharing = || bound.iter().filter(|other| other.slots.first == operand.slots.first);
        // Of each: bytes of an item, and bytes that it may take besides.
        let one = |operand: &Operand<'_>| match operand.share {
            Share::PerItem(bytes) => (bytes, START),
            Share::PerBlock(bytes) => (bytes.div_ceil(block), START + bytes),
            Share::Whole => (0, START + operand.bytes),
        };
        let fixed: u64 = sharing().map(|operand| one(operand).1).sum();
        let per_item: u64 = sharing().map(|operand| one(operand).0).sum();
        let left = room.binding.checked_sub(fixed + room.slack);
        let fits = left.map_or(0, |left| left.checked_div(per_item).unwrap_or(u64::MAX));
        if fits == 0 {
            let names: Vec<&str> = sharing().map(|operand| operand.name).collect();
            let names = names.join("`, `");
            return Err(format!(
                "the device binds so few buffers that `{names}` share one, and together they are more than it holds ({})",
                room.binding
            ));
        }
        most = most.min(fits);
    }
    Ok(most)
}

#[cfg(test)]
mod tests {
    use super::super::operand::{Memory, Slots};
    use super::*;

    fn operand(slot: u32, bytes: u64, share: Share) -> Operand<'static> {
        let slots = Slots { first: slot, parts: 1, part_bytes: 0, packed: slot > 1 };
        Operand {
            name: "x",
            memory: Memory::Partials,
            bytes,
            share,
            writable: false,
            unit_bytes: 4,
            slots,
            is_image: false,
        }
    }

    #[test]
    fn operands_lie_behind_each_other() {
        let bound = [4, 2, 3, 2, 2].map(|slot| operand(slot, 20, Share::Whole));
        let starts: Vec<u64> = (0..5).map(|k| offset(&bound, k, |operand| operand.bytes)).collect();
        assert_eq!(starts, [0, 0, 0, 32, 64]);
        assert_eq!(bytes(&bound, 2, |operand| operand.bytes), 96);
        assert_eq!([0, 1, 2, 3, 4].map(|k| lead(&bound, k)), [0, 1, 2, 1, 1]);
    }

    #[test]
    fn a_binding_limits_what_shares_it() {
        let room = Room { binding: 1000, buffer: 1 << 20, budget: None, slack: 100, items: 1 << 20 };
        let alone = [operand(1, 1 << 30, Share::PerItem(999))];
        assert_eq!(items(&alone, 1, &room), Ok(u64::MAX));
        let two = [operand(2, 0, Share::PerItem(8)), operand(2, 0, Share::PerBlock(4))];
        assert_eq!(items(&two, 4, &room), Ok((900 - 36) / 9));
        let whole = [operand(2, 500, Share::Whole), operand(2, 501, Share::Whole)];
        assert!(items(&whole, 1, &room).is_err());
        assert_eq!(items(&[operand(2, 500, Share::Whole)], 1, &room), Ok(u64::MAX));
    }
}
