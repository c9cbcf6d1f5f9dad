//! How long work takes, and what follows from it: pure arithmetic, all times in nanoseconds.

use std::cell::Cell;

/// Below this a launch reads the clock only now and then: two readings take 50 ns. So little work is never worth help, not
/// even from inside a pool whose threads are awake (`crew::help_pays_from`).
const UNTIMED: f64 = 14_000.0;

/// Of launches that short, one in this many is timed all the same, so that the estimate follows the kernel.
const SAMPLED: u32 = 32;

/// The first slice of a launch whose length is in doubt takes about this long.
const SLICE: f64 = 8_000.0;

/// The shortest piece worth claiming: claiming and timing one takes 0.1 us.
const LEAST_PIECE: f64 = 2_500.0;

/// The longest piece: short enough that a thread that stops early, or is taken away, does not hold up the rest.
const MOST_PIECE: f64 = 200_000.0;

/// Where they are long enough, slices and pieces end at multiples of this many items: two threads seldom share a cache line,
/// and vectors stay within cache lines as they do in a loop over all (saxpy whose second half begins askew takes 1.13 times
/// as long).
const ROUND: usize = 64;

/// Whether a launch that is expected to take this long runs without being timed.
#[inline]
pub(super) fn goes_untimed(expected: f64) -> bool {
    thread_local! {
        static COUNT: Cell<u32> = const { Cell::new(0) };
    }
    expected < UNTIMED && {
        // A generator, not a plain counter: kernels that run in turn all get their share.
        let next = COUNT.get().wrapping_mul(0x9E37_79B1).wrapping_add(0x7F4A_7C15);
        COUNT.set(next);
        next >> 16 & (SAMPLED - 1) != 0
    }
}

/// The expected cost of the items to come, from what earlier launches took and what this one has measured so far.
pub(super) fn blend(known: Option<f64>, measured: f64) -> f64 {
    known.map_or(measured, |known| (known + measured) * 0.5)
}

/// The estimate that a launch leaves to the next. It rises slowly: most of what makes a launch slow is not the kernel.
pub(super) fn learn(known: Option<f64>, measured: f64) -> f64 {
    known.map_or(measured, |known| known + (measured - known) * if measured > known { 0.2 } else { 0.5 })
}

/// The time of work that takes `alone` on one thread, if it is spread over `threads` where that pays.
pub(super) fn spread(alone: f64, threads: f64, wake: f64) -> f64 {
    alone.min((alone - wake).max(0.0) / threads + wake)
}

/// How many items to run before deciding anew whether others should help. `rate` is the expected cost of an item, `done` how
/// many have run.
pub(super) fn slice(rate: Option<f64>, done: usize, left: usize) -> usize {
    let Some(rate) = rate else { return 1.min(left) };
    let items = (SLICE / rate.max(1e-3)) as usize;
    // What would remain is not worth a decision.
    if left / 2 <= items { left } else { round(items, done) }
}

/// How many items a thread should claim of those left: a fraction of its share, so that the threads end together.
pub(super) fn piece(rate: f64, done: usize, left: usize, threads: usize) -> usize {
    let rate = rate.max(1e-3);
    let share = rate * left as f64 / (2 * threads) as f64;
    let items = (share.clamp(LEAST_PIECE, MOST_PIECE) / rate) as usize;
    round(items, done).min(left)
}

/// So many items or a few less, ending at a multiple of [`ROUND`] where they are enough.
fn round(items: usize, done: usize) -> usize {
    if items > 4 * ROUND { (done + items) / ROUND * ROUND - done } else { items.max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_launches_go_untimed_and_not_always() {
        let untimed = (0..1000).filter(|_| goes_untimed(100.0)).count();
        assert!((850..1000).contains(&untimed), "{untimed}");
        assert!((0..100).all(|_| !goes_untimed(UNTIMED)));
    }

    #[test]
    fn pieces_cover_everything_and_shrink_towards_the_end() {
        for (rate, items) in [(0.3, 10_000_000), (1e6, 7), (0.0, 5), (50.0, 1_000)] {
            let (mut left, mut last) = (items, usize::MAX);
            while left > 0 {
                let piece = piece(rate, items - left, left, 2);
                assert!(piece >= 1 && piece <= left && piece <= last);
                (left, last) = (left - piece, piece);
            }
        }
        assert!(piece(1e9, 0, 100, 4) == 1, "long items are claimed one by one");
    }

    #[test]
    fn long_pieces_and_slices_end_at_whole_cache_lines() {
        // The first slice of an unknown kernel leaves the next one at an odd place.
        for done in [0, 1, 100, 12_345] {
            for rate in [0.09, 0.3, 7.0, 25.0] {
                assert_eq!((done + slice(Some(rate), done, 10_000_000)) % ROUND, 0, "slice at {done}, {rate} ns");
                assert_eq!((done + piece(rate, done, 10_000_000, 2)) % ROUND, 0, "piece at {done}, {rate} ns");
            }
        }
        assert_eq!(slice(Some(100.0), 3, 1_000), 80, "so few are not rounded");
    }

    #[test]
    fn the_first_slice_of_an_unknown_kernel_is_one_item() {
        assert_eq!(slice(None, 0, 100), 1);
        assert_eq!(slice(None, 0, 0), 0);
        assert_eq!(slice(Some(1.0), 0, 1_000_000), 8_000);
        assert_eq!(slice(Some(1.0), 0, 12_000), 12_000);
        assert_eq!(slice(Some(1e9), 0, 10), 1);
    }

    #[test]
    fn estimates_fall_faster_than_they_rise() {
        assert_eq!(learn(None, 7.0), 7.0);
        assert_eq!(learn(Some(10.0), 20.0), 12.0);
        assert_eq!(learn(Some(10.0), 2.0), 6.0);
    }

    #[test]
    fn spreading_is_never_predicted_to_be_slower() {
        assert_eq!(spread(5_000.0, 8.0, 20_000.0), 5_000.0);
        assert_eq!(spread(180_000.0, 8.0, 20_000.0), 40_000.0);
        assert_eq!(spread(1e6, 1.0, 20_000.0), 1e6);
    }
}
