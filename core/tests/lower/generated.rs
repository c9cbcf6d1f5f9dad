//! Random programs: each part is generated as a tree and, beside it, as a closure that does what Rust says. Lowered and
//! interpreted, the tree has to do the same, in both overflow modes, down to the message of a panic.

mod numbers;
mod program;
mod statements;

use landbridge_core::ir::interpret::InterpretArgument;
use landbridge_core::ir::sample::Choices;
use proptest::prelude::*;

use crate::support::{module, run};
use program::{Leave, Program};

/// Builds the program that the choices describe, runs it both ways, and says whether it panicked.
fn check(choices: &mut Choices<'_>, overflow_checks: bool, inputs: [i64; 4]) -> bool {
    let program = Program::generate(choices, overflow_checks);
    let (mut expected, mut found) = ([[-1_i64; program::OUTPUTS]], [[-1_i64; program::OUTPUTS]]);
    let native = program.evaluate(&inputs, &mut expected[0]);
    let module = module(program.tree);
    let inputs = [inputs];
    let mut arguments = [InterpretArgument::shared(&inputs), InterpretArgument::exclusive(&mut found)];
    match (native, run(&module, 1, &mut arguments)) {
        (Err(Leave::Panic(message)), Err((other, _))) => {
            assert_eq!(message, other, "{module}");
            true
        }
        (Ok(()) | Err(Leave::Return), Ok(())) => {
            assert_eq!(expected, found, "{module}");
            false
        }
        (native, found) => panic!("native {native:?}, lowered {found:?}\n{module}"),
    }
}

const INPUTS: [[i64; 4]; 3] = [[0, 1, -1, 7], [i64::MAX, i64::MIN, 255, 3], [1 << 31, -77, 1_000_003, 0]];

#[test]
fn random_programs_do_what_rust_says() {
    let mut panicked = 0;
    for seed in 0..500 {
        for checks in [false, true] {
            panicked += u32::from(check(&mut Choices::from_seed(seed), checks, INPUTS[seed as usize % 3]));
        }
    }
    assert!((50..700).contains(&panicked), "{panicked} of 1000 programs panicked");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]
    #[test]
    fn small_programs_do_what_rust_says(bytes in prop::collection::vec(any::<u8>(), 0..120), checks: bool) {
        check(&mut Choices::from_bytes(&bytes), checks, INPUTS[1]);
    }
}
