//! Inlined kernels call nothing, are valid, and do what they did before.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::InterpretError;
use landbridge_core::ir::sample::{Choices, SampleLaunch, SampleOptions, sample};
use landbridge_core::ir::{
    BinaryOp, FunctionId, LocalId, Module, Op, Parameter, Role, Scalar, Statement, inline, verify,
};

fn calls(module: &Module) -> usize {
    let calls = |f: &landbridge_core::ir::Function| f.values.iter().filter(|v| matches!(v.op, Op::Call { .. })).count();
    module.functions.iter().map(calls).sum()
}

/// What a launch leaves in memory, and whether it panicked and where. `None` where a limit of the interpreter ended it.
fn outcome(module: &Module, before: &SampleLaunch, seed: u64) -> Option<(SampleLaunch, Option<String>)> {
    let mut launch = before.clone();
    match launch.interpret(module, seed, 400_000) {
        Ok(()) => Some((launch, None)),
        Err(InterpretError::Panic(panic)) => Some((launch, Some(format!("{panic:?}")))),
        Err(InterpretError::Limit { .. }) => None,
        Err(other) => panic!("{other}\n{module}"),
    }
}

#[test]
fn random_modules_do_the_same_when_inlined() {
    let (mut called, mut compared) = (0, 0);
    for seed in 0..600 {
        let mut choices = Choices::from_seed(seed);
        let module = sample(&SampleOptions::all(), &mut choices);
        let inlined = inline(&module);
        if let Err(error) = verify(&inlined) {
            panic!("seed {seed}: {error}\n{module}\n{inlined}");
        }
        assert_eq!((inlined.functions.len(), calls(&inlined)), (1, 0), "seed {seed}");
        called += usize::from(calls(&module) > 0);
        let before = SampleLaunch::new(&module, &mut choices);
        if let (Some((a, panic)), Some((b, other))) = (outcome(&module, &before, 7), outcome(&inlined, &before, 7)) {
            assert_eq!(panic, other, "seed {seed}");
            assert_eq!(a.difference(&b, &module), None, "seed {seed}\n{module}\n{inlined}");
            compared += 1;
        }
    }
    assert!(called > 100 && compared > 500, "{called} called, {compared} compared");
}

#[test]
fn names_stay_and_read_parameters_need_no_memory() {
    // fn next(p: &u32) -> u32 { *p + 1 }   fn entry(x: &u32, y: &mut u32) { *y = next(next(x)) }, with x stored between
    let mut module = Module { name: "entry".into(), entry: FunctionId(1), ..Module::default() };
    let number = module.types.scalar(Scalar::U32);
    let pointer = module.types.pointer(number);
    let unit = module.types.unit();
    let mut b = FunctionBuilder::new(&mut module, "next", &[("p", pointer)], number);
    let p = b.get(LocalId(0));
    let (old, one) = (b.load(p), b.integer(Scalar::U32, 1));
    let new = b.binary(BinaryOp::Add, old, one, None);
    b.push(Statement::Return(Some(new)));
    let next = b.finish();
    let mut b = FunctionBuilder::new(&mut module, "entry", &[("x", pointer), ("y", pointer)], unit);
    let x = b.get(LocalId(0));
    let call = |argument| Op::Call { function: FunctionId(0), arguments: vec![argument] };
    let first = b.value(number, call(x));
    let between = b.local("between", number);
    b.set(between, first);
    let address = b.address(between);
    let second = b.value(number, call(address));
    let y = b.get(LocalId(1));
    b.push(Statement::Store { pointer: y, value: second });
    let entry = b.finish();
    module.functions = vec![next, entry];
    let parameter = |name: &str, exclusive| Parameter { name: name.into(), role: Role::Item { exclusive }, ty: number };
    module.parameters = vec![parameter("x", false), parameter("y", true)];
    verify(&module).unwrap();

    let inlined = inline(&module);
    verify(&inlined).unwrap();
    let names: Vec<_> = inlined.entry_function().locals.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["x", "y", "between"]);
    let blocks = |s: &Statement| matches!(s, Statement::Block { .. });
    assert!(!inlined.entry_function().body.0.iter().any(blocks), "{inlined}");
}
