//! For each rule of the verifier modules that break exactly it, with the place and the message beside the case.

mod enums;
mod links;
mod module;
mod operations;
mod phases;
mod statements;

use landbridge_core::ir::builder::FunctionBuilder;
use landbridge_core::ir::verify::Rule;
use landbridge_core::ir::{
    Data, Field, Format, FunctionId, Layout, Local, LocalId, Message, Module, PanicKind, Parameter, Piece, Role,
    Scalar, Site, SiteId, Statement, StructType, Type, TypeId, ValueId, verify,
};

/// A case: the rule, what the error says (place and message), and how to get there.
pub(crate) struct Case {
    rule: Rule,
    says: &'static str,
    module: Module,
}

/// A module whose entry has the body that `build` makes.
pub(crate) fn body(rule: Rule, says: &'static str, build: impl FnOnce(&mut Builder<'_>)) -> Case {
    let module = kernel(build);
    Case { rule, says, module }
}

/// A valid module, changed.
pub(crate) fn changed(rule: Rule, says: &'static str, change: impl FnOnce(&mut Module)) -> Case {
    let mut module = kernel(|_| {});
    change(&mut module);
    Case { rule, says, module }
}

/// The entry under construction and what cases need.
pub(crate) struct Builder<'m> {
    pub(crate) b: FunctionBuilder<'m>,
    /// Uniform `u32`.
    pub(crate) a: ValueId,
    /// `&u32` that work-items share.
    pub(crate) x: ValueId,
    /// `&mut u32` of the work-item.
    pub(crate) y: ValueId,
    /// `&[AtomicU32]`
    pub(crate) h: ValueId,
    /// `&[u32]` that work-items share.
    pub(crate) t: ValueId,
    /// The work-item's number, a `usize`.
    pub(crate) i: ValueId,
}

impl Builder<'_> {
    pub(crate) fn ty(&mut self, ty: Type) -> TypeId {
        self.b.module.types.intern(ty)
    }

    pub(crate) fn scalar(&mut self, scalar: Scalar) -> TypeId {
        self.b.module.types.scalar(scalar)
    }

    pub(crate) fn unit(&mut self) -> TypeId {
        self.b.module.types.unit()
    }

    pub(crate) fn pair(&mut self) -> TypeId {
        pair(self.b.module)
    }

    /// A local that holds this.
    pub(crate) fn local(&mut self, value: ValueId) -> ValueId {
        let ty = self.b.type_of(value);
        let local = self.b.local("v", ty);
        self.b.set(local, value);
        self.b.address(local)
    }
}

/// `struct Pair { a: u32, b: u8 }`
pub(crate) fn pair(module: &mut Module) -> TypeId {
    let fields = vec![field(module, "a", 0, Scalar::U32), field(module, "b", 4, Scalar::U8)];
    let (name, size, align) = ("Pair".into(), 8, 4);
    module.types.intern(Type::Struct(StructType { name, fields, size, align, variants: vec![] }))
}

pub(crate) fn field(module: &mut Module, name: &str, offset: u64, scalar: Scalar) -> Field {
    let ty = module.types.scalar(scalar);
    Field { name: name.into(), offset, ty }
}

pub(crate) const INDEX: SiteId = SiteId(0);
pub(crate) const ADD: SiteId = SiteId(1);
pub(crate) const DIVISION: SiteId = SiteId(2);
pub(crate) const ORDER: SiteId = SiteId(3);
pub(crate) const END: SiteId = SiteId(4);
pub(crate) const MESSAGE: SiteId = SiteId(5);
pub(crate) const NEGATION: SiteId = SiteId(6);
pub(crate) const SHOWN: SiteId = SiteId(7);
pub(crate) const UNFIT: SiteId = SiteId(8);

