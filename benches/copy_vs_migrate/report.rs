//! JSON for programs, one HTML page with everything in it for people.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use super::cases::{Case, Outcome, Run};
use super::charts::{self, Axes, Line};
use super::support::seconds;

/// Writes both files and says where.
pub(crate) fn write(folder: &Path, name: &str, runs: &[Run]) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let (json, html) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.html")));
    std::fs::write(&json, serde_json::to_string_pretty(runs)? + "\n")?;
    std::fs::write(&html, page(runs)?)?;
    for run in runs {
        summary(run);
    }
    println!("\n{}\n{}", json.display(), html.display());
    Ok(())
}

/// What a run says, in a few lines.
fn summary(run: &Run) {
    println!("{}{}", run.machine, if run.model { ": predictions of the model" } else { "" });
    for outcome in run.outcomes.iter().filter(|outcome| outcome.sweep == "reuse") {
        let Some(best) = outcome.best() else { continue };
        let (best, time) = (best.method, seconds(best.seconds));
        println!("  {:4} uses: {best} {time}; the planner chooses {}", outcome.case.reuse, outcome.chosen);
    }
    if let Some((median, worst)) = regrets(run) {
        println!("  regret over {} cases: median {median:.2}, worst {worst:.2}", run.outcomes.len());
    }
}

/// Median and worst; `None` of a model, which agrees with itself.
fn regrets(run: &Run) -> Option<(f64, f64)> {
    let mut all: Vec<f64> = run.outcomes.iter().map(|outcome| outcome.regret).collect();
    all.sort_by(f64::total_cmp);
    let known = !run.model && !all.is_empty();
    known.then(|| (all[all.len() / 2], all[all.len() - 1]))
}

const STYLE: &str = "body{font:15px/1.5 sans-serif;max-width:1560px;margin:24px auto;padding:0 16px;color:#222}\
    h1{font-size:22px}h2{font-size:18px;margin-top:36px}.charts{display:flex;flex-wrap:wrap;gap:12px}\
    .model{background:#fff3cd;border:1px solid #e0c060;padding:8px 12px}svg{max-width:100%;height:auto;border:1px solid #ddd}\
    li{margin:2px 0}table{border-collapse:collapse}td,th{padding:2px 10px;border-bottom:1px solid #ddd;text-align:right}\
    td:first-child,th:first-child{text-align:left}";

fn page(runs: &[Run]) -> Result<String, Box<dyn Error>> {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>landbridge: copy or migrate</title>\
        <style>{STYLE}</style></head><body>\n<h1>landbridge: copy, map, migrate, or reach</h1>\n"
    );
    for run in runs {
        section(&mut page, run)?;
    }
    page += "</body></html>\n";
    Ok(page)
}

fn section(page: &mut String, run: &Run) -> Result<(), Box<dyn Error>> {
    writeln!(page, "<h2>{}</h2>", escape(&run.machine))?;
    if run.model {
        writeln!(page, "<p class=\"model\"><b>Predictions of the cost model.</b> Nothing here was measured.</p>")?;
    }
    writeln!(page, "<ul>")?;
    for note in &run.notes {
        writeln!(page, "<li>{}</li>", escape(note))?;
    }
    writeln!(page, "</ul>")?;
    if let Some((median, worst)) = regrets(run) {
        let count = run.outcomes.len();
        writeln!(
            page,
            "<p>The planner's choice over the best way, {count} cases: median {median:.2}, worst {worst:.2}.</p>"
        )?;
    }
    writeln!(page, "<div class=\"charts\">")?;
    for svg in drawn(run)? {
        writeln!(page, "{svg}")?;
    }
    writeln!(page, "</div>")?;
    table(page, run)
}

