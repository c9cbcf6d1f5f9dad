//! Cases about operations.

use landbridge_core::ir::verify::Rule;
use landbridge_core::ir::{
    AtomicOp, BinaryOp, CompareOp, Constant, FunctionId, LocalId, MathFunction, Op, Scalar, SiteId, UnaryOp, ValueId,
};

use super::{ADD, Builder, Case, DIVISION, END, INDEX, NEGATION, ORDER, body};

/// A value of a scalar type.
fn value(rule: Rule, says: &'static str, scalar: Scalar, op: impl FnOnce(&mut Builder<'_>) -> Op) -> Case {
    body(rule, says, |c| {
        let ty = c.scalar(scalar);
        let op = op(c);
        c.b.value(ty, op);
    })
}

/// A value of type `&u32`.
fn pointer(rule: Rule, says: &'static str, op: impl FnOnce(&mut Builder<'_>) -> Op) -> Case {
    body(rule, says, |c| {
        let ty = c.b.type_of(c.x);
        let op = op(c);
        c.b.value(ty, op);
    })
}

/// A value of type `&[u32]`.
fn slice(rule: Rule, says: &'static str, op: impl FnOnce(&mut Builder<'_>) -> Op) -> Case {
    body(rule, says, |c| {
        let ty = c.b.type_of(c.t);
        let op = op(c);
        c.b.value(ty, op);
    })
}

fn float(c: &mut Builder<'_>) -> ValueId {
    let f32 = c.scalar(Scalar::F32);
    c.b.value(f32, Op::Constant(Constant::F32(0)))
}

fn array(c: &mut Builder<'_>) -> ValueId {
    let u32 = c.scalar(Scalar::U32);
    let ty = c.b.module.types.array(u32, 4);
    c.b.value(ty, Op::Repeat(c.a))
}

fn constant_cases() -> Vec<Case> {
    let constant = |says, scalar, constant| value(Rule::Constants, says, scalar, move |_| Op::Constant(constant));
    vec![
        constant("%12: u8 = 256: Int(256) is no `u8`", Scalar::U8, Constant::Int(256)),
        constant("%12: u32 = -1: Int(-1) is no `u32`", Scalar::U32, Constant::Int(-1)),
        constant("%12: i8 = -129: Int(-129) is no `i8`", Scalar::I8, Constant::Int(-129)),
        constant("%12: f32 = 1: Int(1) is no `f32`", Scalar::F32, Constant::Int(1)),
        constant("%12: f64 = 0.0_: F32(0) is no `f64`", Scalar::F64, Constant::F32(0)),
        constant("%12: u32 = true: Bool(true) is no `u32`", Scalar::U32, Constant::Bool(true)),
        pointer(Rule::Constants, "%12: &u32 = 0: `&u32` is no scalar", |_| Op::Constant(Constant::Int(0))),
        value(Rule::Constants, "%12: u32 = (): is no `()`", Scalar::U32, |_| Op::Unit),
    ]
}

