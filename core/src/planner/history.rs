//! What launches took, by kernel, place and size.

use std::collections::HashMap;

/// A size class: launches of up to twice as many work-items belong to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(u8);

impl Size {
    /// The class of this many work-items.
    pub fn of(items: usize) -> Self {
        Size(items.max(1).ilog2() as u8)
    }
}

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
    items: f64,
    seconds: f64,
    launches: u32,
}

/// What launches took. Kernels and places are whatever numbers the caller tells them apart by.
#[derive(Clone, Debug, Default)]
pub struct History {
    seen: HashMap<(u64, u64), Vec<(Size, Seen)>>,
}

/// Classes at most this far away (a factor of 4) still tell what this size takes.
const NEAR: u8 = 2;

impl History {
    /// Notes a launch of `items` work-items that took `seconds`.
    pub fn note(&mut self, kernel: u64, place: u64, items: usize, seconds: f64) {
        let classes = self.seen.entry((kernel, place)).or_default();
        let (size, count) = (Size::of(items), items.max(1) as f64);
        match classes.iter_mut().find(|class| class.0 == size) {
            Some((_, seen)) => seen.learn(count, seconds),
            None => classes.push((size, Seen { items: count, seconds, launches: 1 })),
        }
    }

    /// What a launch of `items` work-items would take, `fixed` seconds of it whatever the number.
    pub fn estimate(&self, kernel: u64, place: u64, items: usize, fixed: f64) -> Option<Estimate> {
        let size = Size::of(items);
        let classes = self.seen.get(&(kernel, place))?;
        let (class, seen) = classes.iter().min_by_key(|(class, _)| class.0.abs_diff(size.0))?;
        let fixed = fixed.min(seen.seconds);
        let seconds = fixed + (seen.seconds - fixed) * items.max(1) as f64 / seen.items;
        Some(Estimate { seconds, launches: seen.launches, near: class.0.abs_diff(size.0) <= NEAR })
    }
}

impl Seen {
    /// Follows what gets faster at once and what gets slower slowly: most of what makes a launch slow is not the kernel.
    fn learn(&mut self, items: f64, seconds: f64) {
        let expected = self.seconds * items / self.items;
        let weight = if seconds > expected { 0.25 } else { 0.5 };
        // At this launch's size, so that sizes within a class mix.
        self.seconds = expected + (seconds - expected) * weight;
        self.items = items;
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

    #[test]
    fn what_was_never_launched_is_not_known() {
        let mut history = History::default();
        assert_eq!(history.estimate(1, 1, 100, 0.0), None);
        history.note(1, 1, 100, 1.0);
        assert_eq!(history.estimate(1, 2, 100, 0.0), None);
        assert_eq!(history.estimate(2, 1, 100, 0.0), None);
        assert!(history.estimate(1, 1, 100, 0.0).is_some());
    }

    #[test]
    fn other_sizes_are_scaled_beyond_what_is_fixed() {
        let mut history = History::default();
        history.note(1, 1, 1000, 11.0);
        let more = history.estimate(1, 1, 100_000, 1.0).expect("known");
        assert_eq!((more.seconds, more.near), (1001.0, false));
        let same = history.estimate(1, 1, 1000, 1.0).expect("known");
        assert_eq!((same.seconds, same.near), (11.0, true));
        let less = history.estimate(1, 1, 1, 1.0).expect("known");
        assert!((less.seconds - 1.01).abs() < 1e-12);
    }

    #[test]
    fn the_nearest_size_speaks() {
        let mut history = History::default();
        history.note(1, 1, 1 << 10, 1.0);
        history.note(1, 1, 1 << 20, 10.0);
        let large = history.estimate(1, 1, 1 << 19, 0.0).expect("known");
        assert_eq!(large.seconds, 5.0);
    }

    #[test]
    fn one_odd_launch_hardly_counts_and_a_faster_one_does() {
        let mut history = History::default();
        history.note(1, 1, 100, 1.0);
        history.note(1, 1, 100, 9.0);
        assert_eq!(history.estimate(1, 1, 100, 0.0).expect("known").seconds, 3.0);
        history.note(1, 1, 100, 1.0);
        assert_eq!(history.estimate(1, 1, 100, 0.0).expect("known").seconds, 2.0);
    }
}
