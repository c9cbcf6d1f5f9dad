//! Cases about phases of groups: their form, and what their items store to.

use landbridge_core::ir::verify::{MAX_LANES, Rule};
use landbridge_core::ir::{Block, FunctionId, Label, LocalId, Op, Scalar, Statement, ValueId, verify};

use super::{Builder, Case, INDEX, body, kernel};

/// A phase of four items.
fn phase(c: &mut Builder<'_>, lanes: u32, build: impl FnOnce(&mut Builder<'_>, LocalId)) {
    let usize = c.scalar(Scalar::Usize);
    let (count, item) = (c.b.integer(Scalar::Usize, 4), c.b.local("item", usize));
    c.b.open();
    build(c, item);
    let body = c.b.close();
    c.b.push(Statement::Phase { lanes, count, item, body });
}

/// A `[u32; 4]` of the group.
fn shared(c: &mut Builder<'_>) -> LocalId {
    let u32 = c.scalar(Scalar::U32);
    let array = c.b.module.types.array(u32, 4);
    let shared = c.b.local("shared", array);
    c.b.address(shared);
    shared
}

/// The address of an element.
fn element(c: &mut Builder<'_>, base: ValueId, index: ValueId) -> ValueId {
    let u32 = c.scalar(Scalar::U32);
    let pointer = c.b.module.types.pointer(u32);
    c.b.value(pointer, Op::Element { base, index, site: INDEX })
}

fn store_one(c: &mut Builder<'_>, pointer: ValueId) {
    let value = c.b.integer(Scalar::U32, 1);
    c.b.push(Statement::Store { pointer, value });
}

fn form_cases() -> Vec<Case> {
    use Rule::Phases;
    vec![
        body(Phases, "phase item$6 of 4_usize by 0: 0 lanes", |c| phase(c, 0, |_, _| {})),
        body(Phases, "phase item$6 of 4_usize by 1025: 1025 lanes", |c| phase(c, MAX_LANES + 1, |_, _| {})),
        body(Phases, "phase item$7 of 4_usize by 8: a phase inside of a phase", |c| {
            phase(c, 8, |c, _| phase(c, 8, |_, _| {}));
        }),
        body(Phases, "phase item$7 of 4_usize by 16: 16 lanes where other phases have 8", |c| {
            phase(c, 8, |_, _| {});
            phase(c, 16, |_, _| {});
        }),
        body(Phases, "phase i$5 of 4_usize by 8: local 5 is no number of an item", |c| {
            let count = c.b.integer(Scalar::Usize, 4);
            c.b.push(Statement::Phase { lanes: 8, count, item: LocalId(5), body: Block::default() });
        }),
        body(Phases, "phase item$6 of %1 by 8: the count is of type `u32`", |c| {
            let (count, usize) = (c.a, c.scalar(Scalar::Usize));
            let item = c.b.local("item", usize);
            c.b.push(Statement::Phase { lanes: 8, count, item, body: Block::default() });
        }),
        body(Phases, "return: returns out of a phase", |c| {
            phase(c, 8, |c, _| c.b.push(Statement::Return(None)));
        }),
        body(Phases, "phase 0: its item is a local that is used elsewhere, too", |c| {
            let mut kept = LocalId(0);
            phase(c, 8, |c, item| {
                kept = item;
                c.b.get(item);
            });
            c.b.get(kept);
        }),
        body(Phases, "phase 0: the number of its item is changed", |c| {
            phase(c, 8, |c, item| {
                let value = c.b.integer(Scalar::Usize, 1);
                c.b.set(item, value);
            });
        }),
        body(Rule::Targets, "break '0: no enclosing loop or block is labelled '0", |c| {
            c.b.open();
            phase(c, 8, |c, _| c.b.push(Statement::Break(Label(0))));
            let body = c.b.close();
            c.b.push(Statement::Block { label: Label(0), body });
        }),
    ]
}

fn store_cases() -> Vec<Case> {
    use Rule::PhaseStores;
    let not_own = "store %15, 1_u32: stores to what is not the item's own";
    vec![
        // one element for all items
        body(PhaseStores, not_own, |c| {
            let shared = shared(c);
            phase(c, 8, |c, _| {
                let (base, index) = (c.b.address(shared), c.i);
                let place = element(c, base, index);
                store_one(c, place);
            });
        }),
        // a variable of the group
        body(PhaseStores, "store sum$6, 1_u32: stores to what is not the item's own", |c| {
            let u32 = c.scalar(Scalar::U32);
            let sum = c.b.local("sum", u32);
            let (one, first) = (c.b.integer(Scalar::U32, 0), sum);
            c.b.set(first, one);
            phase(c, 8, |c, _| {
                let place = c.b.address(sum);
                store_one(c, place);
            });
        }),
        // what the group has of its own
        body(PhaseStores, "store %5, 1_u32: stores to what is not the item's own", |c| {
            phase(c, 8, |c, _| store_one(c, c.y));
        }),
        // the item's number in a part that depends on it
        body(PhaseStores, "store %19, 1_u32: stores to what is not the item's own", |c| {
            let shared = shared(c);
            phase(c, 8, |c, item| {
                let u32 = c.scalar(Scalar::U32);
                let slice = c.b.module.types.slice(u32);
                let (array, from) = (c.b.address(shared), c.b.get(item));
                let all = c.b.value(slice, Op::AsSlice(array));
                let base =
                    c.b.value(slice, Op::Subslice { base: all, from, to: from, order: super::ORDER, end: super::END });
                let place = element(c, base, from);
                store_one(c, place);
            });
        }),
        // through a function
        body(PhaseStores, "%13: u32 = call 0 store(%5, %3): stores to what is not the item's own", |c| {
            phase(c, 8, |c, _| {
                let u32 = c.scalar(Scalar::U32);
                c.b.value(u32, Op::Call { function: FunctionId(0), arguments: vec![c.y, c.x] });
            });
        }),
    ]
}

pub(crate) fn cases() -> Vec<Case> {
    form_cases().into_iter().chain(store_cases()).collect()
}

#[test]
fn items_store_to_their_own_elements_and_variables() {
    let module = kernel(|c| {
        let shared = shared(c);
        phase(c, 8, |c, item| {
            let (base, index) = (c.b.address(shared), c.b.get(item));
            let place = element(c, base, index);
            let held = c.local(place);
            let place = c.b.load(held);
            store_one(c, place);
            let u32 = c.scalar(Scalar::U32);
            c.b.value(u32, Op::Call { function: FunctionId(0), arguments: vec![place, c.x] });
            let value = c.b.integer(Scalar::U32, 2);
            let own = c.local(value);
            store_one(c, own);
        });
    });
    verify(&module).unwrap_or_else(|error| panic!("{error}\n{module}"));
}
