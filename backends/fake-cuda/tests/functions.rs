//! Functions of std in kernels: as PTX they give the bits that the library gives on the host, whose tests hold it to its bounds.
#![allow(unsafe_code)]

extern crate landbridge_core as landbridge;

use std::sync::atomic::AtomicBool;

use landbridge::kernel;
use landbridge_backends::codegen::ptx::{
    Mode, Piece, PtxTarget, SlotKind, SlotValue, generate, library_bound, library_value,
};
use landbridge_core::ir::{MathFunction, Scalar};
use landbridge_fake_cuda::{Control, Launch, Limits, MemoryMap, Program, Range, launch};

use MathFunction::*;

/// In the order of the kernels' results.
const FUNCTIONS: [MathFunction; 22] = [
    Exp, Exp2, ExpM1, Sinh, Cosh, Tanh, Ln, Log2, Log10, Ln1p, Cbrt, Sin, Cos, Tan, Asin, Acos, Atan, Atan2, Powf,
    Hypot, Powi, Sqrt,
];

macro_rules! functions {
    ($name:ident $t:ident) => {
        #[kernel]
        #[rustfmt::skip]
        fn $name(x: &$t, y: &$t, n: &i32) -> [$t; 23] {
            let (x, y) = (*x, *y);
            [
                x.exp(), x.exp2(), x.exp_m1(), x.sinh(), x.cosh(), x.tanh(), x.ln(), x.log2(), x.log10(), x.ln_1p(), x.cbrt(), x.sin(), x.cos(),
                x.tan(), x.asin(), x.acos(), x.atan(), x.atan2(y), x.powf(y), x.hypot(y), x.powi(*n), x.sqrt(), x % y,
            ]
        }
    };
}
functions!(singles f32);
functions!(doubles f64);

/// Address and bytes of a slice.
fn place<T>(slice: &[T]) -> (u64, usize) {
    (slice.as_ptr() as u64, size_of_val(slice))
}

/// Runs a kernel as PTX on so many items of these inputs.
fn run<R: Copy + Default>(module: &landbridge_core::ir::Module, items: usize, inputs: &[(u64, usize)]) -> Vec<R> {
    let kernel = generate(module, &PtxTarget::default(), Mode::Collect).expect("it can be expressed");
    assert!(!kernel.may_panic, "functions of floats do not panic");
    let program = Program::from_ptx(&kernel.text, Limits { version: (6, 3), target: 70 });
    let mut program = program.unwrap_or_else(|error| panic!("{error}\n{}", kernel.text));
    let mut tables: Vec<Vec<u64>> = program.globals().iter().map(|g| vec![0; g.bytes.len().div_ceil(8) + 2]).collect();
    let mut addresses = vec![];
    for (global, room) in program.globals().iter().zip(&mut tables) {
        let address = (room.as_mut_ptr() as u64).next_multiple_of(global.align.max(1));
        // SAFETY: the room has 16 bytes more than the variable, which alignments are at most.
        unsafe { std::ptr::copy_nonoverlapping(global.bytes.as_ptr(), address as *mut u8, global.bytes.len()) };
        addresses.push(address);
    }
    program.place(&addresses);
    let mut out = vec![R::default(); items];
    let span = |start: u64, bytes: usize, writable| Range { start, end: start + bytes as u64, delta: 0, writable };
    let mut ranges: Vec<_> = inputs.iter().map(|(start, bytes)| span(*start, *bytes, false)).collect();
    ranges.push(span(out.as_mut_ptr() as u64, size_of_val(&*out), true));
    let slots = kernel.launch.slots.iter().zip(&ranges).map(|(slot, range)| {
        assert!(matches!(slot.kind, SlotKind::Items | SlotKind::Results), "{slot:?}");
        SlotValue::Memory { address: range.start, length: 0 }
    });
    let slots: Vec<_> = slots.collect();
    ranges.extend(tables.iter().map(|table| span(table.as_ptr() as u64, size_of_val(&**table), false)));
    let count = items as u64;
    let piece = Piece { errors: 0, first: 0, count, threads: count, extent: [count, 1, 1], slots: &slots };
    let parameters = kernel.launch.pack(&piece).expect("the slots fit");
    // SAFETY: slices that are borrowed until the launch is over, the written one exclusively.
    let memory = unsafe { MemoryMap::new(ranges, false) };
    let launched = launch(&Launch {
        program: &program,
        entry: program.entry(&kernel.entry).expect("the entry"),
        grid: [count.div_ceil(kernel.block_size.into()) as u32, 1, 1],
        block: [kernel.block_size, 1, 1],
        dynamic_shared: 0,
        parameters: &parameters,
        memory: &memory,
        control: Control { steps: None, abort: &AtomicBool::new(false) },
        host_threads: 2,
    });
    launched.unwrap_or_else(|fault| panic!("{fault:?}\n{}", kernel.text));
    out
}

