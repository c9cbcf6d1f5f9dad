//! What rustc rules out, and IR could still do, is an error with its place.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch};
use landbridge_core::ir::{
    Block, FunctionId, LocalId, Module, Op, Role, Scalar, Statement, Type, TypeId, ValueId, interpret,
};

use super::empty;
use super::memory::entry;

/// Runs a kernel of one exclusive `u32` item for three work-items.
fn run(module: &Module) -> Result<(), InterpretError> {
    let mut y = [1_u32, 2, 3];
    let launch = InterpretLaunch { step_limit: 1000, ..InterpretLaunch::items(3) };
    let arguments = [InterpretArgument::exclusive(&mut y)];
    // SAFETY: the slice is of the parameter's type and borrowed for the call; there is no result.
    unsafe { interpret(module, &arguments, &launch, std::ptr::null_mut()) }
}

fn kernel(build: impl FnOnce(&mut FunctionBuilder<'_>, ValueId, TypeId)) -> Module {
    let mut module = empty();
    add_entry(&mut module, build);
    module
}

fn add_entry(module: &mut Module, build: impl FnOnce(&mut FunctionBuilder<'_>, ValueId, TypeId)) {
    let (u32, unit) = (module.types.scalar(Scalar::U32), module.types.unit());
    entry(module, &[(Role::Item { exclusive: true }, u32)], unit, |b, v| build(b, v[0], u32));
}

/// What an invalid kernel did, and where.
fn invalid(module: &Module) -> (String, String) {
    match run(module) {
        Err(InterpretError::Invalid { place, what, .. }) => (place, what),
        other => panic!("{other:?}\n{module}"),
    }
}

#[test]
fn reading_a_local_before_it_is_stored() {
    let module = kernel(|b, y, u32| {
        let local = b.local("v", u32);
        let value = b.get(local);
        b.push(Statement::Store { pointer: y, value });
    });
    let (place, what) = invalid(&module);
    assert_eq!(place, "test: %3: u32 = load v$1");
    assert!(what.starts_with("reads 4 bytes at") && what.ends_with("that were never written"), "{what}");
}

#[test]
fn an_activation_starts_with_empty_locals() {
    // A function that stores to its local in the first call only.
    let mut module = empty();
    let (bool, u32) = (module.types.scalar(Scalar::Bool), module.types.scalar(Scalar::U32));
    let mut b = FunctionBuilder::new(&mut module, "once", &[("first", bool)], u32);
    let local = b.local("v", u32);
    let condition = b.get(LocalId(0));
    b.open();
    let one = b.integer(Scalar::U32, 1);
    b.set(local, one);
    let accept = b.close();
    b.push(Statement::If { condition, accept, reject: Block::default() });
    let value = b.get(local);
    b.push(Statement::Return(Some(value)));
    let function = b.finish();
    module.functions.push(function);
    add_entry(&mut module, |b, _, u32| {
        for first in [true, false] {
            let first = b.boolean(first);
            b.value(u32, Op::Call { function: FunctionId(0), arguments: vec![first] });
        }
    });
    assert_eq!(invalid(&module).0, "once: %5: u32 = load v$1");
}

#[test]
fn a_pointer_to_a_local_that_is_gone() {
    let mut module = empty();
    let u32 = module.types.scalar(Scalar::U32);
    let pointer = module.types.pointer(u32);
    let mut b = FunctionBuilder::new(&mut module, "dangling", &[], pointer);
    let local = b.local("v", u32);
    let one = b.integer(Scalar::U32, 1);
    b.set(local, one);
    let address = b.address(local);
    b.push(Statement::Return(Some(address)));
    let function = b.finish();
    module.functions.push(function);
    add_entry(&mut module, |b, _, _| {
        let pointer = b.value(pointer, Op::Call { function: FunctionId(0), arguments: vec![] });
        b.load(pointer);
    });
    let (place, what) = invalid(&module);
    assert_eq!(place, "test: %3: u32 = load %2");
    assert!(what.ends_with("outside of what the work-item may touch"), "{what}");
}

/// A kernel that makes a pointer to the element before or after the work-item's own: by a struct that does not exist.
fn neighbour(index: u32) -> Module {
    let mut module = empty();
    let u32 = module.types.scalar(Scalar::U32);
    let fields = (0..2).map(|k| landbridge_core::ir::Field { name: format!("f{k}"), offset: 4 * k, ty: u32 }).collect();
    let two = module.types.intern(Type::Struct(landbridge_core::ir::StructType {
        name: "Two".into(),
        fields,
        size: 8,
        align: 4,
        variants: vec![],
    }));
    let (unit, field) = (module.types.unit(), module.types.pointer(u32));
    entry(&mut module, &[(Role::Item { exclusive: false }, two), (Role::Uniform, u32)], unit, |b, v| {
        let at = b.value(field, Op::Field { base: v[0], index });
        let local = b.local("p", field);
        // Stored to twice, so that the verifier does not know where it points.
        b.set(local, at);
        b.set(local, at);
        let pointer = b.get(local);
        b.push(Statement::Store { pointer, value: v[1] });
    });
    module
}

#[test]
fn storing_to_what_is_shared() {
    for index in [0, 1] {
        let (x, value) = ([1_u32, 2, 3, 4], 9_u32);
        let arguments = [
            InterpretArgument::Slice { pointer: x.as_ptr().cast_mut().cast(), elements: 2 },
            InterpretArgument::value(&value),
        ];
        let launch = InterpretLaunch::items(2);
        // SAFETY: the slice is two pairs of `u32`, only read; there is no result.
        let outcome = unsafe { interpret(&neighbour(index), &arguments, &launch, std::ptr::null_mut()) };
        let Err(InterpretError::Invalid { place, what, .. }) = outcome else { panic!("{outcome:?}") };
        assert!(place.starts_with("test: store"), "{place}");
        assert!(what.starts_with("writes 4 bytes at"), "{what}");
        assert_eq!(x, [1, 2, 3, 4]);
    }
}

#[test]
fn endless_loops_end() {
    let module = kernel(|b, _, _| {
        let label = b.label();
        b.push(Statement::Loop { label, body: Block::default(), continuing: Block::default(), break_if: None });
    });
    let Err(InterpretError::Limit { what, .. }) = run(&module) else { panic!("no limit") };
    assert_eq!(what, "too many steps");
}

#[test]
fn what_nests_too_deep_ends() {
    // 60 functions, each calling the next inside 400 blocks.
    let mut module = empty();
    let unit = module.types.unit();
    for k in 0..60_u32 {
        let mut b = FunctionBuilder::new(&mut module, "deep", &[], unit);
        b.open();
        if k > 0 {
            b.value(unit, Op::Call { function: FunctionId(k - 1), arguments: vec![] });
        }
        let mut block = b.close();
        for _ in 0..400 {
            let label = b.label();
            block = Block(vec![Statement::Block { label, body: block }]);
        }
        for statement in block.0 {
            b.push(statement);
        }
        let function = b.finish();
        module.functions.push(function);
    }
    add_entry(&mut module, |b, _, _| {
        b.value(unit, Op::Call { function: FunctionId(59), arguments: vec![] });
    });
    let Err(InterpretError::Limit { what, .. }) = run(&module) else { panic!("no limit") };
    assert_eq!(what, "calls and blocks nest too deep");
}

#[test]
fn what_is_not_well_formed_is_not_run() {
    let module = kernel(|b, _, _| b.push(Statement::Return(Some(ValueId(77)))));
    assert!(matches!(run(&module), Err(InterpretError::Verify(_))));
}
