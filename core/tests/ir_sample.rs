//! Random modules: valid ones are accepted and run without an invalid access, in any order with the same answer; changed
//! ones are refused or run.

use landbridge_core::ir::interpret::InterpretError;
use landbridge_core::ir::sample::{Choices, SampleLaunch, SampleOptions, mutate, sample};
use landbridge_core::ir::{Module, Scalar, verify};

const STEPS: u64 = 200_000;

fn module(seed: u64, options: &SampleOptions) -> (Module, Choices<'static>) {
    let mut choices = Choices::from_seed(seed);
    let module = sample(options, &mut choices);
    if let Err(error) = verify(&module) {
        panic!("seed {seed}: {error}\n{module}");
    }
    (module, choices)
}

fn run(module: &Module, launch: &SampleLaunch, order: u64) -> (SampleLaunch, Option<String>) {
    let mut launch = launch.clone();
    let panic = match launch.interpret(module, order, STEPS) {
        Ok(()) => None,
        Err(InterpretError::Panic(panic)) => Some(format!("{panic:?}")),
        Err(other) => panic!("{other}\n{module}"),
    };
    (launch, panic)
}

#[test]
fn samples_are_valid_and_run() {
    let mut panics = 0;
    for seed in 0..600 {
        let (module, mut choices) = module(seed, &SampleOptions::all());
        let launch = SampleLaunch::new(&module, &mut choices);
        panics += u32::from(run(&module, &launch, seed).1.is_some());
        assert!(!module.to_string().is_empty());
    }
    assert!((30..400).contains(&panics), "{panics} samples panicked");
}

#[test]
fn without_panics_none_panics() {
    let options = SampleOptions { panics: false, ..SampleOptions::all() };
    for seed in 0..400 {
        let (module, mut choices) = module(seed, &options);
        let launch = SampleLaunch::new(&module, &mut choices);
        let (_, panic) = run(&module, &launch, seed);
        assert_eq!(panic, None, "seed {seed}\n{module}");
    }
}

#[test]
fn the_order_of_work_items_does_not_matter() {
    let mut stored = 0;
    for seed in 0..400 {
        let (module, mut choices) = module(seed, &SampleOptions::exact(&Scalar::ALL));
        let before = SampleLaunch::new(&module, &mut choices);
        let (first, _) = run(&module, &before, 1);
        let (second, _) = run(&module, &before, 2);
        assert_eq!(first.difference(&second, &module), None, "seed {seed}\n{module}");
        stored += u32::from(first.difference(&before, &module).is_some());
    }
    assert!(stored > 300, "only {stored} samples had any effect");
}

#[test]
fn byte_strings_make_modules_too() {
    for length in 0..200 {
        let bytes: Vec<u8> = (0..length).map(|k| (k * 37 % 251) as u8).collect();
        let mut choices = Choices::from_bytes(&bytes);
        let module = sample(&SampleOptions::all(), &mut choices);
        verify(&module).unwrap_or_else(|error| panic!("{error}\n{module}"));
        let launch = SampleLaunch::new(&module, &mut choices);
        run(&module, &launch, 0);
    }
}

#[test]
fn changed_modules_are_refused_or_run() {
    let (mut refused, mut ran) = (0, 0);
    for seed in 0..3000 {
        let mut choices = Choices::from_seed(seed);
        let mut module = sample(&SampleOptions::all(), &mut choices);
        mutate(&mut module, &mut choices);
        // Printing and refusing must not fail either.
        assert!(!module.to_string().is_empty());
        if let Err(error) = verify(&module) {
            assert!(error.rule.is_limit() || error.to_string().contains("please report"));
            refused += 1;
            continue;
        }
        ran += 1;
        let mut launch = SampleLaunch::new(&module, &mut choices);
        // Whatever it does is an answer, not a crash.
        let _ = launch.interpret(&module, seed, 20_000);
    }
    assert!(refused > 300 && ran > 300, "{refused} refused, {ran} ran");
}
