//! Copy, map, migrate or reach: what it takes to get bytes to where they are used, over size, touched fraction, reuse,
//! arithmetic and write-back, and what the planner would have chosen.
//!
//! ```text
//! cargo bench --bench copy_vs_migrate -- [--quick | --tiny] [--only SWEEP] [--out DIR]
//! cargo bench --bench copy_vs_migrate -- --model gh200      (or all: machines that we don't have, from the cost model)
//! ```
//!
//! Times are end to end: moving in, all uses, moving back what was written. Each repetition starts from data at home; the
//! first one does not count. Writes `copy_vs_migrate.json` and one self-contained `copy_vs_migrate.html`.

#[path = "../support/mod.rs"]
mod support;

mod cases;
#[path = "../support/charts/mod.rs"]
mod charts;
#[cfg(target_os = "linux")]
mod kernels;
#[cfg(target_os = "linux")]
mod methods;
mod model;
mod outcomes;
mod report;

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use landbridge::planner::machines;

use cases::{Case, Scale, Sweep};
use outcomes::Run;

/// What the command line asks for.
#[derive(Parser)]
struct Options {
    /// Within two minutes on two cores, instead of half an hour.
    #[arg(long)]
    quick: bool,
    /// Seconds, on little data: to see that all ways go, as in a virtual machine that is emulated.
    #[arg(long, conflicts_with = "quick")]
    tiny: bool,
    /// Only the sweeps whose name contains this.
    #[arg(long, value_name = "SWEEP")]
    only: Option<String>,
    /// Draw the charts for a machine that is not here, from the cost model: its name, or `all`.
    #[arg(long, value_name = "MACHINE")]
    model: Option<String>,
    /// Where the report goes.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Cargo passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let folder = options.out.clone().unwrap_or_else(support::results_folder);
    match &options.model {
        None => report::write(&folder, "copy_vs_migrate", &[measured(&options)?]),
        Some(name) => report::write(&folder, &format!("copy_vs_migrate-{name}"), &modelled(name, &options)?),
    }
}

/// The sweeps that are asked for.
fn sweeps(scale: Scale, options: &Options) -> Vec<Sweep> {
    let mut sweeps = Sweep::all(scale);
    sweeps.retain(|sweep| options.only.as_ref().is_none_or(|only| sweep.name.contains(only)));
    sweeps
}

#[cfg(target_os = "linux")]
fn measured(options: &Options) -> Result<Run, Box<dyn Error>> {
    use landbridge::backends::probe::Effort;

    let (scale, seconds, effort) = match options {
        Options { quick: true, .. } => (Case::QUICK, 80.0, Effort::Thorough),
        Options { tiny: true, .. } => (Case::TINY, 20.0, Effort::Quick),
        _ => (Case::FULL, 1500.0, Effort::Thorough),
    };
    methods::measure(&sweeps(scale, options), seconds, effort)
}

#[cfg(not(target_os = "linux"))]
fn measured(_: &Options) -> Result<Run, Box<dyn Error>> {
    Err("this bench measures on Linux; `--model` draws charts from the cost model everywhere".into())
}

/// The machines of that name.
fn modelled(name: &str, options: &Options) -> Result<Vec<Run>, String> {
    let wanted = machines::all().into_iter().filter(|machine| name == "all" || machine.name == name);
    let runs: Vec<Run> = wanted.map(|machine| model::predict(&machine, &sweeps(Case::MODEL, options))).collect();
    if runs.is_empty() {
        let names: Vec<_> = machines::all().iter().map(|machine| machine.name).collect();
        return Err(format!("there is no machine `{name}`; there are {}, and all", names.join(", ")));
    }
    Ok(runs)
}
