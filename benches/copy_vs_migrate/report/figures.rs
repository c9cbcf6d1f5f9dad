//! Which charts there are, and what is in them.

use std::error::Error;

use landbridge::planner::cost;

use super::super::cases::Case;
use super::super::charts::{self, Axes, Bar, Cell, Line, Mark};
use super::super::outcomes::{Outcome, Point, Run};
use super::super::support::seconds;

type Drawn = Result<String, Box<dyn Error>>;

/// All charts of a run that have something to show.
pub(super) fn all(run: &Run) -> Result<Vec<String>, Box<dyn Error>> {
    let reuse = |case: &Case| f64::from(case.reuse);
    let mut all = vec![
        over(run, "reuse", "uses", reuse)?,
        over(run, "reuse, written", "uses, all of it written by each", reuse)?,
        winners(run, "touched, scattered")?,
        winners(run, "touched, clustered")?,
        throughput(run)?,
        over(run, "intensity", "multiplications for each element, and one", |case| f64::from(case.rounds + 1))?,
        grid(run, "pattern", "patterns", |case| {
            let part = if case.touched < 1.0 { " (of a line one element)" } else { "" };
            format!("{}{part}", case.pattern.name())
        })?,
        grid(run, "pages", "pages, one use", |case| case.pages.name().to_owned())?,
        grid(run, "write-back", "written by each use", |case| format!("{:.0} %", 100.0 * case.written))?,
        breakdown(run, false)?,
        breakdown(run, true)?,
    ];
    if !run.model {
        all.push(agreement(run)?);
    }
    all.retain(|svg| !svg.is_empty());
    Ok(all)
}

/// The title with what kind of figures these are.
fn titled(run: &Run, title: &str) -> String {
    if run.model { format!("{title} (predicted, {})", run.machine) } else { title.to_owned() }
}

fn uses(number: u32) -> String {
    format!("{number} use{}", if number == 1 { "" } else { "s" })
}

/// A line a method: `value` of each case of a sweep, by what was swept.
fn lines(run: &Run, sweep: &str, x: impl Fn(&Case) -> f64, value: impl Fn(&Case, f64) -> f64) -> Vec<Line> {
    let line = |(number, method): (usize, &'static str)| {
        let point = |outcome: &Outcome| {
            let point = outcome.point(method)?;
            Some((x(&outcome.case), value(&outcome.case, point.seconds), point.oracle))
        };
        let points: Vec<_> = run.of(sweep).filter_map(point).collect();
        let thin = points.iter().any(|point| point.2);
        Line { name: method.to_owned(), number, points: points.into_iter().map(|p| (p.0, p.1)).collect(), thin }
    };
    run.methods().into_iter().enumerate().map(line).collect()
}

fn over(run: &Run, sweep: &str, label: &str, x: impl Fn(&Case) -> f64) -> Drawn {
    let bytes = run.of(sweep).next().map_or(0, |outcome| outcome.case.bytes);
    let title = titled(run, &format!("time against {sweep}, {} MiB", bytes >> 20));
    let all = lines(run, sweep, x, |_, seconds| seconds);
    let marks = crossovers(&all);
    charts::lines(&Axes::plain(&title, label, "seconds, end to end"), &all, &marks)
}

/// Another line leads only if it is so much faster: the rest is noise.
const LEAD: f64 = 0.97;

