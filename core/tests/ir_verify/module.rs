//! Cases about types, constant memory, the entry, calls and declarations.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::verify::Rule;
use landbridge_core::ir::{
    Constant, Field, Function, FunctionId, LocalId, Module, Op, Role, Scalar, Statement, StructType, Type, TypeId,
    Value, ValueId,
};

use super::{Case, body, changed, entry, field, local};

/// A type of a struct with these fields (offset and scalar).
fn structure(module: &mut Module, fields: &[(u64, Scalar)], size: u64, align: u64) {
    let fields = fields.iter().map(|(offset, scalar)| field(module, "f", *offset, *scalar)).collect();
    module.types.intern(Type::Struct(StructType { name: "S".into(), fields, size, align, variants: vec![] }));
}

fn layout(says: &'static str, fields: &'static [(u64, Scalar)], size: u64, align: u64) -> Case {
    changed(Rule::TypeLayout, says, |module| structure(module, fields, size, align))
}

/// A function that calls another and has no parameters.
fn caller(module: &mut Module, callee: u32) -> Function {
    let unit = module.types.unit();
    let mut b = FunctionBuilder::new(module, "caller", &[], unit);
    b.value(unit, Op::Call { function: FunctionId(callee), arguments: vec![] });
    b.finish()
}

fn type_cases() -> Vec<Case> {
    use Scalar::{U8, U32};
    vec![
        changed(Rule::TypeOrder, "type 13 &&&&&&&&&&&&&&&&&..: reaches itself without a struct of a name", |m| {
            let next = TypeId(m.types.len() as u32);
            m.types.pointer(next);
        }),
        changed(Rule::TypeOrder, "type 13 [type 99; 2]: names type 99, which is not there", |m| {
            m.types.array(TypeId(99), 2);
        }),
        changed(Rule::TypeOrder, "type 13 Snake { tail: Snake @0 } size 4 align 4: contains itself", |m| {
            let id = m.types.declare("Snake", 4, 4);
            let fields = vec![Field { name: "tail".into(), offset: 0, ty: id }];
            m.types.define(id, StructType { name: "Snake".into(), fields, size: 4, align: 4, variants: vec![] });
        }),
        layout("type 13 S { f: u32 @0 } size 4 align 3: alignment 3 is no power of two up to 4096", &[(0, U32)], 4, 3),
        layout(
            "type 13 S { f: u32 @0 } size 8192 align 8192: alignment 8192 is no power of two up to 4096",
            &[(0, U32)],
            8192,
            8192,
        ),
        layout("type 13 S { f: u32 @0 } size 6 align 4: size 6 is no multiple of the alignment 4", &[(0, U32)], 6, 4),
        layout("type 13 S { f: u32 @0 } size 4 align 2: field `f` is aligned to 4, the struct to 2", &[(0, U32)], 4, 2),
        layout("type 13 S { f: u32 @2 } size 8 align 4: field `f` at 2 is not aligned to 4", &[(2, U32)], 8, 4),
        layout("type 13 S { f: u32 @4 } size 4 align 4: field `f` ends outside of the struct", &[(4, U32)], 4, 4),
        layout(
            "type 13 S { f: u32 @0, f: u8 @3 } size 8 align 4: fields `f` and `f` overlap",
            &[(0, U32), (3, U8)],
            8,
            4,
        ),
        changed(Rule::TypeSize, "type 13 [u8; 2147483648]: takes 2147483648 bytes, more than 2147483647", |m| {
            let u8 = m.types.scalar(U8);
            m.types.array(u8, 1 << 31);
        }),
        changed(
            Rule::TypeSize,
            "type 77 [[[[[[[[[[[[[[[[[..; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]; 1]: nests deeper than 64",
            |m| {
                let mut ty = m.types.scalar(U8);
                for _ in 0..65 {
                    ty = m.types.array(ty, 1);
                }
            },
        ),
        changed(Rule::TypeSize, "type 13 [(); 65536]: has more than 65536 members", |m| {
            let unit = m.types.unit();
            m.types.array(unit, 1 << 16);
        }),
        changed(
            Rule::TypeSize,
            "type 28 S15 { a: S14 @0, b: S14 @0 } size 0 align 1: has more than 65536 members",
            |m| {
                let mut ty = m.types.unit();
                for k in 0..16 {
                    let fields = ["a", "b"].map(|name| Field { name: name.into(), offset: 0, ty }).to_vec();
                    let name = format!("S{k}");
                    ty = m.types.intern(Type::Struct(StructType { name, fields, size: 0, align: 1, variants: vec![] }));
                }
            },
        ),
        changed(Rule::AtomicType, "type 13 AtomicF32: no atomic has a `f32`", |m| {
            m.types.intern(Type::Atomic(Scalar::F32));
        }),
        changed(Rule::AtomicType, "type 13 AtomicU8: no atomic has a `u8`", |m| {
            m.types.intern(Type::Atomic(U8));
        }),
    ]
}

