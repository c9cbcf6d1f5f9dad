//! Random functions: signatures, scope, and the frame of a body.

use super::types::{Pool, site};
use super::{Choices, SampleOptions};
use crate::ir::builder::FunctionBuilder;
use crate::ir::{
    FunctionId, Label, LocalId, Module, PanicKind, Parameter, Role, Scalar, SiteId, Statement, StructType, Type,
    TypeId, ValueId,
};

/// A function that later ones may call.
#[derive(Clone)]
pub(super) struct Callable {
    pub(super) id: FunctionId,
    /// Types, and whether something is stored through them.
    pub(super) parameters: Vec<(TypeId, bool)>,
    pub(super) result: TypeId,
    /// Rounds of loops in one call.
    pub(super) iterations: u64,
}

/// A value that may be used at this place.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub(super) id: ValueId,
    pub(super) ty: TypeId,
    /// A pointer or slice that may be stored through.
    pub(super) writable: bool,
}

/// A local that holds a value at this place.
#[derive(Clone, Copy)]
pub(super) struct KnownLocal {
    pub(super) id: LocalId,
    pub(super) ty: TypeId,
    /// May be stored to.
    pub(super) writable: bool,
    /// What it holds may be stored through.
    pub(super) through: bool,
}

/// A function that is being made.
pub(super) struct Maker<'a, 'b> {
    pub(super) b: FunctionBuilder<'a>,
    pub(super) options: &'a SampleOptions,
    pub(super) pool: &'a Pool,
    pub(super) callables: &'a [Callable],
    pub(super) choices: &'a mut Choices<'b>,
    pub(super) values: Vec<Known>,
    pub(super) locals: Vec<KnownLocal>,
    /// Enclosing targets (true: a loop).
    pub(super) targets: Vec<(Label, bool)>,
    /// How often this place is run, at most.
    pub(super) times: u64,
    /// Rounds of loops so far.
    pub(super) iterations: u64,
    /// Values left to make.
    pub(super) fuel: i64,
    /// How deep expressions nest here.
    pub(super) depth: u32,
    /// Inside a continuing part: no sites, no calls.
    pub(super) quiet: bool,
    pub(super) result: TypeId,
}

impl<'a, 'b> Maker<'a, 'b> {
    fn new(
        b: FunctionBuilder<'a>,
        options: &'a SampleOptions,
        pool: &'a Pool,
        callables: &'a [Callable],
        choices: &'a mut Choices<'b>,
        parameters: &[(TypeId, bool)],
        result: TypeId,
    ) -> Self {
        let mut locals: Vec<_> = (0..)
            .zip(parameters)
            .map(|(k, (ty, through))| KnownLocal { id: LocalId(k), ty: *ty, writable: false, through: *through })
            .collect();
        for local in &mut locals {
            // A parameter that holds a reference is never set again, so that its origin stays known.
            local.writable = !matches!(b.module.types[local.ty], Type::Pointer(_) | Type::Slice(_));
        }
        Maker {
            b,
            options,
            pool,
            callables,
            choices,
            values: vec![],
            locals,
            targets: vec![],
            times: 1,
            iterations: 0,
            fuel: i64::from(options.size),
            depth: 0,
            quiet: false,
            result,
        }
    }

    pub(super) fn ty(&self, id: TypeId) -> &Type {
        &self.b.module.types[id]
    }

    pub(super) fn scalar_type(&mut self, scalar: Scalar) -> TypeId {
        self.b.module.types.scalar(scalar)
    }

    pub(super) fn site(&mut self, kind: PanicKind) -> SiteId {
        site(self.b.module, self.choices, kind)
    }

    /// Whether something that may panic is wanted here.
    pub(super) fn daring(&mut self) -> bool {
        self.options.panics && !self.quiet && self.choices.once_in(12)
    }

    /// Makes the value known to what follows.
    pub(super) fn know(&mut self, id: ValueId, writable: bool) -> ValueId {
        let ty = self.b.type_of(id);
        self.values.push(Known { id, ty, writable });
        id
    }

    /// Runs `f`; what it gets to know is forgotten.
    pub(super) fn scoped<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let (values, locals) = (self.values.len(), self.locals.len());
        let result = f(self);
        self.values.truncate(values);
        self.locals.truncate(locals);
        result
    }

    /// A new local that holds this value.
    pub(super) fn new_local(&mut self, value: ValueId, writable: bool) -> LocalId {
        let ty = self.b.type_of(value);
        let name = if self.choices.once_in(3) { "" } else { "v" };
        let id = self.b.local(name, ty);
        self.b.set(id, value);
        let through = self.values.iter().any(|k| k.id == value && k.writable);
        self.locals.push(KnownLocal {
            id,
            ty,
            // As for parameters.
            writable: writable && !through,
            through,
        });
        id
    }

    /// Stores to the first parameter.
    fn store_first(&mut self) {
        if let Type::Pointer(to) = *self.ty(self.locals[0].ty) {
            let value = self.expression(to);
            let pointer = self.b.get(self.locals[0].id);
            self.b.push(Statement::Store { pointer, value });
        }
    }

    fn body(&mut self) {
        let count = 2 + self.choices.below(6);
        self.statements(count);
        if *self.ty(self.result) == Type::Unit {
            if self.choices.once_in(3) {
                self.b.push(Statement::Return(None));
            }
        } else {
            self.fuel = self.fuel.max(10);
            let value = self.expression(self.result);
            self.b.push(Statement::Return(Some(value)));
        }
    }
}

