//! The readable form of everything that the IR has.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::{
    AtomicOp, BinaryOp, Block, CompareOp, Constant, Data, DataId, Field, FunctionId, Label, LocalId, MathFunction,
    Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId, Statement, StructType, Type, TypeId, UnaryOp, Value,
    ValueId, verify,
};

fn structure(module: &mut Module) -> TypeId {
    let [f32, bool] = [Scalar::F32, Scalar::Bool].map(|s| module.types.scalar(s));
    let fields = [("a", 0, f32), ("b", 4, bool)];
    let fields = fields.map(|(name, offset, ty)| Field { name: name.into(), offset, ty }).to_vec();
    module.types.intern(Type::Struct(StructType { name: "Pair".into(), fields, size: 8, align: 4, variants: vec![] }))
}

fn helper(module: &mut Module) {
    let u32 = module.types.scalar(Scalar::U32);
    let mut b = FunctionBuilder::new(module, "helper", &[("x", u32)], u32);
    let (x, one) = (b.get(LocalId(0)), b.integer(Scalar::U32, 1));
    let sum = b.binary(BinaryOp::Add, x, one, Some(SiteId(3)));
    b.push(Statement::Return(Some(sum)));
    let function = b.finish();
    module.functions.push(function);
}

fn block(b: &mut FunctionBuilder<'_>, build: impl FnOnce(&mut FunctionBuilder<'_>)) -> Block {
    b.open();
    build(b);
    b.close()
}

fn a_loop(b: &mut FunctionBuilder<'_>, sum: LocalId) {
    let label = b.label();
    let body = block(b, |b| {
        let (value, most) = (b.get(sum), b.integer(Scalar::U32, 0xffff_ffff));
        let condition = b.compare(CompareOp::Less, value, most);
        let accept = Block(vec![Statement::Continue(label)]);
        let reject = Block(vec![Statement::Break(label)]);
        b.push(Statement::If { condition, accept, reject });
    });
    let mut end = ValueId(0);
    let continuing = block(b, |b| {
        let value = b.get(sum);
        let double = b.binary(BinaryOp::Add, value, value, None);
        b.set(sum, double);
        let hundred = b.integer(Scalar::U32, 100);
        end = b.compare(CompareOp::GreaterEqual, double, hundred);
    });
    b.push(Statement::Loop { label, body, continuing, break_if: Some(end) });
}

/// Each item stores to its own element.
fn a_phase(b: &mut FunctionBuilder<'_>) {
    let u32 = b.module.types.scalar(Scalar::U32);
    let usize = b.module.types.scalar(Scalar::Usize);
    let (array, pointer) = (b.module.types.array(u32, 4), b.module.types.pointer(u32));
    let (shared, item) = (b.local("shared", array), b.local("item", usize));
    let count = b.integer(Scalar::Usize, 4);
    let body = block(b, |b| {
        let (base, index) = (b.address(shared), b.get(item));
        let element = b.value(pointer, Op::Element { base, index, site: SiteId(0) });
        let value = b.integer(Scalar::U32, 1);
        b.push(Statement::Store { pointer: element, value });
    });
    b.push(Statement::Phase { lanes: 64, count, item, body });
}

/// Slices, a call, atomics, a panic.
fn a_block(b: &mut FunctionBuilder<'_>, [y, t, h, i, seven]: [ValueId; 5]) {
    let u32 = b.module.types.scalar(Scalar::U32);
    let atomic = b.module.types.intern(Type::Atomic(Scalar::U32));
    let [pointer, atomic] = [u32, atomic].map(|ty| b.module.types.pointer(ty));
    let (slice, usize) = (b.module.types.slice(u32), b.type_of(i));
    let label = b.label();
    let body = block(b, |b| {
        let base = b.value(slice, Op::AsSlice(y));
        let index = b.integer(Scalar::Usize, 0);
        let element = b.value(pointer, Op::Element { base, index, site: SiteId(0) });
        let value = b.value(u32, Op::Call { function: FunctionId(0), arguments: vec![seven] });
        b.push(Statement::Store { pointer: element, value });
        let to = b.value(usize, Op::Length(t));
        b.value(slice, Op::Subslice { base: t, from: i, to, order: SiteId(1), end: SiteId(2) });
        let pointer = b.value(atomic, Op::Element { base: h, index: i, site: SiteId(0) });
        let old = b.value(u32, Op::Atomic { op: AtomicOp::Add, pointer, arguments: vec![value] });
        let exchange = Op::Atomic { op: AtomicOp::CompareExchange, pointer, arguments: vec![value, old] };
        b.value(u32, exchange);
        let condition = b.boolean(true);
        let accept = Block(vec![Statement::Break(label)]);
        b.push(Statement::If { condition, accept, reject: Block::default() });
        let yes = b.boolean(true);
        b.push(Statement::Panic { site: SiteId(4), arguments: vec![value, yes] });
    });
    b.push(Statement::Block { label, body });
}

