//! Where pointers come from, as far as a function shows it, and what is stored through them.

use super::function::Summary;
use super::{Fault, Rule};
use crate::ir::{Function, FunctionId, LocalId, Module, Op, Role, Statement, ValueId};

/// What memory a pointer or slice points into.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Origin {
    /// Not known, or the function's own.
    Other,
    /// Constant memory.
    Data,
    /// What this parameter points to.
    Parameter(u32),
}

/// How a local is used.
#[derive(Clone, Copy)]
enum Use {
    /// Loaded at most.
    Never,
    /// Stored to by one statement, this value; else loaded at most.
    SetOnce(ValueId),
    /// In another way.
    Other,
}

/// Origins of a function's values, found while they are walked in order.
#[derive(Default)]
pub(super) struct Origins<'m> {
    function: Option<&'m Function>,
    /// For each parameter: whether work-items share what it points to.
    shared: Vec<bool>,
    uses: Vec<Use>,
    origins: Vec<Origin>,
}

impl<'m> Origins<'m> {
    /// For a function whose ids are in range.
    pub(super) fn new(module: &'m Module, id: FunctionId) -> Self {
        let function = &module[id];
        let shared = if id == module.entry {
            module.parameters.iter().map(|p| is_shared(p.role)).collect()
        } else {
            vec![false; function.parameters as usize]
        };
        Origins {
            function: Some(function),
            shared,
            uses: uses(function),
            origins: vec![Origin::Other; function.values.len()],
        }
    }

    fn op(&self, id: ValueId) -> &'m Op {
        &self.function.expect("made by new")[id].op
    }

    fn of(&self, id: ValueId) -> Origin {
        self.origins[id.0 as usize]
    }

    /// Finds the origin of a value, whose operands have theirs.
    pub(super) fn define(&mut self, id: ValueId) {
        let origin = match self.op(id) {
            Op::Data(_) => Origin::Data,
            Op::Load(pointer) => match self.op(*pointer) {
                Op::Local(local) => self.of_local(*local),
                _ => Origin::Other,
            },
            Op::Field { base, .. } | Op::Element { base, .. } | Op::Subslice { base, .. } | Op::AsSlice(base) => {
                self.of(*base)
            }
            Op::Select { accept, reject, .. } => match self.of(*accept) {
                Origin::Other => self.of(*reject),
                known => known,
            },
            _ => Origin::Other,
        };
        self.origins[id.0 as usize] = origin;
    }

    fn of_local(&self, local: LocalId) -> Origin {
        let parameters = self.shared.len() as u32;
        match self.uses[local.0 as usize] {
            Use::Never if local.0 < parameters => Origin::Parameter(local.0),
            Use::SetOnce(value) if local.0 >= parameters => self.of(value),
            Use::Never | Use::SetOnce(_) | Use::Other => Origin::Other,
        }
    }

    /// Notes a store through a pointer.
    pub(super) fn note_store(&self, pointer: ValueId, summary: &mut Summary) -> Result<(), Fault> {
        match self.of(pointer) {
            Origin::Other => Ok(()),
            Origin::Data => Err((Rule::SharedStores, "stores to constant memory".into())),
            Origin::Parameter(k) if self.shared[k as usize] => {
                Err((Rule::SharedStores, format!("stores through parameter {k}, which work-items share")))
            }
            Origin::Parameter(k) => {
                summary.stores_through[k as usize] = true;
                Ok(())
            }
        }
    }

    /// Notes what a call stores through its arguments, if the value is a call.
    pub(super) fn note_call(&self, id: ValueId, summaries: &[Summary], summary: &mut Summary) -> Result<(), Fault> {
        let Op::Call { function, arguments } = self.op(id) else {
            return Ok(());
        };
        let stores = &summaries[function.0 as usize].stores_through;
        for (&argument, _) in arguments.iter().zip(stores).filter(|(_, stores)| **stores) {
            self.note_store(argument, summary)?;
        }
        Ok(())
    }
}

fn is_shared(role: Role) -> bool {
    match role {
        Role::Item { exclusive } | Role::Row { exclusive } => !exclusive,
        Role::Whole | Role::Atomics => true,
        Role::Uniform | Role::Index { dimensions: _ } => false,
    }
}

fn uses(function: &Function) -> Vec<Use> {
    let mut uses = vec![Use::Never; function.locals.len()];
    let local_of = |value: ValueId| match function[value].op {
        Op::Local(local) => Some(local.0 as usize).filter(|&k| k < function.locals.len()),
        _ => None,
    };
    for value in &function.values {
        if matches!(value.op, Op::Load(_)) {
            continue;
        }
        value.op.operands(&mut |operand| {
            if let Some(k) = local_of(operand) {
                uses[k] = Use::Other;
            }
        });
    }
    function.body.each(&mut |statement| {
        if let Statement::Store { pointer, value } = statement {
            if let Some(k) = local_of(*pointer) {
                uses[k] = match uses[k] {
                    Use::Never => Use::SetOnce(*value),
                    Use::SetOnce(_) | Use::Other => Use::Other,
                };
            }
            if let Some(k) = local_of(*value) {
                uses[k] = Use::Other;
            }
        } else {
            statement.operands(&mut |operand| {
                if let Some(k) = local_of(operand) {
                    uses[k] = Use::Other;
                }
            });
        }
    });
    uses
}
