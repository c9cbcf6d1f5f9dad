//! What a driver does with floats: no driver says, so a small kernel finds out when a device is first opened.
//!
//! WGSL lets a device round `/` and `sqrt` differently from IEEE 754, and fuse and simplify what stands in a row. The
//! answer holds for a device and its driver: it is kept in the cache folder, so that later processes read a line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use landbridge_core::backend::Capability;

use super::adapters::AdapterFacts;
use super::device::Gpu;
use super::failure::Failure;
use super::grid::Grid;
use super::pipeline::{Pipeline, Shader, Window};
use super::pool::Kind;
use super::staging::{Download, Upload};
use super::submit::{CopyStep, Dispatch, Steps, submit};
use crate::cache_folder::{checksum, directory, write_atomically};

/// What the test found: why not, by capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rounding {
    missing: [Option<String>; NAMES.len()],
}

const NAMES: [&str; 2] = [Capability::ROUNDED_F32, Capability::AS_WRITTEN_F32];

/// Work-items, each with three numbers.
const ITEMS: usize = 1024;
const GIVEN: usize = 3;
const FOUND: usize = 10;
/// So many of the results are of one operation each.
const SINGLE: usize = 5;

const SOURCE: &str = "
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let a = x[3u * id.x];
    let b = x[3u * id.x + 1u];
    let c = x[3u * id.x + 2u];
    let at = 10u * id.x;
    y[at] = a + b;
    y[at + 1u] = a - b;
    y[at + 2u] = a * b;
    y[at + 3u] = a / b;
    y[at + 4u] = sqrt(abs(a));
    y[at + 5u] = a * b + c;
    y[at + 6u] = (a + b) - b;
    y[at + 7u] = (a - b) + b;
    y[at + 8u] = a / b * b;
    y[at + 9u] = a * c + b * c;
}";

const TEXT: [&str; FOUND] = [
    "a + b",
    "a - b",
    "a * b",
    "a / b",
    "a.abs().sqrt()",
    "a * b + c",
    "(a + b) - b",
    "(a - b) + b",
    "a / b * b",
    "a * c + b * c",
];

/// As the kernel, here, where rustc computes as it is written.
fn expected([a, b, c]: [f32; GIVEN]) -> [f32; FOUND] {
    [a + b, a - b, a * b, a / b, a.abs().sqrt(), a * b + c, (a + b) - b, (a - b) + b, a / b * b, a * c + b * c]
}

/// Numbers with full significands and all signs, none of whose results leaves the normal range. Every other third number
/// is one that shows whether the product before it was rounded.
fn given() -> Vec<[f32; GIVEN]> {
    let mut state = 0x6c61_6e64_u32;
    let mut number = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let exponent = 127 - 12 + (state >> 24) % 25;
        f32::from_bits(state & 0x807f_ffff | exponent << 23)
    };
    let mut item = |k: usize| {
        let [a, b, c] = [number(), number(), number()];
        [a, b, if k.is_multiple_of(2) { -(a * b) } else { c }]
    };
    (0..ITEMS).map(&mut item).collect()
}

/// Which capabilities the results leave.
fn judge(given: &[[f32; GIVEN]], found: &[[f32; FOUND]]) -> Rounding {
    let wrong = |places: std::ops::Range<usize>| {
        let places = || places.clone();
        given.iter().zip(found).find_map(|(&given, found)| {
            let expected = expected(given);
            let place = places().find(|&k| found[k].to_bits() != expected[k].to_bits())?;
            let [a, b, c] = given;
            let (text, found, expected) = (TEXT[place], found[place], expected[place]);
            Some(format!("`{text}` is {found} instead of {expected} for a = {a}, b = {b}, c = {c}"))
        })
    };
    Rounding { missing: [wrong(0..SINGLE), wrong(SINGLE..FOUND)] }
}

impl Rounding {
    /// From an earlier process if the driver is the same, else by trying.
    pub(crate) fn of(gpu: &Arc<Gpu>) -> Self {
        let file = directory().map(|folder| file(&folder, &gpu.facts));
        if let Some(known) = file.as_deref().and_then(load) {
            return known;
        }
        let found = try_out(gpu);
        gpu.pool.trim(); // what the test lent is too small for most launches
        match found {
            Ok(found) => {
                // A folder that cannot be written costs the next process some milliseconds, nothing else.
                if let Some(Err(error)) = file.map(|file| save(&file, &found)) {
                    tracing::debug!(%error, "the self-test's answer is not kept");
                }
                found
            }
            Err(failure) => {
                tracing::warn!(device = %gpu.facts.name, %failure, "the self-test did not run");
                Self { missing: NAMES.map(|_| Some(format!("the self-test did not run: {failure}"))) }
            }
        }
    }

    /// As the device's description lists them.
    pub(crate) fn capabilities(self) -> impl Iterator<Item = Capability> {
        NAMES.into_iter().zip(self.missing).map(|(name, missing)| Capability { name, missing })
    }
}

