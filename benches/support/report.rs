//! The table that a bench prints, and the same as JSON.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::Samples;

/// One line: how long we take for a case, and how long the other takes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// The case, `kernel/size`.
    pub(crate) case: String,
    /// Our time, seconds a run (median).
    pub(crate) ours_s: f64,
    /// Whom we are compared with.
    pub(crate) other: String,
    /// The other's time, seconds a run (median).
    pub(crate) other_s: f64,
    /// Ours over other's, as [`Samples::ratio_to`] finds it: below one, we are faster.
    pub(crate) ratio: f64,
    /// The most that the ratio may be, where a target is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<f64>,
    /// How many more bytes of memory the process had meanwhile, where that is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) peak_bytes: Option<u64>,
    /// What the table shows besides, under the report's extra columns.
    #[serde(skip)]
    pub(crate) extra: Vec<String>,
}

impl Entry {
    /// A line from two contestants of one measurement.
    pub(crate) fn compare(case: String, ours: &Samples, other: &Samples, extra: Vec<String>) -> Self {
        Self {
            case,
            ours_s: ours.median(),
            other: other.name.clone(),
            other_s: other.median(),
            ratio: ours.ratio_to(other),
            target: None,
            peak_bytes: None,
            extra,
        }
    }
}

/// The results of one bench.
#[derive(Debug)]
pub(crate) struct Report {
    name: &'static str,
    extra_columns: Vec<&'static str>,
    entries: Vec<Entry>,
}

impl Report {
    /// An empty report of the bench `name`, whose table has these columns after the usual ones.
    pub(crate) fn new(name: &'static str, extra_columns: &[&'static str]) -> Self {
        Self { name, extra_columns: extra_columns.to_vec(), entries: Vec::new() }
    }

    /// Adds a line, and says on stderr how far the bench has come.
    pub(crate) fn add(&mut self, entry: Entry) {
        eprintln!("{} {}", self.name, entry.case);
        self.entries.push(entry);
    }

    /// The lines so far.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Prints the table and writes `target/bench/NAME.json`; nothing where no case ran.
    pub(crate) fn finish(&self) {
        if self.entries.is_empty() {
            return;
        }
        let mut rows = vec![vec!["case", "ours", "other", "other's", "ratio"]];
        rows[0].extend(&self.extra_columns);
        let mut rows: Vec<Vec<String>> =
            rows.into_iter().map(|row| row.into_iter().map(String::from).collect()).collect();
        rows.extend(self.entries.iter().map(row));
        print_aligned(&rows);
        match self.write() {
            Ok(path) => println!("\n{} cases in {}", self.entries.len(), path.display()),
            Err(error) => eprintln!("the results were not written: {error}"),
        }
    }

    /// Writes the entries and says where.
    fn write(&self) -> io::Result<PathBuf> {
        let folder = results_folder();
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.json", self.name));
        let mut text = serde_json::to_string_pretty(&self.entries)?;
        text.push('\n');
        fs::write(&path, text)?;
        Ok(path)
    }
}

/// Where results go: `LANDBRIDGE_BENCH_DIR`, for a bench that runs on another machine than it was built on,
/// else `bench` in cargo's target folder, which cargo names (the parent of its `tmp`) when it builds a bench.
pub(crate) fn results_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("LANDBRIDGE_BENCH_DIR") {
        return PathBuf::from(folder);
    }
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap_or(tmp).join("bench")
}

fn row(entry: &Entry) -> Vec<String> {
    let mut cells = vec![
        entry.case.clone(),
        seconds(entry.ours_s),
        entry.other.clone(),
        seconds(entry.other_s),
        format!("{:.3}", entry.ratio),
    ];
    cells.extend(entry.extra.iter().cloned());
    cells
}

/// Prints rows with aligned columns: the first to the left, the others to the right.
fn print_aligned(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            match column {
                0 => line += &format!("{cell}{pad}"),
                _ => line += &format!("  {pad}{cell}"),
            }
        }
        println!("{}", line.trim_end());
    }
}

/// A duration in seconds, for people: three digits and a unit.
pub(crate) fn seconds(s: f64) -> String {
    let (value, unit) = match s {
        s if s < 1e-6 => (s * 1e9, "ns"),
        s if s < 1e-3 => (s * 1e6, "us"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    let decimals = if value < 10.0 {
        2
    } else if value < 100.0 {
        1
    } else {
        0
    };
    format!("{value:.decimals$} {unit}")
}

/// The geometric mean; `None` of nothing.
pub(crate) fn geometric_mean(ratios: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = ratios.into_iter().fold((0.0, 0_u32), |(sum, count), ratio| (sum + ratio.ln(), count + 1));
    (count > 0).then(|| (sum / f64::from(count)).exp())
}
