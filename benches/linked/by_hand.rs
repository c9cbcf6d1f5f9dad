//! What a program does without the library: rebuilds its structure in a form that can be copied, by recursion where it
//! branches, and copies that.

use std::collections::HashMap;
use std::sync::Arc;

use crate::structures::{Graph, List, Tree};

/// No node.
const NONE: u32 = u32::MAX;

/// A node with indices for pointers.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Flat {
    value: u64,
    links: [u32; 2],
}

/// A list, front to back.
pub(crate) fn list(mut node: &List) -> Vec<Flat> {
    let mut flat = Vec::new();
    loop {
        let next = flat.len() as u32 + 1;
        let Some(behind) = &node.next else {
            flat.push(Flat { value: node.value, links: [NONE; 2] });
            return flat;
        };
        flat.push(Flat { value: node.value, links: [next, NONE] });
        node = behind;
    }
}

/// A tree, parents before children.
pub(crate) fn tree(root: &Tree) -> Vec<Flat> {
    fn add(node: &Tree, flat: &mut Vec<Flat>) -> u32 {
        let number = flat.len();
        flat.push(Flat { value: node.key, links: [NONE; 2] });
        if let Some(left) = &node.left {
            flat[number].links[0] = add(left, flat);
        }
        if let Some(right) = &node.right {
            flat[number].links[1] = add(right, flat);
        }
        number as u32
    }
    let mut flat = Vec::new();
    add(root, &mut flat);
    flat
}

/// A graph, every node once.
pub(crate) fn graph(root: &Graph) -> Vec<Flat> {
    fn add(node: &Graph, flat: &mut Vec<Flat>, known: &mut HashMap<*const Graph, u32>) -> u32 {
        let number = flat.len();
        flat.push(Flat { value: node.value, links: [NONE; 2] });
        for (k, edge) in node.edges.iter().enumerate() {
            let Some(to) = edge else { continue };
            let place = match known.get(&Arc::as_ptr(to)) {
                Some(&place) => place,
                None => add(to, flat, known),
            };
            known.insert(Arc::as_ptr(to), place);
            flat[number].links[k] = place;
        }
        number as u32
    }
    let (mut flat, mut known) = (Vec::new(), HashMap::new());
    add(root, &mut flat, &mut known);
    flat
}
