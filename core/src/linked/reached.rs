//! All nodes of one type in a structure, in structure order.
#![allow(unsafe_code)]

use std::any::TypeId;
use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::Range;

use super::gather::Crew;
use super::how::{FlattenError, Root};
use super::map::{Choice, Hole, LinkMap, NodeMap, Step};
use super::node;
use super::table::{Address, Table};
use super::walk::find;
use crate::types::{EnumDesc, FieldDesc, Ty, TypeKind};

/// Marks a node of the wanted type in [`Step`]s that say where such nodes lie inside of others.
const HERE: Hole = Hole::Tag(0);

/// Addresses of all distinct values of a type that a structure has: breadth-first, as the walk meets them; those that lie inside
/// of another node where that is met. `None`: nothing in the structure can be of that type.
///
/// # Errors
/// [`FlattenError::NoMemory`] if the host has none for the list.
///
/// # Safety
/// As [`super::flatten`]'s; the type has a size.
pub(super) unsafe fn reached(
    map: &LinkMap,
    root: Root,
    wanted: TypeId,
    crew: &dyn Crew,
) -> Result<Option<Vec<Address>>, FlattenError> {
    let inside: Vec<Vec<Step>> = map.kinds.iter().map(|kind| inside(kind, wanted)).collect();
    if inside.iter().all(Vec::is_empty) {
        return Ok(None);
    }
    // SAFETY: passed on.
    let table = unsafe { find(map, root, crew)? };
    let mut reached = Vec::new();
    for Stretch { kind, nodes, .. } in stretches(&table) {
        let size = map.kinds[kind].size;
        let mut each = |node: Address| {
            // SAFETY: the walk has found a node of that kind there, which is alive and does not change meanwhile.
            unsafe { note(&inside[kind], node, &mut reached) };
        };
        match nodes {
            Where::Nodes(range) => table.nodes[range].iter().for_each(|&node| each(node)),
            Where::Elements(first, count) => (0..count).for_each(|k| each(first.wrapping_add(k * size))),
        }
    }
    // A reference may lead into a node that is listed on its own, where the walk does not know its parts.
    if map.has_references() {
        let mut known = HashSet::new();
        reached.retain(|node| known.insert(*node));
    }
    Ok(Some(reached))
}

/// Values side by side in the list of a walk.
struct Stretch {
    /// The first one's place, which tells the order.
    place: u64,
    kind: usize,
    nodes: Where,
}

enum Where {
    /// Numbers in the walk's list.
    Nodes(Range<usize>),
    /// The first of so many.
    Elements(Address, usize),
}

/// What a walk has found, in the order in which it did.
fn stretches(table: &Table) -> Vec<Stretch> {
    let nodes =
        table.stretches().map(|(run, nodes)| Stretch { place: run.place, kind: run.kind, nodes: Where::Nodes(nodes) });
    let blocks = table.blocks.iter().map(|block| Stretch {
        place: block.place,
        kind: block.kind,
        nodes: Where::Elements(block.data, block.count),
    });
    let mut stretches: Vec<Stretch> = nodes.chain(blocks).collect();
    stretches.sort_by_key(|stretch| stretch.place);
    stretches
}

/// Notes the values of the wanted type that are in a node.
///
/// # Safety
/// A value lies there to which the steps belong, alive and unchanged meanwhile.
unsafe fn note(inside: &[Step], node: Address, reached: &mut Vec<Address>) {
    if let [Step::Hole(0, HERE)] = inside {
        return reached.push(node);
    }
    // SAFETY: passed on; offsets lie inside of the node.
    let Ok(()) = unsafe {
        node::holes(inside, node, 0, &mut |offset, hole| {
            if *hole == HERE {
                reached.push(node.wrapping_add(offset));
            }
            Ok::<(), Infallible>(())
        })
    };
}

/// Where values of the wanted type lie inside of a kind of node.
fn inside(kind: &NodeMap, wanted: TypeId) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(ty) = kind.ty {
        look(ty, 0, wanted, &mut steps);
    }
    steps
}

fn look(ty: Ty, offset: usize, wanted: TypeId, steps: &mut Vec<Step>) {
    if (ty.id)() == wanted {
        return steps.push(Step::Hole(offset, HERE));
    }
    match ty.kind {
        TypeKind::Struct(fields) => look_in(fields, offset, wanted, steps),
        TypeKind::Array(element, count) => {
            let mut each = Vec::new();
            look(element(), 0, wanted, &mut each);
            if !each.is_empty() {
                steps.push(Step::Repeat(offset, element().size, count, each));
            }
        }
        _ => steps.extend(ty.as_enum().and_then(|desc| choice(desc, offset, wanted))),
    }
}

fn look_in(fields: &[FieldDesc], offset: usize, wanted: TypeId, steps: &mut Vec<Step>) {
    fields.iter().for_each(|field| look((field.ty)(), offset + field.offset, wanted, steps));
}

fn choice(desc: &EnumDesc, offset: usize, wanted: TypeId) -> Option<Step> {
    let width = desc.tag.size() as usize;
    let mask = u64::MAX >> (64 - 8 * width);
    let variant = |variant: &crate::types::VariantDesc| {
        let mut steps = Vec::new();
        look_in(variant.fields, offset, wanted, &mut steps);
        (variant.value as u64 & mask, steps)
    };
    let variants: Vec<_> = desc.variants.iter().map(variant).collect();
    let any = variants.iter().any(|(_, steps)| !steps.is_empty());
    assert!(!(any && desc.rest), "nodes in an `Option` that has no tag of its own are not reached one by one");
    any.then_some(Step::Choice(Choice { offset: offset + desc.tag_offset, width, variants }))
}
