//! What a case is, and how one is measured.

use std::sync::LazyLock;

use landbridge::Device;
use landbridge::prelude::Devices;

use crate::support::{Contestant, Entry, Options, Report, Samples, geometric_mean, measure, seconds};

/// The device under test.
pub(crate) fn host() -> &'static Device {
    static HOST: LazyLock<Device> = LazyLock::new(Device::host);
    &HOST
}

/// How much work, in classes that behave alike: what waking a thread costs decides the first, bandwidth the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// About 100 items: a plain loop of nanoseconds.
    Tiny,
    /// A microsecond or a few.
    Small,
    /// Around the point where a second thread begins to pay.
    Medium,
    /// In or near the last-level cache.
    Large,
    /// Beyond every cache.
    Huge,
}

impl Class {
    const ALL: [Self; 5] = [Self::Tiny, Self::Small, Self::Medium, Self::Large, Self::Huge];

    fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Huge => "beyond cache",
        }
    }
}

/// The baselines that every case has, in this order.
const BASELINES: [&str; 3] = ["plain loop", "par_iter", "chunks"];

/// What the table shows besides: the baselines, our ratio to the second, how far we are behind the first.
const COLUMNS: [&str; 5] = ["plain loop", "par_iter", "chunks", "/par_iter", "behind plain"];

/// A kernel with its data: what is measured is one pass over all items.
pub(crate) trait Case: Sized {
    /// The kernel's name in the table.
    const NAME: &'static str;
    /// How many items in each class that suits this kernel.
    const SIZES: &'static [(Class, usize)];

    /// The data for so many items: the same at each call.
    fn new(items: usize) -> Self;
    /// The loop without threads, as an expert writes it.
    fn plain(&mut self);
    /// Rayon as its documentation would have it.
    fn par_iter(&mut self);
    /// Rayon with a tuned grain, and lanes or local tables where they help.
    fn chunks(&mut self);
    /// The same through a landbridge kernel.
    const OURS: Option<fn(&mut Self)> = None;
    /// Whether two passes left the same answer, bit for bit.
    fn same(&self, other: &Self) -> bool;
}

/// The whole bench: measures cases and collects their results.
pub(crate) struct Bench {
    options: Options,
    report: Report,
    classes: Vec<Class>,
    /// How far the tiny cases are behind a plain loop, in seconds: there a ratio says little.
    behind: Vec<f64>,
}

impl Bench {
    pub(crate) fn new(options: Options) -> Self {
        Self { options, report: Report::new("host_vs_rayon", &COLUMNS), classes: Vec::new(), behind: Vec::new() }
    }

    /// Measures one kernel in all its sizes.
    pub(crate) fn case<C: Case>(&mut self) {
        for &(class, items) in C::SIZES {
            let name = format!("{}/{items}", C::NAME);
            if self.options.wants(&name) {
                check::<C>(&name, items);
                let samples = contest::<C>(&self.options, items);
                if C::OURS.is_some() {
                    self.report.add(entry(name, &samples[0], &samples[1..]));
                    self.classes.push(class);
                    if class == Class::Tiny {
                        self.behind.push(samples[0].behind(&samples[1]));
                    }
                } else {
                    let list = samples.iter().map(|s| format!("{} {}", s.name, seconds(s.median())));
                    println!("{name}: {}", list.collect::<Vec<_>>().join(", "));
                }
            }
        }
    }

    /// Prints the table, and the geometric mean and the worst ratio of each class.
    pub(crate) fn finish(self) {
        self.report.finish();
        for class in Class::ALL {
            let lines = self.report.entries().iter().zip(&self.classes);
            let of_class = lines.filter(|(_, c)| **c == class).map(|(entry, _)| entry.ratio);
            let ratios: Vec<f64> = of_class.collect();
            if let Some(mean) = geometric_mean(ratios.iter().copied()) {
                let worst = ratios.iter().copied().fold(0.0, f64::max);
                println!("{:13} geometric mean {mean:.3}, worst {worst:.3}", class.name());
            }
        }
        if let Some(most) = self.behind.iter().copied().reduce(f64::max) {
            println!("tiny cases are at most {:.0} ns behind a plain loop", most * 1e9);
        }
    }
}

/// Runs every version once, each on fresh data.
///
/// # Panics
/// When two versions disagree.
fn check<C: Case>(name: &str, items: usize) {
    let mut expected = C::new(items);
    expected.plain();
    let baselines = [("par_iter", C::par_iter as fn(&mut C)), ("chunks", C::chunks)];
    let ours = C::OURS.map(|run| ("landbridge", run));
    for (version, run) in baselines.into_iter().chain(ours) {
        let mut found = C::new(items);
        run(&mut found);
        assert!(expected.same(&found), "{name}: {version} differs from the plain loop");
    }
}

/// Measures the baselines and, first of all, our side if there is one.
fn contest<C: Case>(options: &Options, items: usize) -> Vec<Samples> {
    let mut data = C::new(items);
    let ours = C::OURS.map(|run| Contestant::new("landbridge", run));
    let mut contestants: Vec<Contestant<'_, C>> = ours.into_iter().collect();
    for (name, run) in BASELINES.into_iter().zip([C::plain, C::par_iter, C::chunks]) {
        contestants.push(Contestant::new(name, run));
    }
    measure(options, &mut data, &mut contestants)
}

/// The line of one case: our side against the fastest baseline.
fn entry(case: String, ours: &Samples, baselines: &[Samples]) -> Entry {
    let [plain, par_iter, _] = baselines else { unreachable!("there are three baselines") };
    let mut best = plain;
    for other in baselines {
        if other.lower_quartile() < best.lower_quartile() {
            best = other;
        }
    }
    let mut extra: Vec<String> = baselines.iter().map(|s| seconds(s.median())).collect();
    extra.push(format!("{:.3}", ours.ratio_to(par_iter)));
    extra.push(format!("{:.0} ns", ours.behind(plain) * 1e9));
    Entry::compare(case, ours, best, extra)
}
