//! Linked structures in WGSL: kernels made by hand, which naga judges.

mod wgsl_support;

use landbridge_backends::codegen::wgsl::{Mode, generate};
use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::{
    CompareOp, Field, Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId, Statement, StructType, Type,
    TypeId, verify,
};
use wgsl_support::{assert_valid, poor, rich};

fn field(name: &str, offset: u64, ty: TypeId) -> Field {
    Field { name: name.into(), offset, ty }
}

/// `struct Tree { key: u32, value: f32, children: [Option<Box<Tree>>; 2], tags: Vec<u8> }`
fn tree(module: &mut Module) -> TypeId {
    let types = &mut module.types;
    let (key, value, byte) = (types.scalar(Scalar::U32), types.scalar(Scalar::F32), types.scalar(Scalar::U8));
    let length = types.scalar(Scalar::Usize);
    let tree = types.declare("Tree", 48, 8);
    let child = types.nullable(tree);
    let children = types.array(child, 2);
    let data = types.pointer(byte);
    let tags = types.intern(Type::Struct(StructType {
        name: "Vec<u8>".into(),
        fields: vec![field("data", 8, data), field("length", 16, length)],
        size: 24,
        align: 8,
        variants: vec![],
    }));
    let fields =
        vec![field("key", 0, key), field("value", 4, value), field("children", 8, children), field("tags", 24, tags)];
    types.define(tree, StructType { name: "Tree".into(), fields, size: 48, align: 8, variants: vec![] });
    tree
}

fn module(name: &str, nullable: bool, others: &[(&str, Role, Scalar)]) -> (Module, TypeId) {
    let mut module = Module { name: name.into(), ..Module::default() };
    let tree = tree(&mut module);
    let root = Parameter { name: "root".into(), role: Role::Root { nullable }, ty: tree };
    module.parameters.push(root);
    for (name, role, scalar) in others {
        let ty = module.types.scalar(*scalar);
        module.parameters.push(Parameter { name: (*name).into(), role: *role, ty });
    }
    module.sites.push(Site { kind: PanicKind::IndexOutOfBounds, file: "tree.rs", line: 1, column: 1 });
    (module, tree)
}

