//! Kernels as IR built by hand, with the Rust that they stand for.

use std::sync::LazyLock;

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::{
    AtomicOp, BinaryOp, FunctionId, Label, Module, Op, PanicKind, Parameter, Role, Scalar, Site, SiteId, Statement,
    Type, TypeId, ValueId,
};
use landbridge_core::launch::Definition;

pub(crate) const FILE: &str = "kernels.txt";
pub(crate) const LINE: u32 = 17;

/// A parameter: its name, its role, and the type that the role speaks of.
struct Slot {
    name: &'static str,
    role: Role,
    ty: TypeId,
}

/// Builds a kernel: `body` gets the builder and the values of the entry's parameters.
fn kernel(
    name: &'static str,
    names: &'static [&'static str],
    slots: impl FnOnce(&mut Module) -> Vec<(Role, TypeId)>,
    result: Option<Scalar>,
    body: impl FnOnce(&mut FunctionBuilder<'_>, &[ValueId]),
) -> Definition {
    let mut module = Module { name: name.into(), ..Module::default() };
    let slots: Vec<Slot> =
        names.iter().zip(slots(&mut module)).map(|(name, (role, ty))| Slot { name, role, ty }).collect();
    let result = match result {
        Some(scalar) => module.types.scalar(scalar),
        None => module.types.unit(),
    };
    let entry: Vec<(&str, TypeId)> = slots.iter().map(|slot| (slot.name, entry_type(&mut module, slot))).collect();
    let mut builder = FunctionBuilder::new(&mut module, name, &entry, result);
    let values: Vec<ValueId> = (0..entry.len() as u32).map(|k| builder.get(landbridge_core::ir::LocalId(k))).collect();
    body(&mut builder, &values);
    let function = builder.finish();
    module.functions.push(function);
    module.entry = FunctionId(0);
    module.parameters = slots.iter().map(|s| Parameter { name: s.name.into(), role: s.role, ty: s.ty }).collect();
    landbridge_core::ir::verify(&module).expect("a verified module");
    Definition::from_module(name, names, module)
}

fn entry_type(module: &mut Module, slot: &Slot) -> TypeId {
    match slot.role {
        Role::Uniform => slot.ty,
        Role::Item { .. } => module.types.pointer(slot.ty),
        Role::Whole | Role::Atomics | Role::Row { .. } => module.types.slice(slot.ty),
        Role::Root { .. } => unreachable!("no kernel of these follows links"),
        Role::Index { .. } => module.types.scalar(Scalar::Usize),
    }
}

fn site(module: &mut Module, kind: PanicKind) -> SiteId {
    module.sites.push(Site { kind, file: FILE, line: LINE, column: 5 });
    SiteId(module.sites.len() as u32 - 1)
}

const ITEM: Role = Role::Item { exclusive: false };
const ITEM_MUT: Role = Role::Item { exclusive: true };

/// `fn saxpy(a: f32, x: &f32, y: &mut f32) { *y += a * x }`
pub(crate) static SAXPY: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| {
        let f32 = m.types.scalar(Scalar::F32);
        vec![(Role::Uniform, f32), (ITEM, f32), (ITEM_MUT, f32)]
    };
    kernel("saxpy", &["a", "x", "y"], slots, None, |b, p| {
        let (x, y) = (b.load(p[1]), b.load(p[2]));
        let product = b.binary(BinaryOp::Mul, p[0], x, None);
        let sum = b.binary(BinaryOp::Add, y, product, None);
        b.push(Statement::Store { pointer: p[2], value: sum });
        b.push(Statement::Return(None));
    })
});

/// `fn increment(y: &mut u8) { *y = y.wrapping_add(1) }`
pub(crate) static INCREMENT: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| vec![(ITEM_MUT, m.types.scalar(Scalar::U8))];
    kernel("increment", &["y"], slots, None, |b, p| {
        let (y, one) = (b.load(p[0]), b.integer(Scalar::U8, 1));
        let sum = b.binary(BinaryOp::Add, y, one, None);
        b.push(Statement::Store { pointer: p[0], value: sum });
        b.push(Statement::Return(None));
    })
});

/// `fn gather(i: &u32, t: &[f32], y: &mut f32) { *y = t[*i as usize] }`
pub(crate) static GATHER: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| {
        let (f32, u32) = (m.types.scalar(Scalar::F32), m.types.scalar(Scalar::U32));
        vec![(ITEM, u32), (Role::Whole, f32), (ITEM_MUT, f32)]
    };
    kernel("gather", &["i", "t", "y"], slots, None, |b, p| {
        let i = b.load(p[0]);
        let usize = b.module.types.scalar(Scalar::Usize);
        let index = b.value(usize, Op::Cast(i));
        let site = site(b.module, PanicKind::IndexOutOfBounds);
        let f32 = b.module.types.scalar(Scalar::F32);
        let pointer = b.module.types.pointer(f32);
        let element = b.value(pointer, Op::Element { base: p[1], index, site });
        let value = b.load(element);
        b.push(Statement::Store { pointer: p[2], value });
        b.push(Statement::Return(None));
    })
});

