//! The ready-made operations on the host against well-known crates and plain loops, from 1e3 to 1e7 items.
//!
//! Where several others do the same, all are measured and the fastest is compared with. Answers are checked first.
//!
//! `cargo bench --bench primitives -- [--quick] [PART OF A CASE'S NAME]...`

#[path = "../support/mod.rs"]
mod support;

mod numeric;
mod slices;

use support::{Contestant, Entry, Options, Report, geometric_mean, measure};

/// Items of the cases.
const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The whole bench.
struct Bench {
    options: Options,
    report: Report,
}

/// One way of doing the work, and its name.
type Way<D> = (&'static str, fn(&mut D));

impl Bench {
    /// Measures our way against the others, if the case is wanted. The first of the two checks is whether `same` answers come out.
    fn case<D>(
        &mut self,
        name: &str,
        new: impl Fn() -> D,
        same: fn(&D, &D) -> bool,
        ours: fn(&mut D),
        others: &[Way<D>],
    ) {
        if !self.options.wants(name) {
            return;
        }
        let mut expected = new();
        ours(&mut expected);
        for (other, run) in others {
            let mut found = new();
            run(&mut found);
            assert!(same(&found, &expected), "{name}: {other} has another answer");
        }
        drop(expected);
        let mut contestants = vec![Contestant::new("landbridge", ours)];
        contestants.extend(others.iter().map(|(other, run)| Contestant::new(*other, *run)));
        let samples = measure(&self.options, &mut new(), &mut contestants);
        let best = samples[1..].iter().min_by(|a, b| a.lower_quartile().total_cmp(&b.lower_quartile()));
        self.report.add(Entry::compare(name.into(), &samples[0], best.expect("there is another"), vec![]));
    }
}

fn main() {
    let mut bench = Bench { options: Options::from_args(), report: Report::new("primitives", &[]) };
    for items in SIZES {
        slices::cases(&mut bench, items);
        numeric::cases(&mut bench, items);
    }
    bench.report.finish();
    let ratios = || bench.report.entries().iter().map(|entry| entry.ratio);
    if let Some(mean) = geometric_mean(ratios()) {
        println!("geometric mean {mean:.3}, worst {:.3}", ratios().fold(0.0, f64::max));
    }
}
