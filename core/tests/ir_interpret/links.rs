//! Lists: links are followed, and nothing but what they lead to may be touched.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch, interpret};
use landbridge_core::ir::{
    BinaryOp, Field, FunctionId, LocalId, Module, Op, Parameter, Role, Scalar, Statement, StructType,
};

#[repr(C)]
struct Node {
    next: Option<Box<Node>>,
    value: u32,
}

/// Sums a list, whose head every work-item sees; `checked` asks whether a link is there before it is followed.
fn sum(checked: bool) -> Module {
    let mut module = Module { name: "sum".into(), ..Module::default() };
    let node = module.types.declare("Node", 16, 8);
    let (u32, link) = (module.types.scalar(Scalar::U32), module.types.nullable(node));
    let fields = [("next", 0, link), ("value", 8, u32)];
    let fields = fields.map(|(name, offset, ty)| Field { name: name.into(), offset, ty }).into();
    module.types.define(node, StructType { name: "Node".into(), fields, size: 16, align: 8, variants: vec![] });
    let (to_node, to_link, to_u32) =
        (module.types.pointer(node), module.types.pointer(link), module.types.pointer(u32));
    let bool = module.types.scalar(Scalar::Bool);
    let mut b = FunctionBuilder::new(&mut module, "sum", &[("head", link), ("i", u32)], u32);
    let total = b.local("total", u32);
    let zero = b.integer(Scalar::U32, 0);
    b.set(total, zero);
    let label = b.label();
    b.open();
    let held = b.get(LocalId(0));
    if checked {
        let some = b.value(bool, Op::IsSome(held));
        b.open();
        let reject = b.close();
        b.open();
        b.push(Statement::Break(label));
        let stop = b.close();
        b.push(Statement::If { condition: some, accept: reject, reject: stop });
    }
    let base = b.value(to_node, Op::Payload(held));
    let value = b.value(to_u32, Op::Field { base, index: 1 });
    let value = b.load(value);
    let before = b.get(total);
    let after = b.binary(BinaryOp::Add, before, value, None);
    b.set(total, after);
    let next = b.value(to_link, Op::Field { base, index: 0 });
    let next = b.load(next);
    b.set(LocalId(0), next);
    let body = b.close();
    b.push(Statement::Loop { label, body, continuing: Default::default(), break_if: None });
    let result = b.get(total);
    b.push(Statement::Return(Some(result)));
    let function = b.finish();
    module.functions = vec![function];
    module.entry = FunctionId(0);
    module.parameters = vec![
        Parameter { name: "head".into(), role: Role::Root { nullable: true }, ty: node },
        Parameter { name: "i".into(), role: Role::Uniform, ty: u32 },
    ];
    module
}

fn run(module: &Module, list: Option<&Node>, items: u64) -> Result<Vec<u32>, InterpretError> {
    let mut results = vec![7; items as usize];
    let pointer = list.map_or(std::ptr::null_mut(), |node| std::ptr::from_ref(node).cast_mut().cast());
    let arguments =
        [InterpretArgument::Slice { pointer, elements: u64::from(list.is_some()) }, InterpretArgument::value(&0_u32)];
    // SAFETY: the node is alive and so is what it owns, and its type is laid out as the module says; results are ours.
    unsafe { interpret(module, &arguments, &InterpretLaunch::items(items), results.as_mut_ptr().cast())? };
    Ok(results)
}

fn list(length: u32) -> Option<Box<Node>> {
    (1..=length).fold(None, |next, value| Some(Box::new(Node { next, value })))
}

#[test]
fn every_item_sums_the_list() {
    for length in [0, 1, 2, 100] {
        let list = list(length);
        assert_eq!(run(&sum(true), list.as_deref(), 3), Ok(vec![length * (length + 1) / 2; 3]));
    }
}

#[test]
fn following_null_is_found_out() {
    let result = run(&sum(false), list(2).as_deref(), 1);
    let Err(InterpretError::Invalid { what, .. }) = result else { panic!("{result:?}") };
    assert_eq!(what, "takes the payload of a null");
}
