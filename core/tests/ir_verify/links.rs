//! Cases about types that reach themselves, nullables, and links that nobody may change.

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::verify::{Rule, verify};
use landbridge_core::ir::{
    BinaryOp, CompareOp, Field, FunctionId, LocalId, Module, Op, Parameter, Role, Scalar, Statement, StructType, Type,
    TypeId, ValueId,
};

use super::Case;

/// The entry under construction: `n` is a work-item's own node.
struct Kernel<'m> {
    b: FunctionBuilder<'m>,
    node: TypeId,
    link: TypeId,
    n: ValueId,
}

impl Kernel<'_> {
    /// Address of the link of the work-item's node.
    fn next(&mut self) -> ValueId {
        let ty = self.b.module.types.pointer(self.link);
        self.b.value(ty, Op::Field { base: self.n, index: 1 })
    }

    /// Three words, as a region has them.
    fn region(&mut self) -> ValueId {
        let u32 = self.b.module.types.scalar(Scalar::U32);
        let fields = vec![Field { name: "word".into(), offset: 0, ty: u32 }];
        let word = StructType { name: "Word".into(), fields, size: 4, align: 4, variants: vec![] };
        let word = self.b.module.types.intern(Type::Struct(word));
        let (array, slice) = (self.b.module.types.array(word, 3), self.b.module.types.slice(word));
        let local = self.b.local("words", array);
        let base = self.b.address(local);
        self.b.value(slice, Op::AsSlice(base))
    }
}

/// `struct Node { value: u32, next: Option<Box<Node>> }`, function 0 `set(p: &mut Option<&Node>) { *p = None }`, and an
/// entry that takes `n: &mut Node`.
fn kernel(build: impl FnOnce(&mut Kernel<'_>)) -> Module {
    let mut module = Module { name: "case".into(), ..Module::default() };
    let node = module.types.declare("Node", 16, 8);
    let (u32, link) = (module.types.scalar(Scalar::U32), module.types.nullable(node));
    let fields = [("value", 8, u32), ("next", 0, link)];
    let fields = fields.map(|(name, offset, ty)| Field { name: name.into(), offset, ty }).into();
    module.types.define(node, StructType { name: "Node".into(), fields, size: 16, align: 8, variants: vec![] });
    let (unit, own, place) = (module.types.unit(), module.types.pointer(node), module.types.pointer(link));

    let mut b = FunctionBuilder::new(&mut module, "set", &[("p", place)], unit);
    let pointer = b.get(LocalId(0));
    let value = b.value(link, Op::Null);
    b.push(Statement::Store { pointer, value });
    let set = b.finish();

    let mut b = FunctionBuilder::new(&mut module, "case", &[("n", own)], unit);
    let n = b.get(LocalId(0));
    let mut kernel = Kernel { b, node, link, n };
    build(&mut kernel);
    let entry = kernel.b.finish();
    module.functions = vec![set, entry];
    module.entry = FunctionId(1);
    module.parameters = vec![Parameter { name: "n".into(), role: Role::Item { exclusive: true }, ty: node }];
    module
}

fn case(rule: Rule, says: &'static str, build: impl FnOnce(&mut Kernel<'_>)) -> Case {
    Case { rule, says, module: kernel(build) }
}

#[test]
fn what_follows_links_and_stores_to_plain_fields_is_accepted() {
    let module = kernel(|k| {
        // a cursor in a local, and a stack of links
        let cursor = k.b.local("cursor", k.link);
        let start = k.b.value(k.link, Op::Some(k.n));
        k.b.set(cursor, start);
        let (none, stack) = (k.b.value(k.link, Op::Null), k.b.module.types.array(k.link, 4));
        let stacked = k.b.value(stack, Op::Repeat(none));
        let local = k.b.local("stack", stack);
        k.b.set(local, stacked);
        let held = k.b.get(cursor);
        let bool = k.b.module.types.scalar(Scalar::Bool);
        let condition = k.b.value(bool, Op::IsSome(held));
        k.b.open();
        let (pointer, place) = (k.b.module.types.pointer(k.node), k.b.module.types.scalar(Scalar::U32));
        let place = k.b.module.types.pointer(place);
        let node = k.b.value(pointer, Op::Payload(held));
        let value = k.b.value(place, Op::Field { base: node, index: 0 });
        let one = k.b.load(value);
        let two = k.b.binary(BinaryOp::Add, one, one, None);
        k.b.push(Statement::Store { pointer: value, value: two });
        k.b.compare(CompareOp::NotEqual, node, k.n);
        let at = k.b.module.types.pointer(k.link);
        let next = k.b.value(at, Op::Field { base: node, index: 1 });
        let next = k.b.load(next);
        k.b.set(cursor, next);
        // a function that stores a link to what is the kernel's own
        let unit = k.b.module.types.unit();
        let own = k.b.address(cursor);
        k.b.value(unit, Op::Call { function: FunctionId(0), arguments: vec![own] });
        let accept = k.b.close();
        k.b.push(Statement::If { condition, accept, reject: Default::default() });
    });
    verify(&module).unwrap();
    let text = module.to_string();
    assert!(text.contains("type 0 Node { value: u32 @8, next: Option<&Node> @0 } size 16 align 8"), "{text}");
    assert!(text.contains("= payload %"), "{text}");
}

