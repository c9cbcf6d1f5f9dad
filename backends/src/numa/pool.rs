//! Threads that stay on some CPUs.
#![allow(unsafe_code)]

use std::io;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Words of a set of CPUs: more than any kernel has, and as many as it wants to see at least.
const WORDS: usize = 1024;

/// The CPUs that this thread may run on, rising.
pub(super) fn allowed() -> io::Result<Vec<u32>> {
    let mut words = [0_u64; WORDS];
    // SAFETY: the kernel writes at most as many bytes as it is told that there are.
    let done = unsafe { libc::sched_getaffinity(0, size_of_val(&words), words.as_mut_ptr().cast()) };
    if done != 0 {
        return Err(io::Error::last_os_error());
    }
    let cpus = (0..WORDS as u32 * 64).filter(|cpu| words[*cpu as usize / 64] & (1 << (cpu % 64)) != 0);
    Ok(cpus.collect())
}

/// A pool with a thread for each of these CPUs. Each may run on any of them, so that one whose CPU is taken by another
/// program can go to its neighbour.
pub(super) fn pinned(cpus: &[u32], name: &str) -> io::Result<ThreadPool> {
    let name = name.to_string();
    let pool = ThreadPoolBuilder::new()
        .num_threads(cpus.len())
        .thread_name(move |thread| format!("{name} {thread}"))
        .build()
        .map_err(io::Error::other)?;
    // The pool's threads live as long as it does: pinned once, they stay.
    pool.broadcast(|_| pin(cpus)).into_iter().collect::<io::Result<()>>()?;
    Ok(pool)
}

/// Lets this thread run on these CPUs only.
fn pin(cpus: &[u32]) -> io::Result<()> {
    let mut words = [0_u64; WORDS];
    for cpu in cpus {
        let word = words.get_mut(*cpu as usize / 64).ok_or(io::ErrorKind::InvalidInput)?;
        *word |= 1 << (cpu % 64);
    }
    // SAFETY: the kernel only reads the set, which is as long as it is told.
    let done = unsafe { libc::sched_setaffinity(0, size_of_val(&words), words.as_ptr().cast()) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_pool_stays_where_it_was_put_and_leaves_the_caller_alone() {
        let before = allowed().unwrap();
        let last = [*before.last().unwrap()];
        let pool = pinned(&last, "test").unwrap();
        assert_eq!(pool.current_num_threads(), 1);
        assert_eq!(pool.install(|| allowed().unwrap()), last);
        assert_eq!(allowed().unwrap(), before);
    }

    #[test]
    fn cpus_that_do_not_exist_are_an_error() {
        let far = WORDS as u32 * 64;
        assert_eq!(pinned(&[far - 1], "test").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(pinned(&[far], "test").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
