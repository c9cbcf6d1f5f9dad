//! The interpreter against Rust itself: every operation on every scalar, on values at the edges; memory; failures.
#![allow(unsafe_code)]

mod casts;
mod failures;
mod floats;
mod integers;
mod links;
mod memory;
mod messages;

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch, InterpretPanic};
use landbridge_core::ir::{
    LocalId, Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId, Statement, TypeId, ValueId, interpret,
};

/// A Rust type that is a scalar of the IR.
pub(crate) trait Number: Copy + Default + std::fmt::Debug + 'static {
    const SCALAR: Scalar;
    /// Values worth trying.
    fn edges() -> Vec<Self>;
    /// The same value, where all NaNs are.
    fn same(self, other: Self) -> bool;
}

macro_rules! integer_numbers {
    ($($T:ident $S:ident)*) => {$(
        impl Number for $T {
            const SCALAR: Scalar = Scalar::$S;
            fn edges() -> Vec<Self> {
                vec![
                    0, 1, 2, 3, 7, 31, 100,
                    $T::MIN, $T::MIN + 1, $T::MAX, $T::MAX - 1, $T::MAX / 2,
                    0_i8.wrapping_sub(1) as $T, 0x5a5a_5a5a_5a5a_5a5a_u64 as $T,
                ]
            }
            fn same(self, other: Self) -> bool { self == other }
        }
    )*};
}
integer_numbers! { i8 I8 i16 I16 i32 I32 i64 I64 isize Isize u8 U8 u16 U16 u32 U32 u64 U64 usize Usize }

macro_rules! float_numbers {
    ($($T:ident $S:ident)*) => {$(
        impl Number for $T {
            const SCALAR: Scalar = Scalar::$S;
            fn edges() -> Vec<Self> {
                vec![
                    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 3.0, -100.75, 127.9, 255.5, 65536.0,
                    -2147483648.0, 4294967295.0, 4294967296.0, 1e10, -1e19, 1e19, 1e30,
                    $T::MIN, $T::MAX, $T::MIN_POSITIVE, $T::MIN_POSITIVE / 3.0, -$T::MIN_POSITIVE / 8.0,
                    $T::EPSILON, $T::INFINITY, $T::NEG_INFINITY, $T::NAN,
                ]
            }
            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || (self.is_nan() && other.is_nan())
            }
        }
    )*};
}
float_numbers! { f32 F32 f64 F64 }

impl Number for bool {
    const SCALAR: Scalar = Scalar::Bool;
    fn edges() -> Vec<Self> {
        vec![false, true]
    }
    fn same(self, other: Self) -> bool {
        self == other
    }
}

/// The kinds of sites 0 to 8 in [`kernel`]'s modules.
const KINDS: [PanicKind; 9] = [
    PanicKind::AddOverflow,
    PanicKind::SubOverflow,
    PanicKind::MulOverflow,
    PanicKind::NegOverflow,
    PanicKind::Division,
    PanicKind::Remainder,
    PanicKind::ShlOverflow,
    PanicKind::ShrOverflow,
    PanicKind::IndexOutOfBounds,
];

/// The site of a kind in [`kernel`]'s modules.
pub(crate) fn site(kind: &PanicKind) -> SiteId {
    let k = KINDS.iter().position(|k| k == kind).expect("a kind with a site");
    SiteId(k as u32)
}

/// A module without functions, with a site of each of [`KINDS`].
pub(crate) fn empty() -> Module {
    let sites = KINDS.map(|kind| Site { kind, file: "test.rs", line: 1, column: 1 }).into();
    Module { name: "test".into(), sites, ..Module::default() }
}

/// A kernel whose uniforms have these types, and which returns what `build` makes of their values.
pub(crate) fn kernel(
    parameters: &[Scalar],
    result: Scalar,
    build: impl FnOnce(&mut FunctionBuilder<'_>, &[ValueId], TypeId) -> ValueId,
) -> Module {
    let mut module = empty();
    let result = module.types.scalar(result);
    let types: Vec<_> = parameters.iter().map(|s| module.types.scalar(*s)).collect();
    let named: Vec<_> = types.iter().map(|ty| ("p", *ty)).collect();
    let mut b = FunctionBuilder::new(&mut module, "test", &named, result);
    let values: Vec<_> = (0..named.len() as u32).map(|k| b.get(LocalId(k))).collect();
    let value = build(&mut b, &values, result);
    b.push(Statement::Return(Some(value)));
    let function = b.finish();
    module.functions.push(function);
    module.parameters = types.iter().map(|ty| Parameter { name: "p".into(), role: Role::Uniform, ty: *ty }).collect();
    module
}

/// A kernel of one operation on values of these types.
pub(crate) fn operation(parameters: &[Scalar], result: Scalar, op: impl FnOnce(&[ValueId]) -> Op) -> Module {
    kernel(parameters, result, |b, values, ty| b.value(ty, op(values)))
}

/// The kernel's result for these uniforms, or its panic.
pub(crate) fn run<R: Number>(module: &Module, arguments: &[InterpretArgument<'_>]) -> Result<R, InterpretPanic> {
    let mut result = R::default();
    let launch = InterpretLaunch::items(1);
    // SAFETY: uniforms are initialised scalars of the parameters' types; `result` is of the result's type, for one
    // work-item.
    let outcome = unsafe { interpret(module, arguments, &launch, (&raw mut result).cast()) };
    match outcome {
        Ok(()) => Ok(result),
        Err(InterpretError::Panic(panic)) => Err(panic),
        Err(other) => panic!("{other}\n{module}"),
    }
}

/// Compares a kernel of one parameter with Rust's function (`None`: a panic) on all edges.
pub(crate) fn check_1<A: Number, R: Number>(module: &Module, rust: impl Fn(A) -> Option<R>) {
    for a in A::edges() {
        let is = run::<R>(module, &[InterpretArgument::value(&a)]);
        compare(module, is, rust(a), &format!("{a:?}"));
    }
}

/// Compares a kernel of two parameters with Rust's function on all pairs of edges.
pub(crate) fn check_2<A: Number, B: Number, R: Number>(module: &Module, rust: impl Fn(A, B) -> Option<R>) {
    for a in A::edges() {
        for b in B::edges() {
            let arguments = [InterpretArgument::value(&a), InterpretArgument::value(&b)];
            compare(module, run::<R>(module, &arguments), rust(a, b), &format!("{a:?}, {b:?}"));
        }
    }
}

fn compare<R: Number>(module: &Module, is: Result<R, InterpretPanic>, wanted: Option<R>, of: &str) {
    match (is, wanted) {
        (Ok(is), Some(wanted)) if is.same(wanted) => {}
        (Err(_), None) => {}
        (is, wanted) => panic!("of {of}: {is:?}, Rust says {wanted:?}\n{module}"),
    }
}
