//! Rules about phases that need the function as a whole: whose a local is, and where stores go.

use super::function::Summary;
use super::{Fault, require};
use crate::ir::{Block, Function, LocalId, Module, Op, Statement, ValueId, print};

/// Through how many values a pointer is followed.
const MOST_STEPS: u32 = 64;

/// What part of a function: 0 is what lies outside of phases, others are its phases in the order of the text.
type Part = u32;

/// Which part refers to a local.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Nowhere,
    In(Part),
    /// Several parts.
    Shared,
}

/// How a local is used besides being loaded.
#[derive(Clone, Default)]
struct Stored {
    /// What is stored to the whole of it.
    values: Vec<ValueId>,
    /// Its address goes elsewhere.
    otherwise: bool,
}

struct Phases<'m> {
    module: &'m Module,
    function: &'m Function,
    /// Of values: where they are evaluated.
    parts: Vec<Part>,
    locals: Vec<Seen>,
    stored: Vec<Stored>,
    /// Of each phase, from number 1 on.
    items: Vec<LocalId>,
}

/// Checks a function whose ids, scopes and types are right. Nothing to do where there is no phase.
pub(super) fn check(
    module: &Module,
    function: &Function,
    summaries: &[Summary],
    place: &mut String,
) -> Result<(), Fault> {
    let mut has_phases = false;
    function.body.each(&mut |s| has_phases |= matches!(s, Statement::Phase { .. }));
    if !has_phases {
        return Ok(());
    }
    let mut phases = Phases {
        module,
        function,
        parts: vec![0; function.values.len()],
        locals: vec![Seen::Nowhere; function.locals.len()],
        stored: vec![Stored::default(); function.locals.len()],
        items: vec![],
    };
    for k in 0..function.parameters {
        phases.see(LocalId(k), 0);
    }
    phases.survey(&function.body, 0);
    for (k, item) in phases.items.iter().enumerate() {
        *place = format!("phase {k}");
        let own = phases.locals[item.0 as usize];
        let alone = own == Seen::In(k as Part + 1) || own == Seen::Nowhere;
        require!(alone, Phases, "its item is a local that is used elsewhere, too");
        let Stored { values, otherwise } = &phases.stored[item.0 as usize];
        require!(values.is_empty() && !otherwise, Phases, "the number of its item is changed");
    }
    phases.stores(
        &function.body,
        &mut 0,
        0,
        &mut |statement, allowed| {
            *place = print::statement_head(module, function, statement);
            require!(allowed, PhaseStores, "stores to what is not the item's own");
            Ok(())
        },
        summaries,
    )
}