pub(crate) fn cases() -> Vec<Case> {
    use Rule::{LinkStores, Nullables};
    let mut shared = kernel(|k| {
        let u32 = k.b.module.types.scalar(Scalar::U32);
        let place = k.b.module.types.pointer(u32);
        // the plain field of the node behind the node
        let next = k.next();
        let next = k.b.load(next);
        let pointer = k.b.module.types.pointer(k.node);
        let node = k.b.value(pointer, Op::Payload(next));
        let pointer = k.b.value(place, Op::Field { base: node, index: 0 });
        let value = k.b.load(pointer);
        k.b.push(Statement::Store { pointer, value });
    });
    verify(&shared).unwrap();
    shared.parameters[0].role = Role::Root { nullable: false };
    vec![
        Case {
            rule: Rule::SharedStores,
            says: "store %5, %6: stores through parameter 0, which work-items share",
            module: shared,
        },
        case(Nullables, "%2: &Node = null: a null of type `&Node`", |k| {
            let ty = k.b.module.types.pointer(k.node);
            k.b.value(ty, Op::Null);
        }),
        case(Nullables, "%3: Option<&Node> = some %2: some a `Option<&Node>`", |k| {
            let null = k.b.value(k.link, Op::Null);
            k.b.value(k.link, Op::Some(null));
        }),
        case(Nullables, "%2: bool = is_some %1: is_some of a `&Node`", |k| {
            let bool = k.b.module.types.scalar(Scalar::Bool);
            k.b.value(bool, Op::IsSome(k.n));
        }),
        case(Nullables, "%2: &Node = payload %1: the payload of a `&Node`", |k| {
            let ty = k.b.type_of(k.n);
            k.b.value(ty, Op::Payload(k.n));
        }),
        case(Rule::Arithmetic, "%2: bool = less %1, %1: Less of two pointers", |k| {
            k.b.compare(CompareOp::Less, k.n, k.n);
        }),
        case(Rule::Addresses, "%3: &[Node] = slice %1, 1_u32: an index of type `u32`", |k| {
            let (length, ty) = (k.b.integer(Scalar::U32, 1), k.b.module.types.slice(k.node));
            k.b.value(ty, Op::MakeSlice { data: k.n, length });
        }),
        case(Rule::Addresses, "%5: &u32 = node at 0_usize of %4: a node of a `&[u32]`", |k| {
            let (word, u32) = (k.b.integer(Scalar::Usize, 0), k.b.module.types.scalar(Scalar::U32));
            let (array, pointer) = (k.b.module.types.array(u32, 3), k.b.module.types.pointer(u32));
            let local = k.b.local("words", array);
            let base = k.b.address(local);
            let ty = k.b.module.types.slice(u32);
            let region = k.b.value(ty, Op::AsSlice(base));
            k.b.value(pointer, Op::Node { region, word });
        }),
        case(Rule::Addresses, "%5: &Node = node at 0_usize of %3: `&Node` is no reference to plain data", |k| {
            let region = k.region();
            let (word, ty) = (k.b.integer(Scalar::Usize, 0), k.b.type_of(k.n));
            k.b.value(ty, Op::Node { region, word });
        }),
        case(Rule::Addresses, "%5: &u32 = node at 0_u32 of %3: an index of type `u32`", |k| {
            let region = k.region();
            let (word, u32) = (k.b.integer(Scalar::U32, 0), k.b.module.types.scalar(Scalar::U32));
            let ty = k.b.module.types.pointer(u32);
            k.b.value(ty, Op::Node { region, word });
        }),
        case(LinkStores, "store %2, %3: changes a link in what parameter 0 leads to", |k| {
            let pointer = k.next();
            let value = k.b.load(pointer);
            k.b.push(Statement::Store { pointer, value });
        }),
        // Through a call.
        case(LinkStores, "%3: () = call 0 set(%2): changes a link in what parameter 0 leads to", |k| {
            let (place, unit) = (k.next(), k.b.module.types.unit());
            k.b.value(unit, Op::Call { function: FunctionId(0), arguments: vec![place] });
        }),
        // Behind another link.
        case(LinkStores, "store %5, %3: changes a link in what parameter 0 leads to", |k| {
            let place = k.next();
            let next = k.b.load(place);
            let ty = k.b.type_of(k.n);
            let base = k.b.value(ty, Op::Payload(next));
            let pointer = k.b.value(k.b.type_of(place), Op::Field { base, index: 1 });
            k.b.push(Statement::Store { pointer, value: next });
        }),
        Case {
            rule: Rule::Roles,
            says: "parameter n 0: `Node` is no data that launches hold",
            module: {
                let mut module = kernel(|_| {});
                let atomic = module.types.intern(Type::Atomic(Scalar::U32));
                let Type::Struct(mut node) = module.types[TypeId(0)].clone() else { unreachable!() };
                node.fields[0].ty = atomic;
                module.types.define(TypeId(0), node);
                module
            },
        },
    ]
}
