//! Small kernels through printer, verifier and interpreter.
#![allow(unsafe_code)]

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch, InterpretPanic};
use landbridge_core::ir::{
    BinaryOp, LocalId, Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId, Statement, TypeId, interpret,
    verify,
};

fn site(kind: PanicKind) -> Site {
    Site { kind, file: "src/lib.rs", line: 4, column: 5 }
}

fn parameters<const N: usize>(list: [(&str, Role, TypeId); N]) -> Vec<Parameter> {
    list.into_iter().map(|(name, role, ty)| Parameter { name: name.into(), role, ty }).collect()
}

/// `fn saxpy(a: f32, x: &f32, y: &mut f32) { *y += a * *x }`
fn saxpy() -> Module {
    let mut module = Module { name: "saxpy".into(), ..Module::default() };
    let f32 = module.types.scalar(Scalar::F32);
    let (pointer, unit) = (module.types.pointer(f32), module.types.unit());
    let locals = [("a", f32), ("x", pointer), ("y", pointer)];
    let mut b = FunctionBuilder::new(&mut module, "saxpy", &locals, unit);
    let [a, x, y] = [0, 1, 2].map(|k| b.get(LocalId(k)));
    let (x, old) = (b.load(x), b.load(y));
    let product = b.binary(BinaryOp::Mul, a, x, None);
    let sum = b.binary(BinaryOp::Add, old, product, None);
    b.push(Statement::Store { pointer: y, value: sum });
    let function = b.finish();
    module.functions.push(function);
    module.parameters = parameters([
        ("a", Role::Uniform, f32),
        ("x", Role::Item { exclusive: false }, f32),
        ("y", Role::Item { exclusive: true }, f32),
    ]);
    module
}

#[test]
fn saxpy_runs() {
    let module = saxpy();
    verify(&module).unwrap();
    let x = [1.0_f32, 2.0, 3.0];
    let mut y = [10.0_f32, 20.0, 30.0];
    let arguments =
        [InterpretArgument::value(&2.0_f32), InterpretArgument::shared(&x), InterpretArgument::exclusive(&mut y)];
    let launch = InterpretLaunch::items(3);
    // SAFETY: the slices are of the parameters' types and borrowed for the call; there is no result.
    unsafe { interpret(&module, &arguments, &launch, std::ptr::null_mut()) }.unwrap();
    assert_eq!(y, [12.0, 24.0, 36.0]);
}

#[test]
fn saxpy_prints() {
    let expected = "\
kernel saxpy
parameter a: Uniform f32
parameter x: Item f32
parameter y: Item(mut) f32
entry fn 0 saxpy(a$0: f32, x$1: &f32, y$2: &f32) {
    %1: f32 = load a$0
    %3: &f32 = load x$1
    %5: &f32 = load y$2
    %6: f32 = load %3
    %7: f32 = load %5
    %8: f32 = mul %1, %6
    %9: f32 = add %7, %8
    store %5, %9
}
";
    assert_eq!(saxpy().to_string(), expected);
}

/// `fn next(t: &[u32], i: Index) -> u32 { t[i + 1] }`
fn next() -> Module {
    let mut module = Module { name: "next".into(), ..Module::default() };
    let u32 = module.types.scalar(Scalar::U32);
    let usize = module.types.scalar(Scalar::Usize);
    let (pointer, slice) = (module.types.pointer(u32), module.types.slice(u32));
    module.sites = vec![site(PanicKind::AddOverflow), site(PanicKind::IndexOutOfBounds)];
    let mut b = FunctionBuilder::new(&mut module, "next", &[("t", slice), ("i", usize)], u32);
    let [t, i] = [0, 1].map(|k| b.get(LocalId(k)));
    let one = b.integer(Scalar::Usize, 1);
    let index = b.binary(BinaryOp::Add, i, one, Some(SiteId(0)));
    let op = Op::Element { base: t, index, site: SiteId(1) };
    let element = b.value(pointer, op);
    let value = b.load(element);
    b.push(Statement::Return(Some(value)));
    let function = b.finish();
    module.functions.push(function);
    module.parameters = parameters([("t", Role::Whole, u32), ("i", Role::Index { dimensions: 1 }, usize)]);
    module
}

#[test]
fn a_panic_names_site_item_and_arguments() {
    let t = [5_u32, 6, 7];
    let mut output = [0_u32; 3];
    let arguments = [InterpretArgument::shared(&t), InterpretArgument::Index];
    let launch = InterpretLaunch::items(3);
    let result = output.as_mut_ptr().cast();
    // SAFETY: the slice is of the parameter's type, `output` of the result's, one for each work-item; both are borrowed.
    let outcome = unsafe { interpret(&next(), &arguments, &launch, result) };
    let expected = InterpretPanic { site: SiteId(1), values: vec![3, 3], work_item: 2 };
    assert_eq!(outcome, Err(InterpretError::Panic(expected)));
    assert_eq!(output, [6, 7, 0], "the other work-items have run");
}

#[test]
fn arguments_that_do_not_fit_are_errors() {
    let t = [5_u32, 6, 7];
    let bytes = InterpretArgument::value(&t);
    let slice = InterpretArgument::shared(&t);
    let misplaced = match slice {
        InterpretArgument::Slice { pointer, .. } => {
            InterpretArgument::Slice { pointer: pointer.wrapping_add(1), elements: 1 }
        }
        other => other,
    };
    let index = InterpretArgument::Index;
    let cases: [(&[InterpretArgument<'_>], &str); 4] = [
        (&[slice], "argument 1: 1 arguments instead of 2"),
        (&[bytes, index], "argument 0: `t` is Value("),
        (&[misplaced, index], "argument 0: `t` is not aligned to 4"),
        (&[slice, slice], "argument 1: `i` is Slice"),
    ];
    for (arguments, message) in cases {
        let mut output = [0_u32; 1];
        let launch = InterpretLaunch::items(1);
        // SAFETY: slices are of the parameters' types or refused; `output` is of the result's, for one work-item.
        let outcome = unsafe { interpret(&next(), arguments, &launch, output.as_mut_ptr().cast()) };
        let error = outcome.expect_err(message).to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
