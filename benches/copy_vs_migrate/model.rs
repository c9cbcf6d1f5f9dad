//! The same cases on machines that we don't have: from the cost model alone.

use landbridge::Strategy;
use landbridge::plan::StepKind;
use landbridge::planner::machines::Synthetic;
use landbridge::planner::{Need, Offer, Pattern as Way, Reach, Residency, offers};

use super::cases::{Case, LINE, Pattern, Sweep};
use super::outcomes::{Absent, Outcome, Point, Run};

/// What a case needs of its data, for all its uses.
pub(crate) fn need(case: &Case) -> Need {
    let pattern = match case.pattern {
        Pattern::Sequential => Way::Stream,
        Pattern::Random => Way::Scattered { useful: 4.0 },
        // In order: what is used of a line is used together.
        Pattern::Strided => Way::Scattered { useful: (LINE as f64 * case.touched).max(4.0) },
        Pattern::Chase => Way::Chase { useful: 4.0, hops: case.lines() as f64 },
    };
    let need =
        Need { touched: case.touched, written: case.written, pattern, ..Need::reading("data", case.bytes as f64) };
    need.used(f64::from(case.reuse))
}

/// What a use that reads needs: its data, and where its results go.
pub(crate) fn needs(case: &Case) -> [Need; 2] {
    let results = (case.items() * size_of::<f32>()) as f64;
    // A line that is written is read first.
    [need(case), Need::reading("results", 2.0 * results)]
}

/// All cases on a synthetic machine.
pub(crate) fn predict(synthetic: &Synthetic, sweeps: &[Sweep]) -> Run {
    let device = &synthetic.machine.devices[0];
    let points = |case: &Case| -> Vec<Point> {
        let need = need(case);
        // A core does a round in about a nanosecond.
        let arithmetic = case.items() as f64 * f64::from(case.rounds) * 1e-9 / device.speed.unwrap_or(1.0);
        let cost = Cost { uses: need.uses, arithmetic, launch: device.launch.unwrap_or(0.0) };
        let found: Vec<Offer> = offers(&need, device).into_iter().flatten().collect();
        let mut points: Vec<Point> = found.iter().map(|offer| cost.point(method(offer.strategy), offer)).collect();
        let copied = found.iter().find(|offer| offer.strategy == Strategy::Copy && offer.repeated == 0.0);
        points.extend(copied.filter(|_| case.is_in_order()).map(|offer| cost.overlapped(offer)));
        // A bound: the bytes are there, and need not come back.
        let there = Need { residency: Residency::Device, written: 0.0, ..need };
        let bound = offers(&there, device).into_iter().flatten().find(|offer| offer.strategy == Strategy::Copy);
        points.extend(bound.map(|offer| Point { oracle: true, ..cost.point("already there", &offer) }));
        points
    };
    let all = sweeps.iter().flat_map(|sweep| sweep.cases.iter().map(|case| (sweep.name, *case)));
    let outcomes = all.filter_map(|(sweep, case)| Outcome::new(sweep, case, points(&case))).collect();
    let mut notes = vec!["Predictions of the cost model, not measurements.".to_owned(), synthetic.about.to_owned()];
    notes.extend(synthetic.sources.iter().map(|(figure, source)| format!("{figure}: {source}")));
    let machine = synthetic.name.to_owned();
    Run { machine, model: true, notes, absent: absent(synthetic), roofs: roofs(synthetic), outcomes }
}

/// What each use of a case costs beside its data.
struct Cost {
    uses: f64,
    arithmetic: f64,
    launch: f64,
}

/// Pieces of an overlapped copy.
const PIECES: f64 = 8.0;

impl Cost {
    fn point(&self, method: &'static str, offer: &Offer) -> Point {
        let mut parts: Vec<(&'static str, f64)> = offer.moves.iter().map(|step| (name(step.0), step.1)).collect();
        let run = self.uses * (self.launch + self.arithmetic.max(offer.each));
        parts.extend([("uses", run), ("pieces", self.uses * offer.repeated)]);
        finish(method, parts)
    }

    /// A copy in pieces, each used first while the next one is on its way.
    fn overlapped(&self, offer: &Offer) -> Point {
        let step = |kind| offer.moves.iter().filter(|step| step.0 == kind).map(|step| step.1).sum::<f64>();
        let use_one = self.arithmetic.max(offer.each);
        let (input, first) = (step(StepKind::CopyIn), use_one + PIECES * self.launch);
        let both = input.max(first) + input.min(first) / PIECES;
        let further = (self.uses - 1.0) * (self.launch + use_one);
        let parts = vec![("move in, first use", both), ("uses", further), ("copy out", step(StepKind::CopyOut))];
        finish("copy, overlapped", parts)
    }
}

fn finish(method: &'static str, mut parts: Vec<(&'static str, f64)>) -> Point {
    parts.retain(|part| part.1 > 0.0);
    let seconds = parts.iter().map(|part| part.1).sum();
    Point { method, seconds, predicted: seconds, parts, oracle: false }
}

/// What the machine does not offer, and why.
fn absent(synthetic: &Synthetic) -> Vec<Absent> {
    let refused =
        offers(&Need::reading("data", 4096.0), &synthetic.machine.devices[0]).into_iter().filter_map(Result::err);
    refused.map(|refusal| Absent { method: method(refusal.strategy), why: refusal.why.to_owned() }).collect()
}

fn name(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Map => "map",
        StepKind::Migrate => "migrate",
        StepKind::CopyIn => "copy in",
        StepKind::CopyOut => "copy out",
        StepKind::Return => "return",
        _ => "other",
    }
}

fn method(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Direct => "direct",
        Strategy::Map => "map",
        Strategy::Copy => "copy",
        Strategy::Migrate => "migrate",
        _ => "auto",
    }
}

fn roofs(synthetic: &Synthetic) -> Vec<(String, f64)> {
    let device = &synthetic.machine.devices[0];
    let mut roofs = vec![];
    roofs.extend(device.own.map(|path| ("its own memory".to_owned(), path.bandwidth)));
    if let Some(Reach::Coherent(path)) = device.reach {
        roofs.push(("reached directly".to_owned(), path.bandwidth));
    }
    roofs.extend(device.copying.map(|copying| ("copied in".to_owned(), copying.into)));
    roofs
}