fn address_cases() -> Vec<Case> {
    use Rule::Addresses;
    vec![
        value(Addresses, "%12: u32 = a$0: `u32` where `&u32` belongs", Scalar::U32, |_| Op::Local(LocalId(0))),
        pointer(Addresses, "%12: &u32 = i$5: `&u32` where `&usize` belongs", |_| Op::Local(LocalId(5))),
        pointer(Addresses, "%12: &u32 = data 0: `&u32` where `&Pair` belongs", |_| {
            Op::Data(landbridge_core::ir::DataId(0))
        }),
        pointer(Addresses, "%12: &u32 = field 0 of %3: field 0 of a `&u32`", |c| Op::Field { base: c.x, index: 0 }),
        body(Addresses, "%13: &u32 = field 2 of data 0: field 2 of a `&Pair`", |c| {
            let pair = c.pair();
            let to = c.b.module.types.pointer(pair);
            let base = c.b.value(to, Op::Data(landbridge_core::ir::DataId(0)));
            let ty = c.b.type_of(c.x);
            c.b.value(ty, Op::Field { base, index: 2 });
        }),
        body(Addresses, "%13: &u32 = field 1 of data 0: `&u32` where `&u8` belongs", |c| {
            let pair = c.pair();
            let to = c.b.module.types.pointer(pair);
            let base = c.b.value(to, Op::Data(landbridge_core::ir::DataId(0)));
            let ty = c.b.type_of(c.x);
            c.b.value(ty, Op::Field { base, index: 1 });
        }),
        pointer(Addresses, "%12: &u32 = element %11 of %3 @0: an element of a `&u32`", |c| Op::Element {
            base: c.x,
            index: c.i,
            site: INDEX,
        }),
        pointer(Addresses, "%12: &u32 = element %1 of %9 @0: an index of type `u32`", |c| Op::Element {
            base: c.t,
            index: c.a,
            site: INDEX,
        }),
        pointer(Addresses, "%12: &u32 = element %11 of %7 @0: `&u32` where `&AtomicU32` belongs", |c| Op::Element {
            base: c.h,
            index: c.i,
            site: INDEX,
        }),
        slice(Addresses, "%12: &[u32] = slice %3: a slice of a `&u32`", |c| Op::AsSlice(c.x)),
        slice(Addresses, "%12: &[u32] = slice %9: a slice of a `&[u32]`", |c| Op::AsSlice(c.t)),
        slice(Addresses, "%12: &[u32] = subslice %11..%11 of %3 @3 @4: a part of a `&u32`", |c| Op::Subslice {
            base: c.x,
            from: c.i,
            to: c.i,
            order: ORDER,
            end: END,
        }),
        slice(Addresses, "%12: &[u32] = subslice %1..%11 of %9 @3 @4: an index of type `u32`", |c| Op::Subslice {
            base: c.t,
            from: c.a,
            to: c.i,
            order: ORDER,
            end: END,
        }),
        slice(Addresses, "%12: &[u32] = subslice %11..%11 of %7 @3 @4: `&[u32]` where `&[AtomicU32]` belongs", |c| {
            Op::Subslice { base: c.h, from: c.i, to: c.i, order: ORDER, end: END }
        }),
        value(Addresses, "%12: usize = length %3: the length of a `&u32`", Scalar::Usize, |c| Op::Length(c.x)),
        value(Addresses, "%12: u32 = length %9: a length is a `usize`", Scalar::U32, |c| Op::Length(c.t)),
    ]
}

fn composite_cases() -> Vec<Case> {
    use Rule::Composites;
    let make = |says, parts: fn(&mut Builder<'_>) -> Vec<ValueId>| {
        body(Composites, says, move |c| {
            let pair = c.pair();
            let parts = parts(c);
            c.b.value(pair, Op::Make(parts));
        })
    };
    vec![
        make("%12: Pair = make %1: 1 parts for a `Pair` of 2", |c| vec![c.a]),
        make("%12: Pair = make %1, %1: `u32` where `u8` belongs", |c| vec![c.a, c.a]),
        value(Composites, "%12: u32 = make %1: a `u32` has no parts", Scalar::U32, |c| Op::Make(vec![c.a])),
        value(Composites, "%12: u32 = repeat %1: only arrays are repeated", Scalar::U32, |c| Op::Repeat(c.a)),
        body(Composites, "%13: [u32; 4] = repeat %11: `usize` where `u32` belongs", |c| {
            let ty = {
                let whole = array(c);
                c.b.type_of(whole)
            };
            c.b.value(ty, Op::Repeat(c.i));
        }),
        value(Composites, "%13: u32 = extract 4 of %12: no such part of a `[u32; 4]`", Scalar::U32, |c| Op::Extract {
            base: array(c),
            index: 4,
        }),
        value(Composites, "%12: u32 = extract 0 of %1: no such part of a `u32`", Scalar::U32, |c| Op::Extract {
            base: c.a,
            index: 0,
        }),
        value(Composites, "%13: i32 = extract 0 of %12: `i32` where `u32` belongs", Scalar::I32, |c| Op::Extract {
            base: array(c),
            index: 0,
        }),
    ]
}

