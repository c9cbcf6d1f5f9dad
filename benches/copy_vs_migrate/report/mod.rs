//! JSON for programs, one HTML page with everything in it for people.

mod figures;

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use super::outcomes::{Outcome, Run};
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
    for absent in &run.absent {
        println!("  {} is left out: {}", absent.method, absent.why);
    }
    if let Some((median, worst)) = run.regrets() {
        println!("  regret over {} cases: median {median:.2}, worst {worst:.2}", run.outcomes.len());
    }
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
    if !run.absent.is_empty() {
        writeln!(page, "<p>Not here:</p><ul>")?;
        for absent in &run.absent {
            writeln!(page, "<li><b>{}</b>: {}</li>", absent.method, escape(&absent.why))?;
        }
        writeln!(page, "</ul>")?;
    }
    if let Some((median, worst)) = run.regrets() {
        let count = run.outcomes.len();
        writeln!(
            page,
            "<p>The planner's choice over the best way, {count} cases: median {median:.2}, worst {worst:.2}.</p>"
        )?;
    }
    writeln!(page, "<div class=\"charts\">")?;
    for svg in figures::all(run)? {
        writeln!(page, "{svg}")?;
    }
    writeln!(page, "</div>")?;
    table(page, run)
}

/// All cases, for those who want figures.
fn table(page: &mut String, run: &Run) -> Result<(), Box<dyn Error>> {
    let heads = [
        "sweep", "bytes", "touched", "pattern", "uses", "written", "rounds", "pages", "best", "time", "chosen",
        "regret",
    ];
    writeln!(page, "<details><summary>All cases</summary><table><tr>")?;
    for head in heads {
        write!(page, "<th>{head}</th>")?;
    }
    writeln!(page, "</tr>")?;
    for outcome in &run.outcomes {
        let Outcome { sweep, case, chosen, regret, .. } = outcome;
        let best = outcome.best().map_or(("-", "-".into()), |best| (best.method, seconds(best.seconds)));
        let cells = [
            (*sweep).to_owned(),
            case.bytes.to_string(),
            format!("{:.4}", case.touched),
            case.pattern.name().to_owned(),
            case.reuse.to_string(),
            format!("{:.0} %", 100.0 * case.written),
            case.rounds.to_string(),
            case.pages.name().to_owned(),
            best.0.to_owned(),
            best.1,
            (*chosen).to_owned(),
            format!("{regret:.2}"),
        ];
        write!(page, "<tr>")?;
        for cell in cells {
            write!(page, "<td>{cell}</td>")?;
        }
        writeln!(page, "</tr>")?;
    }
    writeln!(page, "</table></details>")?;
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
