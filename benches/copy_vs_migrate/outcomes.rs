//! How results look.

use serde::Serialize;

use super::cases::Case;

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

    /// What a way took.
    pub(crate) fn point(&self, method: &str) -> Option<&Point> {
        self.points.iter().find(|point| point.method == method)
    }
}

/// A way that this machine does not have.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Absent {
    /// The way.
    pub(crate) method: &'static str,
    /// Why not.
    pub(crate) why: String,
}

/// All of one machine.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    /// The machine.
    pub(crate) machine: String,
    /// Predictions of the model, not measurements.
    pub(crate) model: bool,
    /// Where the figures come from, and what the ways are.
    pub(crate) notes: Vec<String>,
    /// Ways that it does not have.
    pub(crate) absent: Vec<Absent>,
    /// Bytes a second that no way can pass: name and rate.
    pub(crate) roofs: Vec<(String, f64)>,
    /// The results.
    pub(crate) outcomes: Vec<Outcome>,
}

impl Run {
    /// The results of a sweep.
    pub(crate) fn of<'r>(&'r self, sweep: &'r str) -> impl Iterator<Item = &'r Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.sweep == sweep)
    }

    /// Methods, in the order in which they first come.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        let mut all: Vec<&'static str> = vec![];
        for point in self.outcomes.iter().flat_map(|outcome| &outcome.points) {
            if !all.contains(&point.method) {
                all.push(point.method);
            }
        }
        all
    }

    /// Median and worst regret; `None` of a model, which agrees with itself.
    pub(crate) fn regrets(&self) -> Option<(f64, f64)> {
        let mut all: Vec<f64> = self.outcomes.iter().map(|outcome| outcome.regret).collect();
        all.sort_by(f64::total_cmp);
        let known = !self.model && !all.is_empty();
        known.then(|| (all[all.len() / 2], all[all.len() - 1]))
    }
}
