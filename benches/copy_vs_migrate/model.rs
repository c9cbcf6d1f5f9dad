//! The same cases on machines that we don't have: from the cost model alone.

use landbridge::Strategy;
use landbridge::plan::StepKind;
use landbridge::planner::machines::Synthetic;
use landbridge::planner::{Need, Offer, Pattern, Reach, offers};

use super::cases::{Case, Outcome, Point, Run, Sweep};

/// What a case needs of its data.
pub(crate) fn need(case: &Case) -> Need {
    let pattern = if case.scattered { Pattern::Scattered { useful: 4.0 } } else { Pattern::Stream };
    let written = if case.written { 1.0 } else { 0.0 };
    let need = Need { touched: case.touched, written, pattern, ..Need::reading("data", case.bytes as f64) };
    need.used(f64::from(case.reuse))
}

/// All cases on a synthetic machine.
pub(crate) fn predict(synthetic: &Synthetic, sweeps: &[Sweep]) -> Run {
    let device = &synthetic.machine.devices[0];
    let points = |case: &Case| -> Vec<Point> {
        let need = need(case);
        // A core does a round in about a nanosecond.
        let arithmetic = case.items() as f64 * f64::from(case.rounds) * 1e-9 / device.speed.unwrap_or(1.0);
        let found = offers(&need, device).into_iter().flatten();
        found.map(|offer| point(&offer, need.uses, arithmetic, device.launch.unwrap_or(0.0))).collect()
    };
    let all = sweeps.iter().flat_map(|sweep| sweep.cases.iter().map(|case| (sweep.name, *case)));
    let outcomes = all.filter_map(|(sweep, case)| Outcome::new(sweep, case, points(&case))).collect();
    let mut notes = vec!["Predictions of the cost model, not measurements.".to_owned(), synthetic.about.to_owned()];
    notes.extend(synthetic.sources.iter().map(|(figure, source)| format!("{figure}: {source}")));
    Run { machine: synthetic.name.to_owned(), model: true, notes, roofs: roofs(synthetic), outcomes }
}

fn point(offer: &Offer, uses: f64, arithmetic: f64, launch: f64) -> Point {
    let mut parts: Vec<(&'static str, f64)> = offer.moves.iter().map(|step| (name(step.0), step.1)).collect();
    let run = uses * (launch + arithmetic.max(offer.each));
    parts.extend([("uses", run), ("pieces", uses * offer.repeated)]);
    parts.retain(|part| part.1 > 0.0);
    let seconds = parts.iter().map(|part| part.1).sum();
    Point { method: method(offer.strategy), seconds, predicted: seconds, parts, oracle: false }
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
