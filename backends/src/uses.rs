//! How often memory has been used by launches: what predicts how often it will be used again.
//!
//! Nobody says ahead how many launches will use an array. As many as have used it so far is the guess that is never wrong by
//! more than a factor of two in what moving costs: an array moves when it has been used as often as a move takes to pay. Where
//! a guess was wrong - the pages were elsewhere again at a later use, so the memory is another's at the same address, or would
//! not move at all - the next one is made after twice as many uses.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use landbridge_core::argument::{ArgumentView, Span};
use landbridge_core::launch::Launch;

/// Smaller arguments are not worth a question.
pub(crate) const LEAST: usize = 1 << 20;

/// More arrays than this are not kept in mind at once.
const MOST: usize = 4096;

/// Wrong guesses make it this much more careful at most.
const PATIENCE: u32 = 64;

/// An array: where it begins, and its bytes.
type Key = (usize, usize);

#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Since it was first seen, or the last guess proved wrong.
    uses: u32,
    /// Uses that count as one.
    patience: u32,
    moved: bool,
}

/// What has been used how often.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<Option<HashMap<Key, Seen>>>);

/// Those of all launches of the process: whichever device has used it, an array is the same.
pub(crate) fn all() -> &'static Uses {
    static ALL: Uses = Uses(Mutex::new(None));
    &ALL
}

fn key(span: &Span) -> Key {
    (span.data.addr(), span.bytes())
}

impl Uses {
    fn lock(&self) -> MutexGuard<'_, Option<HashMap<Key, Seen>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a launch's use of each of its large arguments.
    pub(crate) fn note(&self, launch: &dyn Launch) {
        launch.describe(&mut |view| {
            if let ArgumentView::Span(span) = view
                && span.bytes() >= LEAST
            {
                self.used(&span);
            }
        });
    }

    /// Counts a use.
    pub(crate) fn used(&self, span: &Span) {
        let mut all = self.lock();
        let all = all.get_or_insert_default();
        if all.len() >= MOST && !all.contains_key(&key(span)) {
            all.clear();
        }
        let seen = all.entry(key(span)).or_insert(Seen { uses: 0, patience: 1, moved: false });
        seen.uses = seen.uses.saturating_add(1);
    }

    /// How many more launches will use it, by those that have and `more`: at least 1.
    pub(crate) fn predicted(&self, span: &Span, more: u32) -> f64 {
        let all = self.lock();
        let seen = all.as_ref().and_then(|all| all.get(&key(span)));
        seen.map_or(1.0, |seen| f64::from((seen.uses.saturating_add(more)) / seen.patience).max(1.0))
    }

    /// Whether it has moved for the uses that were predicted.
    pub(crate) fn has_moved(&self, span: &Span) -> bool {
        let all = self.lock();
        all.as_ref().and_then(|all| all.get(&key(span))).is_some_and(|seen| seen.moved)
    }

    /// It moves for the uses that were predicted.
    pub(crate) fn moved(&self, span: &Span) {
        self.change(span, |seen| seen.moved = true);
    }

    /// The guess was wrong: it is elsewhere again, or did not move.
    pub(crate) fn was_wrong(&self, span: &Span) {
        let patience = |seen: &Seen| (seen.patience * 2).min(PATIENCE);
        self.change(span, |seen| *seen = Seen { uses: 1, patience: patience(seen), moved: false });
    }

    fn change(&self, span: &Span, change: impl FnOnce(&mut Seen)) {
        if let Some(seen) = self.lock().as_mut().and_then(|all| all.get_mut(&key(span))) {
            change(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use landbridge_core::argument::Access;

    use super::*;

    fn span(address: usize) -> Span {
        let data = std::ptr::without_provenance_mut::<MaybeUninit<u8>>(address);
        Span {
            data,
            elements: LEAST,
            element_size: 1,
            access: Access::Read,
            per_item: None,
            links: None,
            nodes: None,
            kept: None,
        }
    }

    #[test]
    fn as_many_uses_are_predicted_as_there_have_been() {
        let uses = Uses::default();
        assert_eq!(uses.predicted(&span(64), 0), 1.0);
        for _ in 0..10 {
            uses.used(&span(64));
        }
        assert_eq!((uses.predicted(&span(64), 0), uses.predicted(&span(128), 0)), (10.0, 1.0));
        assert_eq!(uses.predicted(&span(64), 1), 11.0, "as the next launch will see it");
    }

    #[test]
    fn each_wrong_guess_makes_the_next_one_wait_twice_as_long() {
        let uses = Uses::default();
        let use_it = |times| (0..times).for_each(|_| uses.used(&span(64)));
        use_it(8);
        uses.moved(&span(64));
        assert!(uses.has_moved(&span(64)));
        uses.was_wrong(&span(64));
        assert!(!uses.has_moved(&span(64)));
        use_it(7);
        assert_eq!(uses.predicted(&span(64), 0), 4.0, "8 uses since");
        uses.was_wrong(&span(64));
        use_it(7);
        assert_eq!(uses.predicted(&span(64), 0), 2.0);
        (0..40).for_each(|_| uses.was_wrong(&span(64)));
        use_it(PATIENCE * 3);
        assert_eq!(uses.predicted(&span(64), 0), 3.0, "it never gives up");
    }

    #[test]
    fn arrays_without_end_take_no_memory_without_end() {
        let uses = Uses::default();
        (0..3 * MOST).for_each(|k| uses.used(&span(64 * k)));
        assert!(uses.lock().as_ref().is_some_and(|all| all.len() <= MOST));
    }
}
