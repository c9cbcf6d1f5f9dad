//! Control flow: branches, loops, labels, early returns, matches, calls and closures.

use crate::support::*;
use landbridge_core::ast::{Arm, Callee, Expr, ForRange, FunctionTree, NONE, Operator, Pattern, Stmt};
use landbridge_core::ir::interpret::InterpretArgument;
use landbridge_core::types::TypeInfo;

fn let_(slot: u16, value: Expr) -> Stmt {
    Stmt::Let(leak(Pattern::Bind(slot, false)), Some(value), None)
}

/// `let mut s = 0; for k in RANGE { s = s * 31 + k as u64; } s` with the native result beside it.
fn range_sum<T: TypeInfo>(from: Expr, to: Expr, inclusive: bool, reversed: bool, step: Option<u128>) -> Pairwise {
    Pairwise::new::<T, T, u64>(false, |f, _, _| {
        let sum = f.local::<u64>("sum");
        let k = f.local::<T>("k");
        let cast = Expr::Cast(leak(local(k)), f.ty::<u64>());
        let next = binary(Operator::Add, binary(Operator::Mul, local(sum), int(31)), cast);
        let range = ForRange {
            label: 0,
            variable: k,
            from,
            to,
            inclusive,
            reversed,
            step: step.map(int),
            body: assign(local(sum), next),
            at: at(5),
        };
        block(vec![let_(sum, int(0)), Stmt::Expr(Expr::ForRange(leak(range)))], Some(local(sum)))
    })
}

fn fold(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, |s, k| s.wrapping_mul(31).wrapping_add(k))
}

#[test]
fn ranges_end_right_at_the_ends_of_their_type() {
    let (x, y) = (|| deref(local(0)), || deref(local(1)));
    for (a, b) in [(0_u8, 255_u8), (3, 3), (4, 3), (0, 0), (250, 255), (255, 255), (0, 10)] {
        let case = |kernel: Pairwise| kernel.run::<u8, u8, u64>(a, b);
        let wide = u64::from;
        assert_eq!(case(range_sum::<u8>(x(), y(), false, false, None)), Ok(fold((a..b).map(wide))));
        assert_eq!(case(range_sum::<u8>(x(), y(), true, false, None)), Ok(fold((a..=b).map(wide))));
        assert_eq!(case(range_sum::<u8>(x(), y(), false, true, None)), Ok(fold((a..b).rev().map(wide))));
        assert_eq!(case(range_sum::<u8>(x(), y(), true, true, None)), Ok(fold((a..=b).rev().map(wide))));
        for step in [1, 2, 3, 7, 200, 255, 300, 100_000] {
            let n = Some(step as u128);
            let up = (a..b).step_by(step).map(wide);
            assert_eq!(case(range_sum::<u8>(x(), y(), false, false, n)), Ok(fold(up)), "{a}..{b} by {step}");
            let up = (a..=b).step_by(step).map(wide);
            assert_eq!(case(range_sum::<u8>(x(), y(), true, false, n)), Ok(fold(up)), "{a}..={b} by {step}");
            let down = (a..b).rev().step_by(step).map(wide);
            assert_eq!(case(range_sum::<u8>(x(), y(), false, true, n)), Ok(fold(down)));
            let down = (a..=b).rev().step_by(step).map(wide);
            assert_eq!(case(range_sum::<u8>(x(), y(), true, true, n)), Ok(fold(down)));
        }
    }
    for (a, b) in [(-128_i8, 127_i8), (-3, 4), (5, -5)] {
        let wide = |k: i8| k as u64;
        let kernel = range_sum::<i8>(x(), y(), true, false, Some(100));
        assert_eq!(kernel.run::<i8, i8, u64>(a, b), Ok(fold((a..=b).step_by(100).map(wide))));
    }
    let kernel = range_sum::<i64>(x(), y(), true, false, Some(1 << 62));
    let expected = fold((i64::MIN..=i64::MAX).step_by(1 << 62).map(|k| k as u64));
    assert_eq!(kernel.run::<i64, i64, u64>(i64::MIN, i64::MAX), Ok(expected));
    let kernel = range_sum::<u8>(x(), y(), false, false, Some(0));
    assert_eq!(kernel.run::<u8, u8, u64>(0, 9), Err(("assertion failed: step != 0".to_string(), 5)));
}

