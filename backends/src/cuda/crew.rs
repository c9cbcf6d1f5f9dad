//! Threads that help to copy within the host's memory: one alone is slower than the bus of a card.
//!
//! Not rayon's: a thread of its pool that waits there takes up other work of the program's, which may wait for the card that it holds.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};

/// Helpers at most: four threads copy as fast as most hosts' memory allows.
const MOST: usize = 3;
/// Bytes that are worth waking a helper for.
const SHARE: usize = 256 << 10;

/// A part of a copy, for a helper.
struct Task {
    from: *const MaybeUninit<u8>,
    to: *mut MaybeUninit<u8>,
    bytes: usize,
    left: Arc<Left>,
}

// SAFETY: whoever gives it to a helper waits until it is done, and nobody else uses these bytes meanwhile.
unsafe impl Send for Task {}

/// How many tasks of a copy are not done, and who waits for them.
struct Left {
    tasks: AtomicUsize,
    waits: Thread,
}

/// Copies bytes, with helpers if they are many.
///
/// # Safety
/// As [`std::ptr::copy_nonoverlapping`].
pub(crate) unsafe fn copy(from: *const MaybeUninit<u8>, to: *mut MaybeUninit<u8>, bytes: usize) {
    let helpers = if bytes < 2 * SHARE { &[] } else { helpers() };
    let shares = (helpers.len() + 1).min(bytes / SHARE).max(1);
    let share = bytes.div_ceil(shares).next_multiple_of(64);
    let mut first = share.min(bytes);
    let left = (shares > 1).then(|| Arc::new(Left { tasks: AtomicUsize::new(0), waits: thread::current() }));
    if let Some(left) = &left {
        for helper in helpers {
            let bytes = share.min(bytes - first);
            if bytes == 0 {
                break;
            }
            let task =
                Task { from: from.wrapping_add(first), to: to.wrapping_add(first), bytes, left: Arc::clone(left) };
            left.tasks.fetch_add(1, Ordering::Relaxed);
            if helper.send(task).is_err() {
                // It is gone: what it would have done is done here, with what no helper got.
                left.tasks.fetch_sub(1, Ordering::Relaxed);
                break;
            }
            first += bytes;
        }
    }
    // SAFETY: the caller vouches for all bytes; helpers copy those between the first share and `first`.
    unsafe {
        from.copy_to_nonoverlapping(to, share.min(bytes));
        if first < bytes {
            from.add(first).copy_to_nonoverlapping(to.add(first), bytes - first);
        }
    }
    if let Some(left) = left {
        let mut spins = 0_u32;
        while left.tasks.load(Ordering::Acquire) > 0 {
            spins += 1;
            if spins < 10_000 { std::hint::spin_loop() } else { thread::park() }
        }
    }
}

fn helpers() -> &'static [Sender<Task>] {
    static HELPERS: OnceLock<Vec<Sender<Task>>> = OnceLock::new();
    HELPERS.get_or_init(|| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let helper = |_| {
            let (sender, tasks) = channel();
            let started = thread::Builder::new().name("landbridge-copy".to_owned()).spawn(move || help(&tasks));
            // Without it whoever copies does more.
            started.is_ok().then_some(sender)
        };
        (0..MOST.min(cores / 2)).filter_map(helper).collect()
    })
}

fn help(tasks: &Receiver<Task>) {
    while let Ok(Task { from, to, bytes, left }) = tasks.recv() {
        // SAFETY: whoever gave the task vouches for these bytes until it is done.
        unsafe { from.copy_to_nonoverlapping(to, bytes) };
        if left.tasks.fetch_sub(1, Ordering::Release) == 1 {
            left.waits.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_copied_whatever_the_length() {
        for bytes in [0, 1, SHARE, 2 * SHARE - 1, 2 * SHARE, 2 * SHARE + 1, 5 * SHARE + 63, 9 * SHARE + 7] {
            let from: Vec<u8> = (0..bytes).map(|k| (k % 251) as u8).collect();
            let mut to = vec![255; bytes + 1];
            // SAFETY: the source has so many bytes, and the target one more.
            unsafe { copy(from.as_ptr().cast(), to.as_mut_ptr().cast(), bytes) };
            assert!(to[..bytes] == from, "{bytes} bytes");
            assert_eq!(to[bytes], 255, "{bytes} bytes");
        }
    }
}