/// Parameters `root`, then by reference; the body; and what naga says of the text.
fn text(mut module: Module, tree: TypeId, body: impl FnOnce(&mut FunctionBuilder<'_>)) -> String {
    let nullable = matches!(module.parameters[0].role, Role::Root { nullable: true });
    let parameters: Vec<(String, TypeId)> = module
        .parameters
        .clone()
        .into_iter()
        .enumerate()
        .map(|(k, p)| {
            let ty = match k {
                0 if nullable => module.types.nullable(tree),
                _ => module.types.pointer(p.ty),
            };
            (p.name, ty)
        })
        .collect();
    let parameters: Vec<(&str, TypeId)> = parameters.iter().map(|(name, ty)| (&**name, *ty)).collect();
    let unit = module.types.unit();
    let name = module.name.clone();
    let mut builder = FunctionBuilder::new(&mut module, &name, &parameters, unit);
    body(&mut builder);
    let function = builder.finish();
    module.functions.push(function);
    verify(&module).unwrap_or_else(|e| panic!("{e:?}\n{module}"));
    let mut source = String::new();
    for target in [poor(), rich()] {
        let kernel = generate(&module, &target, Mode::Run).unwrap_or_else(|e| panic!("{e}\n{module}"));
        assert_valid(&kernel);
        source = kernel.source;
    }
    source
}

#[test]
fn a_lookup_walks_by_one_number() {
    let (module, tree) = module(
        "lookup",
        true,
        &[("key", Role::Item { exclusive: false }, Scalar::U32), ("out", Role::Item { exclusive: true }, Scalar::F32)],
    );
    let source = text(module, tree, |b| {
        let types = &mut b.module.types;
        let (bool_, u32_, f32_) = (types.scalar(Scalar::Bool), types.scalar(Scalar::U32), types.scalar(Scalar::F32));
        let (node, option) = (types.pointer(tree), types.nullable(tree));
        let pairs = types.array(option, 2);
        let [keys, values, links] = [u32_, f32_, pairs].map(|ty| types.pointer(ty));
        let link = types.pointer(option);
        let [root, key, out] = [0, 1, 2].map(landbridge_core::ir::LocalId);
        let key = b.get(key);
        let key = b.load(key);
        let cur = b.local("cur", option);
        let start = b.get(root);
        b.set(cur, start);
        let label = b.label();
        b.open();
        let at = b.get(cur);
        let some = b.value(bool_, Op::IsSome(at));
        b.open();
        let accept = b.close();
        b.open();
        b.push(Statement::Break(label));
        let reject = b.close();
        b.push(Statement::If { condition: some, accept, reject });
        let n = b.value(node, Op::Payload(at));
        let k = b.value(keys, Op::Field { base: n, index: 0 });
        let k = b.load(k);
        let same = b.compare(CompareOp::Equal, k, key);
        b.open();
        let v = b.value(values, Op::Field { base: n, index: 1 });
        let v = b.load(v);
        let to = b.get(out);
        b.push(Statement::Store { pointer: to, value: v });
        b.push(Statement::Break(label));
        let accept = b.close();
        b.push(Statement::If { condition: same, accept, reject: Default::default() });
        let below = b.compare(CompareOp::Less, k, key);
        let usize_ = b.module.types.scalar(Scalar::Usize);
        let index = b.value(usize_, Op::Cast(below));
        let all = b.value(links, Op::Field { base: n, index: 2 });
        let next = b.value(link, Op::Element { base: all, index, site: SiteId(0) });
        let next = b.load(next);
        b.set(cur, next);
        let body = b.close();
        b.push(Statement::Loop { label, body, continuing: Default::default(), break_if: None });
    });
    assert!(source.contains("var cur_at: u32;"), "{source}");
    assert!(!source.contains("switch"), "{source}");
}

#[test]
fn a_stack_of_nodes_is_an_array_of_numbers() {
    let (module, tree) = module("depth", false, &[("out", Role::Item { exclusive: true }, Scalar::F32)]);
    let source = text(module, tree, |b| {
        let types = &mut b.module.types;
        let (usize_, bool_, f32_) =
            (types.scalar(Scalar::Usize), types.scalar(Scalar::Bool), types.scalar(Scalar::F32));
        let (node, option) = (types.pointer(tree), types.nullable(tree));
        let stack_type = types.array(option, 20);
        let (values, link) = (types.pointer(f32_), types.pointer(option));
        let [root, out] = [0, 1].map(landbridge_core::ir::LocalId);
        let (stack, top) = (b.local("stack", stack_type), b.local("top", usize_));
        let null = b.value(option, Op::Null);
        let empty = b.value(stack_type, Op::Repeat(null));
        b.set(stack, empty);
        let root = b.get(root);
        let first = b.value(option, Op::Some(root));
        let (zero, one) = (b.integer(Scalar::Usize, 0), b.integer(Scalar::Usize, 1));
        let slots = b.address(stack);
        let slot = b.value(link, Op::Element { base: slots, index: zero, site: SiteId(0) });
        b.push(Statement::Store { pointer: slot, value: first });
        b.set(top, one);
        let index = b.get(top);
        let slot = b.value(link, Op::Element { base: slots, index, site: SiteId(0) });
        let popped = b.load(slot);
        let some = b.value(bool_, Op::IsSome(popped));
        b.open();
        let n = b.value(node, Op::Payload(popped));
        let same = b.compare(CompareOp::NotEqual, n, root);
        b.open();
        let v = b.value(values, Op::Field { base: n, index: 1 });
        let v = b.load(v);
        let to = b.get(out);
        b.push(Statement::Store { pointer: to, value: v });
        let accept = b.close();
        b.push(Statement::If { condition: same, accept, reject: Default::default() });
        let accept = b.close();
        b.push(Statement::If { condition: some, accept, reject: Default::default() });
    });
    assert!(source.contains("array<u32, 20>"), "{source}");
}