fn data_cases() -> Vec<Case> {
    vec![
        changed(Rule::Data, "data 0: 7 bytes for a `Pair` of 8", |m| m.data[0].bytes.truncate(7)),
        changed(Rule::Data, "data 0: the padding at byte 5 is not zero", |m| m.data[0].bytes[5] = 1),
        changed(Rule::Data, "data 0: the `bool` at byte 0 is 2", |m| {
            m.data[0].ty = m.types.scalar(Scalar::Bool);
            m.data[0].bytes = vec![2];
        }),
        changed(Rule::Data, "data 0: `&u32` is not plain data", |m| {
            let u32 = m.types.scalar(Scalar::U32);
            m.data[0].ty = m.types.pointer(u32);
        }),
        changed(Rule::Ids, "data 0: no type 99", |m| m.data[0].ty = TypeId(99)),
    ]
}

fn entry_cases() -> Vec<Case> {
    let role = |says, k: usize, role| changed(Rule::Roles, says, move |m| m.parameters[k].role = role);
    vec![
        changed(Rule::Entry, "entry 9: no such function", |m| m.entry = FunctionId(9)),
        changed(Rule::Entry, "entry 2: the function has 6 parameters and 6 locals, the launch 5", |m| {
            m.parameters.pop();
        }),
        changed(Rule::Entry, "entry 2: the function has 6 parameters and 0 locals, the launch 6", |m| {
            entry(m).locals.clear()
        }),
        changed(Rule::Roles, "parameter a 0: Uniform of `f32` does not fit a parameter of type `u32`", |m| {
            m.parameters[0].ty = m.types.scalar(Scalar::F32);
        }),
        role(
            "parameter a 0: Item { exclusive: true } of `u32` does not fit a parameter of type `u32`",
            0,
            Role::Item { exclusive: true },
        ),
        role("parameter x 1: Whole of `u32` does not fit a parameter of type `&u32`", 1, Role::Whole),
        role("parameter h 3: `AtomicU32` is no data that launches hold", 3, Role::Whole),
        role("parameter t 4: `u32` is no atomic", 4, Role::Atomics),
        role("parameter i 5: `usize` is no index of 2 dimensions", 5, Role::Index { dimensions: 2 }),
        role("parameter a 0: `u32` is no index of 1 dimensions", 0, Role::Index { dimensions: 1 }),
        changed(Rule::Roles, "parameter x 1: `&u32` is not plain data", |m| {
            let pointer = m.parameters[1].ty;
            let pointer = m.types.pointer(pointer);
            m.parameters[1].role = Role::Uniform;
            m.parameters[1].ty = pointer;
        }),
        changed(Rule::Result, "entry 2: `&u32` cannot be the result of a kernel", |m| {
            let u32 = m.types.scalar(Scalar::U32);
            entry(m).result = m.types.find(&Type::Pointer(u32)).unwrap();
        }),
    ]
}

