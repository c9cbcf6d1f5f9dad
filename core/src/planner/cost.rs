//! The closed forms: seconds from bytes and rates.

use super::machine::{Faulting, Moving, Path};
use super::need::{Need, Pattern};

/// Seconds of one use of an argument over a path: `max(a*f*B/b, hops*latency/MLP)`.
pub fn pass(path: &Path, need: &Need) -> f64 {
    let streamed = amplification(path, need) * need.touched * need.bytes / path.bandwidth;
    match need.pattern {
        Pattern::Chase { hops, .. } => streamed.max(hops * path.latency / path.in_flight.max(1.0)),
        Pattern::Stream | Pattern::Scattered { .. } => streamed,
    }
}

/// Bytes that a path fetches for each useful one: its granule over the useful bytes in it, at least 1.
pub fn amplification(path: &Path, need: &Need) -> f64 {
    match need.pattern {
        Pattern::Stream => 1.0,
        Pattern::Scattered { useful } | Pattern::Chase { useful, .. } => (path.granule / useful).max(1.0),
    }
}

/// Pages of an argument, at least 1 unless it is empty.
pub fn pages(bytes: f64, page_bytes: f64) -> f64 {
    (bytes / page_bytes).ceil()
}

/// Seconds to move all pages of an argument to the device: `L + P*t_page + F*t_fault`.
pub fn migrate(moving: &Moving, need: &Need) -> f64 {
    let pages = pages(need.bytes, moving.page_bytes);
    moving.start + pages * (moving.page + need.absent * moving.fault)
}

/// Seconds to move them back.
pub fn bring_back(moving: &Moving, need: &Need) -> f64 {
    moving.start + pages(need.bytes, moving.page_bytes) * moving.page_back
}

/// Seconds until all touched pages have been faulted over, once.
pub fn fault_over(faulting: &Faulting, need: &Need) -> f64 {
    let touched = match need.pattern {
        Pattern::Stream => need.touched * need.bytes,
        // Each useful piece may lie in a page of its own.
        Pattern::Scattered { useful } | Pattern::Chase { useful, .. } => {
            (need.touched * need.bytes / useful * faulting.page_bytes).min(need.bytes)
        }
    };
    pages(touched, faulting.page_bytes) * faulting.fault
}

/// Number of uses k* from which moving all of an argument first is faster than reaching it where it is:
/// `(1/b_move) / (f*(1/b_dir - 1/b_dev))`, rates in bytes a second. Infinite if the device's own memory is not faster.
///
/// ```
/// use landbridge_core::planner::cost::crossover;
/// // GH200: copy engine 377 GB/s, direct 335, the same kernel on its own memory 2008.
/// let by_copy = crossover(377e9, 335e9, 2008e9, 1.0);
/// assert!((1.0..1.2).contains(&by_copy));
/// // move_pages over 64 KiB pages, 6.66 GB/s.
/// let by_pages = crossover(6.66e9, 335e9, 2008e9, 1.0);
/// assert!((59.0..62.0).contains(&by_pages));
/// ```
pub fn crossover(b_move: f64, b_direct: f64, b_device: f64, touched: f64) -> f64 {
    let gained = touched * (1.0 / b_direct - 1.0 / b_device);
    if gained <= 0.0 { f64::INFINITY } else { 1.0 / b_move / gained }
}

/// Number of uses from which the second of two ways is faster; each is (seconds once, seconds a use). Infinite if never.
pub fn breakeven(first: (f64, f64), second: (f64, f64)) -> f64 {
    let (more_once, less_each) = (second.0 - first.0, first.1 - second.1);
    match (more_once <= 0.0, less_each > 0.0) {
        (true, _) if less_each >= 0.0 => 0.0,
        (false, true) => more_once / less_each,
        _ => f64::INFINITY,
    }
}

/// Seconds of work that takes `alone` on one thread, spread over `threads` if that pays after waiting for them to wake.
pub fn spread(alone: f64, threads: f64, wake: f64) -> f64 {
    alone.min((alone - wake).max(0.0) / threads.max(1.0) + wake)
}
