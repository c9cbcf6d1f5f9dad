//! Random lists and trees: what a kernel makes of them is what plain Rust does.

use std::sync::Arc;

use landbridge::{KernelType, kernel};
use proptest::prelude::*;

use crate::support::same;

/// A node with every kind of link.
#[derive(Debug, KernelType)]
struct Node {
    value: u32,
    next: Option<Box<Node>>,
    sides: [Option<Arc<Node>>; 2],
    children: Vec<Node>,
    numbers: Box<[u16]>,
    always: Box<(u8, u32)>,
}

/// A depth-first walk: which way is taken first, the seed says.
#[kernel]
fn fold(#[uniform] root: &Node, seed: &u32) -> (u32, u32) {
    let mut stack: [Option<&Node>; 128] = [None; 128];
    stack[0] = Some(root);
    let (mut depth, mut hash, mut nodes) = (1, *seed, 0);
    while depth > 0 {
        depth -= 1;
        let node = stack[depth].unwrap();
        nodes += 1;
        hash = hash.wrapping_mul(31).wrapping_add(node.value ^ node.always.1);
        for number in &node.numbers {
            hash = hash.rotate_left(*number as u32 % 7) ^ node.always.0 as u32;
        }
        if let Some(next) = &node.next {
            stack[depth] = Some(next);
            depth += 1;
        }
        for k in 0..2 {
            let side = node.sides[if seed % 2 == 0 { k } else { 1 - k }].as_deref();
            if side.is_some() {
                stack[depth] = side;
                depth += 1;
            }
        }
        for child in node.children.iter() {
            stack[depth] = Some(child);
            depth += 1;
        }
    }
    (hash, nodes)
}

/// The same, recursively.
fn expected(node: &Node, seed: u32, hash: &mut u32, nodes: &mut u32) {
    *nodes += 1;
    *hash = hash.wrapping_mul(31).wrapping_add(node.value ^ node.always.1);
    for number in &node.numbers {
        *hash = hash.rotate_left(u32::from(*number) % 7) ^ u32::from(node.always.0);
    }
    for child in node.children.iter().rev() {
        expected(child, seed, hash, nodes);
    }
    let mut sides: Vec<_> = node.sides.iter().rev().flatten().collect();
    if seed % 2 == 1 {
        sides.reverse();
    }
    for side in sides {
        expected(side, seed, hash, nodes);
    }
    if let Some(next) = &node.next {
        expected(next, seed, hash, nodes);
    }
}

fn node() -> impl Strategy<Value = Node> {
    let numbers = || (any::<u32>(), prop::collection::vec(any::<u16>(), 0..4), any::<(u8, u32)>());
    let leaf = numbers().prop_map(|(value, numbers, always)| Node {
        value,
        next: None,
        sides: [None, None],
        children: vec![],
        numbers: numbers.into(),
        always: Box::new(always),
    });
    leaf.prop_recursive(5, 24, 4, move |inner| {
        let one = || prop::option::of(inner.clone());
        let links = (one(), one(), one(), any::<bool>(), prop::collection::vec(inner.clone(), 0..3));
        (numbers(), links).prop_map(|((value, numbers, always), (next, left, right, shared, children))| {
            let left = left.map(Arc::new);
            let right = if shared { left.clone() } else { right.map(Arc::new) };
            Node {
                value,
                next: next.map(Box::new),
                sides: [left, right],
                children,
                numbers: numbers.into(),
                always: Box::new(always),
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn walks_find_what_plain_rust_finds(root in node(), seeds in prop::collection::vec(any::<u32>(), 1..4)) {
        let found = same(|d| d.collect(fold(&root, &seeds)));
        for (seed, found) in seeds.iter().zip(found) {
            let (mut hash, mut nodes) = (*seed, 0);
            expected(&root, *seed, &mut hash, &mut nodes);
            prop_assert_eq!(found, (hash, nodes));
        }
    }
}

/// `value * 3` at the end of a chain of boxes, or nothing.
#[kernel]
fn last(head: Option<&Node>, _x: &u32) -> u32 {
    let mut cur = head;
    let mut last = 0;
    while let Some(Node { value, next, .. }) = cur {
        last = value % 1000 * 3;
        cur = next.as_deref();
    }
    last
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn lists_end_where_they_end(values in prop::collection::vec(any::<u32>(), 0..50)) {
        let list = values.iter().rev().fold(None, |next, &value| {
            let always = Box::new((0, 0));
            Some(Box::new(Node { value, next, sides: [None, None], children: vec![], numbers: [].into(), always }))
        });
        let expected = values.last().map_or(0, |v| v % 1000 * 3);
        prop_assert_eq!(same(|d| d.collect(last(list.as_deref(), &[1, 2]))), [expected; 2]);
    }
}