fn load_cases() -> Vec<Case> {
    vec![
        value(Rule::Loads, "%12: u32 = load %1: loads through a `u32`", Scalar::U32, |c| Op::Load(c.a)),
        value(Rule::Loads, "%12: i32 = load %3: `i32` where `u32` belongs", Scalar::I32, |c| Op::Load(c.x)),
        value(Rule::Loads, "%12: u32 = load %9: loads through a `&[u32]`", Scalar::U32, |c| Op::Load(c.t)),
    ]
}

fn arithmetic_cases() -> Vec<Case> {
    use Rule::Arithmetic;
    let unary = |says, scalar, op, operand: fn(&mut Builder<'_>) -> ValueId| {
        value(Arithmetic, says, scalar, move |c| Op::Unary { op, operand: operand(c), site: None })
    };
    let binary = |says, scalar, op, operands: fn(&mut Builder<'_>) -> (ValueId, ValueId)| {
        value(Arithmetic, says, scalar, move |c| {
            let (left, right) = operands(c);
            Op::Binary { op, left, right, site: None }
        })
    };
    vec![
        unary("%12: u32 = neg %1: Neg of a `u32`", Scalar::U32, UnaryOp::Neg, |c| c.a),
        unary("%13: f32 = not 0.0__f32: Not of a `f32`", Scalar::F32, UnaryOp::Not, float),
        unary("%12: u32 = not %11: `usize` where `u32` belongs", Scalar::U32, UnaryOp::Not, |c| c.i),
        binary("%12: u32 = add %1, %11: `usize` where `u32` belongs", Scalar::U32, BinaryOp::Add, |c| (c.a, c.i)),
        binary("%12: u32 = add %11, %1: `usize` where `u32` belongs", Scalar::U32, BinaryOp::Add, |c| (c.i, c.a)),
        binary("%14: bool = add true_bool, true_bool: Add of a `bool`", Scalar::Bool, BinaryOp::Add, |c| {
            (c.b.boolean(true), c.b.boolean(true))
        }),
        binary("%14: f32 = and 0.0__f32, 0.0__f32: And of a `f32`", Scalar::F32, BinaryOp::And, |c| {
            (float(c), float(c))
        }),
        binary("%13: bool = shl true_bool, %1: Shl of a `bool`", Scalar::Bool, BinaryOp::Shl, |c| {
            (c.b.boolean(true), c.a)
        }),
        binary("%13: u32 = shr %1, 0.0__f32: shift by a `f32`", Scalar::U32, BinaryOp::Shr, |c| (c.a, float(c))),
        pointer(Arithmetic, "%12: &u32 = add %3, %3: `&u32` is no scalar", |c| Op::Binary {
            op: BinaryOp::Add,
            left: c.x,
            right: c.x,
            site: None,
        }),
        value(Arithmetic, "%12: u32 = less %1, %1: a comparison gives a `bool`", Scalar::U32, |c| Op::Compare {
            op: CompareOp::Less,
            left: c.a,
            right: c.a,
        }),
        value(Arithmetic, "%12: bool = less %1, %11: `usize` where `u32` belongs", Scalar::Bool, |c| Op::Compare {
            op: CompareOp::Less,
            left: c.a,
            right: c.i,
        }),
        value(Arithmetic, "%12: bool = equal %9, %9: `&[u32]` is no scalar", Scalar::Bool, |c| Op::Compare {
            op: CompareOp::Equal,
            left: c.t,
            right: c.t,
        }),
        value(Arithmetic, "%12: u32 = select %1, %1, %1: the condition is no `bool`", Scalar::U32, |c| Op::Select {
            condition: c.a,
            accept: c.a,
            reject: c.a,
        }),
        value(Arithmetic, "%13: u32 = select true_bool, %1, %11: `usize` where `u32` belongs", Scalar::U32, |c| {
            Op::Select { condition: c.b.boolean(true), accept: c.a, reject: c.i }
        }),
    ]
}