fn drawn(run: &Run) -> Result<Vec<String>, Box<dyn Error>> {
    let mut all = vec![
        over(run, "reuse", "uses", |case| f64::from(case.reuse))?,
        over(run, "reuse, written", "uses, all of it written by each", |case| f64::from(case.reuse))?,
        winners(run, "touched, scattered")?,
        winners(run, "touched, clustered")?,
        throughput(run)?,
        over(run, "intensity", "multiplications for each element, and one", |case| f64::from(case.rounds + 1))?,
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

fn of<'r>(run: &'r Run, sweep: &'r str) -> impl Iterator<Item = &'r Outcome> {
    run.outcomes.iter().filter(move |outcome| outcome.sweep == sweep)
}

/// Methods, in the order in which they first come.
fn methods(run: &Run) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = vec![];
    for point in run.outcomes.iter().flat_map(|outcome| &outcome.points) {
        if !all.contains(&point.method) {
            all.push(point.method);
        }
    }
    all
}

/// A line a method: `value` of each case of a sweep, by what was swept.
fn lines(run: &Run, sweep: &str, x: impl Fn(&Case) -> f64, value: impl Fn(&Case, f64) -> f64) -> Vec<Line> {
    let line = |method: &'static str| {
        let points = of(run, sweep).filter_map(|outcome| {
            let point = outcome.points.iter().find(|point| point.method == method)?;
            Some((x(&outcome.case), value(&outcome.case, point.seconds), point.oracle))
        });
        let points: Vec<_> = points.collect();
        let thin = points.iter().any(|point| point.2);
        Line { name: method.to_owned(), points: points.into_iter().map(|p| (p.0, p.1)).collect(), thin }
    };
    methods(run).into_iter().map(line).collect()
}

fn over(run: &Run, sweep: &str, label: &str, x: impl Fn(&Case) -> f64) -> Result<String, Box<dyn Error>> {
    let title = titled(run, &format!("time against {sweep}"));
    let all = lines(run, sweep, x, |_, seconds| seconds);
    let marks = crossovers(&all);
    charts::lines(&Axes { title: &title, x: label, y: "seconds, end to end" }, &all, &marks)
}

/// Where the fastest line changes, between two cases on logarithmic axes.
fn crossovers(all: &[Line]) -> Vec<(f64, String)> {
    let all: Vec<&Line> = all.iter().filter(|line| !line.thin && !line.points.is_empty()).collect();
    let cases = all.iter().map(|line| line.points.len()).min().unwrap_or(0);
    let best = |k: usize| all.iter().min_by(|a, b| a.points[k].1.total_cmp(&b.points[k].1));
    let mut marks = vec![];
    for k in 1..cases {
        let (Some(before), Some(after)) = (best(k - 1), best(k)) else { continue };
        if before.name != after.name {
            let gap = |k: usize| (before.points[k].1 / after.points[k].1).ln();
            let part = (gap(k - 1) / (gap(k - 1) - gap(k))).clamp(0.0, 1.0);
            let (from, to) = (before.points[k - 1].0.ln(), before.points[k].0.ln());
            let at = (from + part * (to - from)).exp();
            marks.push((at, format!("{at:.3}: {} -> {}", before.name, after.name)));
        }
    }
    marks
}

fn winners(run: &Run, sweep: &str) -> Result<String, Box<dyn Error>> {
    let names = methods(run);
    let mut touched: Vec<f64> = of(run, sweep).map(|outcome| outcome.case.touched).collect();
    let mut reuses: Vec<u32> = of(run, sweep).map(|outcome| outcome.case.reuse).collect();
    touched.dedup();
    reuses.sort_unstable();
    reuses.dedup();
    let cell = |touched: f64, reuse: u32| {
        let outcome = of(run, sweep).find(|o| o.case.touched == touched && o.case.reuse == reuse)?;
        let best = outcome.best()?;
        let chosen =
            if outcome.chosen == best.method { String::new() } else { format!("\nchosen: {}", outcome.chosen) };
        let number = names.iter().position(|name| *name == best.method)?;
        Some((number, format!("{}\n{}{chosen}", best.method, seconds(best.seconds))))
    };
    let row = |&touched: &f64| reuses.iter().filter_map(|&reuse| cell(touched, reuse)).collect();
    let cells: Vec<Vec<_>> = touched.iter().map(row).collect();
    let title = titled(run, &format!("the fastest way: {sweep}"));
    let columns: Vec<String> = reuses.iter().map(|reuse| format!("{reuse} uses")).collect();
    let rows: Vec<String> = touched.iter().map(|touched| format!("{:.1} %", touched * 100.0)).collect();
    charts::winners(&Axes { title: &title, x: "uses", y: "touched" }, &columns, &rows, &cells)
}