/// Numbers around which something special happens; then those of every size, and many usual ones.
fn numbers(count: u32) -> Vec<f32> {
    let special = [
        0.0,
        1.0,
        0.5,
        0.55,
        2.0,
        3.0,
        88.72284,
        103.97208,
        128.0,
        149.0,
        9.01,
        100_000.0,
        1e10,
        2.0 / 3.0,
        4.0 / 3.0,
        f32::MAX,
        1e-45,
        f32::MIN_POSITIVE,
        f32::INFINITY,
        f32::NAN,
        std::f32::consts::FRAC_PI_2,
    ];
    let near = |x: f32| [-1_i32, 0, 1].map(|d| f32::from_bits(x.to_bits().wrapping_add_signed(d)));
    let mut numbers: Vec<f32> = special.into_iter().flat_map(near).flat_map(|x| [x, -x]).collect();
    let step = u32::MAX / count;
    numbers.extend((0..count).map(|k| f32::from_bits(k * step)));
    numbers.extend((0..count).map(|k| (k as f32 - count as f32 / 2.0) * 0.003_7));
    numbers
}

/// The same numbers in another order, by half within usual powers, and some whole ones.
fn partners(x: &[f32]) -> Vec<f32> {
    let usual = |k: usize| (k % 613) as f32 * 0.17 - 50.0;
    (0..x.len()).map(|k| if k % 2 == 0 { x[(k * 7 + 3) % x.len()] } else { usual(k) }).collect()
}

fn exponents(count: usize) -> Vec<i32> {
    (0..count as i32).map(|k| [k % 7 - 3, k % 300 - 150, i32::MIN, i32::MAX][k as usize % 4]).collect()
}

#[test]
fn functions_of_f32_have_the_hosts_bits() {
    let x = numbers(4000);
    let (y, n) = (partners(&x), exponents(x.len()));
    let module = singles(&[0.0], &[0.0], &[0]).definition().module().expect("it lowers");
    let results: Vec<[f32; 23]> = run(module, x.len(), &[place(&x), place(&y), place(&n)]);
    for (k, out) in results.iter().enumerate() {
        for (function, got) in FUNCTIONS.iter().zip(out) {
            let expected = match function {
                Sqrt => x[k].sqrt(),
                _ => library_value(*function, x[k], y[k], n[k]).expect("it is in the library"),
            };
            let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
            assert!(same, "{function:?} of {:e}, {:e}, {}: {got:e} and not {expected:e}", x[k], y[k], n[k]);
        }
        let (rest, expected) = (out[22], x[k] % y[k]);
        let same = rest.to_bits() == expected.to_bits() || rest.is_nan() && expected.is_nan();
        assert!(same, "{:e} % {:e}: {rest:e} and not {expected:e}", x[k], y[k]);
    }
}

