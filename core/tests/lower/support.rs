//! Builds trees by hand: short forms of expressions, and a kernel of one parameter for each input.
#![allow(unsafe_code)]

use landbridge_core::ast::{At, Callee, Const, Expr, FunctionTree, LocalSlot, NONE, Operator, Stmt};
use landbridge_core::ir::interpret::{InterpretArgument, InterpretError, InterpretLaunch};
use landbridge_core::ir::{Module, PanicKind, Role, interpret, verify};
use landbridge_core::lower::{LowerError, lower};
use landbridge_core::types::{Ty, TypeInfo};

/// A reference that lives as long as the tests.
pub(crate) fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub(crate) fn list<T>(values: Vec<T>) -> &'static [T] {
    Vec::leak(values)
}

/// A token's place, by its line only.
pub(crate) fn at(line: u32) -> At {
    At(line, 1)
}

pub(crate) fn int(value: u128) -> Expr {
    Expr::Int(value, "")
}

pub(crate) fn float(digits: &'static str) -> Expr {
    Expr::Float(digits, "")
}

pub(crate) fn local(slot: LocalSlot) -> Expr {
    Expr::Local(slot)
}

pub(crate) fn deref(e: Expr) -> Expr {
    Expr::Deref(leak(e))
}

pub(crate) fn borrow(e: Expr) -> Expr {
    Expr::Borrow(true, leak(e))
}

pub(crate) fn field(e: Expr, name: &'static str) -> Expr {
    Expr::Field(leak(e), name)
}

pub(crate) fn index(a: Expr, i: Expr) -> Expr {
    Expr::Index(leak(a), leak(i), at(77))
}

pub(crate) fn binary(op: Operator, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, leak(a), leak(b), NONE, at(42))
}

/// `-a`
pub(crate) fn negate(a: Expr) -> Expr {
    Expr::Neg(leak(a), NONE, at(9))
}

pub(crate) fn assign(a: Expr, b: Expr) -> Expr {
    Expr::Assign(leak(a), leak(b))
}

pub(crate) fn assign_op(op: Operator, a: Expr, b: Expr) -> Expr {
    Expr::AssignOp(op, leak(a), leak(b), NONE, at(43))
}

pub(crate) fn block(statements: Vec<Stmt>, value: Option<Expr>) -> Expr {
    Expr::Block(list(statements), value.map(leak))
}

pub(crate) fn call(callee: u16, arguments: Vec<Expr>) -> Expr {
    Expr::Call(callee, list(arguments))
}

/// A method of std: callee slot 0 of every [`Function`].
pub(crate) fn method(receiver: Expr, name: &'static str, arguments: Vec<Expr>) -> Expr {
    Expr::Method(leak(receiver), name, 0, list(arguments), NONE, at(44))
}

pub(crate) fn if_else(condition: Expr, accept: Expr, reject: Expr) -> Expr {
    Expr::If(leak(condition), leak(accept), Some(leak(reject)))
}

/// Parts of a tree under construction.
#[derive(Default)]
pub(crate) struct Function {
    name: &'static str,
    types: Vec<Ty>,
    locals: Vec<(&'static str, u16)>,
    parameters: Vec<LocalSlot>,
    roles: Vec<Role>,
    callees: Vec<Callee>,
    constants: Vec<Const>,
}

impl Function {
    pub(crate) fn new(name: &'static str) -> Self {
        Function { name, callees: vec![Callee::Intrinsic], ..Default::default() }
    }

    pub(crate) fn ty<T: TypeInfo>(&mut self) -> u16 {
        self.types.push(T::DESC);
        self.types.len() as u16 - 1
    }

    pub(crate) fn local<T: TypeInfo>(&mut self, name: &'static str) -> LocalSlot {
        let ty = self.ty::<T>();
        self.locals.push((name, ty));
        self.locals.len() as u16 - 1
    }