fn cast_cases() -> Vec<Case> {
    use Rule::Casts;
    vec![
        value(Casts, "%12: bool = cast %1: `u32` as `bool`", Scalar::Bool, |c| Op::Cast(c.a)),
        value(Casts, "%13: f32 = cast true_bool: `bool` as `f32`", Scalar::F32, |c| Op::Cast(c.b.boolean(true))),
        value(Casts, "%12: usize = cast %3: `&u32` is no scalar", Scalar::Usize, |c| Op::Cast(c.x)),
        value(Casts, "%12: u64 = bitcast %1: bits of `u32` as `u64`", Scalar::U64, |c| Op::Bitcast(c.a)),
        value(Casts, "%13: u8 = bitcast true_bool: bits of `bool` as `u8`", Scalar::U8, |c| {
            Op::Bitcast(c.b.boolean(true))
        }),
        pointer(Casts, "%12: &u32 = cast %11: `&u32` is no scalar", |c| Op::Cast(c.i)),
    ]
}

fn math_cases() -> Vec<Case> {
    let math = |says, scalar, function, arguments: fn(&mut Builder<'_>) -> Vec<ValueId>| {
        value(Rule::Math, says, scalar, move |c| Op::Math { function, arguments: arguments(c) })
    };
    vec![
        math("%12: f32 = Sqrt(): 0 arguments for Sqrt", Scalar::F32, MathFunction::Sqrt, |_| vec![]),
        math("%12: u32 = Sqrt(%1): Sqrt of a `u32`", Scalar::U32, MathFunction::Sqrt, |c| vec![c.a]),
        math("%13: f32 = CountOnes(0.0__f32): CountOnes of a `f32`", Scalar::F32, MathFunction::CountOnes, |c| {
            vec![float(c)]
        }),
        math("%12: u32 = Max(%1, %11): Max with a `usize`", Scalar::U32, MathFunction::Max, |c| vec![c.a, c.i]),
        math("%13: f32 = Powi(0.0__f32, %1): Powi with a `u32`", Scalar::F32, MathFunction::Powi, |c| {
            vec![float(c), c.a]
        }),
        math("%12: u32 = RotateLeft(%1, %11): RotateLeft with a `usize`", Scalar::U32, MathFunction::RotateLeft, |c| {
            vec![c.a, c.i]
        }),
        math("%12: usize = CountOnes(%11): CountOnes gives a `u32`", Scalar::Usize, MathFunction::CountOnes, |c| {
            vec![c.i]
        }),
        math("%12: i32 = Min(%1, %1): `i32` where `u32` belongs", Scalar::I32, MathFunction::Min, |c| vec![c.a, c.a]),
    ]
}

fn atomic_cases() -> Vec<Case> {
    let atomic = |says, scalar, op, arguments: fn(&mut Builder<'_>) -> Vec<ValueId>| {
        value(Rule::Atomics, says, scalar, move |c| {
            let of = c.ty(landbridge_core::ir::Type::Atomic(Scalar::U32));
            let ty = c.b.module.types.pointer(of);
            let pointer = c.b.value(ty, Op::Element { base: c.h, index: c.i, site: INDEX });
            Op::Atomic { op, pointer, arguments: arguments(c) }
        })
    };
    vec![
        atomic("%13: u32 = atomic add %12: 0 arguments instead of 1", Scalar::U32, AtomicOp::Add, |_| vec![]),
        atomic(
            "%13: u32 = atomic compare_exchange %12, %1: 1 arguments instead of 2",
            Scalar::U32,
            AtomicOp::CompareExchange,
            |c| vec![c.a],
        ),
        atomic("%13: u32 = atomic add %12, %11: atomic `u32` with a `usize`", Scalar::U32, AtomicOp::Add, |c| {
            vec![c.i]
        }),
        atomic("%13: i32 = atomic add %12, %1: the result is no `i32`", Scalar::I32, AtomicOp::Add, |c| vec![c.a]),
        atomic("%13: u32 = atomic store %12, %1: the result is no `u32`", Scalar::U32, AtomicOp::Store, |c| vec![c.a]),
        value(Rule::Atomics, "%12: u32 = atomic load %3: an atomic operation through a `&u32`", Scalar::U32, |c| {
            Op::Atomic { op: AtomicOp::Load, pointer: c.x, arguments: vec![] }
        }),
    ]
}