impl Phases<'_> {
    fn see(&mut self, local: LocalId, part: Part) {
        let seen = &mut self.locals[local.0 as usize];
        *seen = match *seen {
            Seen::Nowhere => Seen::In(part),
            Seen::In(other) if other == part => Seen::In(part),
            _ => Seen::Shared,
        };
    }

    fn local_of(&self, value: ValueId) -> Option<usize> {
        match self.function[value].op {
            Op::Local(local) => Some(local.0 as usize),
            _ => None,
        }
    }

    /// Notes where values and locals belong.
    fn survey(&mut self, block: &Block, part: Part) {
        for statement in &block.0 {
            if let Statement::Eval(value) = statement {
                self.parts[value.0 as usize] = part;
                let op = &self.function[*value].op;
                if let Op::Local(local) = op {
                    self.see(*local, part);
                }
                let read = matches!(op, Op::Load(_) | Op::Field { .. } | Op::Element { .. } | Op::AsSlice(_));
                if !read {
                    op.operands(&mut |operand| self.note_other_use(operand));
                }
            }
            match statement {
                Statement::Store { pointer, value } => {
                    match self.local_of(*pointer) {
                        Some(local) => self.stored[local].values.push(*value),
                        None => self.note_root(*pointer),
                    }
                    self.note_other_use(*value);
                }
                statement => statement.operands(&mut |operand| self.note_other_use(operand)),
            }
            if let Statement::Phase { item, body, .. } = statement {
                self.items.push(*item);
                let inside = self.items.len() as Part;
                self.survey(body, inside);
                continue;
            }
            for inner in statement.blocks().into_iter().flatten() {
                self.survey(inner, part);
            }
        }
    }

    /// The address of a local, or of a part of it, goes where it is not followed.
    fn note_other_use(&mut self, value: ValueId) {
        self.note_root(value);
    }

    /// The local that a chain of fields and elements starts from is changed in part.
    fn note_root(&mut self, mut value: ValueId) {
        loop {
            match &self.function[value].op {
                Op::Local(local) => {
                    self.stored[local.0 as usize].otherwise = true;
                    return;
                }
                Op::Field { base, .. } | Op::Element { base, .. } | Op::AsSlice(base) | Op::Subslice { base, .. } => {
                    value = *base
                }
                _ => return,
            }
        }
    }

    /// Looks at each store of each phase.
    fn stores(
        &self,
        block: &Block,
        seen: &mut Part,
        part: Part,
        judge: &mut dyn FnMut(&Statement, bool) -> Result<(), Fault>,
        summaries: &[Summary],
    ) -> Result<(), Fault> {
        for statement in &block.0 {
            match statement {
                Statement::Phase { body, .. } => {
                    *seen += 1;
                    let inside = *seen;
                    self.stores(body, seen, inside, judge, summaries)?;
                    continue;
                }
                Statement::Store { pointer, .. } if part > 0 => judge(statement, self.owns(*pointer, part, 0))?,
                Statement::Eval(value) if part > 0 => {
                    if let Op::Call { function, arguments } = &self.function[*value].op {
                        let through = &summaries[function.0 as usize].stores_through;
                        let mut stored = arguments.iter().zip(through).filter(|(_, stored)| **stored);
                        judge(statement, stored.all(|(argument, _)| self.owns(*argument, part, 0)))?;
                    }
                }
                _ => {}
            }
            for inner in statement.blocks().into_iter().flatten() {
                self.stores(inner, seen, part, judge, summaries)?;
            }
        }
        Ok(())
    }

    /// The local is the own of an item of the phase.
    fn is_inner(&self, local: LocalId, part: Part) -> bool {
        self.locals[local.0 as usize] == Seen::In(part)
    }

    fn item(&self, part: Part) -> LocalId {
        self.items[part as usize - 1]
    }

    /// What a local of an item holds, if nothing but whole values is stored to it.
    fn held(&self, local: LocalId, part: Part) -> Option<&[ValueId]> {
        let Stored { values, otherwise } = &self.stored[local.0 as usize];
        (self.is_inner(local, part) && !otherwise && !values.is_empty()).then_some(values)
    }

    /// Whether what a pointer points to is the own of an item of the phase.
    fn owns(&self, value: ValueId, part: Part, steps: u32) -> bool {
        if steps > MOST_STEPS {
            return false;
        }
        let owns = |value: &ValueId| self.owns(*value, part, steps + 1);
        match &self.function[value].op {
            Op::Local(local) => self.is_inner(*local, part) && *local != self.item(part),
            Op::Element { base, index, .. } => {
                owns(base) || (self.is_item(*index, part, steps) && self.is_outer(*base, part, steps))
            }
            Op::Field { base, .. }
            | Op::AsSlice(base)
            | Op::Subslice { base, .. }
            | Op::Extract { base, .. }
            | Op::Some(base)
            | Op::Payload(base) => owns(base),
            Op::Select { accept, reject, .. } => owns(accept) && owns(reject),
            Op::Make(values) => values.iter().all(|v| !self.has_pointers(*v) || owns(v)),
            Op::Null => true,
            Op::Load(pointer) => self
                .root(*pointer)
                .is_some_and(|local| self.held(local, part).is_some_and(|values| values.iter().all(owns))),
            _ => false,
        }
    }

    /// Whether it is the number of the item that runs.
    fn is_item(&self, value: ValueId, part: Part, steps: u32) -> bool {
        let Op::Load(pointer) = self.function[value].op else { return false };
        let Op::Local(local) = self.function[pointer].op else { return false };
        if local == self.item(part) {
            return true;
        }
        let one = self.held(local, part).filter(|values| values.len() == 1);
        steps <= MOST_STEPS && one.is_some_and(|values| self.is_item(values[0], part, steps + 1))
    }

    /// Whether all items of the phase see the same value.
    fn is_outer(&self, value: ValueId, part: Part, steps: u32) -> bool {
        if self.parts[value.0 as usize] != part {
            return true;
        }
        if steps > MOST_STEPS {
            return false;
        }
        let outer = |value: &ValueId| self.is_outer(*value, part, steps + 1);
        match &self.function[value].op {
            Op::Constant(_) | Op::Data(_) => true,
            Op::Local(local) => !self.is_inner(*local, part),
            Op::Field { base, .. } | Op::AsSlice(base) | Op::Extract { base, .. } | Op::Length(base) => outer(base),
            Op::Element { base, index, .. } => outer(base) && outer(index),
            Op::Subslice { base, from, to, .. } => [base, from, to].into_iter().all(outer),
            Op::Load(pointer) => match self.function[*pointer].op {
                // no item stores to a local that is not its own
                Op::Local(local) if !self.is_inner(local, part) => true,
                Op::Local(local) => match self.held(local, part) {
                    Some([value]) => outer(value),
                    _ => false,
                },
                _ => false,
            },
            _ => false,
        }
    }

    /// The local that is pointed into, by fields alone.
    fn root(&self, mut pointer: ValueId) -> Option<LocalId> {
        loop {
            match &self.function[pointer].op {
                Op::Local(local) => return Some(*local),
                Op::Field { base, .. } => pointer = *base,
                _ => return None,
            }
        }
    }

    fn has_pointers(&self, value: ValueId) -> bool {
        self.module.types.has_pointers(self.function[value].ty)
    }
}