#[test]
fn labels_breaks_and_continues_with_values() {
    // 'outer: loop { let mut n = x; loop { n += 1; if n % 3 != 0 { continue; } if n > y { break 'outer n; } } }
    let kernel = Pairwise::new::<u32, u32, u32>(true, |f, x, y| {
        let n = f.local::<u32>("n");
        let skip = binary(Operator::NotEqual, binary(Operator::Rem, local(n), int(3)), int(0));
        let inner = block(
            vec![
                Stmt::Expr(assign_op(Operator::Add, local(n), int(1))),
                Stmt::Expr(Expr::If(leak(skip), leak(Expr::Continue(1)), None)),
                Stmt::Expr(Expr::If(
                    leak(binary(Operator::Greater, local(n), y)),
                    leak(Expr::Break(0, Some(leak(local(n))))),
                    None,
                )),
            ],
            None,
        );
        let body = block(vec![let_(n, x), Stmt::Expr(Expr::Loop(1, leak(inner)))], None);
        Expr::Loop(0, leak(body))
    });
    for (x, y) in [(0, 10), (7, 7), (100, 3)] {
        let expected = (x + 1..).find(|n| n % 3 == 0 && *n > y).unwrap();
        assert_eq!(kernel.run(x, y), Ok(expected));
    }
}

#[test]
fn labelled_blocks_give_values_of_their_breaks() {
    // 'b: { if x > y { break 'b 1.5 } if x == y { break 'b 0.25 } x }
    let kernel = Pairwise::new::<f32, f32, f32>(true, |_, x, y| {
        let leave = |op, value| {
            let condition = binary(op, x, y);
            Stmt::Expr(Expr::If(leak(condition), leak(Expr::Break(0, Some(leak(float(value))))), None))
        };
        let body = block(vec![leave(Operator::Greater, "1.5"), leave(Operator::Equal, "0.25")], Some(x));
        Expr::LabelledBlock(0, leak(body))
    });
    assert_eq!(kernel.run(2.0_f32, 1.0_f32), Ok(1.5_f32));
    assert_eq!(kernel.run(1.0_f32, 1.0_f32), Ok(0.25_f32));
    assert_eq!(kernel.run(0.5_f32, 1.0_f32), Ok(0.5_f32));
}

#[test]
fn matches_test_arms_in_order_with_guards() {
    // match (x, y) { (0, _) => 1, (1..=9 | 20, b) if b > 5 => b, (a @ 1..10, _) => a * 100, _ => 7 }
    let kernel = Pairwise::new::<u32, u32, u32>(true, |f, x, y| {
        let (a, b) = (f.local::<u32>("a"), f.local::<u32>("b"));
        let range = |to, inclusive| Pattern::Range(Some(int(1)), Some(int(to)), inclusive);
        let either = Pattern::Or(list(vec![range(9, true), Pattern::Value(int(20))]));
        let arms = vec![
            Arm(Pattern::Tuple(list(vec![Pattern::Value(int(0)), Pattern::Wild])), None, int(1)),
            Arm(
                Pattern::Tuple(list(vec![either, Pattern::Bind(b, false)])),
                Some(binary(Operator::Greater, local(b), int(5))),
                local(b),
            ),
            Arm(
                Pattern::Tuple(list(vec![Pattern::At(a, leak(range(10, false))), Pattern::Wild])),
                None,
                binary(Operator::Mul, local(a), int(100)),
            ),
            Arm(Pattern::Wild, None, int(7)),
        ];
        Expr::Match(leak(Expr::Tuple(list(vec![x, y]))), list(arms))
    });
    for x in [0, 1, 5, 9, 10, 20, 21] {
        for y in [0, 5, 6, 1000] {
            let expected = match (x, y) {
                (0, _) => 1,
                (1..=9 | 20, b) if b > 5 => b,
                (a @ 1..10, _) => a * 100,
                _ => 7,
            };
            assert_eq!(kernel.run::<u32, u32, u32>(x, y), Ok(expected), "{x} {y}");
        }
    }
}

