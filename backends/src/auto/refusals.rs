//! Devices that refused a kernel at its launch: they are not asked again each time, but are after some launches.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use landbridge_core::Error;

/// Launches until the first second try; each further one takes twice as many.
const FIRST: u32 = 16;
const MOST: u32 = 4096;

/// What was refused, by kernel and device.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<(u64, usize), Refused>>);

#[derive(Clone, Debug)]
struct Refused {
    error: Error,
    /// Bytes of the launch: where memory was lacking, a smaller one may fit.
    bytes: usize,
    /// Launches until it is tried again.
    left: u32,
    /// How many those were at first.
    pause: u32,
}

/// A refusal that still holds.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) error: Error,
    /// Launches until it is tried again.
    pub(super) left: u32,
}

impl Refusals {
    /// A device refused a launch of this kernel with so many bytes of arguments.
    pub(super) fn note(&self, kernel: u64, device: usize, bytes: usize, error: &Error) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = all.get(&(kernel, device)).map_or(FIRST, |before| (before.pause * 2).min(MOST));
        all.insert((kernel, device), Refused { error: error.clone(), bytes, left: pause, pause });
    }

    /// A device ran a launch of this kernel.
    pub(super) fn forget(&self, kernel: u64, device: usize) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.is_empty() {
            all.remove(&(kernel, device));
        }
    }

    /// Whether the device need not be asked. `launching`: this is a launch, not a plan, and counts.
    pub(super) fn standing(&self, kernel: u64, device: usize, bytes: usize, launching: bool) -> Option<Standing> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.is_empty() {
            return None;
        }
        let refused = all.get_mut(&(kernel, device))?;
        if matches!(refused.error, Error::OutOfMemory { .. }) && bytes < refused.bytes {
            return None;
        }
        let left = refused.left;
        if launching {
            refused.left = left.saturating_sub(1);
        }
        (left > 0).then(|| Standing { error: refused.error.clone(), left })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking() -> Error {
        Error::Unsupported { kernel: "k", device: "d".into(), what: "f64".into() }
    }

    #[test]
    fn it_is_tried_again_after_some_launches_each_time_more() {
        let refusals = Refusals::default();
        assert!(refusals.standing(1, 1, 0, true).is_none());
        for pause in [FIRST, 2 * FIRST, 4 * FIRST] {
            refusals.note(1, 1, 0, &lacking());
            for left in (1..=pause).rev() {
                assert_eq!(refusals.standing(1, 1, 0, false).map(|standing| standing.left), Some(left), "a plan");
                assert_eq!(refusals.standing(1, 1, 0, true).map(|standing| standing.left), Some(left), "a launch");
            }
            assert!(refusals.standing(1, 1, 0, true).is_none(), "its turn");
        }
        assert!(refusals.standing(1, 2, 0, true).is_none() && refusals.standing(2, 1, 0, true).is_none());
        refusals.note(1, 1, 0, &lacking());
        refusals.forget(1, 1);
        assert!(refusals.standing(1, 1, 0, true).is_none());
    }

    #[test]
    fn where_memory_was_lacking_a_smaller_launch_may_fit() {
        let refusals = Refusals::default();
        let full = Error::OutOfMemory { device: "d".into(), wanted: 2, available: 1, hint: String::new() };
        refusals.note(1, 1, 1000, &full);
        assert!(refusals.standing(1, 1, 999, true).is_none());
        assert!(refusals.standing(1, 1, 1000, true).is_some());
    }
}