fn throughput(run: &Run) -> Result<String, Box<dyn Error>> {
    let rate = |case: &Case, seconds: f64| case.bytes as f64 / seconds * 1e-9;
    let mut all = lines(run, "size", |case| case.bytes as f64, rate);
    let ends = |f: fn(f64, f64) -> f64, start: f64| of(run, "size").map(|o| o.case.bytes as f64).fold(start, f);
    let (low, high) = (ends(f64::min, f64::INFINITY), ends(f64::max, 0.0));
    for (name, roof) in &run.roofs {
        let points = vec![(low, roof * 1e-9), (high, roof * 1e-9)];
        all.push(Line { name: format!("roof: {name}"), points, thin: true });
    }
    let title = titled(run, "one use: GB/s against size");
    charts::lines(&Axes { title: &title, x: "bytes", y: "GB/s, end to end" }, &all, &[])
}

/// What the time goes into: the first or the last case of the reuse sweep.
fn breakdown(run: &Run, last: bool) -> Result<String, Box<dyn Error>> {
    let mut cases = of(run, "reuse");
    let Some(outcome) = (if last { cases.last() } else { cases.next() }) else { return Ok(String::new()) };
    let uses = outcome.case.reuse;
    let title = titled(run, &format!("what {uses} use{} take", if uses == 1 { "" } else { "s" }));
    let bars: Vec<_> = outcome.points.iter().map(|point| (point.method.to_owned(), point.parts.clone())).collect();
    charts::stacked(&title, &bars, 1e-3, "ms")
}

fn agreement(run: &Run) -> Result<String, Box<dyn Error>> {
    let series = |method: &&'static str| {
        let points = run.outcomes.iter().flat_map(|outcome| &outcome.points).filter(|point| point.method == *method);
        ((*method).to_owned(), points.map(|point| (point.seconds, point.predicted)).collect())
    };
    charts::agreement("predicted against measured", &methods(run).iter().map(series).collect::<Vec<_>>())
}

fn table(page: &mut String, run: &Run) -> Result<(), Box<dyn Error>> {
    writeln!(page, "<details><summary>All cases</summary><table><tr><th>sweep</th><th>bytes</th><th>touched</th>")?;
    writeln!(
        page,
        "<th>uses</th><th>written</th><th>rounds</th><th>best</th><th>time</th><th>chosen</th><th>regret</th></tr>"
    )?;
    for Outcome { sweep, case, chosen, regret, .. } in &run.outcomes {
        let Case { bytes, touched, scattered: _, reuse, written, rounds } = case;
        writeln!(page, "<tr><td>{sweep}</td><td>{bytes}</td><td>{touched:.4}</td><td>{reuse}</td><td>{written}</td>")?;
        writeln!(page, "<td>{rounds}</td>")?;
        let best = run_best(run, sweep, case);
        writeln!(page, "<td>{}</td><td>{}</td><td>{chosen}</td><td>{regret:.2}</td></tr>", best.0, best.1)?;
    }
    writeln!(page, "</table></details>")?;
    Ok(())
}

fn run_best(run: &Run, sweep: &str, case: &Case) -> (&'static str, String) {
    let same = |outcome: &&Outcome| {
        let other = &outcome.case;
        (other.bytes, other.touched, other.reuse, other.rounds) == (case.bytes, case.touched, case.reuse, case.rounds)
    };
    let outcome = of(run, sweep).find(same);
    outcome.and_then(Outcome::best).map_or(("-", "-".into()), |best| (best.method, seconds(best.seconds)))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
