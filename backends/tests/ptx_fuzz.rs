//! Random verified modules: the generator answers with text that ptxas accepts, or with an error; never with a panic.

mod ptx_support;

use landbridge_backends::codegen::ptx::{Mode, PtxTarget, ReduceOp, generate};
use landbridge_core::ir::sample::{Choices, SampleOptions, sample};
use landbridge_core::ir::{Module, verify};
use ptx_support::{assemble, ptxas};

const MODES: [Mode; 3] = [Mode::Run, Mode::Collect, Mode::Reduce(ReduceOp::Sum)];

fn modules(seeds: std::ops::Range<u64>) -> impl Iterator<Item = Module> {
    seeds.map(|seed| {
        let module = sample(&SampleOptions::all(), &mut Choices::from_seed(seed));
        verify(&module).expect("samples are valid");
        module
    })
}

#[test]
fn every_module_gives_text_or_an_error_that_names_what_it_is_about() {
    let (mut texts, mut all) = (0, 0);
    for (module, mode) in modules(0..400).flat_map(|module| MODES.map(|mode| (module.clone(), mode))) {
        all += 1;
        match generate(&module, &PtxTarget::default(), mode) {
            Ok(kernel) => {
                texts += 1;
                assert!(kernel.text.is_ascii());
                assert_eq!(generate(&module, &PtxTarget::default(), mode).as_ref(), Ok(&kernel));
            }
            Err(error) => {
                let error = error.to_string();
                assert!(!error.contains("defect of the generator"), "{error}\n{module}");
                if std::env::var_os("SHOW").is_some() {
                    println!("{error}");
                }
            }
        }
    }
    assert!(texts * 2 > all, "only {texts} of {all}");
}

/// Some dozens, the same in each run; LANDBRIDGE_PTX_SEEDS=1000..2000 takes others.
#[test]
fn ptxas_accepts_the_texts() {
    let Some(ptxas) = ptxas() else { return };
    let given = std::env::var("LANDBRIDGE_PTX_SEEDS").ok();
    let range = given.as_deref().and_then(|text| {
        let (from, to) = text.split_once("..")?;
        Some(from.parse().ok()?..to.parse().ok()?)
    });
    for (k, module) in modules(range.unwrap_or(400..450)).enumerate() {
        let target = PtxTarget { aligned_elements: k % 3 != 0, ..PtxTarget::default() };
        let Ok(kernel) = generate(&module, &target, MODES[k % 2]) else { continue };
        let device = ptx_support::DEVICES[k % 4];
        if let Err(error) = assemble(&ptxas, &kernel.text, device) {
            panic!("{error}\n{module}\n{}", kernel.text);
        }
    }
}