/// Fields, floats, composites, casts, a check.
fn the_rest(b: &mut FunctionBuilder<'_>, local: LocalId, pair: TypeId, seven: ValueId) {
    let [f32, f64, i32, u32, bool] =
        [Scalar::F32, Scalar::F64, Scalar::I32, Scalar::U32, Scalar::Bool].map(|s| b.module.types.scalar(s));
    let [pair_at, f32_at] = [pair, f32].map(|ty| b.module.types.pointer(ty));
    let array = b.module.types.array(u32, 4);
    let base = b.value(pair_at, Op::Data(DataId(0)));
    let a = b.value(f32_at, Op::Field { base, index: 0 });
    let a = b.load(a);
    let three = b.integer(Scalar::I32, 3);
    let power = b.value(f32, Op::Math { function: MathFunction::Powi, arguments: vec![a, three] });
    let nan = b.value(f32, Op::Constant(Constant::F32(f32::NAN.to_bits())));
    let sum = b.value(f32, Op::Math { function: MathFunction::MulAdd, arguments: vec![a, power, nan] });
    let operand = b.value(f32, Op::Unary { op: UnaryOp::Neg, operand: sum, site: None });
    let yes = b.boolean(true);
    let made = b.value(pair, Op::Make(vec![operand, yes]));
    b.set(local, made);
    let condition = b.value(bool, Op::Extract { base: made, index: 1 });
    let chosen = b.value(u32, Op::Select { condition, accept: seven, reject: seven });
    let bits = b.value(i32, Op::Bitcast(chosen));
    b.value(f64, Op::Cast(bits));
    b.value(array, Op::Repeat(chosen));
    b.push(Statement::Check { condition, site: SiteId(4), arguments: vec![] });
    a_phase(b);
    b.push(Statement::Return(None));
}

/// A module with every statement and nearly every operation.
fn all() -> Module {
    let mut module = Module { name: "all".into(), entry: FunctionId(1), ..Module::default() };
    let pair = structure(&mut module);
    module.data.push(Data { ty: pair, bytes: vec![0, 0, 0x80, 0x3f, 1, 0, 0, 0] });
    let kinds = [
        PanicKind::IndexOutOfBounds,
        PanicKind::SliceOrder,
        PanicKind::SliceEnd,
        PanicKind::AddOverflow,
        PanicKind::Message("odd".into()),
    ];
    module.sites =
        kinds.into_iter().zip(1..).map(|(kind, line)| Site { kind, file: "src/lib.rs", line, column: 5 }).collect();
    helper(&mut module);
    let (u32, usize, unit) =
        (module.types.scalar(Scalar::U32), module.types.scalar(Scalar::Usize), module.types.unit());
    let (array, atomic) = (module.types.array(u32, 4), module.types.intern(Type::Atomic(Scalar::U32)));
    let (y, t, h) = (module.types.pointer(array), module.types.slice(u32), module.types.slice(atomic));
    let parameters = [
        ("p", Role::Uniform, pair, pair),
        ("y", Role::Item { exclusive: true }, array, y),
        ("t", Role::Whole, u32, t),
        ("h", Role::Atomics, atomic, h),
        ("r", Role::Row { exclusive: false }, u32, t),
        ("i", Role::Index { dimensions: 1 }, usize, usize),
    ];
    let named = parameters.map(|(name, _, _, ty)| (name, ty));
    module.parameters = parameters.map(|(name, role, ty, _)| Parameter { name: name.into(), role, ty }).into();
    let mut b = FunctionBuilder::new(&mut module, "all", &named, unit);
    let (sum, local) = (b.local("sum", u32), b.local("", pair));
    let [y, t, h, i] = [1, 2, 3, 5].map(|k| b.get(LocalId(k)));
    let seven = b.integer(Scalar::U32, 7);
    b.set(sum, seven);
    a_loop(&mut b, sum);
    a_block(&mut b, [y, t, h, i, seven]);
    the_rest(&mut b, local, pair, seven);
    let function = b.finish();
    module.functions.push(function);
    module
}

#[test]
fn everything_has_a_readable_form() {
    let module = all();
    verify(&module).unwrap();
    assert_eq!(module.to_string(), include_str!("golden/all.ir"), "\n{module}");
}

#[test]
fn what_leads_nowhere_is_printed_as_it_is() {
    let mut module = Module { name: "broken".into(), ..Module::default() };
    let ty = module.types.pointer(TypeId(5));
    let mut b = FunctionBuilder::new(&mut module, "broken", &[], TypeId(9));
    b.value(ty, Op::Load(ValueId(7)));
    b.value(ty, Op::Call { function: FunctionId(3), arguments: vec![ValueId(1)] });
    b.push(Statement::Eval(ValueId(8)));
    b.push(Statement::Break(Label(2)));
    let mut function = b.finish();
    function.parameters = 4;
    function.values.push(Value { ty, op: Op::Local(LocalId(6)) });
    module.functions.push(function);
    let expected = "\
kernel broken
entry fn 0 broken() -> type 9 {
    %0: &type 5 = load %7
    %1: &type 5 = call 3 ?(%1)
    %8
    break '2
}
";
    assert_eq!(module.to_string(), expected);
}
