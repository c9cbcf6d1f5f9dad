//! New pages take the place of old ones; if the kernel refuses, everything is as it was, or the program ends.
#![allow(unsafe_code)]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::ptr;

use super::area::{self, Area, Replace};
use crate::numa::mover::sys::Errno;

/// The pages of `area`, copies of `target`'s, take its addresses. `target` gets a mark, by which it is known again after an
/// error; that makes its first page if it is absent.
///
/// # Errors
/// What the kernel says; then `target` has its content as before, on whatever node.
///
/// # Safety
/// `area` is as long as `target` and has its content. `target` is whole pages of private, anonymous, writable memory that
/// nobody else uses meanwhile.
pub(super) unsafe fn swap(area: Area, target: &Range<usize>, replace: Replace) -> Result<(), Errno> {
    let mark = new_mark();
    // SAFETY: `target` is writable and nobody else's; `area` has what was there.
    unsafe { ptr::copy_nonoverlapping(mark.as_ptr(), target.start as *mut u8, mark.len()) };
    // SAFETY: the caller vouches for `target`; `area` is ours.
    match unsafe { replace(area.range(), target.start) } {
        Ok(()) => {
            area.forget();
            Ok(())
        }
        Err(errno) => {
            if !is_ours(target, &mark) && !area::claim(target) {
                // Another thread may have mapped something here. To return would hand its memory out as the caller's.
                eprintln!("landbridge: {target:x?} was lost while its pages moved (mremap: error {errno}); aborting");
                std::process::abort();
            }
            // SAFETY: `target` is mapped, ours to write, and apart from `area`, which has its content.
            unsafe { area::copy(area.range().start, target.start, target.len()) };
            Err(errno)
        }
    }
}

/// What is written over the first bytes of memory that may get lost, to know it again.
type Mark = [u8; 16];

fn new_mark() -> Mark {
    let random = || RandomState::new().build_hasher().finish().to_ne_bytes();
    let mut mark = Mark::default();
    mark.chunks_mut(8).for_each(|half| half.copy_from_slice(&random()));
    mark
}

/// Whether `target` is mapped and has this mark: then it was never lost.
fn is_ours(target: &Range<usize>, mark: &Mark) -> bool {
    let mut present = 0_u8;
    // SAFETY: `mincore` reads nothing, and writes one byte for the one page it is asked about.
    let mapped = unsafe { libc::mincore(target.start as *mut _, 1, (&raw mut present).cast()) } == 0;
    // SAFETY: something is mapped. If it is not ours and cannot be read, or goes at this moment, the program ends here
    // instead of two lines later: ours is lost then.
    mapped && unsafe { ptr::read_volatile(target.start as *const Mark) } == *mark
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::numa::mover::sys::page_size;

    const BYTES: usize = 64 << 10;

    /// Memory with content, and an area with the same.
    fn twins() -> (Area, Area) {
        let twin = || {
            let area = Area::reserve(&(0..BYTES), area::Likeness::default()).unwrap();
            // SAFETY: the area is ours, and as long as that.
            let words = unsafe { std::slice::from_raw_parts_mut(area.range().start as *mut usize, BYTES / 8) };
            words.iter_mut().enumerate().for_each(|(i, word)| *word = i * 7 + 1);
            area
        };
        (twin(), twin())
    }

    fn assert_content(memory: &Area) {
        // SAFETY: tests keep the area mapped.
        let words = unsafe { std::slice::from_raw_parts(memory.range().start as *const usize, BYTES / 8) };
        assert!(words.iter().enumerate().all(|(i, word)| *word == i * 7 + 1));
    }

    #[test]
    fn pages_change_places() {
        let (memory, copies) = twins();
        let from = copies.range().clone();
        // SAFETY: both areas are this test's own and hold the same.
        unsafe { swap(copies, memory.range(), area::replace) }.unwrap();
        assert_content(&memory);
        assert!(area::claim(&from), "its old place is free");
        // SAFETY: just mapped, and nobody looks.
        unsafe { libc::munmap(from.start as *mut _, BYTES) };
    }

    #[test]
    fn a_refusal_leaves_everything_as_it_was() {
        let (memory, copies) = twins();
        // SAFETY: both areas are this test's own; all but the first page of `memory` may lose its content.
        let refused = unsafe {
            area::free(&(memory.range().start + page_size()..memory.range().end));
            swap(copies, memory.range(), |_, _| Err(libc::ENOMEM))
        };
        assert_eq!(refused, Err(libc::ENOMEM));
        assert_content(&memory);
    }

    #[test]
    fn a_refusal_after_the_old_pages_were_parked_loses_nothing() {
        let (memory, copies) = twins();
        // SAFETY: both areas are this test's own; all of `memory` may lose its content, whichever way.
        let refused = unsafe {
            let parked = area::park(memory.range(), area::Likeness::default(), area::empty);
            if parked.is_err() {
                area::free(memory.range());
            }
            swap(copies, memory.range(), |_, _| Err(libc::ENOMEM))
        };
        assert_eq!(refused, Err(libc::ENOMEM));
        assert_content(&memory);
    }

    /// What `mremap` may do when it fails late.
    unsafe fn lose(_: &Range<usize>, to: usize) -> Result<(), Errno> {
        // SAFETY: the caller gives the target up.
        unsafe { libc::munmap(to as *mut _, BYTES) };
        Err(libc::ENOMEM)
    }

    #[test]
    fn a_range_that_was_lost_is_taken_back() {
        let (memory, copies) = twins();
        // SAFETY: both areas are this test's own and hold the same.
        assert_eq!(unsafe { swap(copies, memory.range(), lose) }, Err(libc::ENOMEM));
        assert_content(&memory);
    }

    /// The same, and another thread was quicker to take it.
    unsafe fn lose_to_another(from: &Range<usize>, to: usize) -> Result<(), Errno> {
        // SAFETY: the caller gives the target up.
        let refused = unsafe { lose(from, to) };
        assert!(area::claim(&(to..to + BYTES)));
        refused
    }

    #[test]
    fn a_range_that_another_took_ends_the_program() {
        const INSIDE: &str = "LANDBRIDGE_TEST_LOSES_A_RANGE";
        if std::env::var_os(INSIDE).is_some() {
            let (memory, copies) = twins();
            // SAFETY: both areas are this test's own and hold the same.
            let _ = unsafe { swap(copies, memory.range(), lose_to_another) };
            return;
        }
        let name = "numa::mover::remap::swap::tests::a_range_that_another_took_ends_the_program";
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program).args([name, "--exact", "--nocapture"]).env(INSIDE, "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && text.contains("was lost while its pages moved"), "{text}");
    }
}
