//! Modules that no front end would make, but which the verifier accepts: the generator answers with text that naga
//! accepts, or with an error; never with a panic.

mod wgsl_support;

use landbridge_backends::codegen::wgsl::{Mode, ReduceOp, generate};
use landbridge_core::ir::Module;
use landbridge_core::ir::sample::{Choices, SampleOptions, mutate, sample};
use landbridge_core::ir::verify;
use wgsl_support::{assert_valid, rich};

/// Texts and refusals of a module in all modes.
fn check(module: &Module, seed: u64, counts: &mut [u32; 2]) {
    for mode in [Mode::Run, Mode::Collect, Mode::Reduce(ReduceOp::Sum)] {
        match generate(module, &rich(), mode) {
            Ok(kernel) => {
                counts[0] += 1;
                assert_valid(&kernel);
            }
            Err(error) => {
                counts[1] += 1;
                let error = error.to_string();
                let unexpected = error.contains("defect of the generator") || error.contains("not verified");
                assert!(!unexpected, "seed {seed}: {error}");
            }
        }
    }
}

/// `MUTANTS` sets how many are tried.
#[test]
fn changed_modules_that_are_still_valid() {
    let mut counts = [0, 0];
    let count = std::env::var("MUTANTS").map_or(400, |count| count.parse().expect("a number"));
    // The second list: seeds that once gave text which naga refused.
    for seed in (0..count).chain([2307, 2576, 3195, 3415, 6671, 9018, 11247, 18139]) {
        let mut choices = Choices::from_seed(seed);
        let mut module = sample(&SampleOptions { size: 100, ..SampleOptions::all() }, &mut choices);
        for _ in 0..=choices.below(3) {
            mutate(&mut module, &mut choices);
        }
        if verify(&module).is_ok() {
            check(&module, seed, &mut counts);
        }
    }
    assert!(counts[0] > counts[1], "{counts:?}");
}

/// Unchanged samples that once gave text which naga refused: a local behind a pointer, used before it is stored to.
#[test]
fn locals_behind_pointers_are_declared_before_all_uses() {
    for seed in [1_005_101, 1_008_055] {
        let mut choices = Choices::from_seed(seed);
        let module = sample(&SampleOptions { size: 100, ..SampleOptions::all() }, &mut choices);
        check(&module, seed, &mut [0, 0]);
    }
}
