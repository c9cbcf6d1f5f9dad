//! Which places each variable that holds an address may point to: the least solution over all stores.

use std::collections::BTreeSet;

use landbridge_core::ir::{Block, DataId, Function, LocalId, Module, Op, Statement, Type, TypeId};

use super::place::{Shape, ShapeStep};

/// The addresses in a value, by its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Targets {
    /// A value without addresses.
    Plain,
    /// An address, or a slice's first element.
    To(BTreeSet<Shape>),
    /// A struct that holds addresses.
    Parts(Vec<Targets>),
    /// An array of what holds addresses: those of all its elements.
    Elements(Box<Targets>),
}

impl Targets {
    pub(super) fn none(module: &Module, ty: TypeId) -> Targets {
        match &module.types[ty] {
            Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => Targets::To(BTreeSet::new()),
            Type::Struct(s) => {
                let parts: Vec<_> = s.fields.iter().map(|f| Self::none(module, f.ty)).collect();
                match parts.iter().all(|p| *p == Targets::Plain) {
                    true => Targets::Plain,
                    false => Targets::Parts(parts),
                }
            }
            Type::Array { element, .. } => match Self::none(module, *element) {
                Targets::Plain => Targets::Plain,
                element => Targets::Elements(Box::new(element)),
            },
            _ => Targets::Plain,
        }
    }

    /// The same for a value of which every address is into that place.
    fn all_to(module: &Module, ty: TypeId, shape: &Shape) -> Targets {
        let mut targets = Self::none(module, ty);
        targets.add(shape);
        targets
    }

    fn add(&mut self, shape: &Shape) {
        match self {
            Targets::Plain => {}
            Targets::To(set) => _ = set.insert(shape.clone()),
            Targets::Parts(parts) => parts.iter_mut().for_each(|part| part.add(shape)),
            Targets::Elements(element) => element.add(shape),
        }
    }

    /// Null is an address of an image, where there is one.
    fn without_null(&mut self, is_image: &dyn Fn(usize) -> bool) {
        match self {
            Targets::Plain => {}
            Targets::To(set) => {
                if set.iter().any(|s| matches!(s, Shape::Buffer(buffer) if is_image(*buffer))) {
                    set.remove(&Shape::Null);
                }
            }
            Targets::Parts(parts) => parts.iter_mut().for_each(|part| part.without_null(is_image)),
            Targets::Elements(element) => element.without_null(is_image),
        }
    }

    /// Adds what `other` holds; whether that was anything new.
    fn join(&mut self, other: &Targets) -> bool {
        match (self, other) {
            (Targets::To(set), Targets::To(more)) => {
                let before = set.len();
                set.extend(more.iter().cloned());
                set.len() != before
            }
            (Targets::Parts(parts), Targets::Parts(more)) => {
                let mut changed = false;
                for (part, more) in parts.iter_mut().zip(more) {
                    changed |= part.join(more);
                }
                changed
            }
            (Targets::Elements(element), Targets::Elements(more)) => element.join(more),
            _ => false,
        }
    }

    fn at(&self, path: &[ShapeStep]) -> Targets {
        match (path, self) {
            ([], _) => self.clone(),
            ([ShapeStep::Field(k), rest @ ..], Targets::Parts(parts)) => parts[*k as usize].at(rest),
            ([_, rest @ ..], Targets::Elements(element)) => element.at(rest),
            _ => Targets::Plain,
        }
    }

    fn at_mut(&mut self, path: &[ShapeStep]) -> Option<&mut Targets> {
        match (path, self) {
            ([], targets) => Some(targets),
            ([ShapeStep::Field(k), rest @ ..], Targets::Parts(parts)) => parts[*k as usize].at_mut(rest),
            ([ShapeStep::Index, rest @ ..], Targets::Elements(element)) => element.at_mut(rest),
            _ => None,
        }
    }
}

/// Solves for all locals. `parameters` are the targets at the entry; `data` the shape of constant memory.
pub(super) fn solve(
    module: &Module,
    function: &Function,
    parameters: &[Option<Shape>],
    data: &dyn Fn(DataId) -> Shape,
    is_image: &dyn Fn(usize) -> bool,
) -> Vec<Targets> {
    let mut solver = Solver {
        module,
        function,
        data,
        locals: function.locals.iter().map(|l| Targets::none(module, l.ty)).collect(),
        values: vec![Targets::Plain; function.values.len()],
        changed: false,
    };
    for (local, shape) in solver.locals.iter_mut().zip(parameters) {
        if let (Targets::To(set), Some(shape)) = (local, shape) {
            set.insert(shape.clone());
        }
    }
    if solver.locals.iter().all(|l| *l == Targets::Plain) {
        return solver.locals;
    }
    loop {
        solver.changed = false;
        solver.block(&function.body);
        if !solver.changed {
            solver.locals.iter_mut().for_each(|local| local.without_null(is_image));
            return solver.locals;
        }
    }
}

struct Solver<'m> {
    module: &'m Module,
    function: &'m Function,
    data: &'m dyn Fn(DataId) -> Shape,
    locals: Vec<Targets>,
    values: Vec<Targets>,
    changed: bool,
}

