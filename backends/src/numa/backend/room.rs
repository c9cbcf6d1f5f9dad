//! Room on a node for the arrays of a scope.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::rc::Rc;

use landbridge_core::{Error, Result};

use super::NodeBackend;
use super::buffer::Buffer;

/// Arrays from this size on have pages of their own; smaller ones share a buffer of this size.
const SHARED: usize = 1 << 20;

/// Copies lie to multiples of this as the user's arrays do: so much alignment the parts of any array keep.
const CONGRUENT: usize = 4096;

/// As much as an array's own alignment can be asked to be; what its address shows beyond this is chance.
const MOST_ALIGNED: usize = 2 << 20;

/// A place for an array's copy.
pub(super) struct Held {
    pub(super) start: *mut MaybeUninit<u8>,
    pub(super) bytes: usize,
    /// Nobody has written there: it reads as zeros.
    pub(super) fresh: bool,
    /// What it lies in; kept until the last array in it goes.
    _buffer: Rc<Buffer>,
}

/// Makes places.
#[derive(Default)]
pub(super) struct Room {
    /// Where the next small array goes, and the bytes of it that are taken.
    shared: Option<(Rc<Buffer>, usize)>,
}

impl Room {
    /// A place for `bytes` that are at `address` in the user's memory. `taken` bytes are held already.
    pub(super) fn hold(&mut self, node: &NodeBackend, bytes: usize, address: usize, taken: usize) -> Result<Held> {
        check_cap(node, bytes, taken)?;
        if let Some((buffer, used)) = &mut self.shared {
            let offset = place(buffer.start().addr() + *used, address) - buffer.start().addr();
            if offset + bytes <= buffer.bytes() {
                *used = offset + bytes;
                return Ok(held(buffer, offset, bytes));
            }
        }
        // Room for any place that `place` finds.
        let length = bytes + alignment(address);
        let buffer = Rc::new(new_buffer(node, length.max(SHARED))?);
        let offset = place(buffer.start().addr(), address) - buffer.start().addr();
        let held = held(&buffer, offset, bytes);
        if bytes < SHARED / 2 {
            self.shared = Some((buffer, offset + bytes));
        }
        Ok(held)
    }
}

fn held(buffer: &Rc<Buffer>, offset: usize, bytes: usize) -> Held {
    Held { start: buffer.start().wrapping_add(offset), bytes, fresh: true, _buffer: buffer.clone() }
}

/// Copies lie to multiples of this as what is at `address` does.
fn alignment(address: usize) -> usize {
    let own = 1_usize.checked_shl(address.trailing_zeros()).unwrap_or(MOST_ALIGNED);
    own.clamp(CONGRUENT, MOST_ALIGNED)
}

/// The first address from `from` on that lies to multiples as `address` does.
fn place(from: usize, address: usize) -> usize {
    let unit = alignment(address);
    from + (address.wrapping_sub(from) & (unit - 1))
}

/// # Errors
/// `OutOfMemory`: the program's own cap.
pub(super) fn check_cap(node: &NodeBackend, bytes: usize, taken: usize) -> Result<()> {
    let left = |cap: u64| cap.saturating_sub(taken as u64);
    match node.memory_cap.filter(|cap| left(*cap) < bytes as u64) {
        Some(cap) => {
            let hint = "raise the cap, or use Strategy::Direct or Migrate, which need no copies";
            Err(none(node, bytes, left(cap), hint))
        }
        None => Ok(()),
    }
}

/// # Errors
/// `OutOfMemory`: the system gave none.
pub(super) fn new_buffer(node: &NodeBackend, bytes: usize) -> Result<Buffer> {
    let refused = |error| format!("the system gave none ({error}); use Strategy::Direct or Migrate");
    Buffer::new(bytes, node.number).map_err(|error| none(node, bytes, 0, &refused(error)))
}

fn none(node: &NodeBackend, bytes: usize, available: u64, hint: &str) -> Error {
    let device = node.info.to_string();
    Error::OutOfMemory { device, wanted: bytes as u64, available, hint: hint.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_lie_to_pages_and_to_large_alignments_as_the_users_memory_does() {
        for address in [0x7000_0000_0003, 0x7000_0000_0ffc, 0x7000_0000_6000, 0x7000_0012_3450, 1 << 40] {
            for from in [0x5000_0000_0000, 0x5000_0000_0001, 0x5000_0000_4123] {
                let at = place(from, address);
                assert!(at >= from && at - from < alignment(address), "{from:x} {address:x} {at:x}");
                let parts = [1, 2, 4, 8, 16, 64, 4096, 8192, 1 << 20];
                assert!(parts.iter().all(|part| !address.is_multiple_of(*part) || at.is_multiple_of(*part)));
                assert_eq!(at % CONGRUENT, address % CONGRUENT);
            }
        }
    }
}
