//! Regions: slices of words in which nodes lie. The address of a node is one in the words' buffer.

use landbridge_core::ir::{Module, Op, Scalar, Type, TypeId, ValueId};

use super::buffers::{Buffer, Unit};
use super::emit::{Emitter, Result};
use super::links::reachable;
use super::place::{Address, Place, Pointer, Val};

/// The types of all nodes that a kernel takes from regions of these words.
fn nodes(module: &Module, word: TypeId) -> Vec<TypeId> {
    let (mut found, types) = (vec![], &module.types);
    for function in &module.functions {
        for value in &function.values {
            let Op::Node { region, .. } = value.op else { continue };
            if let (Type::Slice(of), Type::Pointer(to)) = (&types[function[region].ty], &types[value.ty])
                && *of == word
            {
                found.push(*to);
            }
        }
    }
    found
}

impl Buffer {
    /// Words from which a kernel takes nodes; `None` if it takes none.
    pub(super) fn region(module: &Module, word: TypeId) -> Option<Buffer> {
        let nodes = nodes(module, word);
        if nodes.is_empty() {
            return None;
        }
        let leaves: Vec<_> = nodes.iter().flat_map(|&node| reachable(module, node).0).collect();
        let is_narrow = |scalar: Scalar| scalar.size() < 4;
        let atomic = leaves.iter().any(|(_, atomic)| *atomic);
        Some(Buffer {
            name: String::new(),
            more_arrays: vec![],
            part_elements: 0,
            element: word,
            unit: if atomic { Unit::SharedWords } else { Unit::Words },
            grain: if leaves.iter().any(|(scalar, _)| is_narrow(*scalar)) { 1 } else { 4 },
            unit_bytes: 4,
            exclusive: atomic,
            is_image: false,
            start: Address::default(),
        })
    }
}

impl Emitter<'_> {
    /// The address of a node in a region, at a word that checks have found.
    pub(super) fn node(&mut self, region: ValueId, word: ValueId, ty: TypeId) -> Result<Val> {
        let first = self.slice(region)?.first;
        let Type::Pointer(to) = self.module.types[ty] else {
            return self.error("a node", "of no reference: the module is not verified");
        };
        let word = self.lasting(word)?;
        let word = self.as_u32(&word);
        let empty = self.types.is_empty(to);
        let mut choices = vec![];
        for place in &first.choices {
            choices.push(match place {
                _ if empty => Place::Nothing,
                Place::Buffer { buffer, address }
                    if matches!(self.buffers[*buffer].unit, Unit::Words | Unit::SharedWords) =>
                {
                    Place::Buffer { buffer: *buffer, address: address.clone().plus(&word, 4) }
                }
                _ => return self.error("a node", "of no region in memory"),
            });
        }
        Ok(Val::Pointer(Pointer { choices, tag: first.tag }))
    }
}