fn call_cases() -> Vec<Case> {
    let call = |says, scalar, arguments: fn(&mut Builder<'_>) -> Vec<ValueId>| {
        value(Rule::Calls, says, scalar, move |c| Op::Call { function: FunctionId(0), arguments: arguments(c) })
    };
    vec![
        call("%12: u32 = call 0 store(%5): 1 arguments for the 2 parameters of `store`", Scalar::U32, |c| vec![c.y]),
        call("%12: u32 = call 0 store(%5, %1): `u32` where `&u32` belongs", Scalar::U32, |c| vec![c.y, c.a]),
        call("%12: i32 = call 0 store(%5, %3): `i32` where `u32` belongs", Scalar::I32, |c| vec![c.y, c.x]),
    ]
}

fn site_cases() -> Vec<Case> {
    use Rule::Sites;
    let binary =
        |says, op, site| value(Sites, says, Scalar::U32, move |c| Op::Binary { op, left: c.a, right: c.a, site });
    vec![
        binary("%12: u32 = div %1, %1: Div of a `u32` needs a site", BinaryOp::Div, None),
        binary("%12: u32 = rem %1, %1: Rem of a `u32` needs a site", BinaryOp::Rem, None),
        binary("%12: u32 = add %1, %1 @2: site 2 is Division, not AddOverflow", BinaryOp::Add, Some(DIVISION)),
        binary("%12: u32 = and %1, %1 @1: And of a `u32` never panics", BinaryOp::And, Some(ADD)),
        value(Sites, "%14: f32 = add 0.0__f32, 0.0__f32 @1: Add of a `f32` never panics", Scalar::F32, |c| {
            let (left, right) = (float(c), float(c));
            Op::Binary { op: BinaryOp::Add, left, right, site: Some(ADD) }
        }),
        value(Sites, "%13: f32 = neg 0.0__f32 @6: Neg of a `f32` never panics", Scalar::F32, |c| Op::Unary {
            op: UnaryOp::Neg,
            operand: float(c),
            site: Some(NEGATION),
        }),
        value(Sites, "%12: u32 = not %1 @6: Not of a `u32` never panics", Scalar::U32, |c| Op::Unary {
            op: UnaryOp::Not,
            operand: c.a,
            site: Some(NEGATION),
        }),
        value(Sites, "%13: i32 = neg 1_i32 @0: site 0 is IndexOutOfBounds, not NegOverflow", Scalar::I32, |c| {
            let operand = c.b.integer(Scalar::I32, 1);
            Op::Unary { op: UnaryOp::Neg, operand, site: Some(SiteId(0)) }
        }),
        pointer(Sites, "%12: &u32 = element %11 of %9 @1: site 1 is AddOverflow, not IndexOutOfBounds", |c| {
            Op::Element { base: c.t, index: c.i, site: ADD }
        }),
        slice(Sites, "%12: &[u32] = subslice %11..%11 of %9 @4 @4: site 4 is SliceEnd, not SliceOrder", |c| {
            Op::Subslice { base: c.t, from: c.i, to: c.i, order: END, end: END }
        }),
        slice(Sites, "%12: &[u32] = subslice %11..%11 of %9 @3 @3: site 3 is SliceOrder, not SliceEnd", |c| {
            Op::Subslice { base: c.t, from: c.i, to: c.i, order: ORDER, end: ORDER }
        }),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    [
        constant_cases(),
        address_cases(),
        load_cases(),
        composite_cases(),
        arithmetic_cases(),
        cast_cases(),
        math_cases(),
        atomic_cases(),
        call_cases(),
        site_cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