/// Where the fastest line changes, and where a line gets below that of the data where it is.
fn crossovers(all: &[Line]) -> Vec<Mark> {
    let all: Vec<&Line> = all.iter().filter(|line| !line.thin && !line.points.is_empty()).collect();
    let mut xs: Vec<f64> = all.iter().flat_map(|line| &line.points).map(|point| point.0).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    let fastest = |x: f64| {
        let there = all.iter().filter_map(|line| Some((*line, at(line, x)?)));
        there.min_by(|a, b| a.1.total_cmp(&b.1)).map(|first| first.0)
    };
    let direct = all.iter().find(|line| line.name == "direct");
    let mut found: Vec<(f64, &Line, &Line)> = vec![];
    let mut leader = xs.first().and_then(|&x| fastest(x));
    for pair in xs.windows(2) {
        let over = |before: &Line, after: &Line| crossing(before, after, (pair[0], pair[1]));
        if let (Some(before), Some(after)) = (leader, fastest(pair[1]))
            && let Some(x) = over(before, after)
        {
            found.push((x, before, after));
            leader = Some(after);
        }
        for line in all.iter().filter(|_| direct.is_some()) {
            let known = found.iter().any(|known| known.1.name == "direct" && known.2.number == line.number);
            if let Some(x) = direct.filter(|_| !known).and_then(|direct| over(direct, line)) {
                found.extend(direct.map(|direct| (x, *direct, *line)));
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mark = |(x, before, after): (f64, &Line, &Line)| Mark {
        x,
        text: format!("{} → {}, {x:.3}", before.name, after.name),
    };
    found.into_iter().map(mark).collect()
}

fn at(line: &Line, x: f64) -> Option<f64> {
    line.points.iter().find(|point| point.0 == x).map(|point| point.1)
}

/// Where `after` gets below `before` between two cases, on logarithmic axes; `None` if it does not.
fn crossing(before: &Line, after: &Line, (from, to): (f64, f64)) -> Option<f64> {
    let gap = |x: f64| Some((at(before, x)? / at(after, x)?).ln());
    let (first, second) = (gap(from)?, gap(to)?);
    let crosses = first <= 0.0 && second > -LEAD.ln();
    crosses.then(|| (from.ln() + first / (first - second) * (to.ln() - from.ln())).exp())
}

fn winners(run: &Run, sweep: &str) -> Drawn {
    let names = run.methods();
    let mut touched: Vec<f64> = run.of(sweep).map(|outcome| outcome.case.touched).collect();
    let mut reuses: Vec<u32> = run.of(sweep).map(|outcome| outcome.case.reuse).collect();
    touched.dedup();
    reuses.sort_unstable();
    reuses.dedup();
    let cell = |touched: f64, reuse: u32| {
        let outcome = run.of(sweep).find(|o| o.case.touched == touched && o.case.reuse == reuse)?;
        let best = outcome.best()?;
        let chosen = if outcome.chosen == best.method {
            String::new()
        } else {
            format!("\nplanner: {}, {:.2}x", outcome.chosen, outcome.regret)
        };
        let number = names.iter().position(|name| *name == best.method)?;
        Some((number, format!("{}\n{}{chosen}", best.method, seconds(best.seconds))))
    };
    let row = |&touched: &f64| reuses.iter().map(|&reuse| cell(touched, reuse)).collect();
    let cells: Vec<Vec<_>> = touched.iter().map(row).collect();
    let title = titled(run, &format!("the fastest way: {sweep}"));
    let columns: Vec<String> = reuses.iter().map(|&reuse| uses(reuse)).collect();
    let rows: Vec<String> = touched.iter().map(|touched| format!("{:.1} %", touched * 100.0)).collect();
    charts::winners(&Axes::plain(&title, "uses", "touched"), &columns, &rows, &cells)
}

fn throughput(run: &Run) -> Drawn {
    let rate = |case: &Case, seconds: f64| case.bytes as f64 / seconds * 1e-9;
    let mut all = lines(run, "size", |case| case.bytes as f64, rate);
    let ends = |f: fn(f64, f64) -> f64, start: f64| run.of("size").map(|o| o.case.bytes as f64).fold(start, f);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, 0.0));
    for (number, (name, roof)) in run.roofs.iter().enumerate().filter(|_| low.is_finite()) {
        let points = vec![(low, roof * 1e-9), (high, roof * 1e-9)];
        let name = format!("roof: {name}, {:.1} GB/s", roof * 1e-9);
        all.push(Line { name, number: number + all.len(), points, thin: true });
    }
    let title = titled(run, "one use: GB/s against size");
    let axes = Axes { unit: bytes, ..Axes::plain(&title, "bytes", "GB/s, end to end") };
    charts::lines(&axes, &all, &[])
}

/// Bytes as ticks of a decimal axis have them.
fn bytes(bytes: f64) -> String {
    match bytes {
        ..1e3 => format!("{bytes} B"),
        ..1e6 => format!("{} kB", bytes * 1e-3),
        ..1e9 => format!("{} MB", bytes * 1e-6),
        _ => format!("{} GB", bytes * 1e-9),
    }
}

/// Methods against kinds of cases.
fn grid(run: &Run, sweep: &str, what: &str, column: impl Fn(&Case) -> String) -> Drawn {
    let columns: Vec<String> = run.of(sweep).map(|outcome| column(&outcome.case)).collect();
    let cell = |outcome: &Outcome, method: &str| {
        let (point, best) = (outcome.point(method)?, outcome.best()?);
        // A bound may be faster than the best, and is none.
        let ratio = if point.oracle { 1.001 } else { point.seconds / best.seconds };
        Some(Cell { text: seconds(point.seconds), ratio, chosen: outcome.chosen == method })
    };
    let row = |method: &'static str| {
        let cells: Vec<_> = run.of(sweep).map(|outcome| cell(outcome, method)).collect();
        cells.iter().any(Option::is_some).then(|| (method.to_owned(), cells))
    };
    let rows: Vec<_> = run.methods().into_iter().filter_map(row).collect();
    let Some(case) = run.of(sweep).next().map(|outcome| outcome.case) else { return Ok(String::new()) };
    let title = titled(run, &format!("{what}: {} MiB, {}", case.bytes >> 20, uses(case.reuse)));
    charts::grid(&title, &columns, &rows)
}

