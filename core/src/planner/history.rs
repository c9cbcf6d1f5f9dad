//! What launches took, by kernel, place and size.

use std::collections::HashMap;

use crate::argument::ArgumentView;
use crate::launch::Launch;

/// A size class: what is up to twice as large belongs to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u8);

impl Size {
    /// The class of this many work-items, or bytes.
    pub fn of(count: usize) -> Self {
        Size(count.max(1).ilog2() as u8)
    }

    fn distance(self, other: Self) -> u8 {
        self.0.abs_diff(other.0)
    }
}

/// How large a launch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Work-items.
    pub items: usize,
    /// Bytes of all arguments: tables may grow while the number of work-items stays.
    pub bytes: usize,
}

impl Load {
    /// The size of a launch.
    pub fn of(launch: &dyn Launch) -> Self {
        let mut bytes = 0;
        launch.describe(&mut |view| {
            if let ArgumentView::Span(span) = view {
                bytes += span.bytes();
            }
        });
        Load { items: launch.items(), bytes }
    }

    fn class(self) -> Class {
        (Size::of(self.items), Size::of(self.bytes))
    }

    /// How many times as large as another one.
    fn over(self, other: Load) -> f64 {
        let ratio = |count: usize, other: usize| count.max(1) as f64 / other.max(1) as f64;
        ratio(self.items, other.items).max(ratio(self.bytes, other.bytes))
    }
}

/// That of the work-items, and that of the bytes.
type Class = (Size, Size);

/// A prediction from earlier launches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds of one launch.
    pub seconds: f64,
    /// Launches that it rests on.
    pub launches: u32,
    /// Whether they were of about this size; else it is scaled from another one.
    pub near: bool,
}

/// Launches of one size class.
#[derive(Clone, Copy, Debug)]
struct Seen {
    load: Load,
    seconds: f64,
    launches: u32,
}

/// What launches took. Kernels and places are whatever numbers the caller tells them apart by.
#[derive(Clone, Debug, Default)]
pub struct History {
    seen: HashMap<(u64, u64), Vec<(Class, Seen)>>,
}

/// Classes at most this far away (a factor of 4) still tell what this size takes.
const NEAR: u8 = 2;

impl History {
    /// Notes a launch of this size that took `seconds`.
    pub fn note(&mut self, kernel: u64, place: u64, load: Load, seconds: f64) {
        let classes = self.seen.entry((kernel, place)).or_default();
        match classes.iter_mut().find(|class| class.0 == load.class()) {
            Some((_, seen)) => seen.learn(load, seconds),
            None => classes.push((load.class(), Seen { load, seconds, launches: 1 })),
        }
    }

    /// What a launch of this size would take, `fixed` seconds of it whatever the size.
    pub fn estimate(&self, kernel: u64, place: u64, load: Load, fixed: f64) -> Option<Estimate> {
        let (items, bytes) = load.class();
        let classes = self.seen.get(&(kernel, place))?;
        let apart = |class: &Class| (class.0.distance(items), class.1.distance(bytes));
        let nearest = |class: &Class| apart(class).0 + apart(class).1;
        let (class, seen) = classes.iter().min_by_key(|(class, _)| nearest(class))?;
        let fixed = fixed.min(seen.seconds);
        let seconds = fixed + (seen.seconds - fixed) * load.over(seen.load);
        let near = apart(class).0 <= NEAR && apart(class).1 <= NEAR;
        Some(Estimate { seconds, launches: seen.launches, near })
    }
}

impl Seen {
    /// Follows what gets faster at once and what gets slower slowly: most of what makes a launch slow is not the kernel.
    fn learn(&mut self, load: Load, seconds: f64) {
        let expected = self.seconds * load.over(self.load);
        let weight = if seconds > expected { 0.25 } else { 0.5 };
        // At this launch's size, so that sizes within a class mix.
        self.seconds = expected + (seconds - expected) * weight;
        self.load = load;
        self.launches = self.launches.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_class_is_a_factor_of_two() {
        assert_eq!(Size::of(0), Size::of(1));
        assert_eq!(Size::of(1024), Size::of(2047));
        assert!(Size::of(2047) < Size::of(2048));
    }

    /// One byte an item.
    fn items(items: usize) -> Load {
        Load { items, bytes: items }
    }

    #[test]
    fn a_larger_table_does_not_inherit_a_small_ones_time() {
        let mut history = History::default();
        let table = |bytes| Load { items: 1000, bytes };
        history.note(1, 1, table(1 << 10), 1.0);
        let larger = history.estimate(1, 1, table(1 << 20), 0.0).expect("known");
        assert_eq!((larger.seconds, larger.near), (1024.0, false));
        let somewhat = history.estimate(1, 1, table(1 << 12), 0.0).expect("known");
        assert_eq!((somewhat.seconds, somewhat.near), (4.0, true));
        history.note(1, 1, table(1 << 20), 9.0);
        assert_eq!(history.estimate(1, 1, table(1 << 20), 0.0).expect("known").seconds, 9.0);
        assert_eq!(history.estimate(1, 1, table(1 << 10), 0.0).expect("known").seconds, 1.0);
    }

    #[test]
    fn what_was_never_launched_is_not_known() {
        let mut history = History::default();
        assert_eq!(history.estimate(1, 1, items(100), 0.0), None);
        history.note(1, 1, items(100), 1.0);
        assert_eq!(history.estimate(1, 2, items(100), 0.0), None);
        assert_eq!(history.estimate(2, 1, items(100), 0.0), None);
        assert!(history.estimate(1, 1, items(100), 0.0).is_some());
    }

    #[test]
    fn other_sizes_are_scaled_beyond_what_is_fixed() {
        let mut history = History::default();
        history.note(1, 1, items(1000), 11.0);
        let more = history.estimate(1, 1, items(100_000), 1.0).expect("known");
        assert_eq!((more.seconds, more.near), (1001.0, false));
        let same = history.estimate(1, 1, items(1000), 1.0).expect("known");
        assert_eq!((same.seconds, same.near), (11.0, true));
        let less = history.estimate(1, 1, items(1), 1.0).expect("known");
        assert!((less.seconds - 1.01).abs() < 1e-12);
    }

    #[test]
    fn the_nearest_size_speaks() {
        let mut history = History::default();
        history.note(1, 1, items(1 << 10), 1.0);
        history.note(1, 1, items(1 << 20), 10.0);
        let large = history.estimate(1, 1, items(1 << 19), 0.0).expect("known");
        assert_eq!(large.seconds, 5.0);
    }

    #[test]
    fn one_odd_launch_hardly_counts_and_a_faster_one_does() {
        let mut history = History::default();
        history.note(1, 1, items(100), 1.0);
        history.note(1, 1, items(100), 9.0);
        assert_eq!(history.estimate(1, 1, items(100), 0.0).expect("known").seconds, 3.0);
        history.note(1, 1, items(100), 1.0);
        assert_eq!(history.estimate(1, 1, items(100), 0.0).expect("known").seconds, 2.0);
    }
}
