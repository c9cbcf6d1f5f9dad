//! One walk over the function: which locals can be registers, and what pointers that come out of memory point to.

use landbridge_core::ir::{Constant, Function, LocalId, Module, Op, Statement, Type, TypeId, ValueId};

use super::interface::{LaunchLayout, Slot};
use super::val::Space;

/// Locals with more scalars than this are memory.
const MOST_LEAVES: u64 = 64;

/// What the walk found.
pub(super) struct Survey {
    /// Of each pointer value that is a place in a local, by constant steps: where.
    pub(super) chains: Vec<Option<Chain>>,
    /// Of each local.
    pub(super) locals: Vec<LocalUse>,
    /// Of each load of a local: nothing in the text behind it stores to the local.
    pub(super) last: Vec<bool>,
    /// What pointers that were in memory or in a variable point to.
    pub(super) loaded: Space,
}

/// A place in a local: field by field.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) local: LocalId,
    pub(super) path: Vec<u32>,
}

/// How a local is used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LocalUse {
    /// It has to have an address.
    pub(super) in_memory: bool,
    /// It is stored to, at least in part.
    pub(super) stored: bool,
    /// Its address is kept somewhere.
    pub(super) escapes: bool,
}

/// Where an address is from.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    Local(LocalId),
    Writable,
    Unchanged,
}

struct Walk<'m> {
    module: &'m Module,
    function: &'m Function,
    slots: &'m [Slot],
    survey: Survey,
    origins: Vec<Option<Origin>>,
    /// Loads of each local since it was stored to.
    loads: Vec<Vec<ValueId>>,
}

impl Survey {
    pub(super) fn of(module: &Module, layout: &LaunchLayout) -> Survey {
        let function = module.entry_function();
        let survey = Survey {
            chains: vec![None; function.values.len()],
            locals: vec![LocalUse::default(); function.locals.len()],
            last: vec![false; function.values.len()],
            loaded: Space::Read,
        };
        let origins = vec![None; function.values.len()];
        let loads = vec![vec![]; function.locals.len()];
        let mut walk = Walk { module, function, slots: &layout.slots, survey, origins, loads };
        function.body.each(&mut |statement| walk.statement(statement));
        walk.finish()
    }
}

