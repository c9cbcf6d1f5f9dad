//! The loops of a chain: each item goes through all steps, and then to the end.
//!
//! Most chains are one loop. `flat_map` and `flatten` put a loop inside, `chain` one behind another with the same steps behind
//! it; then a block around all of them is what ends the chain early.

use super::access::Access;
use super::{Flow, Head, Step};
use crate::ast::{Expr, LabelSlot, Stage};
use crate::ir::{BinaryOp, Block, CompareOp, LocalId, Scalar, Type, ValueId};
use crate::lower::error::Lowered;
use crate::lower::function::Lowering;
use crate::lower::place::Place;

/// What is done with an item that has come through; it may be lowered several times.
pub(super) type End<'a, 'w> = dyn FnMut(&mut Lowering<'w>, ValueId) -> Lowered<()> + 'a;

/// No more than `n` items, and what is left then, an index into [`Lowering::targets`].
#[derive(Clone, Copy)]
struct Limit {
    n: ValueId,
    counter: LocalId,
    exit: usize,
}

/// What the steps of a flow have to know.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// What ends the flow.
    exit: usize,
    /// Of what the flow's items go to.
    limits: &'a [Limit],
}

fn limits(steps: &[Step], around: Around<'_>) -> Vec<Limit> {
    let own = steps.iter().filter_map(|step| match step {
        Step::Take(n, counter) => Some(Limit { n: *n, counter: *counter, exit: around.exit }),
        _ => None,
    });
    own.chain(around.limits.iter().copied()).collect()
}

impl<'w> Lowering<'w> {
    /// The loop: `end` gets each item that comes through, and the target that ends all, an index into [`Lowering::targets`]. A
    /// `for` loop has a label: `end` gets it too where `continue` has to be arranged for.
    pub(super) fn run_flow(
        &mut self,
        flow: &Flow,
        label: Option<LabelSlot>,
        mut end: impl FnMut(&mut Self, ValueId, usize, Option<LabelSlot>) -> Lowered<()>,
    ) -> Lowered<()> {
        let exit = self.targets.len();
        let inner = if flow.is_simple() { None } else { label };
        self.drive(flow, &[], label, &mut |me, item| end(me, item, exit, inner))
    }

    fn drive(&mut self, flow: &Flow, limits: &[Limit], label: Option<LabelSlot>, end: &mut End<'_, 'w>) -> Lowered<()> {
        let around = Around { exit: self.targets.len(), limits };
        if let (true, Head::Access(access)) = (flow.is_simple(), &flow.head) {
            return self.access_loop(access, label, &flow.steps, around, end);
        }
        let join = self.join_nothing();
        let (block, target) = self.in_target(label, join, |me| me.head(flow, around, end))?;
        self.push_block(target, block);
        Ok(())
    }

    fn head(&mut self, flow: &Flow, around: Around<'_>, end: &mut End<'_, 'w>) -> Lowered<()> {
        match &flow.head {
            Head::Access(access) => self.access_loop(access, None, &flow.steps, around, end),
            Head::Rest(access, next) => self.endless(flow, around, |me| {
                let index = me.build.get(*next);
                me.exit_past(access, index, around.exit);
                me.count_up(*next);
                let item = me.item(access, index)?;
                me.steps(&flow.steps, item, around, end)
            }),
            Head::Chained(first, second) => {
                let limits = limits(&flow.steps, around);
                for part in [first, second] {
                    self.drive(part, &limits, None, &mut |me, item| me.steps(&flow.steps, item, around, end))?;
                }
                Ok(())
            }
            Head::Successors(state, next) => self.endless(flow, around, |me| {
                let option = me.build.function()[*state].ty;
                let place = Place::Memory(me.build.address(*state));
                let some = me.is_some(place)?;
                me.exit_unless(some, around.exit);
                let item = me.payload(place)?;
                let item = me.load(item)?;
                let reference = me.reference_to(item);
                let following = me.inlined(next, &[reference], Some(option))?;
                me.build.set(*state, following);
                me.steps(&flow.steps, item, around, end)
            }),
            Head::FromFn(next) => self.endless(flow, around, |me| {
                let option = Place::Value(me.inlined(next, &[], None)?);
                let some = me.is_some(option)?;
                me.exit_unless(some, around.exit);
                me.steps_of_payload(&flow.steps, option, around, end)
            }),
        }
    }

