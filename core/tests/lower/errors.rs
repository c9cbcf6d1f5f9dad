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
