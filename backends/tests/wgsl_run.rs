//! Generated text, run on every Vulkan device, against the reference interpreter: the same bits.
//!
//! One thing excuses another answer: that the driver simplifies floats (`docs/semantics.md`). A sample that differs is run
//! again with `floats_as_written`, which hides every operation from the driver, and must then agree. A launch that leaves
//! 32 bits (or may have: one item panicked, and the data differ) must agree in 64.
#![cfg(feature = "wgpu")]

#[path = "wgsl_support/device.rs"]
mod device;

use std::panic::{AssertUnwindSafe, catch_unwind};

use device::Device;
use landbridge_backends::codegen::wgsl::error_block::Failure;
use landbridge_backends::codegen::wgsl::{Bound, Mode, Part, Parts, UsizeWidth, WgslBinding, WgslTarget, generate};
use landbridge_core::ir::interpret::InterpretError;
use landbridge_core::ir::sample::{Choices, SampleArgument, SampleLaunch, SampleOptions, sample};
use landbridge_core::ir::{Module, Scalar, Type};

/// How random kernels fared.
#[derive(Debug, Default)]
struct Tally {
    /// The same bits.
    same: u32,
    /// Both panicked.
    panics: u32,
    /// `usize` left 32 bits; in 64 bits the answer is the same.
    exceeded: u32,
    /// No text, with a reason.
    refused: u32,
    /// Another answer, until the driver is kept from simplifying floats.
    simplified: u32,
    different: Vec<String>,
}

/// One kernel and its launch, to be run on a device in several ways.
struct Sample<'d> {
    device: &'d Device,
    seed: u64,
    module: Module,
    mode: Mode,
    before: SampleLaunch,
    expected: SampleLaunch,
    outcome: Result<(), InterpretError>,
    in_parts: bool,
}

/// What became of one way to run a sample.
#[derive(PartialEq)]
enum Ran {
    Same,
    Panicked,
    Exceeded,
    Refused,
    /// One item panicked, rightly, and the data differ, perhaps because another left 32 bits: such a launch has no result.
    PanickedElsewhere(String),
    Different(String),
}

impl<'d> Sample<'d> {
    fn new(device: &'d Device, options: &SampleOptions, seed: u64, in_parts: bool) -> Self {
        let module = sample(options, &mut Choices::from_seed(seed));
        let mode = match module.types[module.result()] {
            Type::Unit => Mode::Run,
            _ => Mode::Collect,
        };
        let before = SampleLaunch::new(&module, &mut Choices::from_seed(seed ^ 0x5eed));
        let mut expected = before.clone();
        let outcome = expected.interpret(&module, seed, 1 << 22);
        Self { device, seed, module, mode, before, expected, outcome, in_parts }
    }

    /// A target that cuts every whole slice, into parts as small as they can be.
    fn cut(&self, target: &WgslTarget) -> Option<WgslTarget> {
        let kernel = generate(&self.module, target, self.mode).ok()?;
        let length = |binding: &WgslBinding| match (binding.part, binding.source) {
            (Part::Whole, Bound::Parameter(k)) => match &self.before.arguments[k] {
                // With what the runner puts before it.
                SampleArgument::Slice { bytes, .. } => bytes.bytes().len() as u64 + 24,
                _ => 0,
            },
            _ => 0,
        };
        let lengths: Vec<u64> = kernel.bindings.iter().map(length).collect();
        let longest = lengths.iter().copied().max().unwrap_or(0);
        let bytes = longest.div_ceil(4).next_power_of_two().max(16);
        let of_binding = lengths.iter().map(|length| if *length == 0 { 1 } else { length.div_ceil(bytes) as u32 });
        let parts = Some(Parts { bytes, of_binding: of_binding.collect() });
        Some(WgslTarget { parts, ..target.clone() })
    }