fn try_out(gpu: &Arc<Gpu>) -> Result<Rounding, Failure> {
    let _span = tracing::debug_span!("self-test", device = %gpu.facts.name).entered();
    let given = given();
    let shader = Shader {
        name: "self-test",
        source: SOURCE,
        entry: "main",
        read_only: &[true, false],
        immediate_bytes: 0,
        proved: Default::default(),
    };
    let pipeline = Pipeline::compile(gpu, &shader, None)?;
    let (up, down) = (size_of_val(&*given) as u64, (ITEMS * FOUND * 4) as u64);
    let (x, y) = (gpu.pool.lend(Kind::Storage, up)?, gpu.pool.lend(Kind::Storage, down)?);
    let (upload, download) = (Upload::new(gpu, up)?, Download::new(gpu, down)?);
    upload.write_slice(0, given.as_flattened())?;
    upload.close();
    let windows =
        [(&x, up), (&y, down)].map(|(lease, bytes)| Window { buffer: lease.buffer(), pooled: None, offset: 0, bytes });
    let group = gpu.scoped("binding", || pipeline.bind(gpu, &windows))?;
    let copy = |from, to, bytes| CopyStep { from, from_offset: 0, to, to_offset: 0, bytes };
    let mut steps = Steps::default();
    steps.uploads.push(copy(upload.buffer(), x.buffer(), up));
    steps.dispatches.push(Dispatch {
        pipeline: &pipeline,
        group,
        immediates: &[],
        grid: Grid::new(ITEMS as u64, 64, &gpu.facts.limits),
    });
    steps.downloads.push(copy(y.buffer(), download.buffer(), down));
    let submission = gpu.scoped("submitting", || submit(gpu, &steps))?;
    download.submitted();
    gpu.wait(&submission, Duration::from_secs(60))?;
    let view = download.read(0, down as usize)?;
    let numbers: Vec<f32> = view.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    Ok(judge(&given, numbers.as_chunks().0))
}

/// One for each device, driver and version of this test.
fn file(folder: &Path, facts: &AdapterFacts) -> PathBuf {
    let key = format!("{}\n{}\n{}\n{SOURCE}", facts.backend, facts.name, facts.driver);
    folder.join(format!("floats_{:016x}.txt", checksum(key.as_bytes())))
}

/// A line of the sum over the rest, then a line for each capability: empty, or why not.
fn save(file: &Path, found: &Rounding) -> std::io::Result<()> {
    let lines: String = found.missing.iter().map(|why| format!("{}\n", why.as_deref().unwrap_or_default())).collect();
    let sum = checksum(lines.as_bytes());
    write_atomically(file, format!("{sum:016x}\n{lines}").as_bytes())
}

fn load(file: &Path) -> Option<Rounding> {
    let text = std::fs::read_to_string(file).ok()?;
    let (sum, lines) = text.split_once('\n')?;
    if u64::from_str_radix(sum, 16) != Ok(checksum(lines.as_bytes())) {
        return None;
    }
    let mut lines = lines.lines().map(|line| (!line.is_empty()).then(|| line.to_owned()));
    let mut missing = NAMES.map(|_| None);
    for why in &mut missing {
        *why = lines.next()?;
    }
    Some(Rounding { missing })
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn results_stay_normal_so_that_only_rounding_is_judged() {
        for given in given() {
            for result in expected(given) {
                assert!(result == 0.0 || result.is_normal(), "{result:e} from {given:?}");
            }
        }
    }

    #[test]
    fn each_way_to_be_wrong_is_noticed_and_named() {
        let given = given();
        let right: Vec<_> = given.iter().map(|&given| expected(given)).collect();
        assert_eq!(judge(&given, &right), Rounding { missing: [None, None] });
        type Cheat = fn([f32; GIVEN]) -> f32;
        let cheats: [(usize, Cheat); 7] = [
            (3, |[a, b, _]| a * (1.0 / b)),
            (4, |[a, ..]| f32::from_bits(a.abs().sqrt().to_bits() + 1)),
            (5, |[a, b, c]| a.mul_add(b, c)),
            (6, |[a, ..]| a),
            (7, |[a, ..]| a),
            (8, |[a, ..]| a),
            (9, |[a, b, c]| (a + b) * c),
        ];
        for (place, cheat) in cheats {
            let mut found = right.clone();
            given.iter().zip(&mut found).for_each(|(&given, found)| found[place] = cheat(given));
            let [rounded, as_written] = judge(&given, &found).missing;
            let (wrong, other) = if place < SINGLE { (rounded, as_written) } else { (as_written, rounded) };
            assert!(wrong.is_some_and(|why| why.contains(TEXT[place])) && other.is_none(), "{}", TEXT[place]);
        }
    }

    #[test]
    fn the_answer_is_kept_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("landbridge-floats-{}", std::process::id()));
        let Some(gpu) = testing::gpu() else { return };
        let file = file(&folder, &gpu.facts);
        assert_eq!(load(&file), None);
        for missing in [[None, None], [Some("a".to_owned()), None], [None, Some("b: c".to_owned())]] {
            let found = Rounding { missing };
            save(&file, &found).expect("written");
            assert_eq!(load(&file), Some(found));
        }
        let text = std::fs::read_to_string(&file).expect("there");
        std::fs::write(&file, text.replace("b: c", "")).expect("written");
        assert_eq!(load(&file), None, "damaged");
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn known_drivers_are_judged_rightly() {
        let Some(gpu) = testing::gpu() else { return };
        let Rounding { missing: [rounded, as_written] } = try_out(&gpu).expect("runs");
        if gpu.facts.name.starts_with("llvmpipe") {
            assert_eq!(rounded, None);
            assert!(as_written.is_some_and(|why| why.starts_with("`(a + b) - b` is ")));
        }
        assert_eq!(gpu.take_stray(), None);
    }
}
