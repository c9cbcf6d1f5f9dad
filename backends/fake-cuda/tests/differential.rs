//! Random kernels mean the same as PTX and to the reference interpreter: every result, everything stored, and every panic.
#![allow(unsafe_code)]

use std::sync::atomic::AtomicBool;

use landbridge_backends::codegen::ptx::interface::error_block::{self, Failure};
use landbridge_backends::codegen::ptx::{Mode, Piece, PtxKernel, PtxTarget, SlotValue, generate};
use landbridge_core::ir::interpret::InterpretError;
use landbridge_core::ir::sample::{Choices, SampleArgument, SampleLaunch, SampleOptions, sample};
use landbridge_core::ir::{Module, Scalar, verify};
use landbridge_fake_cuda::{Control, Launch, Limits, MemoryMap, Program, launch};

/// The launch blocks' slots for a sample's arguments; `from` is the number of the piece's first item.
fn slots<'s>(kernel: &PtxKernel, sample: &'s mut SampleLaunch, items: u64, from: u64) -> Vec<SlotValue<'s>> {
    let output = sample.output.bytes_mut().as_mut_ptr() as u64;
    let mut arguments: Vec<_> = sample.arguments.iter_mut().collect();
    let mut values = vec![];
    for slot in kernel.launch.slots.iter().rev() {
        use landbridge_backends::codegen::ptx::SlotKind;
        let Some(parameter) = slot.parameter else {
            values.push(SlotValue::Memory { address: output + from * slot.element_bytes, length: 0 });
            continue;
        };
        arguments.truncate(parameter + 1);
        values.push(match (slot.kind, arguments.pop().expect("an argument")) {
            (SlotKind::Uniform, SampleArgument::Value(bytes)) => SlotValue::Bytes(bytes.bytes()),
            (_, SampleArgument::Value(bytes)) => {
                SlotValue::Memory { address: bytes.bytes().as_ptr() as u64, length: 0 }
            }
            (kind, SampleArgument::Slice { bytes, elements }) => {
                let address = bytes.bytes_mut().as_mut_ptr() as u64;
                let (step, length) = match kind {
                    SlotKind::Items => (1, 0),
                    SlotKind::Rows => (*elements / items, *elements / items),
                    _ => (0, *elements),
                };
                SlotValue::Memory { address: address + from * step * slot.element_bytes, length }
            }
            (_, SampleArgument::Index) => panic!("an index has no slot"),
        });
    }
    values.reverse();
    values
}

/// Runs a kernel in pieces of two items, and gives what the error block says.
fn run(kernel: &PtxKernel, sample: &mut SampleLaunch) -> Option<Failure> {
    let limits = Limits { version: (9, 0), target: 90 };
    let mut program = Program::from_ptx(&kernel.text, limits).unwrap_or_else(|e| panic!("{e}\n{}", kernel.text));
    let mut globals: Vec<Vec<u64>> = program.globals().iter().map(|g| vec![0; g.bytes.len().div_ceil(8) + 2]).collect();
    let mut addresses = vec![];
    for (global, room) in program.globals().iter().zip(&mut globals) {
        let address = (room.as_mut_ptr() as u64).next_multiple_of(global.align.max(1));
        // SAFETY: the room has 16 bytes more than the variable, which alignments are at most.
        unsafe { std::ptr::copy_nonoverlapping(global.bytes.as_ptr(), address as *mut u8, global.bytes.len()) };
        addresses.push(address);
    }
    program.place(&addresses);
    let mut errors = vec![0_u32; error_block::MOST_BYTES as usize / 4 + 1];
    let block = (errors.as_mut_ptr() as u64).next_multiple_of(8);
    let items: u64 = sample.extent.iter().product();
    let [z, y, x] = sample.extent;
    for from in (0..items).step_by(2) {
        let count = (items - from).min(2);
        let slots = slots(kernel, sample, items, from);
        let piece = Piece { errors: block, first: from, count, threads: count, extent: [x, y, z], slots: &slots };
        let parameters = kernel.launch.pack(&piece).expect("the slots fit");
        // SAFETY: all memory that the kernel is given is the sample's, or this function's, and used by nobody else.
        let memory = unsafe { MemoryMap::new(vec![], true) };
        let abort = AtomicBool::new(false);
        let launched = launch(&Launch {
            program: &program,
            entry: program.entry(&kernel.entry).expect("the entry"),
            grid: [1, 1, 1],
            block: [kernel.block_size, 1, 1],
            dynamic_shared: 0,
            parameters: &parameters,
            memory: &memory,
            control: Control { steps: Some(10_000_000), abort: &abort },
            host_threads: 1,
        });
        if let Err(fault) = launched {
            panic!("{fault:?}\n{}", kernel.text);
        }
    }
    // SAFETY: inside of `errors`, which is one word longer than the block.
    let words = unsafe { std::slice::from_raw_parts(block as *const u32, error_block::MOST_BYTES as usize / 4) };
    error_block::read(words)
}

fn compare(module: &Module, seed: u64, aligned_elements: bool) -> bool {
    let target = PtxTarget { block_size: 32, aligned_elements, ..PtxTarget::default() };
    let Ok(kernel) = generate(module, &target, Mode::Collect) else {
        return false;
    };
    let mut expected = SampleLaunch::new(module, &mut Choices::from_seed(seed));
    let mut ours = expected.clone();
    let panic = match expected.interpret(module, seed, 1_000_000) {
        Ok(()) => None,
        Err(InterpretError::Panic(panic)) => Some(panic),
        Err(InterpretError::Limit { .. }) => return false,
        Err(error) => panic!("{error:?}\n{module}"),
    };
    let failure = run(&kernel, &mut ours);
    let context = || format!("seed {seed}\n{module}\n{}", kernel.text);
    match (&panic, &failure) {
        (None, None) => {}
        (Some(panic), Some(Failure::Panic { site, item, values })) => {
            if *item == panic.work_item {
                assert_eq!(*site, panic.site.0, "the site; {}", context());
                assert_eq!(values[..panic.values.len()], panic.values[..], "the values; {}", context());
            }
        }
        _ => panic!("{panic:?} and not {failure:?}; {}", context()),
    }
    if let Some(difference) = expected.difference(&ours, module) {
        panic!("{difference}; {}", context());
    }
    true
}

/// The same seeds in each run; LANDBRIDGE_PTX_SEEDS=1000..2000 takes others.
#[test]
fn random_kernels_mean_the_same() {
    let given = std::env::var("LANDBRIDGE_PTX_SEEDS").ok();
    let range = given.as_deref().and_then(|text| {
        let (from, to) = text.split_once("..")?;
        Some(from.parse().ok()?..to.parse().ok()?)
    });
    let options = SampleOptions::exact(&Scalar::ALL);
    let mut compared = 0;
    for seed in range.unwrap_or(0..300) {
        let module = sample(&options, &mut Choices::from_seed(seed));
        verify(&module).expect("samples are valid");
        compared += u32::from(compare(&module, seed, seed % 2 == 0));
    }
    assert!(compared > 100, "only {compared}");
}
