//! Memory: roles, layouts, addresses, constant memory.

use std::mem::offset_of;

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::{InterpretArgument, InterpretLaunch};
use landbridge_core::ir::{
    BinaryOp, Data, DataId, Field, FunctionId, LocalId, Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId,
    Statement, StructType, Type, TypeId, ValueId, interpret,
};

use super::{empty, site};

/// An entry with these parameters (role, type of an element), whose body `build` makes from their values.
pub(crate) fn entry(
    module: &mut Module,
    parameters: &[(Role, TypeId)],
    result: TypeId,
    build: impl FnOnce(&mut FunctionBuilder<'_>, &[ValueId]),
) {
    let mut named = vec![];
    for &(role, ty) in parameters {
        module.parameters.push(Parameter { name: "p".into(), role, ty });
        named.push((
            "p",
            match role {
                Role::Uniform | Role::Index { .. } => ty,
                Role::Item { .. } => module.types.pointer(ty),
                Role::Whole | Role::Atomics | Role::Row { .. } => module.types.slice(ty),
                Role::Root { nullable: false } => module.types.pointer(ty),
                Role::Root { nullable: true } => module.types.nullable(ty),
            },
        ));
    }
    let mut b = FunctionBuilder::new(module, "test", &named, result);
    let values: Vec<_> = (0..named.len() as u32).map(|k| b.get(LocalId(k))).collect();
    build(&mut b, &values);
    let function = b.finish();
    module.entry = FunctionId(module.functions.len() as u32);
    module.functions.push(function);
}

/// Runs it; the arguments fit.
fn launch<R>(module: &Module, arguments: &[InterpretArgument<'_>], extent: [u64; 3], output: &mut [R]) {
    let launch = InterpretLaunch::extent(extent);
    // SAFETY: each test gives slices of the parameters' types, borrowed for the call, and an output of the result's type
    // with an element for each work-item.
    unsafe { interpret(module, arguments, &launch, output.as_mut_ptr().cast()) }.unwrap();
}

/// Address of an element.
pub(crate) fn element(b: &mut FunctionBuilder<'_>, base: ValueId, of: TypeId, index: ValueId) -> ValueId {
    let ty = b.module.types.pointer(of);
    b.value(ty, Op::Element { base, index, site: site(&PanicKind::IndexOutOfBounds) })
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Inner {
    flag: bool,
    weight: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Outer {
    small: u8,
    pair: (i16, u64),
    inner: [Inner; 2],
    last: u16,
}

/// The type of a Rust struct from the offsets that rustc chose.
fn structure<T>(module: &mut Module, name: &str, fields: &[(&str, usize, TypeId)]) -> TypeId {
    let fields = fields
        .iter()
        .map(|(name, offset, ty)| Field { name: (*name).into(), offset: *offset as u64, ty: *ty })
        .collect();
    let (size, align) = (size_of::<T>() as u64, align_of::<T>() as u64);
    module.types.intern(Type::Struct(StructType { name: name.into(), fields, size, align, variants: vec![] }))
}

fn outer(module: &mut Module) -> TypeId {
    let mut scalar = |scalar| module.types.scalar(scalar);
    let [u8, i16, u64, bool, f64, u16] =
        [Scalar::U8, Scalar::I16, Scalar::U64, Scalar::Bool, Scalar::F64, Scalar::U16].map(&mut scalar);
    let fields = [("flag", offset_of!(Inner, flag), bool), ("weight", offset_of!(Inner, weight), f64)];
    let inner = structure::<Inner>(module, "Inner", &fields);
    let inner = module.types.array(inner, 2);
    let fields = [("0", offset_of!((i16, u64), 0), i16), ("1", offset_of!((i16, u64), 1), u64)];
    let pair = structure::<(i16, u64)>(module, "", &fields);
    let fields = [
        ("small", offset_of!(Outer, small), u8),
        ("pair", offset_of!(Outer, pair), pair),
        ("inner", offset_of!(Outer, inner), inner),
        ("last", offset_of!(Outer, last), u16),
    ];
    structure::<Outer>(module, "Outer", &fields)
}

fn sample(k: u8) -> Outer {
    let inner = |flag, weight| Inner { flag, weight };
    Outer {
        small: k,
        pair: (-3 - i16::from(k), u64::MAX - u64::from(k)),
        inner: [inner(true, 0.5), inner(false, f64::from(k))],
        last: 0xffff,
    }
}

#[test]
fn structs_of_rust_are_copied_whole() {
    // out = uniform through a local; y = x
    let mut module = empty();
    let ty = outer(&mut module);
    let roles = [(Role::Uniform, ty), (Role::Item { exclusive: false }, ty), (Role::Item { exclusive: true }, ty)];
    entry(&mut module, &roles, ty, |b, v| {
        let value = b.load(v[1]);
        b.push(Statement::Store { pointer: v[2], value });
        let local = b.local("copy", ty);
        b.set(local, v[0]);
        let copy = b.get(local);
        b.push(Statement::Return(Some(copy)));
    });
    let x = [sample(1), sample(2), sample(3)];
    let (mut y, mut output, uniform) = ([Outer::default(); 3], [Outer::default(); 3], sample(9));
    let arguments =
        [InterpretArgument::value(&uniform), InterpretArgument::shared(&x), InterpretArgument::exclusive(&mut y)];
    launch(&module, &arguments, [1, 1, 3], &mut output);
    assert_eq!((y, output), (x, [uniform; 3]));
}

#[test]
fn parts_are_made_taken_and_changed_in_place() {
    // y.inner[1].weight = 4.0; return (make(y.pair.0, 7)).0 + extract
    let mut module = empty();
    let ty = outer(&mut module);
    let find = |module: &Module, index: usize| match &module.types[ty] {
        Type::Struct(s) => s.fields[index].ty,
        _ => unreachable!("a struct"),
    };
    let (pair, inner) = (find(&module, 1), find(&module, 2));
    let [i16, u64, f64, usize] = [Scalar::I16, Scalar::U64, Scalar::F64, Scalar::Usize].map(|s| module.types.scalar(s));
    let Type::Array { element: inner_1, .. } = module.types[inner] else { unreachable!("an array") };
    let [pair_to, inner_to, f64_to, i16_to] = [pair, inner, f64, i16].map(|ty| module.types.pointer(ty));
    entry(&mut module, &[(Role::Item { exclusive: true }, ty)], u64, |b, v| {
        let inner = b.value(inner_to, Op::Field { base: v[0], index: 2 });
        let one = b.value(usize, Op::Constant(landbridge_core::ir::Constant::Int(1)));
        let second = element(b, inner, inner_1, one);
        let pointer = b.value(f64_to, Op::Field { base: second, index: 1 });
        let value = b.value(f64, Op::Constant(landbridge_core::ir::Constant::F64(4.0_f64.to_bits())));
        b.push(Statement::Store { pointer, value });
        let pair_at = b.value(pair_to, Op::Field { base: v[0], index: 1 });
        let first_at = b.value(i16_to, Op::Field { base: pair_at, index: 0 });
        let first = b.load(first_at);
        let seven = b.integer(Scalar::U64, 7);
        let made = b.value(pair, Op::Make(vec![first, seven]));
        b.push(Statement::Store { pointer: pair_at, value: made });
        let whole = b.load(v[0]);
        let pair = b.value(pair, Op::Extract { base: whole, index: 1 });
        let second = b.value(u64, Op::Extract { base: pair, index: 1 });
        b.push(Statement::Return(Some(second)));
    });
    let mut y = [sample(1), sample(2)];
    let mut output = [0_u64; 2];
    launch(&module, &[InterpretArgument::exclusive(&mut y)], [1, 1, 2], &mut output);
    let mut wanted = [sample(1), sample(2)];
    for outer in &mut wanted {
        outer.inner[1].weight = 4.0;
        outer.pair.1 = 7;
    }
    assert_eq!((y, output), (wanted, [7, 7]));
}

#[test]
fn padding_is_neither_read_nor_written() {
    let mut module = empty();
    let ty = outer(&mut module);
    entry(&mut module, &[(Role::Item { exclusive: true }, ty)], ty, |b, v| {
        let value = b.load(v[0]);
        b.push(Statement::Store { pointer: v[0], value });
        b.push(Statement::Return(Some(value)));
    });
    let mut memory = std::mem::MaybeUninit::<Outer>::uninit();
    memory.write(sample(5));
    let bytes = memory.as_mut_ptr().cast::<u8>();
    let mut output = Outer::default();
    let arguments = [InterpretArgument::Slice { pointer: bytes, elements: 1 }];
    // SAFETY: one `Outer`, initialised but for padding, and room for one result.
    unsafe { interpret(&module, &arguments, &InterpretLaunch::items(1), (&raw mut output).cast()) }.unwrap();
    assert_eq!(output, sample(5));
}

/// A kernel that returns what `build` makes of an index.
fn index_kernel(dimensions: u8, field: u32) -> Module {
    let mut module = empty();
    let usize = module.types.scalar(Scalar::Usize);
    let index = if dimensions == 1 {
        usize
    } else {
        let fields: Vec<_> = ["z", "y", "x"][usize::from(3 - dimensions)..]
            .iter()
            .enumerate()
            .map(|(k, name)| (*name, 8 * k, usize))
            .collect();
        match dimensions {
            2 => structure::<[u64; 2]>(&mut module, "Index2", &fields),
            _ => structure::<[u64; 3]>(&mut module, "Index3", &fields),
        }
    };
    entry(&mut module, &[(Role::Index { dimensions }, index)], usize, |b, v| {
        let number = if dimensions == 1 { v[0] } else { b.value(usize, Op::Extract { base: v[0], index: field }) };
        b.push(Statement::Return(Some(number)));
    });
    module
}

#[test]
fn work_items_know_where_they_are() {
    let check = |dimensions, field, extent: [u64; 3], wanted: fn(u64, u64, u64) -> u64| {
        let items = extent.iter().product::<u64>() as usize;
        let mut output = vec![u64::MAX; items];
        launch(&index_kernel(dimensions, field), &[InterpretArgument::Index], extent, &mut output);
        let mut k = 0;
        for z in 0..extent[0] {
            for y in 0..extent[1] {
                for x in 0..extent[2] {
                    assert_eq!(output[k], wanted(z, y, x), "{dimensions} {field} {extent:?}");
                    k += 1;
                }
            }
        }
    };
    check(1, 0, [1, 1, 5], |_, _, x| x);
    check(2, 0, [1, 2, 3], |_, y, _| y);
    check(2, 1, [1, 2, 3], |_, _, x| x);
    check(3, 0, [2, 3, 4], |z, _, _| z);
    check(3, 1, [2, 3, 4], |_, y, _| y);
    check(3, 2, [2, 3, 4], |_, _, x| x);
    check(1, 0, [1, 1, 0], |_, _, x| x);
}

/// Sums a slice: `let mut s = 0; let mut k = 0; loop { if k >= len break; s += t[k]; continuing: k += 1 }`.
fn sum(b: &mut FunctionBuilder<'_>, slice: ValueId, of: TypeId) -> ValueId {
    let (sum, k) = (b.local("s", of), {
        let usize = b.module.types.scalar(Scalar::Usize);
        b.local("k", usize)
    });
    let (zero, first) = (b.integer(Scalar::U32, 0), b.integer(Scalar::Usize, 0));
    b.set(sum, zero);
    b.set(k, first);
    let label = b.label();
    b.open();
    let index = b.get(k);
    let usize = b.type_of(index);
    let length = b.value(usize, Op::Length(slice));
    let condition = b.compare(landbridge_core::ir::CompareOp::GreaterEqual, index, length);
    b.open();
    b.push(Statement::Break(label));
    let accept = b.close();
    b.push(Statement::If { condition, accept, reject: Default::default() });
    let at = element(b, slice, of, index);
    let (value, old) = (b.load(at), b.get(sum));
    let new = b.binary(BinaryOp::Add, old, value, None);
    b.set(sum, new);
    let body = b.close();
    b.open();
    let (index, one) = (b.get(k), b.integer(Scalar::Usize, 1));
    let next = b.binary(BinaryOp::Add, index, one, None);
    b.set(k, next);
    let continuing = b.close();
    b.push(Statement::Loop { label, body, continuing, break_if: None });
    b.get(sum)
}

#[test]
fn rows_and_wholes_and_parts_of_slices() {
    // return sum(row) + sum(whole[1..len]) + sum(&array)
    let mut module = empty();
    let first = module.sites.len() as u32;
    for kind in [PanicKind::SliceOrder, PanicKind::SliceEnd] {
        module.sites.push(Site { kind, file: "test.rs", line: 1, column: 1 });
    }
    let (u32, usize) = (module.types.scalar(Scalar::U32), module.types.scalar(Scalar::Usize));
    let (slice, array) = (module.types.slice(u32), module.types.array(u32, 3));
    let roles = [(Role::Row { exclusive: false }, u32), (Role::Whole, u32), (Role::Item { exclusive: false }, array)];
    entry(&mut module, &roles, u32, |b, v| {
        let row = sum(b, v[0], u32);
        let (from, to) = (b.integer(Scalar::Usize, 1), b.value(usize, Op::Length(v[1])));
        let (order, end) = (SiteId(first), SiteId(first + 1));
        let part = b.value(slice, Op::Subslice { base: v[1], from, to, order, end });
        let part = sum(b, part, u32);
        let chunk = b.value(slice, Op::AsSlice(v[2]));
        let chunk = sum(b, chunk, u32);
        let two = b.binary(BinaryOp::Add, row, part, None);
        let three = b.binary(BinaryOp::Add, two, chunk, None);
        b.push(Statement::Return(Some(three)));
    });
    let (rows, whole, chunks) = ([1_u32, 2, 3, 4], [100_u32, 10, 20], [[1000_u32; 3], [2000; 3]]);
    let arguments =
        [InterpretArgument::shared(&rows), InterpretArgument::shared(&whole), InterpretArgument::shared(&chunks)];
    let mut output = [0_u32; 2];
    launch(&module, &arguments, [1, 1, 2], &mut output);
    assert_eq!(output, [3 + 30 + 3000, 7 + 30 + 6000]);
}

#[test]
fn constant_memory_is_read() {
    let mut module = empty();
    let (u32, usize) = (module.types.scalar(Scalar::U32), module.types.scalar(Scalar::Usize));
    let array = module.types.array(u32, 3);
    let table = [5_u32, 6, 7];
    module.data.push(Data { ty: array, bytes: table.iter().flat_map(|v| v.to_le_bytes()).collect() });
    let pointer = module.types.pointer(array);
    entry(&mut module, &[(Role::Index { dimensions: 1 }, usize)], u32, |b, v| {
        let base = b.value(pointer, Op::Data(DataId(0)));
        let at = element(b, base, u32, v[0]);
        let value = b.load(at);
        b.push(Statement::Return(Some(value)));
    });
    let mut output = [0_u32; 3];
    launch(&module, &[InterpretArgument::Index], [1, 1, 3], &mut output);
    assert_eq!(output, table);
}

#[test]
fn arguments_may_overlap_where_all_are_read() {
    // return *x + *y
    let mut module = empty();
    let u32 = module.types.scalar(Scalar::U32);
    let roles = [(Role::Item { exclusive: false }, u32); 2];
    entry(&mut module, &roles, u32, |b, v| {
        let (x, y) = (b.load(v[0]), b.load(v[1]));
        let sum = b.binary(BinaryOp::Add, x, y, None);
        b.push(Statement::Return(Some(sum)));
    });
    let v = [1_u32, 2, 3, 4];
    let arguments = [InterpretArgument::shared(&v[..3]), InterpretArgument::shared(&v[1..])];
    let mut output = [0_u32; 3];
    launch(&module, &arguments, [1, 1, 3], &mut output);
    assert_eq!(output, [3, 5, 7]);
}
