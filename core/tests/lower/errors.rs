//! What has no meaning is an error that names it, with its place and whose fault it is.

use crate::support::*;
use landbridge_core::ast::{Callee, Expr, FunctionTree};
use landbridge_core::lower::LowerError;

fn endless() -> FunctionTree {
    struct Endless;
    let mut f = Function::new("endless");
    let again = f.callee(Callee::User(endless));
    f.finish::<Endless, u32>(call(again, vec![]), true)
}

#[test]
fn recursion_is_not_supported() {
    let mut f = Function::new("kernel");
    let endless = f.callee(Callee::User(endless));
    let out = f.parameter::<&'static mut u32>("out", ITEM_MUT);
    let error = lower_error(f.finish::<(), ()>(assign(deref(out), call(endless, vec![])), true));
    let text = error.to_string();
    assert!(matches!(error, LowerError::Unsupported { .. }), "{text}");
    assert!(text.contains("recursion (`endless` calls itself)"), "{text}");
}

fn even() -> FunctionTree {
    struct Even;
    let mut f = Function::new("even");
    let odd = f.callee(Callee::User(odd));
    f.finish::<Even, u32>(call(odd, vec![]), true)
}

fn odd() -> FunctionTree {
    struct Odd;
    let mut f = Function::new("odd");
    let even = f.callee(Callee::User(even));
    f.finish::<Odd, u32>(call(even, vec![]), true)
}

#[test]
fn recursion_through_others_is_told_with_its_cycle() {
    let mut f = Function::new("kernel");
    let even = f.callee(Callee::User(even));
    let out = f.parameter::<&'static mut u32>("out", ITEM_MUT);
    let error = lower_error(f.finish::<(), ()>(assign(deref(out), call(even, vec![])), true));
    let text = error.to_string();
    assert!(text.contains("recursion (`even` calls `odd` calls `even`)"), "{text}");
    assert!(text.contains("in kernel function `even`"), "{text}");
}

#[test]
fn unknown_methods_are_named() {
    let mut f = Function::new("kernel");
    let out = f.parameter::<&'static mut f32>("out", ITEM_MUT);
    let body = assign(deref(out), method(deref(out), "gamma", vec![]));
    let text = lower_error(f.finish::<(), ()>(body, true)).to_string();
    assert_eq!(
        text,
        "method `gamma` of `f32` is not supported in kernels yet (in kernel function `kernel` at tests.rs:44:1)"
    );
}

#[test]
fn trees_that_contradict_themselves_are_our_fault() {
    let mut f = Function::new("kernel");
    let out = f.parameter::<&'static mut f32>("out", ITEM_MUT);
    let error = lower_error(f.finish::<(), ()>(assign(deref(out), Expr::Bool(true)), true));
    assert!(matches!(error, LowerError::Bug { .. }), "{error}");
    assert!(error.to_string().contains("`bool` where `f32` is needed"), "{error}");
}