/// Adds a helper function to the module.
pub(super) fn helper(
    module: &mut Module,
    options: &SampleOptions,
    pool: &Pool,
    callables: &[Callable],
    choices: &mut Choices<'_>,
    name: &str,
) -> Callable {
    let unit = module.types.unit();
    let mut parameters = vec![];
    for _ in 0..choices.below(4) {
        let ty = plain_type(pool, choices);
        let exclusive = choices.once_in(2);
        parameters.push(match choices.below(6) {
            0..=2 => (ty, false),
            3 => (module.types.pointer(ty), exclusive),
            4 => (module.types.slice(ty), exclusive),
            _ if options.atomics => {
                let ty = choices.pick(&pool.atomics).expect("a fixed list");
                (module.types.slice(ty), false)
            }
            _ => (ty, false),
        });
    }
    let result = match choices.below(4) {
        0 => unit,
        _ => plain_type(pool, choices),
    };
    let named: Vec<_> = parameters.iter().map(|(ty, _)| ("p", *ty)).collect();
    let id = FunctionId(module.functions.len() as u32);
    let b = FunctionBuilder::new(module, name, &named, result);
    let mut maker = Maker::new(b, options, pool, callables, choices, &parameters, result);
    maker.fuel /= 3;
    maker.body();
    let iterations = maker.iterations;
    let function = maker.b.finish();
    module.functions.push(function);
    Callable { id, parameters, result, iterations }
}

/// Adds the entry function and its parameters to the module.
pub(super) fn entry(
    module: &mut Module,
    options: &SampleOptions,
    pool: &Pool,
    callables: &[Callable],
    choices: &mut Choices<'_>,
) {
    let mut parameters = vec![];
    for k in 0..1 + choices.below(5) {
        let (role, ty) = match k {
            // Something to store to.
            0 => (Role::Item { exclusive: true }, plain_type(pool, choices)),
            _ => role(module, options, pool, choices),
        };
        let (local, through) = match role {
            Role::Uniform | Role::Index { .. } => (ty, false),
            Role::Item { exclusive } => (module.types.pointer(ty), exclusive),
            Role::Root { nullable: false } => (module.types.pointer(ty), false),
            Role::Root { nullable: true } => (module.types.nullable(ty), false),
            Role::Row { exclusive } => (module.types.slice(ty), exclusive),
            Role::Whole | Role::Atomics => (module.types.slice(ty), false),
        };
        parameters.push((local, through));
        let name = format!("a{k}");
        module.parameters.push(Parameter { name, role, ty });
    }
    let result = match choices.below(3) {
        0 => module.types.unit(),
        _ => plain_type(pool, choices),
    };
    let names: Vec<_> = module.parameters.iter().map(|p| p.name.clone()).collect();
    let named: Vec<_> = names.iter().zip(&parameters).map(|(name, (ty, _))| (name.as_str(), *ty)).collect();
    let b = FunctionBuilder::new(module, "sample", &named, result);
    let mut maker = Maker::new(b, options, pool, callables, choices, &parameters, result);
    maker.store_first();
    maker.body();
    let function = maker.b.finish();
    module.functions.push(function);
}

fn plain_type(pool: &Pool, choices: &mut Choices<'_>) -> TypeId {
    choices.pick(&pool.plain).expect("scalars are there")
}

fn role(module: &mut Module, options: &SampleOptions, pool: &Pool, choices: &mut Choices<'_>) -> (Role, TypeId) {
    let plain = plain_type(pool, choices);
    let exclusive = choices.once_in(2);
    match choices.below(9) {
        0..=2 => (Role::Item { exclusive: true }, plain),
        3 => (Role::Item { exclusive: false }, plain),
        4 => (Role::Whole, plain),
        5 => (Role::Row { exclusive }, plain),
        6 if options.atomics => {
            let ty = choices.pick(&pool.atomics).expect("a fixed list");
            (Role::Atomics, ty)
        }
        7 => {
            let dimensions = 1 + choices.below(3) as u8;
            (Role::Index { dimensions }, index_type(module, dimensions))
        }
        _ => (Role::Uniform, plain),
    }
}

fn index_type(module: &mut Module, dimensions: u8) -> TypeId {
    let usize = module.types.scalar(Scalar::Usize);
    if dimensions == 1 {
        return usize;
    }
    let names = ["z", "y", "x"];
    let fields = names[usize::from(3 - dimensions)..]
        .iter()
        .zip(0..)
        .map(|(name, k)| crate::ir::Field { name: (*name).into(), offset: 8 * k, ty: usize })
        .collect();
    module.types.intern(Type::Struct(StructType {
        name: format!("Index{dimensions}"),
        fields,
        size: 8 * u64::from(dimensions),
        align: 8,
        variants: vec![],
    }))
}
