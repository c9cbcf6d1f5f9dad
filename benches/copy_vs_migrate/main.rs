//! Copy, map, migrate or reach: what it takes to get bytes to where they are used, over size, touched fraction, reuse,
//! arithmetic and write-back, and what the planner would have chosen.
//!
//! ```text
//! cargo bench --bench copy_vs_migrate -- [--quick] [--out DIR]
//! cargo bench --bench copy_vs_migrate -- --model gh200      (or all: machines that we don't have, from the cost model)
//! ```
//!
//! Times are end to end: moving in, all uses, moving back what was written. Each repetition starts from data at home; the
//! first one does not count. Writes `copy_vs_migrate.json` and one self-contained `copy_vs_migrate.html`.

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod charts;
mod methods;
mod model;
mod report;

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use landbridge::planner::machines;

use cases::{Case, Run, Sweep};

/// What the command line asks for.
#[derive(Parser)]
struct Options {
    /// Within two minutes on two cores, instead of half an hour.
    #[arg(long)]
    quick: bool,
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
        None => {
            let cases = Sweep::all(if options.quick { Case::QUICK } else { Case::FULL });
            let run = methods::measure(&cases, options.quick)?;
            report::write(&folder, "copy_vs_migrate", &[run])
        }
        Some(name) => report::write(&folder, &format!("copy_vs_migrate-{name}"), &modelled(name)?),
    }
}

/// The machines of that name.
fn modelled(name: &str) -> Result<Vec<Run>, String> {
    let wanted = machines::all().into_iter().filter(|machine| name == "all" || machine.name == name);
    let runs: Vec<Run> = wanted.map(|machine| model::predict(&machine, &Sweep::all(Case::MODEL))).collect();
    if runs.is_empty() {
        let names: Vec<_> = machines::all().iter().map(|machine| machine.name).collect();
        return Err(format!("there is no machine `{name}`; there are {}, and all", names.join(", ")));
    }
    Ok(runs)
}