/// What the time goes into: the first or the last case of the reuse sweep, and from how many uses on each way would pay.
fn breakdown(run: &Run, last: bool) -> Drawn {
    let mut cases = run.of("reuse");
    let Some(outcome) = (if last { cases.last() } else { cases.next() }) else { return Ok(String::new()) };
    let title = titled(run, &format!("what {} take, {} MiB", uses(outcome.case.reuse), outcome.case.bytes >> 20));
    let bar = |point: &Point| {
        let note = if last { pays(run, point.method) } else { String::new() };
        Bar { name: point.method.to_owned(), parts: point.parts.clone(), note }
    };
    charts::stacked(&title, &outcome.points.iter().map(bar).collect::<Vec<_>>())
}

/// From how many uses on a way is faster than to use the data where it is, by the first and the last case of the reuse sweep.
fn pays(run: &Run, method: &str) -> String {
    let line = |method: &str| {
        let points: Vec<(f64, f64)> =
            run.of("reuse").filter_map(|o| Some((f64::from(o.case.reuse), o.point(method)?.seconds))).collect();
        let (first, last) = (points.first()?, points.last().filter(|_| points.len() > 1)?);
        let each = (last.1 - first.1) / (last.0 - first.0);
        Some((first.1 - each * first.0, each))
    };
    let (Some(direct), Some(way)) = (line("direct").filter(|_| method != "direct"), line(method)) else {
        return String::new();
    };
    match cost::breakeven(direct, way) {
        from if from.is_infinite() || from > 1e6 => "; never pays".into(),
        from if from < 1.0 => "; pays".into(),
        from => format!("; pays from {from:.0} uses on"),
    }
}

fn agreement(run: &Run) -> Drawn {
    let series = |(number, method): (usize, &'static str)| {
        let points = run.outcomes.iter().filter_map(|outcome| outcome.point(method));
        let points = points.map(|point| (point.seconds, point.predicted)).collect();
        Line { name: method.to_owned(), number, points, thin: false }
    };
    charts::agreement(
        "predicted against measured",
        &run.methods().into_iter().enumerate().map(series).collect::<Vec<_>>(),
    )
}