/// `fn plus_index(i: Index, x: &u32) -> u32 { x.wrapping_add(i as u32) }`
pub(crate) static PLUS_INDEX: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| {
        let (usize, u32) = (m.types.scalar(Scalar::Usize), m.types.scalar(Scalar::U32));
        vec![(Role::Index { dimensions: 1 }, usize), (ITEM, u32)]
    };
    kernel("plus_index", &["i", "x"], slots, Some(Scalar::U32), |b, p| {
        let u32 = b.module.types.scalar(Scalar::U32);
        let (i, x) = (b.value(u32, Op::Cast(p[0])), b.load(p[1]));
        let sum = b.binary(BinaryOp::Add, x, i, None);
        b.push(Statement::Return(Some(sum)));
    })
});

/// `fn histogram(x: &u8, h: &[AtomicU32]) { h[*x as usize].fetch_add(1, Relaxed) }`
pub(crate) static HISTOGRAM: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| {
        let atomic = m.types.intern(Type::Atomic(Scalar::U32));
        vec![(ITEM, m.types.scalar(Scalar::U8)), (Role::Atomics, atomic)]
    };
    kernel("histogram", &["x", "h"], slots, None, |b, p| {
        let x = b.load(p[0]);
        let usize = b.module.types.scalar(Scalar::Usize);
        let index = b.value(usize, Op::Cast(x));
        let site = site(b.module, PanicKind::IndexOutOfBounds);
        let atomic = b.module.types.intern(Type::Atomic(Scalar::U32));
        let pointer = b.module.types.pointer(atomic);
        let pointer = b.value(pointer, Op::Element { base: p[1], index, site });
        let one = b.integer(Scalar::U32, 1);
        let u32 = b.module.types.scalar(Scalar::U32);
        b.value(u32, Op::Atomic { op: AtomicOp::Add, pointer, arguments: vec![one] });
        b.push(Statement::Return(None));
    })
});

/// `fn endless(h: &[AtomicU32]) { while h[0].load(Relaxed) != 1 { h[1].fetch_add(1, Relaxed) } }`, for each item of `x`.
pub(crate) static ENDLESS: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| {
        let atomic = m.types.intern(Type::Atomic(Scalar::U32));
        vec![(ITEM, m.types.scalar(Scalar::U32)), (Role::Atomics, atomic)]
    };
    kernel("endless", &["x", "h"], slots, None, |b, p| {
        let site = site(b.module, PanicKind::IndexOutOfBounds);
        let u32 = b.module.types.scalar(Scalar::U32);
        let atomic = b.module.types.intern(Type::Atomic(Scalar::U32));
        let pointer_type = b.module.types.pointer(atomic);
        let label: Label = b.label();
        b.open();
        let zero = b.integer(Scalar::Usize, 0);
        let first = b.value(pointer_type, Op::Element { base: p[1], index: zero, site });
        let two = b.integer(Scalar::U32, 2);
        let old = b.value(u32, Op::Atomic { op: AtomicOp::Or, pointer: first, arguments: vec![two] });
        let one = b.integer(Scalar::U32, 1);
        let ended = b.compare(landbridge_core::ir::CompareOp::Equal, old, one);
        b.open();
        b.push(Statement::Break(label));
        let accept = b.close();
        b.push(Statement::If { condition: ended, accept, reject: Default::default() });
        let body = b.close();
        b.push(Statement::Loop { label, body, continuing: Default::default(), break_if: None });
        b.push(Statement::Return(None));
    })
});

/// `fn count_to(n: &u32, y: &mut u32) { let mut k = 0; loop { if k == *n { break } k = k.wrapping_add(1); } *y = k }`
pub(crate) static COUNT_TO: LazyLock<Definition> = LazyLock::new(|| {
    let slots = |m: &mut Module| {
        let u32 = m.types.scalar(Scalar::U32);
        vec![(ITEM, u32), (ITEM_MUT, u32)]
    };
    kernel("count_to", &["n", "y"], slots, None, |b, p| {
        let u32 = b.module.types.scalar(Scalar::U32);
        let k = b.local("k", u32);
        let zero = b.integer(Scalar::U32, 0);
        b.set(k, zero);
        let label = b.label();
        b.open();
        let (now, n) = (b.get(k), b.load(p[0]));
        let ended = b.compare(landbridge_core::ir::CompareOp::Equal, now, n);
        b.open();
        b.push(Statement::Break(label));
        let accept = b.close();
        b.push(Statement::If { condition: ended, accept, reject: Default::default() });
        let one = b.integer(Scalar::U32, 1);
        let next = b.binary(BinaryOp::Add, now, one, None);
        b.set(k, next);
        let body = b.close();
        b.push(Statement::Loop { label, body, continuing: Default::default(), break_if: None });
        let value = b.get(k);
        b.push(Statement::Store { pointer: p[1], value });
        b.push(Statement::Return(None));
    })
});
