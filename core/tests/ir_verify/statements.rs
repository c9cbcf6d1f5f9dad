//! Cases about statements: order, stores, control flow, reports.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::verify::Rule;
use landbridge_core::ir::{
    BinaryOp, Block, FunctionId, Label, LocalId, Module, Op, Scalar, Statement, TypeId, ValueId,
};

use super::{ADD, Builder, Case, DIVISION, INDEX, MESSAGE, SHOWN, UNFIT, body, changed, entry, kernel};

/// A block that `build` makes.
fn block(c: &mut Builder<'_>, build: impl FnOnce(&mut Builder<'_>)) -> Block {
    c.b.open();
    build(c);
    c.b.close()
}

fn push_loop(c: &mut Builder<'_>, label: u32, body: Block, continuing: Block, break_if: Option<ValueId>) {
    c.b.push(Statement::Loop { label: Label(label), body, continuing, break_if });
}

/// A loop without an end whose continuing part is made by `build`.
fn continuing(says: &'static str, build: impl FnOnce(&mut Builder<'_>)) -> Case {
    body(Rule::Continuing, says, |c| {
        let continuing = block(c, build);
        push_loop(c, 0, Block::default(), continuing, None);
    })
}

fn dominance_cases() -> Vec<Case> {
    use Rule::Dominance;
    vec![
        changed(Dominance, "%1: u32 = load a$0: %0 is not evaluated yet", |m| entry(m).body.0.swap(0, 1)),
        body(Dominance, "store %5, 1_u32: %12 is not visible here", |c| {
            let mut inner = c.a;
            let accept = block(c, |c| inner = c.b.integer(Scalar::U32, 1));
            let condition = c.b.boolean(true);
            c.b.push(Statement::If { condition, accept, reject: Block::default() });
            c.b.push(Statement::Store { pointer: c.y, value: inner });
        }),
        body(Dominance, "store %5, 1_u32: %12 is not visible here", |c| {
            let mut inner = c.a;
            let accept = block(c, |c| inner = c.b.integer(Scalar::U32, 1));
            let reject = block(c, |c| c.b.push(Statement::Store { pointer: c.y, value: inner }));
            let condition = c.b.boolean(true);
            c.b.push(Statement::If { condition, accept, reject });
        }),
        body(Dominance, "store %5, 1_u32: %12 is not visible here", |c| {
            let mut inner = c.a;
            let rounds = block(c, |c| inner = c.b.integer(Scalar::U32, 1));
            let continuing = block(c, |c| c.b.push(Statement::Store { pointer: c.y, value: inner }));
            push_loop(c, 0, rounds, continuing, None);
        }),
        body(Dominance, "loop '0: %12 is not visible here", |c| {
            let mut inner = c.a;
            let rounds = block(c, |c| inner = c.b.boolean(true));
            push_loop(c, 0, rounds, Block::default(), Some(inner));
        }),
        body(Dominance, "check true_bool @5(): %12 is not visible here", |c| {
            let mut inner = c.a;
            let continuing = block(c, |c| inner = c.b.boolean(true));
            push_loop(c, 0, Block::default(), continuing, Some(inner));
            c.b.push(Statement::Check { condition: inner, site: MESSAGE, arguments: vec![] });
        }),
    ]
}