    fn access_loop(
        &mut self,
        access: &Access,
        label: Option<LabelSlot>,
        steps: &[Step],
        around: Around<'_>,
        end: &mut End<'_, 'w>,
    ) -> Lowered<()> {
        let round = |me: &mut Self, index| {
            me.check_limits(steps, around);
            let item = me.item(access, index)?;
            me.steps(steps, item, around, end)
        };
        if access.endless { self.uncounted(label, round) } else { self.counted(access.count, label, round) }
    }

    /// A loop that ends when something leaves it.
    fn endless(
        &mut self,
        flow: &Flow,
        around: Around<'_>,
        round: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<()> {
        let join = self.join_nothing();
        let (body, target) = self.in_target(None, join, |me| {
            me.check_limits(&flow.steps, around);
            round(me)
        })?;
        self.push_loop(target.label, body, Block::default(), None);
        Ok(())
    }

    /// What has been taken is enough: nothing more is asked of what comes before.
    fn check_limits(&mut self, steps: &[Step], around: Around<'_>) {
        for limit in limits(steps, around) {
            let taken = self.build.get(limit.counter);
            let more = self.build.compare(CompareOp::Less, taken, limit.n);
            self.exit_unless(more, limit.exit);
        }
    }

    /// The steps that are left for an item, and then the end.
    fn steps(&mut self, steps: &[Step], item: ValueId, around: Around<'_>, end: &mut End<'_, 'w>) -> Lowered<()> {
        let Some((step, rest)) = steps.split_first() else {
            return end(self, item);
        };
        let bool = self.scalar_type(Scalar::Bool);
        match step {
            Step::Map(f) => {
                let mapped = self.inlined(f, &[Place::Value(item)], None)?;
                self.steps(rest, mapped, around, end)
            }
            Step::Filter(f) => {
                let kept = self.looked_at(f, item)?;
                self.branch(kept, |me| me.steps(rest, item, around, end), |_| Ok(()))
            }
            Step::FilterMap(f) => {
                let option = Place::Value(self.inlined(f, &[Place::Value(item)], None)?);
                let kept = self.is_some(option)?;
                self.branch(kept, |me| me.steps_of_payload(rest, option, around, end), |_| Ok(()))
            }
            Step::TakeWhile(f) => {
                let more = self.looked_at(f, item)?;
                self.exit_unless(more, around.exit);
                self.steps(rest, item, around, end)
            }
            Step::MapWhile(f) => {
                let option = Place::Value(self.inlined(f, &[Place::Value(item)], None)?);
                let more = self.is_some(option)?;
                self.exit_unless(more, around.exit);
                self.steps_of_payload(rest, option, around, end)
            }
            Step::Scan(state, f) => {
                let state = Place::Value(self.build.address(*state));
                let option = Place::Value(self.inlined(f, &[state, Place::Value(item)], None)?);
                let more = self.is_some(option)?;
                self.exit_unless(more, around.exit);
                self.steps_of_payload(rest, option, around, end)
            }
            Step::SkipWhile(f, skipping) => {
                let still = self.build.get(*skipping);
                let skip = |me: &mut Self| me.looked_at(f, item);
                let still = self.one_of(still, bool, skip, |me| Ok(me.build.boolean(false)))?;
                self.build.set(*skipping, still);
                self.branch(still, |_| Ok(()), |me| me.steps(rest, item, around, end))
            }
            Step::Inspect(f) => {
                let unit = self.unit_type();
                let item_place = self.reference_to(item);
                self.inlined(f, &[item_place], Some(unit))?;
                self.steps(rest, item, around, end)
            }
            Step::Enumerate(counter) => {
                let number = self.count_up(*counter);
                let pair = self.make_tuple(vec![number, item]);
                self.steps(rest, pair, around, end)
            }
            Step::Copied => {
                let value = self.strip_one(item)?;
                self.steps(rest, value, around, end)
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
                        me.steps(rest, item, around, end)
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
                self.branch(skips, skip, |me| me.steps(rest, item, around, end))
            }
            Step::Take(_, counter) => {
                self.count_up(*counter);
                self.steps(rest, item, around, end)
            }
            Step::Zip(other, counter) => {
                let index = self.count_up(*counter);
                self.exit_past(other, index, around.exit);
                let partner = self.item(other, index)?;
                let pair = self.make_tuple(vec![item, partner]);
                self.steps(rest, pair, around, end)
            }
            Step::ZipChanged(other, changes, counter) => {
                let index = self.count_up(*counter);
                self.exit_past(other, index, around.exit);
                let partner = self.changed_item(other, changes, index)?;
                let pair = self.make_tuple(vec![item, partner]);
                self.steps(rest, pair, around, end)
            }
            Step::Flatten => self.flattened(rest, item, around, end),
            Step::FlatMap(stage) => self.flat_mapped(stage, rest, item, around, end),
        }
    }

    /// Ends the loop where there is no such item.
    fn exit_past(&mut self, access: &Access, index: ValueId, exit: usize) {
        if !access.is_without_end() {
            let more = self.has_item(access, index);
            self.exit_unless(more, exit);
        }
    }

    /// Item `i` after steps that give one item for each.
    pub(super) fn changed_item(&mut self, access: &Access, changes: &[Step], i: ValueId) -> Lowered<ValueId> {
        let mut item = self.item(access, i)?;
        for change in changes {
            match change {
                Step::Map(f) => item = self.inlined(f, &[Place::Value(item)], None)?,
                Step::Inspect(f) => {
                    let (unit, place) = (self.unit_type(), self.reference_to(item));
                    self.inlined(f, &[place], Some(unit))?;
                }
                _ => item = self.strip_one(item)?,
            }
        }
        Ok(item)
    }

    fn steps_of_payload(
        &mut self,
        rest: &[Step],
        option: Place,
        around: Around<'_>,
        end: &mut End<'_, 'w>,
    ) -> Lowered<()> {
        let held = self.payload(option)?;
        let held = self.load(held)?;
        self.steps(rest, held, around, end)
    }

    /// The items of an item: of an `Option`, a slice or an array.
    fn flattened(&mut self, rest: &[Step], item: ValueId, around: Around<'_>, end: &mut End<'_, 'w>) -> Lowered<()> {
        let place = self.strip(Place::Value(item))?;
        if self.held_in(self.place_type(place)).is_some() {
            let by_reference = matches!(self.ty(self.build.type_of(item)), Type::Pointer(_));
            let some = self.is_some(place)?;
            let go = |me: &mut Self| {
                if !by_reference {
                    return me.steps_of_payload(rest, place, around, end);
                }
                let held = me.payload(place)?;
                let held = me.address(held);
                me.steps(rest, held, around, end)
            };
            return self.branch(some, go, |_| Ok(()));
        }
        let access = self.items_of(Place::Value(item))?;
        let inner = Flow { head: Head::Access(access), steps: vec![] };
        let limits = limits(rest, around);
        self.drive(&inner, &limits, None, &mut |me, item| me.steps(rest, item, around, end))
    }

    /// `flat_map`: the chain that the closure makes of the item.
    fn flat_mapped(
        &mut self,
        stage: &'static Stage,
        rest: &[Step],
        item: ValueId,
        around: Around<'_>,
        end: &mut End<'_, 'w>,
    ) -> Lowered<()> {
        let Stage::FlatMap(pattern, statements, source, stages) = stage else {
            return self.bug("a `flat_map` is needed");
        };
        self.bind(pattern, Place::Value(item))?;
        self.statements(statements)?;
        let inner = self.flow(source, stages)?;
        let limits = limits(rest, around);
        self.drive(&inner, &limits, None, &mut |me, item| me.steps(rest, item, around, end))
    }

    /// A predicate of a reference to the item.
    pub(super) fn looked_at(&mut self, f: &'static Expr, item: ValueId) -> Lowered<ValueId> {
        let bool = self.scalar_type(Scalar::Bool);
        let reference = self.reference_to(item);
        let holds = self.inlined(f, &[reference], Some(bool))?;
        self.strip_value(holds)
    }

    pub(super) fn reference_to(&mut self, item: ValueId) -> Place {
        Place::Value(self.spill(item))
    }
}
