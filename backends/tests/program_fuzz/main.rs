//! Whole programs at random: kernels as Rust source are compiled by rustc, and have to give the same bits, or the same panics, on
//! the host, on the reference interpreter and on every driver that is here.
//!
//! ```text
//! LANDBRIDGE_FUZZ_SEED=17          the programs of that seed; a fresh one otherwise, which is printed
//! LANDBRIDGE_FUZZ_KERNELS=2000     so many programs instead of 60; from 500 on, libraries are optimised for it
//! LANDBRIDGE_FUZZ_OPTIMISED=1      or for fewer
//! LANDBRIDGE_FUZZ_BATCH=100        so many programs in a crate; after each a line says where to go on
//! LANDBRIDGE_FUZZ_SHRINK=600       at most so many seconds for each of the differences that are made smaller
//! LANDBRIDGE_FUZZ_SHOW=17          prints the program of that seed and does nothing else
//! ```
#![deny(unsafe_code)]

mod campaign;
#[path = "gen/mod.rs"]
mod generate;
mod random;
mod scratch;
mod shrink;
mod tree;
mod types;

use std::env;
use std::io::Write;
use std::time::{Duration, SystemTime};

use campaign::Campaign;
use scratch::Place;

/// Programs in a crate.
const BATCH: u64 = 100;

/// From so many programs on it pays to optimise all libraries for them.
const MANY: u64 = 500;

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

#[test]
fn programs_agree() {
    if let Some(seed) = number("LANDBRIDGE_FUZZ_SHOW") {
        return tell(&generate::program(seed).tree.source());
    }
    let fresh =
        || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a date").as_secs() % 1_000_000 * 1000;
    let first = number("LANDBRIDGE_FUZZ_SEED").unwrap_or_else(fresh);
    let count = number("LANDBRIDGE_FUZZ_KERNELS").unwrap_or(60);
    let optimised = number("LANDBRIDGE_FUZZ_OPTIMISED").map_or(count >= MANY, |wanted| wanted > 0);
    let places = places();
    tell(&format!("LANDBRIDGE_FUZZ_SEED={first} LANDBRIDGE_FUZZ_KERNELS={count} on {places:?}"));
    let batch = number("LANDBRIDGE_FUZZ_BATCH").unwrap_or(BATCH).clamp(1, count.max(1));
    let mut campaign = Campaign::new(places, optimised);
    campaign.run(first..first + count, batch);
    campaign.explain(SHRUNK, Duration::from_secs(number("LANDBRIDGE_FUZZ_SHRINK").unwrap_or(120)));
    campaign.judge(count);
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