    pub(crate) fn parameter<T: TypeInfo>(&mut self, name: &'static str, role: Role) -> Expr {
        let slot = self.local::<T>(name);
        self.parameters.push(slot);
        self.roles.push(role);
        local(slot)
    }

    pub(crate) fn callee(&mut self, callee: Callee) -> u16 {
        self.callees.push(callee);
        self.callees.len() as u16 - 1
    }

    pub(crate) fn constant<T: TypeInfo>(&mut self, bytes: Vec<u8>) -> Expr {
        self.constants.push(Const { ty: T::DESC, bytes });
        Expr::Const(self.constants.len() as u16 - 1)
    }

    /// The finished tree; functions are told apart by `Marker`.
    pub(crate) fn finish<Marker: 'static, Result: TypeInfo>(
        mut self,
        body: Expr,
        overflow_checks: bool,
    ) -> FunctionTree {
        let result = self.ty::<Result>();
        FunctionTree {
            name: self.name,
            file: "tests.rs",
            at: at(1),
            instance: std::any::TypeId::of::<Marker>(),
            overflow_checks,
            parameters: list(self.parameters),
            closures: &[],
            locals: list(self.locals),
            body: leak(body),
            result,
            types: self.types,
            callees: self.callees,
            constants: self.constants,
            roles: list(self.roles),
        }
    }
}

pub(crate) const ITEM: Role = Role::Item { exclusive: false };
pub(crate) const ITEM_MUT: Role = Role::Item { exclusive: true };

/// Lowers and verifies.
#[track_caller]
pub(crate) fn module(tree: FunctionTree) -> Module {
    let module = lower(tree).unwrap_or_else(|e| panic!("{e}"));
    if let Err(e) = verify(&module) {
        panic!("{e}\n{}", module);
    }
    module
}

#[track_caller]
pub(crate) fn lower_error(tree: FunctionTree) -> LowerError {
    lower(tree).expect_err("the tree has no meaning")
}

/// Runs a kernel over so many items; a panic gives its message and line.
#[track_caller]
pub(crate) fn run(module: &Module, items: usize, arguments: &mut [InterpretArgument<'_>]) -> Result<(), (String, u32)> {
    // SAFETY: the tests give slices of the parameters' element types, borrowed for the call; the kernels have no result.
    let result = unsafe { interpret(module, arguments, &InterpretLaunch::items(items as u64), std::ptr::null_mut()) };
    match result {
        Ok(_) => Ok(()),
        Err(InterpretError::Panic(p)) => {
            let site = &module.sites[p.site.0 as usize];
            let kind: &PanicKind = &site.kind;
            Err((kind.message(&p.values), site.line))
        }
        Err(e) => panic!("{e}\n{}", module),
    }
}

/// A kernel `fn(x: &A, y: &B, out: &mut R) { *out = body }`, as a function of slices.
pub(crate) struct Pairwise(Module);

impl Pairwise {
    #[track_caller]
    pub(crate) fn new<A: TypeInfo, B: TypeInfo, R: TypeInfo>(
        checks: bool,
        body: impl FnOnce(&mut Function, Expr, Expr) -> Expr,
    ) -> Self {
        let mut f = Function::new("pairwise");
        let x = f.parameter::<&'static A>("x", ITEM);
        let y = f.parameter::<&'static B>("y", ITEM);
        let out = f.parameter::<&'static mut R>("out", ITEM_MUT);
        let value = body(&mut f, deref(x), deref(y));
        Pairwise(module(f.finish::<(), ()>(assign(deref(out), value), checks)))
    }

    #[track_caller]
    pub(crate) fn run<A: Copy, B: Copy, R: Copy + Default>(&self, x: A, y: B) -> Result<R, (String, u32)> {
        let mut out = [R::default()];
        let (x, y) = ([x], [y]);
        let mut arguments =
            [InterpretArgument::shared(&x), InterpretArgument::shared(&y), InterpretArgument::exclusive(&mut out)];
        run(&self.0, 1, &mut arguments)?;
        Ok(out[0])
    }
}