fn store_cases() -> Vec<Case> {
    use Rule::{SharedStores, Stores};
    let data = |c: &mut Builder<'_>| {
        let pair = c.pair();
        let (to, of) = (c.b.module.types.pointer(pair), c.b.type_of(c.x));
        let base = c.b.value(to, Op::Data(landbridge_core::ir::DataId(0)));
        c.b.value(of, Op::Field { base, index: 0 })
    };
    let store = |c: &mut Builder<'_>, pointer| c.b.push(Statement::Store { pointer, value: c.a });
    let element = |c: &mut Builder<'_>| {
        let ty = c.b.type_of(c.x);
        c.b.value(ty, Op::Element { base: c.t, index: c.i, site: INDEX })
    };
    vec![
        body(Stores, "store %5, %11: stores `usize` through `&u32`", |c| {
            c.b.push(Statement::Store { pointer: c.y, value: c.i })
        }),
        body(Stores, "store %9, %1: stores `u32` through `&[u32]`", |c| {
            c.b.push(Statement::Store { pointer: c.t, value: c.a })
        }),
        body(SharedStores, "store %3, %1: stores through parameter 1, which work-items share", |c| store(c, c.x)),
        body(SharedStores, "store %12, %1: stores through parameter 4, which work-items share", |c| {
            let pointer = element(c);
            store(c, pointer);
        }),
        body(SharedStores, "store %13, %1: stores to constant memory", |c| {
            let pointer = data(c);
            store(c, pointer);
        }),
        // Through a local that is set once.
        body(SharedStores, "store %14, %1: stores through parameter 1, which work-items share", |c| {
            let place = c.local(c.x);
            let pointer = c.b.load(place);
            store(c, pointer);
        }),
        // Through a choice.
        body(SharedStores, "store %13, %1: stores through parameter 1, which work-items share", |c| {
            let (condition, ty) = (c.b.boolean(true), c.b.type_of(c.x));
            let pointer = c.b.value(ty, Op::Select { condition, accept: c.y, reject: c.x });
            store(c, pointer);
        }),
        // Through a call: `store` stores through its first parameter.
        body(
            SharedStores,
            "%12: u32 = call 0 store(%3, %5): stores through parameter 1, which work-items share",
            |c| {
                let u32 = c.scalar(Scalar::U32);
                c.b.value(u32, Op::Call { function: FunctionId(0), arguments: vec![c.x, c.y] });
            },
        ),
        body(SharedStores, "%14: u32 = call 0 store(%13, %5): stores to constant memory", |c| {
            let pointer = data(c);
            let u32 = c.scalar(Scalar::U32);
            c.b.value(u32, Op::Call { function: FunctionId(0), arguments: vec![pointer, c.y] });
        }),
    ]
}

fn control_cases() -> Vec<Case> {
    let nothing = Block::default;
    vec![
        body(Rule::Conditions, "if %1: the condition is of type `u32`", |c| {
            c.b.push(Statement::If { condition: c.a, accept: nothing(), reject: nothing() });
        }),
        body(Rule::Conditions, "loop '0: the condition is of type `u32`", |c| {
            push_loop(c, 0, nothing(), nothing(), Some(c.a))
        }),
        body(Rule::Conditions, "check %1 @5(): the condition is of type `u32`", |c| {
            c.b.push(Statement::Check { condition: c.a, site: MESSAGE, arguments: vec![] });
        }),
        body(Rule::Labels, "block '7: label '7 is used twice", |c| {
            for _ in 0..2 {
                c.b.push(Statement::Block { label: Label(7), body: nothing() });
            }
        }),
        body(Rule::Labels, "block '7: label '7 is used twice", |c| {
            let inner = block(c, |c| c.b.push(Statement::Block { label: Label(7), body: nothing() }));
            push_loop(c, 7, inner, nothing(), None);
        }),
        body(Rule::Targets, "break '0: no enclosing loop or block is labelled '0", |c| {
            c.b.push(Statement::Break(Label(0)))
        }),
        body(Rule::Targets, "break '0: no enclosing loop or block is labelled '0", |c| {
            c.b.push(Statement::Block { label: Label(0), body: nothing() });
            c.b.push(Statement::Break(Label(0)));
        }),
        body(Rule::Targets, "continue '0: '0 is a block, no loop", |c| {
            let inner = block(c, |c| c.b.push(Statement::Continue(Label(0))));
            c.b.push(Statement::Block { label: Label(0), body: inner });
        }),
        changed(Rule::Nesting, "block '0: blocks nest deeper than 512", |m| {
            let mut block = Block::default();
            for label in 0..513 {
                block = Block(vec![Statement::Block { label: Label(label), body: block }]);
            }
            entry(m).body = block;
        }),
    ]
}

fn continuing_cases() -> Vec<Case> {
    vec![
        continuing("break '0: jumps", |c| c.b.push(Statement::Break(Label(0)))),
        continuing("continue '0: jumps", |c| c.b.push(Statement::Continue(Label(0)))),
        continuing("return: returns", |c| c.b.push(Statement::Return(None))),
        continuing("panic @5(): may panic", |c| c.b.push(Statement::Panic { site: MESSAGE, arguments: vec![] })),
        continuing("check true_bool @5(): may panic", |c| {
            let condition = c.b.boolean(true);
            c.b.push(Statement::Check { condition, site: MESSAGE, arguments: vec![] });
        }),
        continuing("%12: u32 = add %1, %1 @1: may panic", |c| {
            c.b.binary(BinaryOp::Add, c.a, c.a, Some(ADD));
        }),
        continuing("%12: () = call 1 check(): may panic", |c| {
            let unit = c.unit();
            c.b.value(unit, Op::Call { function: FunctionId(1), arguments: vec![] });
        }),
        continuing("break '1: jumps", |c| {
            let inner = block(c, |c| c.b.push(Statement::Break(Label(1))));
            push_loop(c, 1, inner, Block::default(), None);
        }),
    ]
}

