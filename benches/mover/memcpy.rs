//! What the mover is compared with: threads that copy.

use std::thread;
use std::time::Instant;

use crate::support::{Memory, Pages};

/// Seconds to copy all of `from` with so many threads into pages that exist.
pub(crate) fn into_made_pages(from: &[u8], to: &mut [u8], threads: usize) -> f64 {
    let begin = Instant::now();
    parallel(from, to, threads);
    begin.elapsed().as_secs_f64()
}

/// Seconds to do so into new memory, whose pages come as they are written, and to unmap as many pages again.
pub(crate) fn into_new_pages(from: &[u8], pages: Pages, threads: usize) -> f64 {
    let begin = Instant::now();
    let mut to = Memory::untouched(from.len(), pages).expect("memory with advice on huge pages");
    parallel(from, to.slice_mut(), threads);
    drop(to);
    begin.elapsed().as_secs_f64()
}

fn parallel(from: &[u8], to: &mut [u8], threads: usize) {
    let share = from.len().div_ceil(threads);
    let mut parts = from.chunks(share).zip(to.chunks_mut(share));
    let first = parts.next();
    thread::scope(|scope| {
        for (from, to) in parts {
            scope.spawn(|| to.copy_from_slice(from));
        }
        if let Some((from, to)) = first {
            to.copy_from_slice(from);
        }
    });
}
