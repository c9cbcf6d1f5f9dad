//! The command line of a bench.

use std::time::Duration;

/// What the command line asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// `--quick`: a minute instead of several, with more noise.
    pub(crate) quick: bool,
    /// `--smoke`: sizes and times so small that a run only shows whether everything works. Not every bench has it.
    pub(crate) smoke: bool,
    /// The words that are not options: only cases whose name contains one of them run.
    filters: Vec<String>,
    /// How many times the least number of samples is taken.
    times: usize,
    /// How many times the usual time is taken.
    longer: u32,
}

impl Options {
    /// Reads the arguments of this process; exits with a usage text where it doesn't know one.
    pub(crate) fn from_args() -> Self {
        let mut options = Self { quick: false, smoke: false, filters: Vec::new(), times: 1, longer: 1 };
        for argument in std::env::args().skip(1) {
            match argument.as_str() {
                "--bench" => {} // cargo bench passes it
                "--quick" => options.quick = true,
                "--smoke" => options.smoke = true,
                flag if flag.starts_with('-') => {
                    eprintln!("usage: [--quick | --smoke] [PART OF A CASE'S NAME]...");
                    std::process::exit(if flag == "--help" { 0 } else { 2 });
                }
                _ => options.filters.push(argument),
            }
        }
        options
    }

    /// Whether the case of this name is to run.
    pub(crate) fn wants(&self, case: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|f| case.contains(f.as_str()))
    }

    /// Whether only some cases run.
    pub(crate) fn filters_any(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Whether the command line has the whole name of the case.
    pub(crate) fn names(&self, case: &str) -> bool {
        self.filters.iter().any(|f| f == case)
    }

    /// How long one case may measure, all contestants together.
    pub(crate) fn budget(&self) -> Duration {
        let milliseconds = match self {
            Self { smoke: true, .. } => 1,
            Self { quick: true, .. } => 900,
            _ => 4000,
        };
        Duration::from_millis(milliseconds) * self.longer
    }

    /// How many samples each contestant gets, however long they take.
    pub(crate) fn least_rounds(&self) -> usize {
        match self {
            Self { smoke: true, .. } => 1,
            Self { quick: true, .. } => 7 * self.times,
            _ => 21 * self.times,
        }
    }

    /// With this many times the time: for cases whose runs are long and scatter.
    #[allow(dead_code, reason = "not every bench has such cases")]
    pub(crate) fn longer(&self, times: u32) -> Self {
        Self { longer: times, ..self.clone() }
    }

    /// With twice as many samples at least: for cases that wait for memory, whose times scatter.
    pub(crate) fn steadier(&self) -> Self {
        Self { times: 2 * self.times, ..self.clone() }
    }
}