    fn run(&self, target: &WgslTarget) -> Ran {
        let target = match self.in_parts {
            true => self.cut(target),
            false => Some(target.clone()),
        };
        let kernel = target.and_then(|target| generate(&self.module, &target, self.mode).ok());
        let Some(kernel) = kernel else { return Ran::Refused };
        let mut found = self.before.clone();
        let ran = AssertUnwindSafe(|| self.device.run(&kernel, &self.module, &mut found));
        let Ok(failure) = catch_unwind(ran) else {
            let Self { device, seed, .. } = self;
            return Ran::Different(format!("{} seed {seed}: refused\n{}", device.name, kernel.source));
        };
        let differs = self.expected.difference(&found, &self.module);
        let say = |what: String| {
            let Self { device, seed, module, .. } = self;
            Ran::Different(format!("{} seed {seed}: {what}\n{module}\n{}", device.name, kernel.source))
        };
        match (&self.outcome, failure) {
            (_, Some(Failure::RangeExceeded { .. })) if kernel.may_exceed_range => Ran::Exceeded,
            (Ok(()), None) => differs.map_or(Ran::Same, say),
            (Err(InterpretError::Panic(_)), Some(Failure::Panic { site, .. }))
                if kernel.may_panic && self.module.sites.get(site as usize).is_some() =>
            {
                match differs {
                    None => Ran::Panicked,
                    Some(what) if kernel.may_exceed_range => Ran::PanickedElsewhere(what),
                    Some(what) => say(what),
                }
            }
            (outcome, failure) => say(format!("the interpreter: {outcome:?}, the device: {failure:?}")),
        }
    }

    /// Runs it, and again in other ways until it is known why the answer was another.
    fn judge(&self, target: &WgslTarget, tally: &mut Tally) {
        let as_written = |target: &WgslTarget| WgslTarget { floats_as_written: true, ..target.clone() };
        // What has to be the same then, whatever the target lacks.
        let wide = WgslTarget { usize_width: UsizeWidth::Wide, ..self.device.target() };
        let provable = wide.int64;
        match self.run(target) {
            Ran::Same => tally.same += 1,
            Ran::Panicked => tally.panics += 1,
            Ran::Refused => tally.refused += 1,
            Ran::Exceeded | Ran::PanickedElsewhere(_) if !provable => tally.exceeded += 1,
            Ran::Exceeded | Ran::PanickedElsewhere(_) => match self.run(&wide) {
                Ran::Same | Ran::Panicked => tally.exceeded += 1,
                _ => self.expect_simplified(&as_written(&wide), tally),
            },
            Ran::Different(_) => self.expect_simplified(&as_written(target), tally),
        }
    }

    /// Nothing but simplified floats is left to excuse another answer.
    fn expect_simplified(&self, as_written: &WgslTarget, tally: &mut Tally) {
        match self.run(as_written) {
            Ran::Same | Ran::Panicked => tally.simplified += 1,
            Ran::Different(what) => tally.different.push(what),
            Ran::PanickedElsewhere(what) => tally.different.push(format!("seed {}: {what}", self.seed)),
            Ran::Exceeded => tally.different.push(format!("seed {}: the range is exceeded as written", self.seed)),
            Ran::Refused => tally.different.push(format!("seed {}: refused as written", self.seed)),
        }
    }
}

/// `SEEDS=FROM..TO` runs others.
fn seeds() -> std::ops::Range<u64> {
    let Ok(wanted) = std::env::var("SEEDS") else { return 0..60 };
    let (from, to) = wanted.split_once("..").expect("SEEDS=FROM..TO");
    from.parse().expect("a number")..to.parse().expect("a number")
}

fn run(options: impl Fn(&Device) -> SampleOptions, change: impl Fn(&mut WgslTarget)) {
    run_in_parts(false, options, change);
}

fn run_in_parts(in_parts: bool, options: impl Fn(&Device) -> SampleOptions, change: impl Fn(&mut WgslTarget)) {
    for device in device::devices() {
        let mut target = device.target();
        change(&mut target);
        let mut tally = Tally::default();
        for seed in seeds() {
            let (differ, simplified) = (tally.different.len(), tally.simplified);
            Sample::new(&device, &options(&device), seed, in_parts).judge(&target, &mut tally);
            if tally.different.len() > differ {
                println!("seed {seed} differs");
            } else if tally.simplified > simplified {
                println!("seed {seed} is simplified");
            }
        }
        let Tally { same, panics, exceeded, refused, simplified, different } = &tally;
        println!(
            "{}: {same} the same, {panics} panics, {exceeded} exceed 32 bits, {refused} refused, {simplified} simplified, \
             {} different",
            device.name,
            different.len()
        );
        assert!(different.is_empty(), "{} differ, for example\n{}", different.len(), different[0]);
        assert!(*same > 0);
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

/// Slices that are larger than a binding.
#[test]
fn also_with_slices_in_parts() {
    run_in_parts(true, exact, |_| {});
}

/// Devices that bind few buffers.
#[test]
fn also_with_arguments_packed() {
    run(exact, |target| {
        target.max_storage_buffers = 4;
        target.immediates_bytes = 0;
    });
    run(exact, |target| target.max_storage_buffers = 3);
}