/// The valid module, with a helper of result `u32` and this body.
fn helper(rule: Rule, says: &'static str, build: impl FnOnce(&mut FunctionBuilder<'_>, TypeId)) -> Case {
    changed(rule, says, |module: &mut Module| {
        let u32 = module.types.scalar(Scalar::U32);
        let mut b = FunctionBuilder::new(module, "helper", &[("p", u32)], u32);
        build(&mut b, u32);
        let function = b.finish();
        module.functions.push(function);
    })
}

fn return_cases() -> Vec<Case> {
    use Rule::{End, Returns};
    vec![
        body(Returns, "return %1: `u32` where the function's result is `()`", |c| {
            c.b.push(Statement::Return(Some(c.a)))
        }),
        helper(Returns, "return: no value of type `u32`", |b, _| b.push(Statement::Return(None))),
        helper(Returns, "return true_bool: `bool` where the function's result is `u32`", |b, _| {
            let value = b.boolean(true);
            b.push(Statement::Return(Some(value)));
        }),
        helper(End, "its end: the end is reached without a result of type `u32`", |_, _| {}),
        // One branch does not return.
        helper(End, "its end: the end is reached without a result of type `u32`", |b, _| {
            let (value, condition) = (b.get(LocalId(0)), b.boolean(true));
            let accept = Block(vec![Statement::Return(Some(value))]);
            b.push(Statement::If { condition, accept, reject: Block::default() });
        }),
        // The loop can be left.
        helper(End, "its end: the end is reached without a result of type `u32`", |b, _| {
            let condition = b.boolean(true);
            let body = Block(vec![Statement::If {
                condition,
                accept: Block(vec![Statement::Break(Label(0))]),
                reject: Block::default(),
            }]);
            b.push(Statement::Loop { label: Label(0), body, continuing: Block::default(), break_if: None });
        }),
        helper(End, "its end: the end is reached without a result of type `u32`", |b, _| {
            let break_if = Some(b.boolean(true));
            let (body, continuing) = (Block::default(), Block::default());
            b.push(Statement::Loop { label: Label(0), body, continuing, break_if });
        }),
        helper(End, "its end: the end is reached without a result of type `u32`", |b, _| {
            let value = b.get(LocalId(0));
            let body = Block(vec![Statement::Break(Label(0)), Statement::Return(Some(value))]);
            b.push(Statement::Block { label: Label(0), body });
        }),
    ]
}

fn report_cases() -> Vec<Case> {
    let panic = |says, site, arguments: fn(&mut Builder<'_>) -> Vec<ValueId>| {
        body(Rule::Reports, says, move |c| {
            let arguments = arguments(c);
            c.b.push(Statement::Panic { site, arguments });
        })
    };
    vec![
        panic("panic @5(%1, %1, %1): 3 arguments for Message(\"no\")", MESSAGE, |c| vec![c.a, c.a, c.a]),
        panic("panic @5(%3): 1 arguments, not all scalars, for Message(\"no\")", MESSAGE, |c| vec![c.x]),
        panic("panic @0(%11): 1 arguments for IndexOutOfBounds", INDEX, |c| vec![c.i]),
        panic("panic @2(): 0 arguments for Division", DIVISION, |_| vec![]),
        panic("panic @7(%1): reports Some([U32]) where its message shows [U32, Bool]", SHOWN, |c| vec![c.a]),
        panic("panic @7(%1, %1): reports Some([U32, U32]) where its message shows [U32, Bool]", SHOWN, |c| {
            vec![c.a; 2]
        }),
        panic("panic @7(%3): reports None where its message shows [U32, Bool]", SHOWN, |c| vec![c.x]),
        panic(
            "panic @8(%1): shows values whose parts do not fit: [Layout { size: 4, parts: [(1, U32)] }]",
            UNFIT,
            |c| vec![c.a],
        ),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    [dominance_cases(), store_cases(), control_cases(), continuing_cases(), return_cases(), report_cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn what_looks_like_a_broken_rule_but_is_none() {
    // The value of a loop's end may come from before the loop; a local that is set twice has no known origin.
    let module = kernel(|c| {
        let end = c.b.boolean(true);
        push_loop(c, 0, Block::default(), Block::default(), Some(end));
        let place = c.local(c.x);
        c.b.push(Statement::Store { pointer: place, value: c.y });
        let pointer = c.b.load(place);
        c.b.push(Statement::Store { pointer, value: c.a });
    });
    landbridge_core::ir::verify(&module).unwrap();
}
