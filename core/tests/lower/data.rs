//! Memory: structs, tuples, arrays, slices, references, constants, atomics.

use crate::support::*;
use landbridge_core::ast::{Callee, Expr, FunctionTree, LocalSlot, Operator, Pattern, Stmt};
use landbridge_core::ir::interpret::InterpretArgument;
use landbridge_core::ir::{Op, Role, Type};
use landbridge_core::types::{ByParts, FieldDesc, OperatorDesc, TypeDesc, TypeInfo, TypeKind};
use std::mem::offset_of;
use std::sync::atomic::AtomicU32;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Body {
    alive: bool,
    mass: f64,
    pos: [f32; 3],
}

static FIELDS: [FieldDesc; 3] = [
    FieldDesc { name: "alive", offset: offset_of!(Body, alive), ty: <bool as TypeInfo>::desc },
    FieldDesc { name: "mass", offset: offset_of!(Body, mass), ty: <f64 as TypeInfo>::desc },
    FieldDesc { name: "pos", offset: offset_of!(Body, pos), ty: <[f32; 3] as TypeInfo>::desc },
];
static OPERATORS: [OperatorDesc; 2] = [
    OperatorDesc { operator: Operator::Mul, assign: false, right: <f64 as TypeInfo>::desc, tree: scale },
    OperatorDesc { operator: Operator::Add, assign: true, right: <Body as TypeInfo>::desc, tree: add_assign },
];

// SAFETY: the size, alignment and kind are this type's.
#[allow(unsafe_code)]
unsafe impl TypeInfo for Body {
    const DESC: &'static TypeDesc = &TypeDesc {
        name: "Body",
        id: std::any::TypeId::of::<Body>,
        size: size_of::<Body>(),
        align: align_of::<Body>(),
        kind: TypeKind::Struct(&FIELDS),
        operators: &OPERATORS,
        by_parts: ByParts { equal: false, ordered: false },
    };
}

/// `fn mul(self, k: f64) -> Body { Body { mass: self.mass * k, ..self } }`
fn scale() -> FunctionTree {
    let mut f = Function::new("mul");
    let this = f.parameter::<Body>("self", Role::Uniform);
    let k = f.parameter::<f64>("k", Role::Uniform);
    let ty = f.ty::<Body>();
    let mass = binary(Operator::Mul, field(this, "mass"), k);
    let body = Expr::Struct("Body", list(vec![("mass", mass)]), Some(leak(this)), ty);
    f.finish::<Body, Body>(body, true)
}

/// `fn add_assign(&mut self, o: Body) { self.mass += o.mass; self.pos[1] += o.pos[2]; }`
fn add_assign() -> FunctionTree {
    struct AddAssign;
    let mut f = Function::new("add_assign");
    let this = f.parameter::<&'static mut Body>("self", Role::Uniform);
    let other = f.parameter::<Body>("o", Role::Uniform);
    let mass = assign_op(Operator::Add, field(this, "mass"), field(other, "mass"));
    let pos = assign_op(Operator::Add, index(field(this, "pos"), int(1)), index(field(other, "pos"), int(2)));
    f.finish::<AddAssign, ()>(block(vec![Stmt::Expr(mass), Stmt::Expr(pos)], None), true)
}

fn let_(slot: LocalSlot, value: Expr) -> Stmt {
    Stmt::Let(leak(Pattern::Bind(slot, false)), Some(value), None)
}

const BODY: Body = Body { alive: true, mass: 2.5, pos: [1.0, 2.0, 4.0] };

#[test]
fn users_types_and_operators() {
    // let mut b = *x * 2.0; b += *y; b
    let kernel = Pairwise::new::<Body, Body, Body>(true, |f, x, y| {
        let b = f.local::<Body>("b");
        let product = binary(Operator::Mul, x, float("2.0"));
        let sum = assign_op(Operator::Add, local(b), y);
        block(vec![let_(b, product), Stmt::Expr(sum)], Some(local(b)))
    });
    let other = Body { alive: false, mass: 0.5, pos: [7.0, 8.0, 9.0] };
    let expected = Body { alive: true, mass: 5.5, pos: [1.0, 11.0, 4.0] };
    assert_eq!(kernel.run(BODY, other), Ok(expected));
}