impl Walk<'_> {
    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Eval(value) => self.value(*value),
            Statement::Store { pointer, value } => {
                if let Some(Origin::Local(local)) = self.origins[pointer.0 as usize] {
                    self.survey.locals[local.0 as usize].stored = true;
                    for load in self.loads[local.0 as usize].drain(..) {
                        self.survey.last[load.0 as usize] = false;
                    }
                }
                self.kept(*value);
            }
            other => other.operands(&mut |value| self.kept(value)),
        }
    }

    /// A value goes where the walk does not follow.
    fn kept(&mut self, value: ValueId) {
        if let Some(origin) = self.origins[value.0 as usize] {
            self.kept_origin(origin);
        }
    }

    fn kept_origin(&mut self, origin: Origin) {
        let space = match origin {
            Origin::Local(local) => {
                let local = &mut self.survey.locals[local.0 as usize];
                (local.in_memory, local.escapes) = (true, true);
                Space::Generic
            }
            Origin::Writable => Space::Global,
            Origin::Unchanged => return,
        };
        if self.survey.loaded != Space::Generic {
            self.survey.loaded = space;
        }
    }

    fn value(&mut self, id: ValueId) {
        let at = id.0 as usize;
        if let Op::Load(pointer) = self.function[id].op
            && let Some(Origin::Local(local)) = self.origins[pointer.0 as usize]
        {
            self.survey.last[at] = true;
            self.loads[local.0 as usize].push(id);
        }
        match &self.function[id].op {
            Op::Local(local) => {
                self.origins[at] = Some(Origin::Local(*local));
                self.survey.chains[at] = Some(Chain { local: *local, path: vec![] });
            }
            Op::Field { base, index } => self.step(at, *base, Some(*index)),
            Op::Element { base, index, .. } => self.step(at, *base, self.constant_index(*base, *index)),
            Op::PayloadPlace(base) => {
                self.origins[at] = self.origins[base.0 as usize];
                self.survey.chains[at] = self.survey.chains[base.0 as usize].clone();
            }
            Op::AsSlice(base) | Op::Subslice { base, .. } => self.step(at, *base, None),
            Op::Load(pointer) if self.module.types.has_pointers(self.function[id].ty) => {
                self.origins[at] = self.loaded(*pointer);
            }
            Op::Load(_) => {}
            Op::Some(pointer) | Op::Payload(pointer) => {
                // The same address. That of a local is told apart by nothing that is loaded.
                self.origins[at] = self.origins[pointer.0 as usize];
                if let Some(Origin::Local(_)) = self.origins[at] {
                    self.kept(*pointer);
                }
            }
            Op::Node { region, .. } => self.origins[at] = self.origins[region.0 as usize],
            Op::MakeSlice { data, .. } => {
                self.origins[at] = self.origins[data.0 as usize];
                if let Some(Origin::Local(_)) = self.origins[at] {
                    self.kept(*data);
                }
            }
            Op::Length(_) | Op::IsSome(_) | Op::Data(_) | Op::Atomic { .. } => {}
            op => op.operands(&mut |operand| self.kept(operand)),
        }
    }

    /// A place in a place.
    fn step(&mut self, at: usize, base: ValueId, index: Option<u32>) {
        self.origins[at] = self.origins[base.0 as usize];
        if let (Some(chain), Some(index)) = (&self.survey.chains[base.0 as usize], index) {
            let mut path = chain.path.clone();
            path.push(index);
            self.survey.chains[at] = Some(Chain { local: chain.local, path });
        } else if let Some(Origin::Local(local)) = self.origins[at] {
            self.survey.locals[local.0 as usize].in_memory = true;
        }
    }

    /// An index that is known, and below the length of an array.
    fn constant_index(&self, base: ValueId, index: ValueId) -> Option<u32> {
        let Type::Pointer(to) = self.module.types[self.function[base].ty] else { return None };
        let Type::Array { length, .. } = self.module.types[to] else { return None };
        let Op::Constant(Constant::Int(index)) = self.function[index].op else { return None };
        u32::try_from(index).ok().filter(|index| u64::from(*index) < length)
    }

    /// What a pointer that is read there points to, as far as that is known now.
    fn loaded(&self, pointer: ValueId) -> Option<Origin> {
        match self.origins[pointer.0 as usize]? {
            Origin::Local(local) if local.0 < self.function.parameters => Some(self.argument(local.0 as usize)),
            Origin::Local(_) => None,
            origin => Some(origin),
        }
    }

    fn argument(&self, parameter: usize) -> Origin {
        let slot = self.slots.iter().find(|slot| slot.parameter == Some(parameter));
        match slot {
            Some(slot) if slot.writes => Origin::Writable,
            _ => Origin::Unchanged,
        }
    }

    fn finish(mut self) -> Survey {
        for k in 0..self.function.locals.len() {
            let is_large = leaves(self.module, self.function.locals[k].ty) > MOST_LEAVES;
            self.survey.locals[k].in_memory |= is_large;
            if k < self.function.parameters as usize && self.survey.locals[k].stored {
                let origin = self.argument(k);
                self.kept_origin(origin);
            }
        }
        // What writable nodes lead to may be read through any of them.
        if self.slots.iter().any(|slot| slot.writes && slot.linked) {
            self.kept_origin(Origin::Writable);
        }
        self.survey
    }
}

/// Scalars, addresses and lengths of a type.
pub(super) fn leaves(module: &Module, ty: TypeId) -> u64 {
    match &module.types[ty] {
        Type::Unit => 0,
        Type::Scalar(_) | Type::Atomic(_) | Type::Pointer(_) | Type::Nullable(_) => 1,
        Type::Slice(_) => 2,
        Type::Array { element, length } => leaves(module, *element).saturating_mul(*length),
        Type::Struct(s) => s.fields.iter().fold(0, |sum: u64, f| sum.saturating_add(leaves(module, f.ty))),
    }
}
