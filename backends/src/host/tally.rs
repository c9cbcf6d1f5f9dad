//! Running items, and where they add: kernels that only add to their atomics do so without atomics.
//!
//! While one thread runs a launch, it adds to the user's memory itself. In a crew only the caller does; each helper has
//! tables of its own. Where there is much to add, each thread takes several tables in turn. The caller adds them up.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::Mutex;

use landbridge_core::launch::Launch;
use landbridge_core::tally::TABLES;

use super::panics::{Failure, caught};

/// Tables of up to so many words are kept several times, so that equal neighbours do not wait for each other: all of
/// them together stay within a core's first cache.
const SEVERAL: usize = 1 << 11;

/// Longer tables than this are not kept at all.
const MOST: usize = 1 << 18;

/// There have to be so many items for each word, for a table to be worth clearing and adding up.
const ITEMS_A_WORD: usize = 8;

/// The same for a thread that works alone, and would do without.
const ITEMS_A_WORD_ALONE: usize = 64;

/// Runs items while no other thread runs any of this launch.
///
/// The items have to be inside the launch, and not to have run before.
#[inline]
pub(super) fn run_alone(launch: &dyn Launch, items: Range<usize>) -> Result<(), Box<Failure>> {
    caught(items.start, || {
        if launch.tally_words().is_some() {
            // SAFETY: as below, and no other thread runs items of this launch now.
            unsafe { launch.run_tallied(items, true, &mut []) };
        } else {
            // SAFETY: every caller is below `Backend::launch`, and runs disjoint ranges inside the launch one after the
            // other, before there is a crew or instead of one.
            unsafe { launch.run(items) };
        }
    })
}

/// The tables of a crew.
pub(super) struct Tallies {
    /// Words of a table; `None` if the crew uses atomics.
    words: Option<usize>,
    handed_in: Mutex<Vec<Vec<u32>>>,
}

/// Where one thread of a crew adds.
pub(super) struct Tally {
    words: Option<usize>,
    in_place: bool,
    /// Tables of its own.
    own: usize,
    tables: Vec<u32>,
}

impl Tallies {
    /// For a crew that is to run so many items.
    pub(super) fn for_rest(launch: &dyn Launch, items: usize) -> Self {
        let worth = |words: &usize| *words <= MOST && words.saturating_mul(ITEMS_A_WORD) <= items;
        Tallies { words: launch.tally_words().filter(worth), handed_in: Mutex::default() }
    }

    /// For the caller, of whom there is one.
    pub(super) fn caller(&self) -> Tally {
        Tally::with(self.words, true)
    }

    /// For a helper.
    pub(super) fn helper(&self) -> Tally {
        Tally::with(self.words, false)
    }

    /// A thread is done.
    pub(super) fn hand_in(&self, tally: Tally) {
        if !tally.tables.is_empty() {
            self.handed_in.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(tally.tables);
        }
    }

    /// Adds what has been handed in to the user's memory, after the last item.
    pub(super) fn add_all(&self, launch: &dyn Launch) {
        let Some(words) = self.words.filter(|words| *words > 0) else { return };
        let handed_in = self.handed_in.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // SAFETY: only the caller comes here, once, when its helpers have left.
        handed_in.iter().for_each(|tables| unsafe { add(launch, tables, words) });
    }
}

/// Adds tables of so many words, not 0, to the user's memory.
///
/// # Safety
/// Below `Backend::launch`, and no other thread runs items of the launch.
unsafe fn add(launch: &dyn Launch, tables: &[u32], words: usize) {
    for table in tables.chunks_exact(words) {
        // SAFETY: passed on; the table has that many words.
        unsafe { launch.add_tally(table) };
    }
}

impl Tally {
    fn with(words: Option<usize>, in_place: bool) -> Self {
        let several = if words.is_some_and(|words| words <= SEVERAL) { TABLES } else { 1 };
        Tally { words, in_place, own: several - usize::from(in_place), tables: Vec::new() }
    }

    /// For a thread that runs the launch, or a first part of it, while no other thread does.
    pub(super) fn alone(launch: &dyn Launch) -> Self {
        let words = launch.tally_words();
        let worth = words.is_some_and(|words| words.saturating_mul(ITEMS_A_WORD_ALONE) <= launch.items());
        let alone = Self::with(words, true);
        if worth { alone } else { Tally { own: 0, ..alone } }
    }

    /// Adds what [`Self::alone`] has added to tables to the user's memory, before other threads come.
    pub(super) fn finish_alone(&self, launch: &dyn Launch) {
        if let Some(words @ 1..) = self.words {
            // SAFETY: the caller is below `Backend::launch`, and no other thread runs items of this launch now.
            unsafe { add(launch, &self.tables, words) };
        }
    }

    /// Runs items that this thread has claimed: they are inside the launch, and nobody else's.
    pub(super) fn run(&mut self, launch: &dyn Launch, items: Range<usize>) -> Result<(), Box<Failure>> {
        let Some(words) = self.words else {
            return caught(items.start, || {
                // SAFETY: `Backend::launch` waits for this thread, and the crew hands out each item once.
                unsafe { launch.run(items) };
            });
        };
        if self.tables.is_empty() {
            self.tables = vec![0; words * self.own];
        }
        caught(items.start, || {
            // SAFETY: as above. Every thread of a crew comes here, as all have the same `words`; the caller alone adds in
            // place, each helper to tables of its own. All tables were zero before the first item.
            unsafe { launch.run_tallied(items, self.in_place, &mut self.tables) };
        })
    }
}