/// Function 0 is `store(p: &mut u32, q: &u32) -> u32 { *p = 1; return *q }`, function 1 `check() { panics }`, the entry
/// is function 2.
pub(crate) fn kernel(build: impl FnOnce(&mut Builder<'_>)) -> Module {
    let mut module = Module { name: "case".into(), ..Module::default() };
    let kinds = [
        PanicKind::IndexOutOfBounds,
        PanicKind::AddOverflow,
        PanicKind::Division,
        PanicKind::SliceOrder,
        PanicKind::SliceEnd,
        PanicKind::Message("no".into()),
        PanicKind::NegOverflow,
        PanicKind::Shown(vec![Piece::Value(Scalar::U32), Piece::Text("and".into()), Piece::Value(Scalar::Bool)]),
        PanicKind::Formatted(Message {
            before: String::new(),
            values: vec![Layout { size: 4, parts: vec![(1, Scalar::U32)] }],
            format: Format::new(|_| None),
        }),
    ];
    module.sites = kinds.map(|kind| Site { kind, file: "case.rs", line: 1, column: 1 }).into();
    let (u32, usize) = (module.types.scalar(Scalar::U32), module.types.scalar(Scalar::Usize));
    let (unit, pointer, slice) = (module.types.unit(), module.types.pointer(u32), module.types.slice(u32));
    let atomic = module.types.intern(Type::Atomic(Scalar::U32));
    let atomics = module.types.slice(atomic);
    let pair = pair(&mut module);
    module.data.push(Data { ty: pair, bytes: vec![1, 0, 0, 0, 2, 0, 0, 0] });

    let mut b = FunctionBuilder::new(&mut module, "store", &[("p", pointer), ("q", pointer)], u32);
    let (p, q) = (b.get(LocalId(0)), b.get(LocalId(1)));
    let value = b.integer(Scalar::U32, 1);
    b.push(Statement::Store { pointer: p, value });
    let result = b.load(q);
    b.push(Statement::Return(Some(result)));
    let store = b.finish();
    let mut b = FunctionBuilder::new(&mut module, "check", &[], unit);
    b.push(Statement::Panic { site: MESSAGE, arguments: vec![] });
    let check = b.finish();

    let parameters = [
        ("a", Role::Uniform, u32, u32),
        ("x", Role::Item { exclusive: false }, u32, pointer),
        ("y", Role::Item { exclusive: true }, u32, pointer),
        ("h", Role::Atomics, atomic, atomics),
        ("t", Role::Whole, u32, slice),
        ("i", Role::Index { dimensions: 1 }, usize, usize),
    ];
    let locals = parameters.map(|(name, _, _, ty)| (name, ty));
    let mut b = FunctionBuilder::new(&mut module, "case", &locals, unit);
    let [a, x, y, h, t, i] = [0, 1, 2, 3, 4, 5].map(|k| b.get(LocalId(k)));
    let mut builder = Builder { b, a, x, y, h, t, i };
    build(&mut builder);
    let entry = builder.b.finish();
    module.functions = vec![store, check, entry];
    module.entry = FunctionId(2);
    for (name, role, ty, _) in parameters {
        module.parameters.push(Parameter { name: name.into(), role, ty });
    }
    module
}

/// A module is valid before it is changed.
pub(crate) fn entry(module: &mut Module) -> &mut landbridge_core::ir::Function {
    &mut module.functions[2]
}

pub(crate) fn local(ty: TypeId) -> Local {
    Local { name: "v".into(), ty }
}

#[test]
fn the_module_that_cases_change_is_valid() {
    verify(&kernel(|_| {})).unwrap();
}

#[test]
fn each_rule_is_broken_by_a_case() {
    let cases: Vec<Case> =
        [module::cases(), operations::cases(), statements::cases(), links::cases(), enums::cases(), phases::cases()]
            .into_iter()
            .flatten()
            .collect();
    let mut wrong = vec![];
    for Case { rule, says, module } in &cases {
        let said = match verify(module) {
            Ok(()) => "is accepted".into(),
            Err(error) if error.rule != *rule => format!("breaks {:?}: {error}", error.rule),
            Err(error) => {
                let text = error.to_string();
                let end = if *rule == Rule::LinkStores {
                    "never assigned, taken or swapped in a kernel: change it on the host"
                } else if rule.is_limit() {
                    "make it smaller"
                } else {
                    "a bug in landbridge's lowering; please report it"
                };
                assert!(text.ends_with(end), "{text}");
                assert!(text.contains(&format!("(rule {}, {rule:?})", rule.number())), "{text}");
                format!("{}: {}", error.place, error.what)
            }
        };
        if said != *says {
            wrong.push(format!("{rule:?}\n  wanted: {says}\n  is:     {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in Rule::ALL {
        assert!(cases.iter().any(|case| case.rule == rule), "no case for {rule:?}");
    }
}

#[test]
fn rules_are_numbered_in_order() {
    for (rule, number) in Rule::ALL.into_iter().zip(1..) {
        assert_eq!(rule.number(), number);
    }
}

#[test]
fn an_error_says_where_and_whose_bug_it_is() {
    let module = kernel(|c| {
        c.b.push(Statement::Store { pointer: c.y, value: c.i });
    });
    let expected = "invalid IR of kernel `case`, function `case`, at `store %5, %11`: stores `usize` through `&u32` \
                    (rule 25, Stores). This is a bug in landbridge's lowering; please report it";
    assert_eq!(verify(&module).unwrap_err().to_string(), expected);
}
