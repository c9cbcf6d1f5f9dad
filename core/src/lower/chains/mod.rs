//! Chains of iterators, fused into one loop: no iterator is left, and no item is kept but the one in hand.
//!
//! The part of a chain that runs no code of the user's (the source, `rev`, `enumerate`, `zip`, ..) is [`Access`]: a count, and
//! a way to make item `i`. The rest is [`Step`]s, done one after the other for each item in turn, as Rust's lazy iterators
//! do. What ends the chain ([`sinks`]) is done inside the innermost of them.

mod access;
mod choices;
mod drive;
mod sinks;

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, LocalSlot, Sink, Source, Stage, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, LocalId, Scalar, Type, TypeId, ValueId};

use access::Access;

/// What is done to one item after the other; the locals count items.
#[derive(Clone)]
enum Step {
    Map(&'static Expr),
    Filter(&'static Expr),
    FilterMap(&'static Expr),
    TakeWhile(&'static Expr),
    SkipWhile(&'static Expr, LocalId),
    MapWhile(&'static Expr),
    Inspect(&'static Expr),
    Enumerate(LocalId),
    Copied,
    Stride(ValueId, LocalId),
    Skip(ValueId, LocalId),
    Take(ValueId, LocalId),
    Zip(Access, LocalId),
    /// With a chain that changes its items one by one.
    ZipChanged(Access, Vec<Step>, LocalId),
    /// The state, and the function.
    Scan(LocalId, &'static Expr),
    Flatten,
    FlatMap(&'static Stage),
}

/// Where items come from.
#[derive(Clone)]
enum Head {
    Access(Access),
    /// Those that are left: the local is the next one's index.
    Rest(Access, LocalId),
    /// One chain behind another.
    Chained(Box<Flow>, Box<Flow>),
    /// The `Option` of the next item, and the function that makes the one after it.
    Successors(LocalId, &'static Expr),
    FromFn(&'static Expr),
}

/// A chain whose sources and counts have been evaluated.
#[derive(Clone)]
pub(super) struct Flow {
    head: Head,
    steps: Vec<Step>,
}

impl Flow {
    /// Items by their index, if nothing has been done to them.
    fn access(&mut self) -> Option<&mut Access> {
        match &mut self.head {
            Head::Access(access) if self.steps.is_empty() => Some(access),
            _ => None,
        }
    }

    /// Is it one loop?
    fn is_simple(&self) -> bool {
        let nests = |step: &Step| matches!(step, Step::Flatten | Step::FlatMap(_));
        matches!(self.head, Head::Access(_)) && !self.steps.iter().any(nests)
    }
}

impl<'w> Lowering<'w> {
    /// Evaluates what a chain is made of, in the order in which it is written.
    fn flow(&mut self, source: &'static Source, stages: &'static [Stage]) -> Lowered<Flow> {
        let mut flow = match source {
            Source::Bound(slot) => match self.flows.get(&(self.current, *slot)) {
                Some(flow) => flow.clone(),
                None => return self.bug("an unknown chain"),
            },
            Source::Cloned(slot) => match self.flows.get(&(self.current, *slot)).cloned() {
                Some(flow) => self.cloned_flow(flow)?,
                None => return self.bug("an unknown chain"),
            },
            Source::Successors(first, next, slot) => {
                let ty = self.known_slot_type(*slot)?;
                let first = self.value_as(first, ty)?;
                let state = self.build.local("", ty);
                self.build.set(state, first);
                Flow { head: Head::Successors(state, self.created(next)?), steps: vec![] }
            }
            Source::FromFn(next) => Flow { head: Head::FromFn(self.created(next)?), steps: vec![] },
            source => Flow { head: Head::Access(self.source(source)?), steps: vec![] },
        };
        for stage in stages {
            self.stage(&mut flow, stage)?;
        }
        Ok(flow)
    }

    /// `let name = chain;`
    pub(super) fn define_chain(
        &mut self,
        slot: LocalSlot,
        source: &'static Source,
        stages: &'static [Stage],
        resumed: bool,
    ) -> Lowered<()> {
        let mut flow = self.flow(source, stages)?;
        if resumed {
            self.with_rest(&mut flow);
        }
        self.flows.insert((self.current, slot), flow);
        Ok(())
    }

    /// Lets a chain go on where it was left.
    fn with_rest(&mut self, flow: &mut Flow) {
        match &mut flow.head {
            Head::Access(access) => flow.head = Head::Rest(access.clone(), self.counter_at_zero()),
            Head::Chained(first, second) => {
                self.with_rest(first);
                self.with_rest(second);
            }
            Head::Rest(..) | Head::Successors(..) | Head::FromFn(_) => {}
        }
    }

    /// The same chain with counters of its own. It has no closures.
    fn cloned_flow(&mut self, flow: Flow) -> Lowered<Flow> {
        let head = match flow.head {
            Head::Access(access) => Head::Access(access),
            Head::Rest(access, next) => Head::Rest(access, self.cloned_local(next)),
            Head::Chained(first, second) => {
                Head::Chained(Box::new(self.cloned_flow(*first)?), Box::new(self.cloned_flow(*second)?))
            }
            Head::Successors(..) | Head::FromFn(_) => {
                return self.unsupported("a clone of an iterator that has closures");
            }
        };
        let mut steps = vec![];
        for step in flow.steps {
            steps.push(match step {
                Step::Enumerate(counter) => Step::Enumerate(self.cloned_local(counter)),
                Step::Copied => Step::Copied,
                Step::Stride(n, counter) => Step::Stride(n, self.cloned_local(counter)),
                Step::Skip(n, counter) => Step::Skip(n, self.cloned_local(counter)),
                Step::Take(n, counter) => Step::Take(n, self.cloned_local(counter)),
                Step::Zip(other, counter) => Step::Zip(other, self.cloned_local(counter)),
                _ => return self.unsupported("a clone of an iterator that has closures"),
            });
        }
        Ok(Flow { head, steps })
    }

    fn cloned_local(&mut self, local: LocalId) -> LocalId {
        let (ty, value) = (self.build.function()[local].ty, self.build.get(local));
        let copy = self.build.local("", ty);
        self.build.set(copy, value);
        copy
    }

    fn stage(&mut self, flow: &mut Flow, stage: &'static Stage) -> Lowered<()> {
        let step = match stage {
            Stage::Rev => return self.reverse(flow),
            Stage::Zip(source, stages) => {
                let mut other = self.flow(source, stages)?;
                let other = match other.access().cloned() {
                    Some(other) => other,
                    None => {
                        let (other, changes) = self.one_by_one(other)?;
                        flow.steps.push(Step::ZipChanged(other, changes, self.counter_at_zero()));
                        return Ok(());
                    }
                };
                if let Some(access) = flow.access() {
                    self.zipped(access, other);
                    return Ok(());
                }
                Step::Zip(other, self.counter_at_zero())
            }
            Stage::Chain(source, stages) => {
                let mut other = self.flow(source, stages)?;
                if let (Some(access), Some(other)) = (flow.access(), other.access()) {
                    self.chained(access, other.clone());
                    return Ok(());
                }
                let head = Head::Chained(Box::new(flow.clone()), Box::new(other));
                *flow = Flow { head, steps: vec![] };
                return Ok(());
            }
            Stage::CycleTake(n) => {
                let n = self.count_of(n)?;
                let Some(access) = flow.access() else {
                    return self.unsupported("`cycle` of a chain that has closures");
                };
                self.cycled(access, n);
                return Ok(());
            }
            Stage::Cycle => {
                let Some(access) = flow.access() else {
                    return self.unsupported("`cycle` of a chain that has closures");
                };
                self.for_ever(access);
                return Ok(());
            }
            Stage::Enumerate | Stage::Copied if let Some(access) = flow.access() => {
                match stage {
                    Stage::Copied => access.copy(),
                    _ => access.number(),
                }
                return Ok(());
            }
            Stage::StepBy(step, at) => {
                let step = self.count_of(step)?;
                self.at = *at;
                let positive = self.compared_with_zero(CompareOp::NotEqual, step);
                self.check(positive, "assertion failed: step != 0");
                if let Some(access) = flow.access() {
                    self.strided(access, step);
                    return Ok(());
                }
                Step::Stride(step, self.counter_at_zero())
            }
            Stage::Skip(n) => {
                let n = self.count_of(n)?;
                if let Some(access) = flow.access() {
                    self.skipped(access, n);
                    return Ok(());
                }
                Step::Skip(n, self.counter_at_zero())
            }
            Stage::Take(n) => {
                let n = self.count_of(n)?;
                if let Some(access) = flow.access() {
                    self.limited(access, n);
                    return Ok(());
                }
                Step::Take(n, self.counter_at_zero())
            }
            Stage::SkipWhile(f) => {
                let (bool, yes) = (self.scalar_type(Scalar::Bool), self.build.boolean(true));
                let skipping = self.build.local("", bool);
                self.build.set(skipping, yes);
                Step::SkipWhile(self.created(f)?, skipping)
            }
            Stage::Scan(init, slot, f) => {
                let ty = self.known_slot_type(*slot)?;
                let init = self.value_as(init, ty)?;
                let state = self.build.local("", ty);
                self.build.set(state, init);
                Step::Scan(state, self.created(f)?)
            }
            Stage::Enumerate => Step::Enumerate(self.counter_at_zero()),
            Stage::Copied => Step::Copied,
            Stage::Flatten => Step::Flatten,
            Stage::FlatMap(..) => Step::FlatMap(stage),
            Stage::Map(f) => Step::Map(self.created(f)?),
            Stage::Filter(f) => Step::Filter(self.created(f)?),
            Stage::FilterMap(f) => Step::FilterMap(self.created(f)?),
            Stage::TakeWhile(f) => Step::TakeWhile(self.created(f)?),
            Stage::MapWhile(f) => Step::MapWhile(self.created(f)?),
            Stage::Inspect(f) => Step::Inspect(self.created(f)?),
        };
        flow.steps.push(step);
        Ok(())
    }

    /// Items by their index and what is done to each, if that is all that there is.
    fn one_by_one(&mut self, flow: Flow) -> Lowered<(Access, Vec<Step>)> {
        let changes = |step: &Step| matches!(step, Step::Map(_) | Step::Inspect(_) | Step::Copied);
        match flow.head {
            Head::Access(access) if flow.steps.iter().all(changes) => Ok((access, flow.steps)),
            _ => self.unsupported("a partner of a chain that leaves items out"),
        }
    }

    /// `rev` after steps that look at one item only is `rev` before them.
    fn reverse(&mut self, flow: &mut Flow) -> Lowered<()> {
        let alone = |step: &Step| {
            matches!(step, Step::Map(_) | Step::Filter(_) | Step::FilterMap(_) | Step::Inspect(_) | Step::Copied)
        };
        match &mut flow.head {
            Head::Access(access) if flow.steps.iter().all(alone) => {
                self.reversed(access);
                Ok(())
            }
            Head::Chained(first, second) if flow.steps.iter().all(alone) => {
                self.reverse(first)?;
                self.reverse(second)?;
                std::mem::swap(first, second);
                Ok(())
            }
            _ => self.unsupported("`rev` after an adaptor that counts items"),
        }
    }

    fn count_of(&mut self, e: &'static Expr) -> Lowered<ValueId> {
        let usize = self.scalar_type(Scalar::Usize);
        self.value_as(e, usize)
    }

    fn compared_with_zero(&mut self, op: CompareOp, n: ValueId) -> ValueId {
        let zero = self.number(Scalar::Usize, 0);
        self.build.compare(op, n, zero)
    }

    /// A counter of items.
    fn counter_at_zero(&mut self) -> LocalId {
        let usize = self.scalar_type(Scalar::Usize);
        let counter = self.build.local("", usize);
        let zero = self.number(Scalar::Usize, 0);
        self.build.set(counter, zero);
        counter
    }

    /// Adds one; gives what it was before.
    fn count_up(&mut self, counter: LocalId) -> ValueId {
        let (before, one) = (self.build.get(counter), self.number(Scalar::Usize, 1));
        let after = self.build.binary(BinaryOp::Add, before, one, None);
        self.build.set(counter, after);
        before
    }

    /// What a reference leads to; one level only.
    fn strip_one(&mut self, item: ValueId) -> Lowered<ValueId> {
        match self.ty(self.build.type_of(item)) {
            Type::Pointer(_) => {
                let place = self.deref(Place::Value(item))?;
                self.load(place)
            }
            _ => Ok(item),
        }
    }

    /// The type of a chain, where its end or rustc tells.
    pub(super) fn known_chain(&mut self, sink: &Sink, slot: TypeSlot) -> Option<TypeId> {
        if let Some(ty) = self.slot_type(slot) {
            return Some(ty);
        }
        match sink {
            Sink::Any(_) | Sink::All(_) => Some(self.scalar_type(Scalar::Bool)),
            Sink::Compare("cmp", ..) => self.ordering_type().ok(),
            Sink::Compare("partial_cmp", ..) => {
                let ordering = self.ordering_type().ok()?;
                Some(self.option_type(ordering))
            }
            Sink::Compare(..) => Some(self.scalar_type(Scalar::Bool)),
            Sink::Count => Some(self.scalar_type(Scalar::Usize)),
            Sink::Position(_) | Sink::RPosition(_) => {
                let usize = self.scalar_type(Scalar::Usize);
                Some(self.option_type(usize))
            }
            Sink::ForEach(_) | Sink::Loop(..) => Some(self.unit_type()),
            _ => None,
        }
    }
}
