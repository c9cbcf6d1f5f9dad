//! What is measured, and how results look.

use serde::Serialize;

/// One point of a sweep.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Case {
    /// Bytes of the data.
    pub(crate) bytes: usize,
    /// Fraction of its elements that each use reads.
    pub(crate) touched: f64,
    /// Whether these lie apart from each other, or all at the beginning.
    pub(crate) scattered: bool,
    /// Uses before the host needs it again.
    pub(crate) reuse: u32,
    /// Whether each use writes all of it, too.
    pub(crate) written: bool,
    /// Multiplications and additions for each element read.
    pub(crate) rounds: u32,
}

/// How large the sweeps are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// Bytes where size is not what is swept.
    bytes: usize,
    sizes: &'static [usize],
    reuses: &'static [u32],
    rounds: &'static [u32],
}

impl Case {
    /// Two minutes.
    pub(crate) const QUICK: Scale = Scale {
        bytes: 8 << 20,
        sizes: &[64 << 10, 512 << 10, 4 << 20, 32 << 20],
        reuses: &[1, 2, 4, 8, 16, 32],
        rounds: &[0, 16, 64],
    };

    /// Half an hour.
    pub(crate) const FULL: Scale = Scale {
        bytes: 64 << 20,
        sizes: &[64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20],
        reuses: &[1, 2, 4, 8, 16, 32, 64, 128],
        rounds: &[0, 4, 16, 64, 256],
    };

    /// From the model: no time at all.
    pub(crate) const MODEL: Scale = Scale {
        bytes: 1 << 30,
        sizes: &[64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20, 256 << 20, 1 << 30, 4 << 30],
        reuses: &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000],
        rounds: &[0, 16, 256, 4096],
    };

    /// Elements of four bytes.
    pub(crate) fn elements(&self) -> usize {
        self.bytes / size_of::<f32>()
    }

    /// Elements that a use reads.
    pub(crate) fn items(&self) -> usize {
        (self.elements() as f64 * self.touched) as usize
    }

    /// Elements from one that is read to the next.
    pub(crate) fn stride(&self) -> u32 {
        if self.scattered { (1.0 / self.touched) as u32 } else { 1 }
    }
}

/// Cases that differ in what the sweep is named after.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    pub(crate) name: &'static str,
    pub(crate) cases: Vec<Case>,
}

impl Sweep {
    /// All sweeps of this scale.
    pub(crate) fn all(scale: Scale) -> Vec<Sweep> {
        let base = Case { bytes: scale.bytes, touched: 1.0, scattered: false, reuse: 1, written: false, rounds: 0 };
        let few: Vec<u32> = scale.reuses.iter().copied().step_by(2).collect();
        let over_reuse = |base: Case, reuses: &[u32]| reuses.iter().map(|&reuse| Case { reuse, ..base }).collect();
        let map = |scattered| -> Vec<Case> {
            let touched = [1.0 / 64.0, 1.0 / 16.0, 0.25, 1.0];
            touched
                .iter()
                .flat_map(|&touched| few.iter().map(move |&reuse| (touched, reuse)))
                .map(|(touched, reuse)| Case { touched, reuse, scattered, ..base })
                .collect()
        };
        vec![
            Sweep { name: "reuse", cases: over_reuse(base, scale.reuses) },
            Sweep { name: "reuse, written", cases: over_reuse(Case { written: true, ..base }, &few) },
            Sweep { name: "touched, scattered", cases: map(true) },
            Sweep { name: "touched, clustered", cases: map(false) },
            Sweep { name: "size", cases: scale.sizes.iter().map(|&bytes| Case { bytes, ..base }).collect() },
            Sweep { name: "intensity", cases: scale.rounds.iter().map(|&rounds| Case { rounds, ..base }).collect() },
        ]
    }
}

/// A way through a case.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Point {
    /// The way.
    pub(crate) method: &'static str,
    /// End to end: measured, or predicted where the run is a model.
    pub(crate) seconds: f64,
    /// What the planner predicted.
    pub(crate) predicted: f64,
    /// Moving in, uses, moving back and the like; they add up to `seconds`.
    pub(crate) parts: Vec<(&'static str, f64)>,
    /// A bound that no planner can choose: the data is there already.
    pub(crate) oracle: bool,
}

/// A case with all ways through it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outcome {
    /// The sweep.
    pub(crate) sweep: &'static str,
    /// The case.
    pub(crate) case: Case,
    /// The ways.
    pub(crate) points: Vec<Point>,
    /// The one that the planner would choose.
    pub(crate) chosen: &'static str,
    /// Its time over that of the fastest.
    pub(crate) regret: f64,
}

impl Outcome {
    /// Finds the choice: the smallest prediction; and its regret.
    pub(crate) fn new(sweep: &'static str, case: Case, points: Vec<Point>) -> Option<Self> {
        let choices = || points.iter().filter(|point| !point.oracle);
        let chosen = choices().min_by(|a, b| a.predicted.total_cmp(&b.predicted))?;
        let best = choices().map(|point| point.seconds).fold(f64::INFINITY, f64::min);
        let (chosen, regret) = (chosen.method, chosen.seconds / best);
        Some(Outcome { sweep, case, points, chosen, regret })
    }

    /// The fastest way that can be chosen.
    pub(crate) fn best(&self) -> Option<&Point> {
        self.points.iter().filter(|point| !point.oracle).min_by(|a, b| a.seconds.total_cmp(&b.seconds))
    }
}

/// All of one machine.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    /// The machine.
    pub(crate) machine: String,
    /// Predictions of the model, not measurements.
    pub(crate) model: bool,
    /// Where the figures come from, and what was left out and why.
    pub(crate) notes: Vec<String>,
    /// Bytes a second that no way can pass: name and rate.
    pub(crate) roofs: Vec<(String, f64)>,
    /// The results.
    pub(crate) outcomes: Vec<Outcome>,
}
