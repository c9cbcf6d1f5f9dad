//! Values that phases take from outside, put into variables: a phase becomes a function of the text.

use landbridge_core::ir::{Block, Function, Local, LocalId, Module, Op, Statement, TypeId, Value, ValueId};

use super::groups::{lanes, walk};

/// The module with all values that phases take from outside in variables; `None` if it has no phases.
pub(super) fn spilled(module: &Module) -> Option<Module> {
    lanes(module.entry_function())?;
    let mut module = module.clone();
    let entry = module.entry.0 as usize;
    let mut spill = Spill {
        parts: vec![0; module.functions[entry].values.len()],
        homes: vec![None; module.functions[entry].values.len()],
        module: &mut module,
        entry,
    };
    let body = std::mem::take(&mut spill.module.functions[entry].body);
    let mut phases = 0;
    walk(&body, 0, &mut phases, &mut |statement, part| {
        if let Statement::Eval(value) = statement {
            spill.parts[value.0 as usize] = part;
        }
    });
    let mut phases = 0;
    let mut wanted = vec![];
    walk(&body, 0, &mut phases, &mut |statement, part| {
        let parts = &spill.parts;
        let mut want = |v: ValueId| {
            if part > 0 && parts[v.0 as usize] != part {
                wanted.push(v);
            }
        };
        match statement {
            Statement::Eval(value) => spill.module.functions[entry][*value].op.operands(&mut want),
            Statement::Phase { .. } => {}
            statement => statement.operands(&mut want),
        }
    });
    for value in wanted {
        spill.give_home(value);
    }
    let body = spill.block(body);
    module.functions[entry].body = body;
    Some(module)
}

struct Spill<'m> {
    module: &'m mut Module,
    entry: usize,
    parts: Vec<u32>,
    /// Where values from outside are for phases.
    homes: Vec<Option<LocalId>>,
}

impl Spill<'_> {
    fn function(&mut self) -> &mut Function {
        &mut self.module.functions[self.entry]
    }

    /// Whether the value is computed anew in each phase.
    fn is_anywhere(&self, value: ValueId) -> bool {
        let op = &self.module.functions[self.entry][value].op;
        matches!(op, Op::Constant(_) | Op::Unit | Op::Null | Op::Local(_) | Op::Data(_))
    }

    fn give_home(&mut self, value: ValueId) {
        if self.homes[value.0 as usize].is_some() || self.is_anywhere(value) {
            return;
        }
        let ty = self.function()[value].ty;
        self.function().locals.push(Local { name: String::new(), ty });
        self.homes[value.0 as usize] = Some(LocalId(self.function().locals.len() as u32 - 1));
    }

    fn value(&mut self, ty: TypeId, op: Op, to: &mut Vec<Statement>) -> ValueId {
        let function = self.function();
        function.values.push(Value { ty, op });
        let id = ValueId(function.values.len() as u32 - 1);
        to.push(Statement::Eval(id));
        id
    }

    fn address(&mut self, local: LocalId, to: &mut Vec<Statement>) -> ValueId {
        let ty = self.function()[local].ty;
        let pointer = self.module.types.pointer(ty);
        self.value(pointer, Op::Local(local), to)
    }

    fn block(&mut self, block: Block) -> Block {
        let mut result = vec![];
        for mut statement in block.0 {
            if let Statement::Phase { body, .. } = &mut statement {
                *body = self.phase(std::mem::take(body));
                result.push(statement);
                continue;
            }
            for inner in statement.blocks_mut().into_iter().flatten() {
                *inner = self.block(std::mem::take(inner));
            }
            let home = match &statement {
                Statement::Eval(value) => {
                    self.homes.get(value.0 as usize).copied().flatten().map(|home| (*value, home))
                }
                _ => None,
            };
            result.push(statement);
            if let Some((value, home)) = home {
                let pointer = self.address(home, &mut result);
                result.push(Statement::Store { pointer, value });
            }
        }
        Block(result)
    }

    /// The body of a phase, with what it takes from outside loaded first.
    fn phase(&mut self, body: Block) -> Block {
        let mut inside = vec![false; self.function().values.len()];
        body.each(&mut |statement| {
            if let Statement::Eval(value) = statement {
                inside[value.0 as usize] = true;
            }
        });
        let mut taken = std::collections::BTreeMap::new();
        let mut start = vec![];
        let mut from_outside = vec![];
        {
            let function = &self.module.functions[self.entry];
            let mut want = |v: ValueId| {
                if !inside[v.0 as usize] {
                    from_outside.push(v);
                }
            };
            body.each(&mut |statement| match statement {
                Statement::Eval(value) => function[*value].op.operands(&mut want),
                statement => statement.operands(&mut want),
            });
        }
        for value in from_outside {
            if taken.contains_key(&value.0) {
                continue;
            }
            let Value { ty, op } = self.function()[value].clone();
            let here = match self.homes[value.0 as usize] {
                Some(home) => {
                    let pointer = self.address(home, &mut start);
                    self.value(ty, Op::Load(pointer), &mut start)
                }
                None => self.value(ty, op, &mut start),
            };
            taken.insert(value.0, here);
        }
        let name = |v: ValueId| taken.get(&v.0).copied().unwrap_or(v);
        let function = &mut self.module.functions[self.entry];
        for (k, value) in function.values.iter_mut().enumerate().take(inside.len()) {
            if inside[k] {
                value.op.rename(&name);
            }
        }
        let mut body = body;
        rename(&mut body, &name);
        start.append(&mut body.0);
        Block(start)
    }
}

fn rename(block: &mut Block, name: &dyn Fn(ValueId) -> ValueId) {
    for statement in &mut block.0 {
        statement.rename(name);
        for inner in statement.blocks_mut().into_iter().flatten() {
            rename(inner, name);
        }
    }
}
