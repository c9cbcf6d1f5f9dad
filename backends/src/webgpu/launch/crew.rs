//! Threads that help to make the image of a large structure, and to write it back.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use landbridge_core::linked::Crew;

/// As many threads as the process may use, the caller among them, made when there is work: a walk asks for them only where
/// thousands of nodes wait. They are no pool's, for a pool may be busy with those who wait for this launch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threads;

/// More than these wait for memory, not for each other's work.
const MOST: usize = 16;

static NUMBER: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, |number| number.get().min(MOST)));

impl Crew for Threads {
    fn pieces(&self) -> usize {
        *NUMBER
    }

    fn each(&self, pieces: usize, work: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let help = || {
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= pieces {
                    return;
                }
                work(piece);
            }
        };
        thread::scope(|scope| {
            for _ in 1..pieces.min(*NUMBER) {
                // Where the system has no thread to give, the others do its work.
                if thread::Builder::new().name("landbridge nodes".into()).spawn_scoped(scope, help).is_err() {
                    break;
                }
            }
            help();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_done_once_however_many_there_are() {
        for pieces in [0, 1, 2, 3, 100] {
            let done: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
            Threads.each(pieces, &|piece| _ = done[piece].fetch_add(1, Ordering::Relaxed));
            assert!(done.iter().all(|times| times.load(Ordering::Relaxed) == 1));
        }
        assert!(Threads.pieces() >= 1);
    }
}