impl Solver<'_> {
    fn block(&mut self, block: &Block) {
        for statement in &block.0 {
            match statement {
                Statement::Eval(value) => {
                    let new = self.value(&self.function[*value].op, self.function[*value].ty);
                    let old = &mut self.values[value.0 as usize];
                    if *old != new {
                        *old = new;
                        self.changed = true;
                    }
                }
                Statement::Store { pointer, value } => {
                    let stored = self.values[value.0 as usize].clone();
                    if stored == Targets::Plain {
                        continue;
                    }
                    for shape in self.set(pointer.0) {
                        let Shape::Local(local, path) = shape else {
                            continue;
                        };
                        let local = &mut self.locals[local.0 as usize];
                        if let Some(place) = local.at_mut(&path) {
                            self.changed |= place.join(&stored);
                        }
                    }
                }
                Statement::If { accept, reject, .. } => {
                    self.block(accept);
                    self.block(reject);
                }
                Statement::Loop { body, continuing, .. } => {
                    self.block(body);
                    self.block(continuing);
                }
                Statement::Block { body, .. } | Statement::Phase { body, .. } => self.block(body),
                Statement::Break(_)
                | Statement::Continue(_)
                | Statement::Return(_)
                | Statement::Check { .. }
                | Statement::Panic { .. } => {}
            }
        }
    }

    fn set(&self, value: u32) -> BTreeSet<Shape> {
        match &self.values[value as usize] {
            Targets::To(set) => set.clone(),
            _ => BTreeSet::new(),
        }
    }

    fn stepped(&self, base: u32, step: ShapeStep, to: Option<TypeId>) -> Targets {
        let empty = to.is_some_and(|t| is_empty(self.module, t));
        let shapes = self.set(base);
        let step = |s: &Shape| if empty { Shape::Nothing } else { s.then(step) };
        Targets::To(shapes.iter().map(step).collect())
    }

    fn value(&self, op: &Op, ty: TypeId) -> Targets {
        let to = match &self.module.types[ty] {
            Type::Pointer(to) | Type::Slice(to) => Some(*to),
            _ => None,
        };
        let empty = to.is_some_and(|to| is_empty(self.module, to));
        match op {
            Op::Local(local) => Targets::To(BTreeSet::from([local_shape(self.module, self.function, *local)])),
            Op::Data(data) => Targets::To(BTreeSet::from([(self.data)(*data)])),
            Op::Load(pointer) => {
                let mut all = Targets::none(self.module, ty);
                for shape in self.set(pointer.0) {
                    match shape {
                        Shape::Local(local, path) => _ = all.join(&self.locals[local.0 as usize].at(&path)),
                        Shape::Buffer(_) if empty => all.add(&Shape::Nothing),
                        Shape::Buffer(_) => all.add(&shape),
                        Shape::Nothing | Shape::Null => {}
                    }
                }
                all
            }
            Op::Field { base, index } => self.stepped(base.0, ShapeStep::Field(*index), to),
            Op::AsSlice(base) => self.stepped(base.0, ShapeStep::Index, to),
            Op::Element { base, .. } => {
                let of = self.function[*base].ty;
                match self.module.types[of] {
                    Type::Slice(_) => self.values[base.0 as usize].clone(),
                    _ => self.stepped(base.0, ShapeStep::Index, to),
                }
            }
            Op::Subslice { base, .. } => self.values[base.0 as usize].clone(),
            Op::Make(parts) => match Targets::none(self.module, ty) {
                Targets::Parts(_) => {
                    let part = |v: &landbridge_core::ir::ValueId| self.values[v.0 as usize].clone();
                    Targets::Parts(parts.iter().map(part).collect())
                }
                Targets::Elements(mut all) => {
                    for part in parts {
                        all.join(&self.values[part.0 as usize]);
                    }
                    Targets::Elements(all)
                }
                _ => Targets::Plain,
            },
            Op::Repeat(element) => match &self.values[element.0 as usize] {
                Targets::Plain => Targets::Plain,
                element => Targets::Elements(Box::new(element.clone())),
            },
            Op::Extract { base, index } => self.values[base.0 as usize].at(&[ShapeStep::Field(*index)]),
            Op::Select { accept, reject, .. } => {
                let mut all = self.values[accept.0 as usize].clone();
                all.join(&self.values[reject.0 as usize]);
                all
            }
            Op::Null => Targets::all_to(self.module, ty, &Shape::Null),
            Op::Some(pointer) | Op::PayloadPlace(pointer) => self.values[pointer.0 as usize].clone(),
            Op::Payload(option) => {
                let mut targets = self.values[option.0 as usize].clone();
                if let Targets::To(set) = &mut targets {
                    set.remove(&Shape::Null);
                }
                targets
            }
            Op::Node { .. } if empty => Targets::To(BTreeSet::from([Shape::Nothing])),
            Op::MakeSlice { data: base, .. } | Op::Node { region: base, .. } => self.values[base.0 as usize].clone(),
            _ => Targets::Plain,
        }
    }
}

fn local_shape(module: &Module, function: &Function, local: LocalId) -> Shape {
    match is_empty(module, function[local].ty) {
        true => Shape::Nothing,
        false => Shape::Local(local, vec![]),
    }
}

/// Whether a type has no bytes.
pub(super) fn is_empty(module: &Module, ty: TypeId) -> bool {
    match &module.types[ty] {
        Type::Unit => true,
        Type::Scalar(_) | Type::Atomic(_) | Type::Pointer(_) | Type::Nullable(_) | Type::Slice(_) => false,
        Type::Array { element, length } => *length == 0 || is_empty(module, *element),
        Type::Struct(s) => s.fields.iter().all(|f| is_empty(module, f.ty)),
    }
}
