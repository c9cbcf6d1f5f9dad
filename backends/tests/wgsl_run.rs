//! Generated text, run on every Vulkan device, against the reference interpreter.
#![cfg(feature = "wgpu")]

#[path = "wgsl_support/device.rs"]
mod device;

use device::Device;
use landbridge_backends::codegen::wgsl::error_block::Failure;
use landbridge_backends::codegen::wgsl::{Mode, UsizeWidth, WgslTarget, generate};
use landbridge_core::ir::interpret::InterpretError;
use landbridge_core::ir::sample::{Choices, SampleLaunch, SampleOptions, sample};
use landbridge_core::ir::{Scalar, Type};

/// How random kernels fared.
#[derive(Debug, Default)]
struct Tally {
    same: u32,
    panics: u32,
    exceeded: u32,
    refused: u32,
}

fn compare(device: &Device, target: &WgslTarget, options: &SampleOptions, seed: u64, tally: &mut Tally) {
    let module = sample(options, &mut Choices::from_seed(seed));
    let mode = match module.types[module.result()] {
        Type::Unit => Mode::Run,
        _ => Mode::Collect,
    };
    let kernel = match generate(&module, target, mode) {
        Ok(kernel) => kernel,
        Err(_) => {
            tally.refused += 1;
            return;
        }
    };
    let before = SampleLaunch::new(&module, &mut Choices::from_seed(seed ^ 0x5eed));
    let (mut expected, mut found) = (before.clone(), before);
    let outcome = expected.interpret(&module, seed, 1 << 22);
    let failure = device.run(&kernel, &module, &mut found);
    let say = |what: String| -> ! { panic!("{} seed {seed}: {what}\n{module}\n{}", device.name, kernel.source) };
    match (outcome, failure) {
        (_, Some(Failure::RangeExceeded { .. })) => {
            if !kernel.may_exceed_range {
                say("the range was exceeded unannounced".into());
            }
            tally.exceeded += 1;
            return;
        }
        (Ok(()), None) => tally.same += 1,
        (Err(InterpretError::Panic(_)), Some(Failure::Panic { site, .. })) => {
            if module.sites.get(site as usize).is_none() || !kernel.may_panic {
                say("a panic at an unknown site".into());
            }
            tally.panics += 1;
        }
        (outcome, failure) => say(format!("the interpreter: {outcome:?}, the device: {failure:?}")),
    }
    if let Some(what) = expected.difference(&found, &module) {
        say(what);
    }
}

/// `SEEDS=FROM..TO` runs others.
fn seeds() -> std::ops::Range<u64> {
    let Ok(wanted) = std::env::var("SEEDS") else { return 0..60 };
    let (from, to) = wanted.split_once("..").expect("SEEDS=FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

fn run(options: impl Fn(&Device) -> SampleOptions, change: impl Fn(&mut WgslTarget)) {
    for device in device::devices() {
        let mut target = device.target();
        change(&mut target);
        let mut tally = Tally::default();
        for seed in seeds() {
            compare(&device, &target, &options(&device), seed, &mut tally);
        }
        println!("{}: {tally:?}", device.name);
        assert!(tally.same > 0);
    }
}

fn exact(device: &Device) -> SampleOptions {
    let target = device.target();
    let has = |s: &Scalar| match s {
        Scalar::F64 => target.f64 && target.int64,
        Scalar::I64 | Scalar::U64 => target.int64,
        _ => true,
    };
    let scalars: Vec<_> = Scalar::ALL.into_iter().filter(has).collect();
    SampleOptions::exact(&scalars)
}

#[test]
fn random_kernels_give_the_interpreters_answer() {
    run(exact, |_| {});
}

#[test]
fn also_with_parameters_in_a_buffer() {
    run(exact, |target| target.immediates_bytes = 0);
}

#[test]
fn also_with_usize_in_64_bits() {
    let small = |device: &Device| match device.target().int64 {
        true => exact(device),
        false => SampleOptions::exact(&[Scalar::F32]),
    };
    run(small, |target| {
        if target.int64 {
            target.usize_width = UsizeWidth::Wide;
        }
    });
}

#[test]
fn also_without_64_bit_integers() {
    run(
        |_| SampleOptions::exact(&[Scalar::I8, Scalar::U16, Scalar::F32]),
        |target| {
            target.int64 = false;
            target.f64 = false;
        },
    );
}
