//! Structures that no stack could hold.

use std::collections::HashMap;

use landbridge_core::KernelType;
use landbridge_core::linked::{Alone, FlattenError, How, Target, flatten, pages};

use crate::structures::{Leaf, Tree};
use crate::{CREWS, TARGETS, image, map_of, root_of};

#[derive(KernelType)]
struct List {
    value: u32,
    next: Option<Box<List>>,
}

/// The same, but no fast loop takes it.
#[derive(KernelType)]
struct Long {
    leaf: Box<Leaf>,
    next: Vec<Long>,
}

const LENGTH: u32 = if cfg!(miri) { 300 } else { 1_000_000 };
/// Of lists.
const LONGEST: u32 = if cfg!(miri) { 300 } else { 10_000_000 };
/// A small stack: recursion over so many nodes would end the process.
const STACK: usize = 256 << 10;

fn on_a_small_stack(test: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, test)
            .expect("a thread")
            .join()
            .expect("no panic");
    });
}

fn list(length: u32) -> List {
    let mut list = List { value: length - 1, next: None };
    for value in (0..length - 1).rev() {
        list = List { value, next: Some(Box::new(list)) };
    }
    list
}

impl Drop for List {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

impl Drop for Long {
    fn drop(&mut self) {
        let mut next = std::mem::take(&mut self.next);
        while let Some(mut node) = next.pop() {
            next = std::mem::take(&mut node.next);
        }
    }
}

#[test]
fn lists_of_any_length() {
    on_a_small_stack(|| {
        let list = [list(LONGEST)];
        for (target, keep) in [(TARGETS[0], true), (TARGETS[1], false)] {
            let image = image(&list, How { keep, ..How::new(target) });
            assert_eq!(image.bytes().len(), 16 + LONGEST as usize * size_of::<List>());
            assert_eq!(image.node_count(), keep.then_some(LONGEST as usize));
            // Breadth-first, a list's nodes stand in its own order.
            let (value, next) = (std::mem::offset_of!(List, value), std::mem::offset_of!(List, next));
            for number in 0..LONGEST {
                let place = 16 + u64::from(number) * size_of::<List>() as u64;
                let after = place + size_of::<List>() as u64;
                let link = match target {
                    _ if number + 1 == LONGEST => 0,
                    Target::Words => after / 4,
                    Target::Address(base) => base + after,
                };
                // SAFETY: the node's fields, which are initialised.
                unsafe {
                    let node = image.bytes().as_ptr().add(place as usize);
                    assert_eq!(node.add(value).cast::<u32>().read(), number);
                    assert_eq!(node.add(next).cast::<u64>().read(), link, "of node {number}");
                }
            }
        }
        // SAFETY: as in `image`.
        let pages = unsafe { pages(map_of::<List>(), root_of(&list), 4096, &Alone) }.expect("pages");
        let bytes: usize = pages.iter().map(std::iter::ExactSizeIterator::len).sum();
        assert!(bytes >= LONGEST as usize * size_of::<List>() && bytes.is_multiple_of(4096));
    });
}

#[test]
fn trees_of_any_depth() {
    on_a_small_stack(|| {
        let mut tree: Option<Box<Tree>> = None;
        for key in 0..u64::from(LENGTH) {
            let leaf = (key % 3 == 0).then(|| Box::new(Tree { key: key + 1_000_000_000, left: None, right: None }));
            let (left, right) = if key % 2 == 0 { (tree, leaf) } else { (leaf, tree) };
            tree = Some(Box::new(Tree { key, left, right }));
        }
        let root = std::slice::from_ref(tree.as_deref().expect("a tree"));
        for crew in CREWS {
            let image = image(root, How { keep: true, crew, ..How::new(Target::Words) });
            assert_eq!(image.node_count(), Some(LENGTH as usize + (LENGTH as usize).div_ceil(3)));
            let places: HashMap<*const u8, u64> = image.nodes().map(|node| (node.host, node.place)).collect();
            assert_eq!(Some(places.len()), image.node_count());
            for node in image.nodes() {
                // SAFETY: the nodes' addresses lead to the tree's nodes, which are borrowed; their copies are complete.
                let (host, copy) =
                    unsafe { (&*node.host.cast::<Tree>(), image.bytes().as_ptr().add(node.place as usize)) };
                let link = |offset: usize, link: &Option<Box<Tree>>| {
                    let place = link.as_deref().map_or(0, |to| places[&std::ptr::from_ref(to).cast::<u8>()]);
                    // SAFETY: as above.
                    assert_eq!(unsafe { copy.add(offset).cast::<u64>().read() }, place / 4);
                };
                link(std::mem::offset_of!(Tree, left), &host.left);
                link(std::mem::offset_of!(Tree, right), &host.right);
                // SAFETY: as above.
                assert_eq!(unsafe { copy.add(std::mem::offset_of!(Tree, key)).cast::<u64>().read() }, host.key);
            }
        }
        while let Some(node) = tree.as_mut() {
            let Tree { left, right, .. } = &mut **node;
            tree =
                if right.as_ref().is_some_and(|right| right.key < 1_000_000_000) { right.take() } else { left.take() };
        }
    });
}

#[test]
fn vectors_in_vectors_of_any_depth() {
    on_a_small_stack(|| {
        let make = |number: u32, next| Long { leaf: Box::new(Leaf { weight: number as f32 }), next };
        let long = (1..LENGTH).fold(make(0, Vec::new()), |long, number| make(number, vec![long]));
        let image = image(std::slice::from_ref(&long), How { keep: true, ..How::new(Target::Words) });
        assert_eq!(image.node_count(), Some(2 * LENGTH as usize));
    });
}

#[test]
fn an_image_over_the_limit_is_refused_before_it_is_made() {
    let list = [list(10_000.min(LENGTH))];
    let size = image(&list, How::new(Target::Words)).bytes().len() as u64;
    for limit in [0, 15, 16, 100, size / 2, size - 1] {
        // SAFETY: as in `image`.
        let refused = unsafe { flatten(map_of::<List>(), root_of(&list), How { limit, ..How::new(Target::Words) }) };
        match refused {
            Err(FlattenError::TooLarge { bytes, limit: of }) => assert!(bytes > of && of == limit),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("an image of {size} bytes in {limit}"),
        }
    }
    let error = FlattenError::TooLarge { bytes: 4 << 30, limit: 1 << 30 }.on("wgpu:0 (GPU)");
    assert!(error.to_string().starts_with("wgpu:0 (GPU) has not enough memory: 4.0 GiB wanted, 1.0 GiB available"));
}
