//! Places of nodes that several links may lead to, by address.

use super::map::Kind;

/// An open hash table from address and kind to place. Addresses are never 0.
#[derive(Default)]
pub(crate) struct Known {
    slots: Vec<Slot>,
    used: usize,
}

#[derive(Clone, Copy)]
struct Slot {
    address: usize,
    kind: Kind,
    place: u64,
}

const EMPTY: Slot = Slot { address: 0, kind: 0, place: 0 };

impl Known {
    /// Where a node is, if it is known.
    pub(crate) fn get(&self, address: usize, kind: Kind) -> Option<u64> {
        if self.slots.is_empty() || address == 0 {
            return None;
        }
        let slot = &self.slots[self.find(address, kind)];
        (slot.address != 0).then_some(slot.place)
    }

    /// Remembers a node; the first place stays.
    pub(crate) fn insert(&mut self, address: usize, kind: Kind, place: u64) {
        if address == 0 {
            return; // null is no node
        }
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let at = self.find(address, kind);
        if self.slots[at].address == 0 {
            self.slots[at] = Slot { address, kind, place };
            self.used += 1;
        }
    }

    /// The slot that holds it, or the empty one where it belongs.
    fn find(&self, address: usize, kind: Kind) -> usize {
        let mask = self.slots.len() - 1;
        // Multiplying by the golden ratio spreads addresses, which are multiples of 16 close to each other.
        let mixed = (address as u64 ^ (kind as u64) << 57).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut at = (mixed >> 32) as usize & mask;
        loop {
            let slot = &self.slots[at];
            if slot.address == 0 || (slot.address == address && slot.kind == kind) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let larger = vec![EMPTY; (self.slots.len() * 2).max(64)];
        for slot in std::mem::replace(&mut self.slots, larger) {
            if slot.address != 0 {
                let at = self.find(slot.address, slot.kind);
                self.slots[at] = slot;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_inserted_first_is_found() {
        let mut known = Known::default();
        assert_eq!(known.get(8, 0), None);
        for address in 1..1000 {
            known.insert(address * 8, address % 3, address as u64);
            known.insert(address * 8, address % 3, 0);
        }
        for address in 1..1000 {
            assert_eq!(known.get(address * 8, address % 3), Some(address as u64));
            assert_eq!(known.get(address * 8, address % 3 + 1), None);
        }
    }
}