fn call_graph_cases() -> Vec<Case> {
    vec![
        changed(Rule::CallGraph, "fn 3: calls itself, directly or not", |m| {
            let function = caller(m, 3);
            m.functions.push(function);
        }),
        changed(Rule::CallGraph, "fn 3: calls itself, directly or not", |m| {
            for callee in [4, 3] {
                let function = caller(m, callee);
                m.functions.push(function);
            }
        }),
        changed(Rule::CallDepth, "fn 67: calls nest deeper than 64", |m| {
            for callee in [1].into_iter().chain(3..67) {
                let function = caller(m, callee);
                m.functions.push(function);
            }
        }),
        changed(Rule::Ids, "fn 3: calls function 9, which is not there", |m| {
            let function = caller(m, 9);
            m.functions.push(function);
        }),
    ]
}

fn declaration_cases() -> Vec<Case> {
    vec![
        changed(Rule::Locals, "fn 0: 3 parameters, but only 2 locals", |m| m.functions[0].parameters = 3),
        changed(Rule::Locals, "local v$6: `AtomicU32` has an atomic", |m| {
            let atomic = m.parameters[3].ty;
            entry(m).locals.push(local(atomic));
        }),
        changed(Rule::ValueSize, "local v$6: 1048577 bytes, more than 1048576", |m| {
            let u8 = m.types.scalar(Scalar::U8);
            let ty = m.types.array(u8, (1 << 20) + 1);
            entry(m).locals.push(local(ty));
        }),
        changed(Rule::Values, "%12: AtomicU32 = 0: `AtomicU32` has an atomic", |m| {
            let ty = m.parameters[3].ty;
            entry(m).values.push(Value { ty, op: Op::Constant(Constant::Int(0)) });
        }),
        body(Rule::ValueSize, "%12: [u32; 524288] = repeat %1: 2097152 bytes, more than 1048576", |c| {
            let u32 = c.scalar(Scalar::U32);
            let ty = c.b.module.types.array(u32, 1 << 19);
            c.b.value(ty, Op::Repeat(c.a));
        }),
        changed(Rule::Ids, "entry 2: no type 99", |m| entry(m).locals.push(local(TypeId(99)))),
        changed(Rule::Ids, "fn 0: no type 99", |m| m.functions[0].result = TypeId(99)),
        changed(Rule::Ids, "%0: type 99 = a$0: no type 99", |m| entry(m).values[0].ty = TypeId(99)),
        changed(Rule::Ids, "%0: &u32 = load %99: no value %99", |m| entry(m).values[0].op = Op::Load(ValueId(99))),
        changed(Rule::Ids, "%0: &u32 = ?$99: no local 99", |m| entry(m).values[0].op = Op::Local(LocalId(99))),
        changed(Rule::Ids, "%0: &u32 = data 1: no data 1", |m| {
            entry(m).values[0].op = Op::Data(landbridge_core::ir::DataId(1))
        }),
        changed(Rule::Ids, "%99: no value %99", |m| entry(m).body.0.push(Statement::Eval(ValueId(99)))),
        changed(Rule::Ids, "return %99: no value %99", |m| entry(m).body.0.push(Statement::Return(Some(ValueId(99))))),
        changed(Rule::Ids, "panic @99(): no site 99", |m| {
            let site = landbridge_core::ir::SiteId(99);
            entry(m).body.0.push(Statement::Panic { site, arguments: vec![] });
        }),
        body(Rule::Ids, "%12: u32 = add %1, %1 @99: no site 99", |c| {
            let site = Some(landbridge_core::ir::SiteId(99));
            c.b.binary(landbridge_core::ir::BinaryOp::Add, c.a, c.a, site);
        }),
        changed(Rule::EvaluatedOnce, "%12: u32 = 0: is never evaluated", |m| {
            let ty = m.types.scalar(Scalar::U32);
            entry(m).values.push(Value { ty, op: Op::Constant(Constant::Int(0)) });
        }),
        changed(Rule::EvaluatedOnce, "%0: &u32 = a$0: is evaluated twice", |m| {
            entry(m).body.0.push(Statement::Eval(ValueId(0)))
        }),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    [type_cases(), data_cases(), entry_cases(), call_graph_cases(), declaration_cases()].into_iter().flatten().collect()
}
