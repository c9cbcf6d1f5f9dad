//! A program: variables of all types, set from the inputs, changed by statements, written out at the end.

use landbridge_core::ast::{Expr, FunctionTree, LocalSlot, Operator, Pattern, Stmt};
use landbridge_core::ir::sample::Choices;

use crate::support::*;

/// Types of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    I32,
    U8,
    I64,
    F32,
    Bool,
}

pub(super) const TYPES: [Ty; 5] = [Ty::I32, Ty::U8, Ty::I64, Ty::F32, Ty::Bool];

/// A value of one of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    I32(i32),
    U8(u8),
    I64(i64),
    F32(f32),
    Bool(bool),
}

/// Why evaluation does not go on.
#[derive(Clone, Debug)]
pub(super) enum Leave {
    Panic(String),
    Break(u16),
    Continue(u16),
    Return,
}

/// Values of the variables while a program is evaluated.
pub(super) struct State {
    pub(super) variables: Vec<Value>,
    pub(super) checks: bool,
}

/// What Rust says that a part does.
pub(super) type Run = Box<dyn Fn(&mut State) -> Result<Value, Leave>>;
/// What Rust says that a statement does.
pub(super) type Step = Box<dyn Fn(&mut State) -> Result<(), Leave>>;

/// A part of a program: the tree, and what it does.
pub(super) struct Part {
    pub(super) tree: Expr,
    pub(super) run: Run,
}

/// Makes programs.
pub(super) struct Generator<'c, 'b> {
    pub(super) choices: &'c mut Choices<'b>,
    pub(super) function: Function,
    /// Type and slot of each variable; a variable's number is its place here.
    pub(super) variables: Vec<(Ty, LocalSlot)>,
    /// Loops around the current place.
    pub(super) loops: Vec<u16>,
    pub(super) labels: u16,
    /// How much may still be generated.
    pub(super) fuel: usize,
}

impl Generator<'_, '_> {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.choices.below(n)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Whether to go on building something large.
    pub(super) fn spend(&mut self) -> bool {
        let some = self.fuel > 0;
        self.fuel = self.fuel.saturating_sub(1);
        some
    }

    pub(super) fn variable(&mut self, ty: Ty) -> (usize, LocalSlot) {
        let of_type: Vec<_> =
            self.variables.iter().enumerate().filter(|(_, v)| v.0 == ty).map(|(k, v)| (k, v.1)).collect();
        self.pick(&of_type)
    }

    pub(super) fn type_slot(&mut self, ty: Ty) -> u16 {
        match ty {
            Ty::I32 => self.function.ty::<i32>(),
            Ty::U8 => self.function.ty::<u8>(),
            Ty::I64 => self.function.ty::<i64>(),
            Ty::F32 => self.function.ty::<f32>(),
            Ty::Bool => self.function.ty::<bool>(),
        }
    }

    pub(super) fn declare(&mut self, ty: Ty) -> LocalSlot {
        match ty {
            Ty::I32 => self.function.local::<i32>("i"),
            Ty::U8 => self.function.local::<u8>("u"),
            Ty::I64 => self.function.local::<i64>("l"),
            Ty::F32 => self.function.local::<f32>("f"),
            Ty::Bool => self.function.local::<bool>("b"),
        }
    }
}

/// Variables of each type.
const EACH: usize = 2;
pub(super) const OUTPUTS: usize = TYPES.len() * EACH;

pub(super) struct Program {
    pub(super) tree: FunctionTree,
    steps: Vec<Step>,
    checks: bool,
}

/// `value as T`, by way of `i64`.
pub(super) fn from_i64(ty: Ty, value: i64) -> Value {
    match ty {
        Ty::I32 => Value::I32(value as i32),
        Ty::U8 => Value::U8(value as u8),
        Ty::I64 => Value::I64(value),
        Ty::F32 => Value::F32(value as f32),
        Ty::Bool => Value::Bool(value != 0),
    }
}

/// `value as i64`, and the bits of floats.
fn to_output(value: Value) -> i64 {
    match value {
        Value::I32(v) => v.into(),
        Value::U8(v) => v.into(),
        Value::I64(v) => v,
        // All NaNs are one.
        Value::F32(v) if v.is_nan() => f32::NAN.to_bits().into(),
        Value::F32(v) => v.to_bits().into(),
        Value::Bool(v) => v.into(),
    }
}

impl Program {
    pub(super) fn generate(choices: &mut Choices<'_>, checks: bool) -> Program {
        let mut function = Function::new("generated");
        let inputs = function.parameter::<&'static [i64; 4]>("inputs", ITEM);
        let out = function.parameter::<&'static mut [i64; OUTPUTS]>("out", ITEM_MUT);
        let fuel = 20 + choices.below(60);
        let mut g = Generator { choices, function, variables: vec![], loops: vec![], labels: 0, fuel };
        let mut statements = vec![];
        for k in 0..OUTPUTS {
            let ty = TYPES[k % TYPES.len()];
            let slot = g.declare(ty);
            g.variables.push((ty, slot));
            let input = index(inputs, int(k as u128 % 4));
            let value = match ty {
                Ty::Bool => binary(Operator::NotEqual, input, int(0)),
                _ => Expr::Cast(leak(input), g.type_slot(ty)),
            };
            statements.push(Stmt::Let(leak(Pattern::Bind(slot, false)), Some(value), None));
        }
        let mut steps = vec![];
        for _ in 0..1 + g.below(6) {
            let (tree, step) = g.statement();
            statements.push(Stmt::Expr(tree));
            steps.push(step);
        }
        for k in 0..OUTPUTS {
            let (ty, slot) = g.variables[k];
            let value = match ty {
                Ty::F32 => {
                    let nan = method(local(slot), "is_nan", vec![]);
                    if_else(nan, int(0x7fc0_0000), method(local(slot), "to_bits", vec![]))
                }
                _ => local(slot),
            };
            let value = Expr::Cast(leak(value), g.type_slot(Ty::I64));
            statements.push(Stmt::Expr(assign(index(out, int(k as u128)), value)));
        }
        let tree = g.function.finish::<Program, ()>(block(statements, None), checks);
        Program { tree, steps, checks }
    }

    /// What Rust says that the program does.
    pub(super) fn evaluate(&self, inputs: &[i64; 4], out: &mut [i64; OUTPUTS]) -> Result<(), Leave> {
        let variables = (0..OUTPUTS).map(|k| from_i64(TYPES[k % TYPES.len()], inputs[k % 4])).collect();
        let mut state = State { variables, checks: self.checks };
        for step in &self.steps {
            step(&mut state)?;
        }
        for (out, value) in out.iter_mut().zip(&state.variables) {
            *out = to_output(*value);
        }
        Ok(())
    }
}