#[test]
fn a_field_of_an_element_is_address_arithmetic() {
    // fn k(all: &[Body], i: Index, out: &mut f32) { *out = all[i].pos[2]; }
    let mut f = Function::new("deep");
    let all = f.parameter::<&'static [Body]>("all", Role::Whole);
    let i = f.parameter::<usize>("i", Role::Index { dimensions: 1 });
    let out = f.parameter::<&'static mut f32>("out", ITEM_MUT);
    let value = index(field(index(all, i), "pos"), int(2));
    let module = module(f.finish::<(), ()>(assign(deref(out), value), true));
    let entry = module.entry_function();
    let loads: Vec<_> = entry.values.iter().filter(|v| matches!(v.op, Op::Load(_))).map(|v| v.ty).collect();
    let is_struct = |ty| matches!(module.types[ty], Type::Struct(_) | Type::Array { .. });
    assert!(!loads.into_iter().any(is_struct), "{module}");
    let all = [BODY, Body { pos: [0.0, 0.0, -3.0], ..BODY }];
    let mut out = [0_f32; 2];
    let mut arguments =
        [InterpretArgument::shared(&all), InterpretArgument::Index, InterpretArgument::exclusive(&mut out)];
    run(&module, 2, &mut arguments).unwrap();
    assert_eq!(out, [4.0, -3.0]);
}

#[test]
fn out_of_bounds_reports_index_and_length() {
    let kernel = Pairwise::new::<[u16; 4], usize, u16>(true, |_, x, y| index(x, y));
    assert_eq!(kernel.run([5_u16, 6, 7, 8], 3_usize), Ok(8_u16));
    let message = "index out of bounds: the len is 4 but the index is 9".to_string();
    assert_eq!(kernel.run::<_, _, u16>([5_u16, 6, 7, 8], 9_usize), Err((message, 77)));
}

#[test]
fn tuples_of_rustc_and_of_kernels_meet() {
    // let t: (u8, f64, u16) = if x > 3 { (1, 0.5, 2) } else { (y, 1.5, 7) }; let (a, b, c) = t; a as f64 + b + c as f64
    let kernel = Pairwise::new::<u8, u8, f64>(true, |f, x, y| {
        let t = f.local::<(u8, f64, u16)>("t");
        let (a, b, c) = (f.local::<u8>("a"), f.local::<f64>("b"), f.local::<u16>("c"));
        let accept = Expr::Tuple(list(vec![int(1), float("0.5"), int(2)]));
        let reject = Expr::Tuple(list(vec![y, float("1.5"), int(7)]));
        let choice = if_else(binary(Operator::Greater, x, int(3)), accept, reject);
        let pattern = [a, b, c].map(|slot| Pattern::Bind(slot, false)).to_vec();
        let f64 = f.ty::<f64>();
        let cast = |slot| Expr::Cast(leak(local(slot)), f64);
        let sum = binary(Operator::Add, binary(Operator::Add, cast(a), local(b)), cast(c));
        let take = Stmt::Let(leak(Pattern::Tuple(list(pattern))), Some(local(t)), None);
        block(vec![let_(t, choice), take], Some(sum))
    });
    assert_eq!(kernel.run(9_u8, 4_u8), Ok(3.5_f64));
    assert_eq!(kernel.run(1_u8, 4_u8), Ok(12.5_f64));
}

#[test]
fn references_to_variables_and_temporaries() {
    // let mut a = *x; let r = &mut a; *r += 2.0; let s = &(*y * 2.0); a + *s
    let kernel = Pairwise::new::<f32, f32, f32>(true, |f, x, y| {
        let (a, r, s) = (f.local::<f32>("a"), f.local::<&'static mut f32>("r"), f.local::<&'static f32>("s"));
        block(
            vec![
                let_(a, x),
                let_(r, borrow(local(a))),
                Stmt::Expr(assign_op(Operator::Add, deref(local(r)), float("2.0"))),
                let_(s, borrow(binary(Operator::Mul, y, float("2.0")))),
            ],
            Some(binary(Operator::Add, local(a), local(s))),
        )
    });
    assert_eq!(kernel.run(1.0_f32, 4.0_f32), Ok(11.0_f32));
}

