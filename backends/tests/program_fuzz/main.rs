//! Whole programs at random: kernels as Rust source are compiled by rustc, and have to give the same bits, or the same panics, on
//! the host, on the reference interpreter and on every driver that is here.
//!
//! ```text
//! LANDBRIDGE_FUZZ_SEED=17          the programs of that seed; a fresh one otherwise, which is printed
//! LANDBRIDGE_FUZZ_KERNELS=2000     so many programs instead of 60
//! LANDBRIDGE_FUZZ_SHRINK=600       at most so many seconds for each of the differences that are made smaller
//! LANDBRIDGE_FUZZ_SHOW=17          prints the program of that seed and does nothing else
//! ```
#![deny(unsafe_code)]

#[path = "gen/mod.rs"]
mod generate;
mod random;
mod scratch;
mod shrink;
mod tree;
mod types;

use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};
use std::{env, thread};

use scratch::{Candidate, Place, Scratch, Verdict};

/// Programs in a crate.
const BATCH: u64 = 240;

/// Differences that are made smaller.
const SHRUNK: usize = 3;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text:?}")))
}

/// Also where the output of tests is kept back.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn candidates(seeds: std::ops::Range<u64>) -> Vec<Candidate> {
    seeds.map(|seed| Candidate { seed, program: generate::program(seed) }).collect()
}

fn places() -> Vec<Place> {
    let mut places = vec![Place::Host, Place::Interpreter];
    if env::var("LANDBRIDGE_REQUIRE_WGPU").is_ok_and(|value| value == "1") || cfg!(feature = "wgpu") && has_adapter() {
        places.push(Place::Wgpu);
    }
    if env::var_os("LANDBRIDGE_SWIFTSHADER").is_some() {
        places.push(Place::SwiftShader);
    }
    places
}

#[cfg(feature = "wgpu")]
fn has_adapter() -> bool {
    use landbridge_backends::devices::Devices;
    landbridge_core::Device::all().iter().any(|device| device.info().id.starts_with("wgpu"))
}

#[cfg(not(feature = "wgpu"))]
fn has_adapter() -> bool {
    false
}

/// What was found, over all batches.
#[derive(Default)]
struct Tally {
    agreed: BTreeMap<Place, usize>,
    lacked: BTreeMap<Place, BTreeMap<String, usize>>,
    panicked: usize,
    differ: Vec<(Candidate, Place, String)>,
    refused: Vec<(Candidate, String)>,
    /// Drafts that the borrow checker refuses: the generator knows its rules in part only.
    slips: u64,
}

impl Tally {
    fn add(&mut self, all: &[Candidate], place: Place, found: BTreeMap<usize, Verdict>) {
        for (k, verdict) in found {
            match verdict {
                Verdict::Agrees(panicked) => {
                    *self.agreed.entry(place).or_default() += 1;
                    self.panicked += usize::from(panicked > 0 && place == Place::Host);
                }
                Verdict::Lacks(why) => {
                    let why = why.split_once(": ").map_or(why.clone(), |(_, why)| why.to_owned());
                    *self.lacked.entry(place).or_default().entry(why).or_default() += 1;
                }
                Verdict::Differs(why) => {
                    tell(&format!("seed {} on {place:?}: {why}", all[k].seed));
                    self.differ.push((all[k].clone(), place, why));
                }
            }
        }
    }
}

/// Whether it is the borrow checker that refuses the user's own lines.
fn is_borrowed_wrongly(why: &str) -> bool {
    ["E0381", "E0382", "E0384", "E0499", "E0502", "E0503", "E0505", "E0506", "E0594", "E0596", "E0597", "E0716"]
        .iter()
        .any(|code| why.contains(&format!("error[{code}]")))
}

fn batch(scratch: &Scratch, all: &[Candidate], places: &[Place], tally: &mut Tally) {
    let begin = Instant::now();
    let refused = scratch.build(all);
    for (k, why) in refused {
        tell(&format!("seed {} is refused: {why}", all[k].seed));
        match is_borrowed_wrongly(&why) {
            true => tally.slips += 1,
            false => tally.refused.push((all[k].clone(), why)),
        }
    }
    let built = begin.elapsed();
    let found: Vec<_> = thread::scope(|threads| {
        let running: Vec<_> = places.iter().map(|place| threads.spawn(|| scratch.run(*place))).collect();
        running.into_iter().map(|thread| thread.join().expect("a run")).collect()
    });
    for (place, found) in places.iter().zip(found) {
        tally.add(all, *place, found);
    }
    let ran = begin.elapsed() - built;
    tell(&format!("{} programs: built in {:.1} s, run in {:.1} s", all.len(), built.as_secs_f32(), ran.as_secs_f32()));
}

#[test]
fn programs_agree() {
    if let Some(seed) = number("LANDBRIDGE_FUZZ_SHOW") {
        return tell(&generate::program(seed).tree.source());
    }
    let fresh =
        || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a date").as_secs() % 1_000_000 * 1000;
    let first = number("LANDBRIDGE_FUZZ_SEED").unwrap_or_else(fresh);
    let count = number("LANDBRIDGE_FUZZ_KERNELS").unwrap_or(60);
    let places = places();
    tell(&format!("LANDBRIDGE_FUZZ_SEED={first} LANDBRIDGE_FUZZ_KERNELS={count} on {places:?}"));
    let scratch = Scratch::new("programs");
    let mut tally = Tally::default();
    let mut done = 0;
    while done < count {
        let now = BATCH.min(count - done);
        batch(&scratch, &candidates(first + done..first + done + now), &places, &mut tally);
        done += now;
    }
    tell(&format!("agreed: {:?}; with panics: {}; lacking: {:?}", tally.agreed, tally.panicked, tally.lacked));
    let time = Duration::from_secs(number("LANDBRIDGE_FUZZ_SHRINK").unwrap_or(120));
    for (candidate, place, why) in tally.differ.iter().take(SHRUNK) {
        let small = shrink::shrink(candidate, *place, time);
        let seed = candidate.seed;
        tell(&format!("\nseed {seed} on {place:?}: {why}\nSmaller:\n{}", small.program.tree.source()));
        tell(&format!("Again: LANDBRIDGE_FUZZ_SEED={seed} LANDBRIDGE_FUZZ_KERNELS=1 cargo test --test program_fuzz"));
    }
    let bad = tally.differ.len() + tally.refused.len();
    assert!(bad == 0, "{} programs differ, {} are refused", tally.differ.len(), tally.refused.len());
    assert!(tally.slips * 20 <= count.max(20), "{} of {count} are no programs", tally.slips);
    // Programs that no device runs would agree as well.
    for (place, agreed) in &tally.agreed {
        assert!(*agreed as u64 * 3 > count, "only {agreed} of {count} ran on {place:?}");
    }
}

#[test]
fn cuts_stay_programs() {
    let mut smaller = 0;
    for seed in 0..8 {
        let tree = generate::program(seed).tree;
        assert!(tree.is_consistent(), "seed {seed}");
        let cuts = tree.cuts();
        assert!(cuts.iter().all(tree::Node::is_consistent), "seed {seed}");
        smaller += cuts.len();
    }
    assert!(smaller > 500, "only {smaller}");
}
