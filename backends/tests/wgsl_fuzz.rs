//! Random verified modules: the generator answers with text that naga accepts, or with an error; never with a panic.

mod wgsl_support;

use landbridge_backends::codegen::wgsl::{Mode, Part, Parts, ReduceOp, UsizeWidth, WgslBinding, WgslTarget, generate};
use landbridge_core::ir::Module;
use landbridge_core::ir::sample::{Choices, SampleOptions, sample};
use landbridge_core::ir::verify;
use wgsl_support::{assert_valid, poor, rich};

fn modules(options: &SampleOptions, seeds: std::ops::Range<u64>) -> impl Iterator<Item = Module> {
    seeds.map(|seed| {
        let module = sample(options, &mut Choices::from_seed(seed));
        verify(&module).expect("samples are valid");
        module
    })
}

/// How many got text, of how many.
fn run(options: &SampleOptions, seeds: std::ops::Range<u64>, target: &WgslTarget) -> (u32, u32) {
    let (mut texts, mut all) = (0, 0);
    for module in modules(options, seeds) {
        for mode in [Mode::Run, Mode::Collect, Mode::Reduce(ReduceOp::Sum)] {
            all += 1;
            match generate(&module, target, mode) {
                Ok(kernel) => {
                    texts += 1;
                    assert_valid(&kernel);
                    // The same module gives the same text.
                    assert_eq!(generate(&module, target, mode).as_ref(), Ok(&kernel));
                }
                Err(error) => {
                    let error = error.to_string();
                    assert!(!error.contains("defect of the generator"), "{error}");
                    assert!(!error.contains("not verified"), "{error}");
                    if std::env::var_os("SHOW").is_some() {
                        println!("{error}");
                    }
                }
            }
        }
    }
    (texts, all)
}

#[test]
fn everything_on_a_rich_device() {
    let (texts, all) = run(&SampleOptions::all(), 0..150, &rich());
    assert!(texts * 5 > all, "only {texts} of {all}");
}

#[test]
fn everything_in_64_bits() {
    let wide = WgslTarget { usize_width: UsizeWidth::Wide, ..rich() };
    run(&SampleOptions::all(), 150..250, &wide);
}

#[test]
fn small_numbers_on_a_poor_device() {
    use landbridge_core::ir::Scalar::*;
    let options = SampleOptions::exact(&[I8, U8, I16, U16, F32]);
    let (texts, all) = run(&options, 0..150, &poor());
    assert!(texts * 5 > all, "only {texts} of {all}");
}

/// Slices that are larger than a binding, atomics among them.
#[test]
fn whole_slices_in_parts() {
    let mut cut = 0;
    for module in modules(&SampleOptions::all(), 250..400) {
        let Ok(kernel) = generate(&module, &rich(), Mode::Run) else { continue };
        let parts = |binding: &WgslBinding| if binding.part == Part::Whole { 3 } else { 1 };
        let parts = Parts { bytes: 64 << 20, of_binding: kernel.bindings.iter().map(parts).collect() };
        cut += u32::from(parts.of_binding.contains(&3));
        let target = WgslTarget { parts: Some(parts), ..rich() };
        let kernel = generate(&module, &target, Mode::Run).expect("as without parts");
        assert_valid(&kernel);
    }
    assert!(cut > 10, "only {cut}");
}

/// Devices that bind few buffers.
#[test]
fn arguments_packed() {
    for most in [2, 3, 4] {
        let few = WgslTarget { max_storage_buffers: most, ..rich() };
        let (texts, _) = run(&SampleOptions::all(), 400..450, &few);
        assert!(texts > 10, "only {texts} with {most}");
    }
}

#[test]
fn large_kernels() {
    let options = SampleOptions { size: 2000, ..SampleOptions::all() };
    run(&options, 0..8, &rich());
}
