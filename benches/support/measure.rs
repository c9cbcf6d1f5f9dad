//! Interleaved measuring.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use super::Options;

/// A sample lasts about this long (or one run, if that takes longer): far above the clock's resolution,
/// far below a scheduler's time slice, so that most samples are not interrupted.
const SAMPLE: Duration = Duration::from_micros(200);

/// Enough warm-up to fault pages in, wake a thread pool, compile a pipeline and settle the clock rate.
const WARM_UP: Duration = Duration::from_millis(15);

/// More rounds than this bring no precision.
const MOST_ROUNDS: usize = 2000;

/// Cases whose runs take seconds are content with so few rounds once they have taken ten times their budget.
const FEWEST_ROUNDS: usize = 3;

/// One way of doing the work, with what it works on: all contestants share one set of data, so that none
/// has luckier pages than another.
pub(crate) struct Contestant<'a, D> {
    name: String,
    run: Box<dyn FnMut(&mut D) + 'a>,
}

impl<'a, D> Contestant<'a, D> {
    /// A contestant whose `run` does the work once.
    pub(crate) fn new(name: impl Into<String>, run: impl FnMut(&mut D) + 'a) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }

    /// The duration of `runs` runs in seconds.
    fn time(&mut self, data: &mut D, runs: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..runs {
            (self.run)(black_box(&mut *data));
        }
        start.elapsed().as_secs_f64()
    }

    /// Warms up, and finds out how many runs make a sample.
    fn calibrate(&mut self, data: &mut D) -> u32 {
        let begin = Instant::now();
        let mut runs = 1_u32;
        let mut fastest = f64::INFINITY;
        while begin.elapsed() < WARM_UP {
            let took = self.time(data, runs);
            fastest = fastest.min(took / f64::from(runs));
            if took < SAMPLE.as_secs_f64() {
                runs = runs.saturating_mul(2);
            }
        }
        (SAMPLE.as_secs_f64() / fastest).clamp(1.0, 1e7) as u32
    }
}

/// The samples of one contestant, in the order of the rounds: seconds a run.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    /// The contestant's name.
    pub(crate) name: String,
    seconds: Vec<f64>,
}

impl Samples {
    /// No samples yet.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), seconds: Vec::new() }
    }

    /// The same under another name.
    pub(crate) fn named(&self, name: impl Into<String>) -> Self {
        Self { name: name.into(), seconds: self.seconds.clone() }
    }

    /// Adds the sample of one more round, seconds a run.
    pub(crate) fn push(&mut self, seconds: f64) {
        self.seconds.push(seconds);
    }

    /// The fastest sample, seconds a run.
    pub(crate) fn min(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The median sample, seconds a run.
    pub(crate) fn median(&self) -> f64 {
        quantile(&self.seconds, 0.5)
    }

    /// The lower quartile of the samples, seconds a run.
    pub(crate) fn lower_quartile(&self) -> f64 {
        quantile(&self.seconds, 0.25)
    }

    /// Our time over the other's: the median over the rounds of the ratio within the round.
    ///
    /// On a noisy two-core machine two copies of the same code differ least by this: over 38 cases the
    /// root mean square of the difference was 2.3 % for threaded code (lower quartiles 3.6 %, minima 4.8 %,
    /// medians 7.6 %) and 0.9 % for plain loops. A slow spell covers a whole round and cancels out, while
    /// the minimum of a threaded sample is luck. Hence it is not exactly the ratio of the two medians.
    pub(crate) fn ratio_to(&self, other: &Self) -> f64 {
        median_of_rounds(self, other, |ours, other| ours / other)
    }

    /// How many seconds a run we take longer than the other: the median over the rounds.
    pub(crate) fn behind(&self, other: &Self) -> f64 {
        median_of_rounds(self, other, |ours, other| ours - other)
    }
}

fn median_of_rounds(ours: &Samples, other: &Samples, compare: fn(f64, f64) -> f64) -> f64 {
    let rounds = ours.seconds.iter().zip(&other.seconds);
    let compared: Vec<f64> = rounds.map(|(a, b)| compare(*a, *b)).collect();
    quantile(&compared, 0.5)
}

/// The value below which the given part of the values lies.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

/// Measures the contestants against each other: after warming up, each round takes one sample of each,
/// in an order that changes from round to round, so that drift of the machine and what the one before
/// left behind (caches, awake threads) meet all alike.
///
/// # Panics
/// When there are no contestants.
pub(crate) fn measure<D>(options: &Options, data: &mut D, contestants: &mut [Contestant<'_, D>]) -> Vec<Samples> {
    assert!(!contestants.is_empty(), "nobody to measure");
    let runs: Vec<u32> = contestants.iter_mut().map(|c| c.calibrate(data)).collect();
    let mut samples: Vec<Samples> = contestants.iter().map(|c| Samples::new(&c.name)).collect();
    let mut order: Vec<usize> = (0..contestants.len()).collect();
    let mut random = 0x9E37_79B9_u32;
    let begin = Instant::now();
    for round in 0..MOST_ROUNDS {
        let enough = round >= options.least_rounds() && begin.elapsed() >= options.budget();
        if enough || (round >= FEWEST_ROUNDS && begin.elapsed() >= 10 * options.budget()) {
            break;
        }
        shuffle(&mut order, &mut random);
        for &i in &order {
            let took = contestants[i].time(data, runs[i]);
            samples[i].push(took / f64::from(runs[i]));
        }
    }
    samples
}

/// Fisher-Yates with a xorshift generator.
fn shuffle(order: &mut [usize], random: &mut u32) {
    for last in (1..order.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 17;
        *random ^= *random << 5;
        order.swap(last, *random as usize % (last + 1));
    }
}
