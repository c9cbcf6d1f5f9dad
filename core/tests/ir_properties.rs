//! Properties of the IR's tools, on modules made from any byte string and on any operands. A failure shrinks to a short
//! byte string; `PROPTEST_CASES` sets how many are tried.
#![allow(unsafe_code)]

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch};
use landbridge_core::ir::sample::{Choices, SampleLaunch, SampleOptions, mutate, sample};
use landbridge_core::ir::{
    BinaryOp, LocalId, Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId, Statement, inline, interpret,
    verify,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn options() -> impl Strategy<Value = SampleOptions> {
    (any::<[bool; 3]>(), 0..Scalar::ALL.len(), 20_u32..300).prop_map(
        |([panics, references, atomics], scalars, size)| {
            let options = SampleOptions::exact(&Scalar::ALL[..scalars]);
            SampleOptions { panics, references, atomics, size, ..options }
        },
    )
}

/// What a run leaves, and its panic.
fn outcome(module: &Module, launch: &SampleLaunch, order: u64) -> (SampleLaunch, Option<InterpretError>) {
    let mut launch = launch.clone();
    let error = launch.interpret(module, order, 1_000_000).err();
    (launch, error)
}

proptest! {
    #[test]
    fn samples_are_valid_end_and_do_not_depend_on_the_order(
        bytes in vec(any::<u8>(), 0..1500),
        options in options(),
        orders in any::<[u64; 2]>(),
    ) {
        let mut choices = Choices::from_bytes(&bytes);
        let module = sample(&options, &mut choices);
        verify(&module).map_err(|error| TestCaseError::fail(format!("{error}\n{module}")))?;
        prop_assert_eq!(&sample(&options, &mut Choices::from_bytes(&bytes)), &module);
        let launch = SampleLaunch::new(&module, &mut choices);
        let (first, failed) = outcome(&module, &launch, orders[0]);
        let (second, failed_again) = outcome(&module, &launch, orders[1]);
        prop_assert_eq!(first.difference(&second, &module), None, "{}", module);
        prop_assert_eq!(failed.is_some(), failed_again.is_some());
        let panicked = matches!(failed, Some(InterpretError::Panic(_)));
        prop_assert!(failed.is_none() || (panicked && options.panics), "{:?}\n{}", failed, module);
    }

    #[test]
    fn inlining_changes_nothing(bytes in vec(any::<u8>(), 0..1500), options in options(), order in any::<u64>()) {
        let mut choices = Choices::from_bytes(&bytes);
        let module = sample(&options, &mut choices);
        let inlined = inline(&module);
        verify(&inlined).map_err(|error| TestCaseError::fail(format!("{error}\n{module}\n{inlined}")))?;
        let launch = SampleLaunch::new(&module, &mut choices);
        let (first, failed) = outcome(&module, &launch, order);
        let (second, failed_too) = outcome(&inlined, &launch, order);
        prop_assert_eq!(first.difference(&second, &module), None, "{}\n{}", module, inlined);
        prop_assert_eq!(failed, failed_too);
    }

    #[test]
    fn changed_modules_crash_nothing(bytes in vec(any::<u8>(), 0..1500), seed in any::<u64>(), changes in 1..4) {
        let mut module = sample(&SampleOptions::all(), &mut Choices::from_bytes(&bytes));
        let mut choices = Choices::from_seed(seed);
        for _ in 0..changes {
            mutate(&mut module, &mut choices);
        }
        prop_assert!(!module.to_string().is_empty());
        if verify(&module).is_ok() {
            let mut launch = SampleLaunch::new(&module, &mut choices);
            let _ = launch.interpret(&module, seed, 20_000);
        }
    }
}

/// `fn (a: &A, b: &B) -> A { a op b }`
fn binary(op: BinaryOp, left: Scalar, right: Scalar, kind: Option<PanicKind>) -> Module {
    let mut module = Module { name: "binary".into(), ..Module::default() };
    let site = kind.map(|kind| {
        module.sites.push(Site { kind, file: "test.rs", line: 1, column: 1 });
        SiteId(0)
    });
    let types = [left, right].map(|scalar| module.types.scalar(scalar));
    let named = types.map(|ty| ("p", ty));
    let mut b = FunctionBuilder::new(&mut module, "binary", &named, types[0]);
    let (left, right) = (b.get(LocalId(0)), b.get(LocalId(1)));
    let value = b.value(types[0], Op::Binary { op, left, right, site });
    b.push(Statement::Return(Some(value)));
    let function = b.finish();
    module.functions.push(function);
    module.parameters = types.map(|ty| Parameter { name: "p".into(), role: Role::Uniform, ty }).into();
    module
}

/// The result, or `None` for a panic.
fn run<A: Copy, B: Copy>(module: &Module, a: A, b: B) -> Option<A> {
    let mut result = a;
    let arguments = [InterpretArgument::value(&a), InterpretArgument::value(&b)];
    // SAFETY: uniforms are initialised scalars of the parameters' types; `result` is of the result's type, for one
    // work-item.
    let outcome = unsafe { interpret(module, &arguments, &InterpretLaunch::items(1), (&raw mut result).cast()) };
    match outcome {
        Ok(()) => Some(result),
        Err(InterpretError::Panic(_)) => None,
        Err(other) => panic!("{other}\n{module}"),
    }
}

macro_rules! any_operands {
    ($($name:ident $T:ident $S:ident;)*) => {$(
        proptest! {
            #[test]
            fn $name(a in any::<$T>(), b in any::<$T>(), count in any::<i16>()) {
                let scalar = Scalar::$S;
                let wraps = |op| run(&binary(op, scalar, scalar, None), a, b);
                prop_assert_eq!(wraps(BinaryOp::Add), Some(a.wrapping_add(b)));
                prop_assert_eq!(wraps(BinaryOp::Sub), Some(a.wrapping_sub(b)));
                prop_assert_eq!(wraps(BinaryOp::Mul), Some(a.wrapping_mul(b)));
                let panics = |op, kind| run(&binary(op, scalar, scalar, Some(kind)), a, b);
                prop_assert_eq!(panics(BinaryOp::Add, PanicKind::AddOverflow), a.checked_add(b));
                prop_assert_eq!(panics(BinaryOp::Sub, PanicKind::SubOverflow), a.checked_sub(b));
                prop_assert_eq!(panics(BinaryOp::Mul, PanicKind::MulOverflow), a.checked_mul(b));
                prop_assert_eq!(panics(BinaryOp::Div, PanicKind::Division), a.checked_div(b));
                prop_assert_eq!(panics(BinaryOp::Rem, PanicKind::Remainder), a.checked_rem(b));
                let shifts = |op| run(&binary(op, scalar, Scalar::I16, None), a, count);
                prop_assert_eq!(shifts(BinaryOp::Shl), Some(a.wrapping_shl(count as u32)));
                prop_assert_eq!(shifts(BinaryOp::Shr), Some(a.wrapping_shr(count as u32)));
            }
        }
    )*};
}
any_operands! {
    any_i8 i8 I8; any_i16 i16 I16; any_i32 i32 I32; any_i64 i64 I64; any_isize isize Isize;
    any_u8 u8 U8; any_u16 u16 U16; any_u32 u32 U32; any_u64 u64 U64; any_usize usize Usize;
}

macro_rules! any_floats {
    ($($name:ident $T:ident $S:ident;)*) => {$(
        proptest! {
            #[test]
            fn $name(a in any::<u64>(), b in any::<u64>()) {
                // Any bits: subnormals, infinities and NaNs, too.
                let (a, b) = ($T::from_bits(a as _), $T::from_bits(b as _));
                let check = |op, wanted: $T| {
                    let is = run(&binary(op, Scalar::$S, Scalar::$S, None), a, b).expect("floats do not panic");
                    let same = is.to_bits() == wanted.to_bits() || (is.is_nan() && wanted.is_nan());
                    prop_assert!(same, "{:?} of {} and {} is {}, Rust says {}", op, a, b, is, wanted);
                    Ok(())
                };
                check(BinaryOp::Add, a + b)?;
                check(BinaryOp::Sub, a - b)?;
                check(BinaryOp::Mul, a * b)?;
                check(BinaryOp::Div, a / b)?;
                check(BinaryOp::Rem, a % b)?;
            }
        }
    )*};
}
any_floats! { any_f32 f32 F32; any_f64 f64 F64; }
