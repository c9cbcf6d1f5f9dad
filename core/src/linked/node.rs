//! Inside one node: its links and atomics under the tags that it has.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::map::{Choice, Hole, Step};
use super::table::Address;

/// Calls `found` with each link, atomic and tag of a node, by ascending offset. Recursion is as deep as types are nested.
///
/// # Errors
/// What `found` answers; nothing more is looked for then.
///
/// # Safety
/// A value lies at `node + base` to which the steps belong, initialised and unchanged meanwhile.
pub(crate) unsafe fn holes<E, F>(steps: &[Step], node: Address, base: usize, found: &mut F) -> Result<(), E>
where
    F: FnMut(usize, &Hole) -> Result<(), E>,
{
    for step in steps {
        match step {
            Step::Hole(offset, hole) => found(base + offset, hole)?,
            Step::Repeat(offset, stride, count, steps) => {
                for element in 0..*count {
                    // SAFETY: passed on: the element is one of the value's.
                    unsafe { holes(steps, node, base + offset + element * stride, found)? };
                }
            }
            Step::Choice(choice) => {
                found(base + choice.offset, &Hole::Tag(choice.width))?;
                // SAFETY: passed on: the enum's tag lies there, and the steps are those of the variant that it names.
                unsafe {
                    let tag = tag(choice, node.add(base));
                    if let Some((_, steps)) = choice.variants.iter().find(|(value, _)| *value == tag) {
                        holes(steps, node, base, found)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// The tag of an enum.
///
/// # Safety
/// The holder of the enum lies at `holder`, and the tag in it where `choice` says.
unsafe fn tag(choice: &Choice, holder: Address) -> u64 {
    // SAFETY: a tag is an initialised integer of that width, aligned as one. Only its bits count.
    unsafe {
        let at = holder.add(choice.offset);
        match choice.width {
            1 => u64::from(at.read()),
            2 => u64::from(at.cast::<u16>().read()),
            4 => u64::from(at.cast::<u32>().read()),
            _ => at.cast::<u64>().read(),
        }
    }
}

/// Copies an atomic of 4 or 8 bytes that other threads may change meanwhile.
///
/// # Safety
/// An atomic integer of that width lies at `from`; as many bytes at `to` may be written.
pub(crate) unsafe fn load_atomic(from: Address, to: *mut u8, width: usize) {
    // SAFETY: signed atomics have the representation of unsigned ones; loading one is no race with other atomic accesses.
    unsafe {
        if width == 8 {
            to.cast::<u64>().write_unaligned(AtomicU64::from_ptr(from.cast()).load(Ordering::Relaxed));
        } else {
            to.cast::<u32>().write_unaligned(AtomicU32::from_ptr(from.cast()).load(Ordering::Relaxed));
        }
    }
}

/// Changes an atomic of 4 or 8 bytes, as one.
///
/// # Safety
/// An atomic integer of that width lies at `to`, and as many initialised bytes at `from`.
pub(crate) unsafe fn store_atomic(from: *const u8, to: Address, width: usize) {
    // SAFETY: as above, of stores.
    unsafe {
        if width == 8 {
            AtomicU64::from_ptr(to.cast()).store(from.cast::<u64>().read_unaligned(), Ordering::Relaxed);
        } else {
            AtomicU32::from_ptr(to.cast()).store(from.cast::<u32>().read_unaligned(), Ordering::Relaxed);
        }
    }
}

/// Asks for a node's memory, up to four cache lines of it. No more than a hint: any address will do.
#[inline(always)]
pub(crate) fn prefetch(node: *const u8, size: usize) {
    fetch_line(node);
    if size > 16 {
        // A node may cross a line even if it is small; asking twice for one line costs nothing.
        fetch_line(node.wrapping_add(size.min(64) - 1));
        for line in 1..size.min(256) / 64 {
            fetch_line(node.wrapping_add(line * 64 + 63));
        }
    }
}

#[inline(always)]
fn fetch_line(at: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: a prefetch never faults, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = at;
}