#[test]
fn early_returns_leave_the_item_as_it_was() {
    // fn k(x: &u32, out: &mut u32) { if *x > 3 { return; } *out = *x; }
    let mut f = Function::new("early");
    let x = f.parameter::<&'static u32>("x", ITEM);
    let out = f.parameter::<&'static mut u32>("out", ITEM_MUT);
    let stop = Expr::If(leak(binary(Operator::Greater, deref(x), int(3))), leak(Expr::Return(None)), None);
    let body = block(vec![Stmt::Expr(stop), Stmt::Expr(assign(deref(out), deref(x)))], None);
    let module = module(f.finish::<(), ()>(body, true));
    let (x, mut out) = ([1_u32, 5, 3, 9], [70_u32, 71, 72, 73]);
    let mut arguments = [InterpretArgument::shared(&x), InterpretArgument::exclusive(&mut out)];
    run(&module, 4, &mut arguments).unwrap();
    assert_eq!(out, [1, 71, 3, 73]);
}

/// `fn least(a: u32, b: u32) -> u32 { if a < b { return a; } b }`
fn least() -> FunctionTree {
    struct Least;
    let mut f = Function::new("least");
    let a = f.parameter::<u32>("a", landbridge_core::ir::Role::Uniform);
    let b = f.parameter::<u32>("b", landbridge_core::ir::Role::Uniform);
    let early = Expr::If(leak(binary(Operator::Less, a, b)), leak(Expr::Return(Some(leak(a)))), None);
    f.finish::<Least, u32>(block(vec![Stmt::Expr(early)], Some(b)), true)
}

#[test]
fn functions_are_lowered_once_and_literals_take_parameters_types() {
    let mut f = Function::new("calls");
    let least = f.callee(Callee::User(least));
    let x = f.parameter::<&'static u32>("x", ITEM);
    let out = f.parameter::<&'static mut u32>("out", ITEM_MUT);
    let inner = call(least, vec![deref(x), int(4_000_000_000)]);
    let body = assign(deref(out), call(least, vec![inner, int(100)]));
    let module = module(f.finish::<(), ()>(body, true));
    assert_eq!(module.functions.len(), 2);
    let (x, mut out) = ([7_u32, 500], [0_u32; 2]);
    run(&module, 2, &mut [InterpretArgument::shared(&x), InterpretArgument::exclusive(&mut out)]).unwrap();
    assert_eq!(out, [7, 100]);
}

#[test]
fn closures_are_inlined_with_their_arguments_evaluated_first() {
    // let sq = |u, w| u * u + w; sq(sq(x, 1.0), y)
    let kernel = Pairwise::new::<f32, f32, f32>(true, |f, x, y| {
        let (u, w, sq) = (f.local::<f32>("u"), f.local::<f32>("w"), f.local::<()>("sq"));
        let body = binary(Operator::Add, binary(Operator::Mul, local(u), local(u)), local(w));
        let parameters = vec![Pattern::Bind(u, false), Pattern::Bind(w, false)];
        let inner = Expr::CallLocal(sq, list(vec![x, float("1.0")]));
        block(vec![Stmt::Closure(sq, list(parameters), leak(body))], Some(Expr::CallLocal(sq, list(vec![inner, y]))))
    });
    assert_eq!(kernel.run(3.0_f32, 0.5_f32), Ok(100.5_f32));
}

#[test]
fn assertions_and_panics_report_their_line() {
    let kernel = Pairwise::new::<u32, u32, u32>(true, |_, x, y| {
        let assert = Expr::Assert(leak(binary(Operator::Less, x, int(10))), "x is too large", at(31));
        let equal = Expr::AssertEq(false, leak(x), leak(y), NONE, "assertion `left != right` failed", None, at(32));
        let panic = Expr::Panic("y is 3", at(33));
        let value = if_else(binary(Operator::Equal, y, int(3)), panic, x);
        block(vec![Stmt::Expr(assert), Stmt::Expr(equal)], Some(value))
    });
    assert_eq!(kernel.run(5_u32, 6_u32), Ok(5_u32));
    let err = |text: &str, line| Err::<u32, _>((text.to_string(), line));
    assert_eq!(kernel.run(10_u32, 6_u32), err("x is too large", 31));
    assert_eq!(kernel.run(6_u32, 6_u32), err("assertion `left != right` failed\n  left: 6\n right: 6", 32));
    assert_eq!(kernel.run(6_u32, 3_u32), err("y is 3", 33));
}
