//! Chains of iterators, fused into one loop: no iterator is left, and no item is kept but the one in hand.
//!
//! The part of a chain that runs no code of the user's (the source, `rev`, `enumerate`, `zip`, ..) is [`Access`]: a count, and
//! a way to make item `i`. The rest is [`Step`]s, done one after the other for each item in turn, as Rust's lazy iterators
//! do. What ends the chain ([`sinks`]) is done inside the innermost of them.

mod access;
mod sinks;

use super::error::Lowered;
use super::function::Lowering;
use super::place::Place;
use crate::ast::{Expr, LabelSlot, Sink, Source, Stage, TypeSlot};
use crate::ir::{BinaryOp, CompareOp, LocalId, Scalar, Type, TypeId, ValueId};

use access::Access;

/// What is done to one item after the other; the locals count items.
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
}

/// A chain whose sources and counts have been evaluated.
struct Flow {
    access: Access,
    steps: Vec<Step>,
}

/// What is done with an item that has come through.
type End<'a, 'w> = Box<dyn FnOnce(&mut Lowering<'w>, ValueId) -> Lowered<()> + 'a>;

impl<'w> Lowering<'w> {
    /// Evaluates what a chain is made of, in the order in which it is written.
    fn flow(&mut self, source: &'static Source, stages: &'static [Stage]) -> Lowered<Flow> {
        let access = self.source(source)?;
        let mut flow = Flow { access, steps: vec![] };
        for stage in stages {
            self.stage(&mut flow, stage)?;
        }
        Ok(flow)
    }

    fn stage(&mut self, flow: &mut Flow, stage: &'static Stage) -> Lowered<()> {
        let direct = flow.steps.is_empty();
        let step = match stage {
            Stage::Rev => return self.reverse(flow),
            Stage::Zip(source, stages) => {
                let other = self.flow(source, stages)?;
                if !other.steps.is_empty() {
                    return self.unsupported("`zip` with a chain that has closures");
                }
                if direct {
                    self.zipped(&mut flow.access, other.access);
                    return Ok(());
                }
                Step::Zip(other.access, self.counter_at_zero())
            }
            Stage::Enumerate if direct => {
                flow.access.number();
                return Ok(());
            }
            Stage::Copied if direct => {
                flow.access.copy();
                return Ok(());
            }
            Stage::StepBy(step, at) => {
                let step = self.count_of(step)?;
                self.at = *at;
                let positive = self.compared_with_zero(CompareOp::NotEqual, step);
                self.check(positive, "assertion failed: step != 0");
                if direct {
                    self.strided(&mut flow.access, step);
                    return Ok(());
                }
                Step::Stride(step, self.counter_at_zero())
            }
            Stage::Skip(n) => {
                let n = self.count_of(n)?;
                if direct {
                    self.skipped(&mut flow.access, n);
                    return Ok(());
                }
                Step::Skip(n, self.counter_at_zero())
            }
            Stage::Take(n) => {
                let n = self.count_of(n)?;
                if direct {
                    self.limited(&mut flow.access, n);
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
            Stage::Enumerate => Step::Enumerate(self.counter_at_zero()),
            Stage::Copied => Step::Copied,
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

    /// `rev` after steps that look at one item only is `rev` before them.
    fn reverse(&mut self, flow: &mut Flow) -> Lowered<()> {
        let alone = |step: &Step| {
            matches!(step, Step::Map(_) | Step::Filter(_) | Step::FilterMap(_) | Step::Inspect(_) | Step::Copied)
        };
        if !flow.steps.iter().all(alone) {
            return self.unsupported("`rev` after an adaptor that counts items");
        }
        flow.access.reverse();
        Ok(())
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

    /// The loop: `end` gets each item that comes through, and may leave the loop, which is the innermost target then.
    fn run_flow(
        &mut self,
        flow: Flow,
        label: Option<LabelSlot>,
        end: impl FnOnce(&mut Self, ValueId) -> Lowered<()>,
    ) -> Lowered<()> {
        let Flow { access, steps } = flow;
        self.counted(access.count, label, |me, index| {
            // What has been taken is enough: nothing more is asked of what comes before.
            for step in &steps {
                if let Step::Take(n, counter) = step {
                    let taken = me.build.get(*counter);
                    let more = me.build.compare(CompareOp::Less, taken, *n);
                    me.break_unless(more);
                }
            }
            let item = me.item(&access, index)?;
            me.steps(&steps, item, Box::new(end))
        })
    }

    /// The steps that are left for an item, and then the end.
    fn steps(&mut self, steps: &[Step], item: ValueId, end: End<'_, 'w>) -> Lowered<()> {
        let Some((step, rest)) = steps.split_first() else {
            return end(self, item);
        };
        let bool = self.scalar_type(Scalar::Bool);
        match step {
            Step::Map(f) => {
                let mapped = self.inlined(f, &[Place::Value(item)], None)?;
                self.steps(rest, mapped, end)
            }
            Step::Filter(f) => {
                let kept = self.looked_at(f, item)?;
                self.branch(kept, |me| me.steps(rest, item, end), |_| Ok(()))
            }
            Step::FilterMap(f) => {
                let option = Place::Value(self.inlined(f, &[Place::Value(item)], None)?);
                let kept = self.is_some(option)?;
                self.branch(kept, |me| me.steps_of_payload(rest, option, end), |_| Ok(()))
            }
            Step::TakeWhile(f) => {
                let more = self.looked_at(f, item)?;
                self.break_unless(more);
                self.steps(rest, item, end)
            }
            Step::MapWhile(f) => {
                let option = Place::Value(self.inlined(f, &[Place::Value(item)], None)?);
                let more = self.is_some(option)?;
                self.break_unless(more);
                self.steps_of_payload(rest, option, end)
            }
            Step::SkipWhile(f, skipping) => {
                let still = self.build.get(*skipping);
                let skip = |me: &mut Self| me.looked_at(f, item);
                let still = self.one_of(still, bool, skip, |me| Ok(me.build.boolean(false)))?;
                self.build.set(*skipping, still);
                self.branch(still, |_| Ok(()), |me| me.steps(rest, item, end))
            }
            Step::Inspect(f) => {
                let unit = self.unit_type();
                let item_place = self.reference_to(item);
                self.inlined(f, &[item_place], Some(unit))?;
                self.steps(rest, item, end)
            }
            Step::Enumerate(counter) => {
                let number = self.count_up(*counter);
                let pair = self.make_tuple(vec![number, item]);
                self.steps(rest, pair, end)
            }
            Step::Copied => {
                let value = self.strip_one(item)?;
                self.steps(rest, value, end)
            }
            Step::Stride(n, counter) => {
                // The counter says how many are still passed over.
                let left = self.build.get(*counter);
                let due = self.compared_with_zero(CompareOp::Equal, left);
                self.branch(
                    due,
                    |me| {
                        let one = me.number(Scalar::Usize, 1);
                        let left = me.build.binary(BinaryOp::Sub, *n, one, None);
                        me.build.set(*counter, left);
                        me.steps(rest, item, end)
                    },
                    |me| {
                        let one = me.number(Scalar::Usize, 1);
                        let left = me.build.binary(BinaryOp::Sub, left, one, None);
                        me.build.set(*counter, left);
                        Ok(())
                    },
                )
            }
            Step::Skip(n, counter) => {
                let seen = self.build.get(*counter);
                let skips = self.build.compare(CompareOp::Less, seen, *n);
                let skip = |me: &mut Self| {
                    me.count_up(*counter);
                    Ok(())
                };
                self.branch(skips, skip, |me| me.steps(rest, item, end))
            }
            Step::Take(_, counter) => {
                self.count_up(*counter);
                self.steps(rest, item, end)
            }
            Step::Zip(other, counter) => {
                let index = self.count_up(*counter);
                let more = self.build.compare(CompareOp::Less, index, other.count);
                self.break_unless(more);
                let partner = self.item(other, index)?;
                let pair = self.make_tuple(vec![item, partner]);
                self.steps(rest, pair, end)
            }
        }
    }

    fn steps_of_payload(&mut self, rest: &[Step], option: Place, end: End<'_, 'w>) -> Lowered<()> {
        let held = self.payload(option)?;
        let held = self.load(held)?;
        self.steps(rest, held, end)
    }

    /// A predicate of a reference to the item.
    fn looked_at(&mut self, f: &'static Expr, item: ValueId) -> Lowered<ValueId> {
        let bool = self.scalar_type(Scalar::Bool);
        let reference = self.reference_to(item);
        let holds = self.inlined(f, &[reference], Some(bool))?;
        self.strip_value(holds)
    }

    fn reference_to(&mut self, item: ValueId) -> Place {
        Place::Value(self.spill(item))
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
            Sink::Count => Some(self.scalar_type(Scalar::Usize)),
            Sink::Position(_) => {
                let usize = self.scalar_type(Scalar::Usize);
                Some(self.option_type(usize))
            }
            Sink::ForEach(_) | Sink::Loop(..) => Some(self.unit_type()),
            _ => None,
        }
    }
}
