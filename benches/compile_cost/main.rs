//! What a kernel costs at compile time: `cargo check` of a crate with fifty of them, with the attributes
//! and without, by turns. Claimed: at most 8 ms a kernel.
//!
//! Measured twice: the whole crate anew (incremental compilation off, the figure that counts), and after a
//! touch with what cargo does by default.
//!
//! `cargo bench --bench compile_cost -- [--quick]`

#[path = "../support/mod.rs"]
mod support;

mod kernels;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use support::{Entry, Options, Report, Samples, seconds};

/// The most that a kernel may cost, seconds.
const CLAIM: f64 = 8e-3;

/// A scratch crate below cargo's target folder, with a target folder of its own.
struct Scratch {
    folder: PathBuf,
    source: String,
}

impl Scratch {
    /// Writes the crate, with the versions that this workspace has locked: nothing is downloaded.
    fn create(name: &str, source: String) -> io::Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_cost").join(name);
        fs::create_dir_all(folder.join("src"))?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nlandbridge = {{ path = {workspace:?}, default-features = false }}\n\
             num-traits = \"0.2\"\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let scratch = Self { folder, source };
        scratch.touch()?;
        Ok(scratch)
    }

    /// Writes the source anew, so that cargo sees a change.
    fn touch(&self) -> io::Result<()> {
        fs::write(self.folder.join("src/lib.rs"), &self.source)
    }

    /// Touches the source, checks the crate and says how many seconds that took.
    fn check(&self, incremental: bool) -> io::Result<f64> {
        self.touch()?;
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["check", "--quiet", "--offline", "--target-dir", "../target"])
            .current_dir(&self.folder)
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null());
        let begin = Instant::now();
        let output = cargo.output()?;
        let took = begin.elapsed().as_secs_f64();
        if output.status.success() {
            Ok(took)
        } else {
            let text = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("{}: {text}", self.folder.display())))
        }
    }
}

/// Checks both crates by turns; the first round, which builds the dependencies, does not count.
fn measure(options: &Options, pair: [&Scratch; 2], incremental: bool) -> io::Result<[Samples; 2]> {
    let mut samples = ["with", "without"].map(Samples::new);
    for round in 0..=options.least_rounds() {
        for (scratch, samples) in pair.iter().zip(&mut samples) {
            let took = scratch.check(incremental)?;
            if round > 0 {
                samples.push(took);
            }
        }
    }
    Ok(samples)
}

fn main() -> ExitCode {
    match run(&Options::from_args()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> io::Result<()> {
    let with = Scratch::create("with_attributes", kernels::source(true))?;
    let without = Scratch::create("without_attributes", kernels::source(false))?;
    let mut report = Report::new("compile_cost", &["with", "without"]);
    for (case, incremental) in [("check/whole", false), ("check/touched", true)] {
        if options.wants(case) {
            let [with, without] = measure(options, [&with, &without], incremental)?;
            // One process that nobody waits for: whatever disturbs it makes it slower, so the fastest run tells most.
            let ours = (with.min() - without.min()) / kernels::COUNT as f64;
            report.add(Entry {
                case: format!("{case}, a kernel"),
                ours_s: ours,
                other: "the claim".to_owned(),
                other_s: CLAIM,
                ratio: ours / CLAIM,
                target: Some(1.0),
                peak_bytes: None,
                extra: vec![seconds(with.min()), seconds(without.min())],
            });
        }
    }
    report.finish();
    Ok(())
}