/// How far apart two numbers are.
fn distance(a: f64, b: f64) -> u64 {
    let place = |x: f64| if x.is_sign_negative() { -((x.to_bits() << 1 >> 1) as i64) } else { x.to_bits() as i64 };
    if a.is_nan() && b.is_nan() { 0 } else { place(a).abs_diff(place(b)) }
}

#[test]
fn functions_of_f64_are_within_their_bounds() {
    let single = numbers(500);
    let (y, n) = (partners(&single), exponents(single.len()));
    let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x) * 1.000_000_013).collect::<Vec<_>>();
    let (x, y) = (wide(&single), wide(&y));
    let module = doubles(&[0.0], &[0.0], &[0]).definition().module().expect("it lowers");
    let results: Vec<[f64; 23]> = run(module, x.len(), &[place(&x), place(&y), place(&n)]);
    for (k, out) in results.iter().enumerate() {
        let (x, y) = (x[k], y[k]);
        #[rustfmt::skip]
        let std = [
            x.exp(), x.exp2(), x.exp_m1(), x.sinh(), x.cosh(), x.tanh(), x.ln(), x.log2(), x.log10(), x.ln_1p(), x.cbrt(), x.sin(), x.cos(),
            x.tan(), x.asin(), x.acos(), x.atan(), x.atan2(y), x.powf(y), x.hypot(y),
        ];
        for ((function, got), expected) in FUNCTIONS.iter().zip(out).zip(std) {
            let far = distance(*got, expected);
            let bound = library_bound(*function, Scalar::F64);
            assert!(far <= bound.into(), "{function:?} of {x:e}, {y:e} is {far} ulp off: {got:e} and not {expected:e}");
        }
        assert_eq!(distance(out[22], x % y), 0, "{x:e} % {y:e}");
    }
}

/// Quotients and remainders by constants, which are multiplications on a device.
macro_rules! divisions {
    ($($name:ident $t:ident: $($d:literal)*;)*) => {
        $(
            #[kernel]
            fn $name(x: &$t) -> [$t; 16] {
                [$(*x / $d, *x % $d),*]
            }
        )*

        #[test]
        fn divisions_by_constants_are_exact() {
            $({
                let edges = [0, 1, 2, $t::MAX, $t::MAX - 1, $t::MIN, $t::MIN + 1, $t::MAX / 2, $t::MAX / 2 + 1];
                let near = [$($d),*].into_iter().flat_map(|d: $t| [d, d.wrapping_sub(1), d.wrapping_mul(7), d.wrapping_mul(7).wrapping_sub(1)]);
                let spread = (0..2000_u64).map(|k| k.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(k as u32) as $t);
                let x: Vec<$t> = edges.into_iter().chain(near).chain(spread).collect();
                let results: Vec<[$t; 16]> = run($name(&[0]).definition().module().expect("it lowers"), x.len(), &[place(&x)]);
                for (x, result) in x.iter().zip(results) {
                    assert_eq!(result, [$(*x / $d, *x % $d),*], "{x} of {}", stringify!($t));
                }
            })*
        }
    };
}
divisions! {
    of_u8 u8: 2 3 5 7 10 100 128 255;
    of_u16 u16: 2 3 7 10 641 1000 32_768 65_535;
    of_u32 u32: 3 7 10 28 641 1_000_000_007 2_147_483_649 4_294_967_295;
    of_u64 u64: 3 7 10 28 1_000_000_007 4_294_967_297 9_223_372_036_854_775_809 18_446_744_073_709_551_615;
    of_i8 i8: 2 3 -3 7 -10 100 -64 127;
    of_i16 i16: 2 3 -7 10 -641 1000 -16_384 32_767;
    of_i32 i32: 2 3 -7 10 -1024 1_000_000_007 -2_147_483_647 2_147_483_647;
    of_i64 i64: 2 3 -7 10 -1024 1_000_000_007 -9_223_372_036_854_775_807 9_223_372_036_854_775_807;
}