/// `fn sum(s: &[f32]) -> f32 { let mut t = 0.0; for x in s { t += *x; } t }`
fn sum() -> FunctionTree {
    struct Sum;
    let mut f = Function::new("sum");
    let s = f.parameter::<&'static [f32]>("s", Role::Uniform);
    let (t, x) = (f.local::<f32>("t"), f.local::<&'static f32>("x"));
    let add = assign_op(Operator::Add, local(t), deref(local(x)));
    let each = Expr::ForEach(0, leak(Pattern::Bind(x, false)), leak(s), leak(add));
    f.finish::<Sum, f32>(block(vec![let_(t, float("0.0")), Stmt::Expr(each)], Some(local(t))), true)
}

#[test]
fn arrays_coerce_to_slices_and_slices_are_cut() {
    // sum(x) + sum(&x[1..3]) + sum(&x[..=y]) + sum(&[1.0, 2.0])
    let kernel = Pairwise::new::<[f32; 4], usize, f32>(true, |f, x, y| {
        let sum = f.callee(Callee::User(sum));
        let cut = |from: Option<u128>, to: Expr, inclusive| {
            let from = from.map(|n| leak(int(n)) as &Expr);
            borrow(Expr::IndexRange(leak(x), from, Some(leak(to)), inclusive, at(55)))
        };
        let array = Expr::Array(list(vec![float("1.0"), float("2.0")]));
        [cut(Some(1), int(3), false), cut(None, y, true), borrow(array)]
            .into_iter()
            .fold(call(sum, vec![borrow(x)]), |all, part| binary(Operator::Add, all, call(sum, vec![part])))
    });
    assert_eq!(kernel.run([1.0_f32, 10.0, 100.0, 1000.0], 2_usize), Ok(1335.0_f32));
    let err = ("range end index 4 out of range for slice of length 4".to_string(), 55);
    assert_eq!(kernel.run::<_, _, f32>([0_f32; 4], 4_usize), Err(err));
}

#[test]
fn constants_are_scalars_or_memory() {
    // TABLE[x] + OFFSET
    let kernel = Pairwise::new::<usize, u8, i32>(true, |f, x, _| {
        let table: Vec<u8> = [10_i32, -20, 30].iter().flat_map(|k| k.to_le_bytes()).collect();
        let table = f.constant::<[i32; 3]>(table);
        let offset = f.constant::<i32>((-7_i32).to_le_bytes().to_vec());
        binary(Operator::Add, index(table, x), offset)
    });
    assert_eq!(kernel.run(1_usize, 0_u8), Ok(-27_i32));
}

#[test]
fn atomics_of_a_whole_slice() {
    // fn k(h: &[AtomicU32], x: &u32) { h[*x as usize % h.len()].fetch_add(1, Relaxed); }
    let mut f = Function::new("histogram");
    let h = f.parameter::<&'static [AtomicU32]>("h", Role::Atomics);
    let x = f.parameter::<&'static u32>("x", ITEM);
    let usize = f.ty::<usize>();
    let bin = binary(Operator::Rem, Expr::Cast(leak(deref(x)), usize), method(h, "len", vec![]));
    let relaxed = Expr::Const(99); // orderings are not looked at
    let body = block(vec![Stmt::Expr(method(index(h, bin), "fetch_add", vec![int(1), relaxed]))], None);
    let module = module(f.finish::<(), ()>(body, true));
    let x = [1_u32, 2, 5, 9, 1];
    let mut h = [0_u32; 4];
    let mut arguments = [InterpretArgument::exclusive(&mut h), InterpretArgument::shared(&x)];
    run(&module, 5, &mut arguments).unwrap();
    assert_eq!(h, [0, 4, 1, 0]);
}
