//! Where pointers come from, as far as a function shows it, and what is stored through them.

use super::function::Summary;
use super::{Fault, Rule};
use crate::ir::{Function, FunctionId, LocalId, Module, Op, Role, Statement, ValueId};

/// What memory a pointer or slice points into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// Constant memory.
    Data,
    /// What this parameter points to, or leads to by links.
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
    module: Option<&'m Module>,
    function: Option<&'m Function>,
    /// The function is the entry.
    entry: bool,
    /// For each parameter: whether work-items share what it points to.
    shared: Vec<bool>,
    uses: Vec<Use>,
    /// None where they are not known, or the function's own.
    origins: Vec<Vec<Origin>>,
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
            module: Some(module),
            function: Some(function),
            entry: id == module.entry,
            shared,
            uses: uses(function),
            origins: vec![vec![]; function.values.len()],
        }
    }

    fn op(&self, id: ValueId) -> &'m Op {
        &self.function.expect("made by new")[id].op
    }

    fn of(&self, id: ValueId) -> &[Origin] {
        &self.origins[id.0 as usize]
    }

    /// Finds the origins of a value, whose operands have theirs.
    pub(super) fn define(&mut self, id: ValueId) {
        let origins = match self.op(id) {
            Op::Data(_) => vec![Origin::Data],
            Op::Load(pointer) => match self.op(*pointer) {
                Op::Local(local) => self.of_local(*local),
                _ if self.has_pointers(id) => self.of(*pointer).to_vec(),
                _ => vec![],
            },
            Op::PayloadPlace(base) | Op::Node { region: base, .. } => self.of(*base).to_vec(),
            Op::Some(base)
            | Op::Payload(base)
            | Op::MakeSlice { data: base, .. }
            | Op::Extract { base, .. }
            | Op::Repeat(base)
                if self.has_pointers(id) =>
            {
                self.of(*base).to_vec()
            }
            Op::Make(parts) if self.has_pointers(id) => {
                let all = parts.iter().flat_map(|part| self.of(*part)).copied();
                all.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
            }
            Op::Field { base, .. } | Op::Element { base, .. } | Op::Subslice { base, .. } | Op::AsSlice(base) => {
                self.of(*base).to_vec()
            }
            Op::Select { accept, reject, .. } => {
                let mut both = [self.of(*accept), self.of(*reject)].concat();
                both.sort_unstable();
                both.dedup();
                both
            }
            _ => vec![],
        };
        self.origins[id.0 as usize] = origins;
    }

    fn has_pointers(&self, id: ValueId) -> bool {
        let (Some(module), Some(function)) = (self.module, self.function) else { return false };
        module.types.has_pointers(function[id].ty)
    }

    fn of_local(&self, local: LocalId) -> Vec<Origin> {
        let parameters = self.shared.len() as u32;
        match self.uses[local.0 as usize] {
            Use::Never if local.0 < parameters => vec![Origin::Parameter(local.0)],
            Use::SetOnce(value) if local.0 >= parameters => self.of(value).to_vec(),
            Use::Never | Use::SetOnce(_) | Use::Other => vec![],
        }
    }

    /// Notes a store through a pointer; `links` if it stores pointers.
    pub(super) fn note_store(&self, pointer: ValueId, links: bool, summary: &mut Summary) -> Result<(), Fault> {
        for origin in self.of(pointer) {
            match *origin {
                Origin::Data => return Err((Rule::SharedStores, "stores to constant memory".into())),
                Origin::Parameter(k) if self.shared[k as usize] => {
                    let what = format!("stores through parameter {k}, which work-items share");
                    return Err((Rule::SharedStores, what));
                }
                Origin::Parameter(k) if links && self.entry => {
                    let what = format!("changes a link in what parameter {k} leads to");
                    return Err((Rule::LinkStores, what));
                }
                Origin::Parameter(k) => {
                    summary.stores_through[k as usize] = true;
                    summary.links_through[k as usize] |= links;
                }
            }
        }
        Ok(())
    }

    /// Notes what a call stores through its arguments, if the value is a call.
    pub(super) fn note_call(&self, id: ValueId, summaries: &[Summary], summary: &mut Summary) -> Result<(), Fault> {
        let Op::Call { function, arguments } = self.op(id) else {
            return Ok(());
        };
        let Summary { may_panic: _, stores_through, links_through, lanes: _ } = &summaries[function.0 as usize];
        let stores = stores_through.iter().zip(links_through);
        for (&argument, (_, &links)) in arguments.iter().zip(stores).filter(|(_, (stores, _))| **stores) {
            self.note_store(argument, links, summary)?;
        }
        Ok(())
    }
}

fn is_shared(role: Role) -> bool {
    match role {
        Role::Item { exclusive } | Role::Row { exclusive } => !exclusive,
        Role::Whole | Role::Atomics | Role::Root { nullable: _ } => true,
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
