//! What a device changed, back in the nodes.

use std::mem::offset_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use landbridge_core::KernelType;
use landbridge_core::linked::{How, LinkedMut, Root, Target, flatten, linked_mut};

use crate::structures::{Random, Tree, tree};
use crate::{CREWS, map_of};

/// Adds 1 to the `u64` at an offset of each node's copy.
fn add_one(linked: &mut LinkedMut<'_, Tree>, nodes: usize) {
    for number in 0..nodes {
        let at = 16 + number * size_of::<Tree>() + offset_of!(Tree, key);
        // SAFETY: the key of a node, which is initialised; links are left alone.
        unsafe {
            let field = linked.bytes_mut()[at..at + 8].as_mut_ptr().cast::<u64>();
            field.write_unaligned(field.read_unaligned().wrapping_add(1));
        }
    }
}

fn keys(tree: &Tree) -> Vec<u64> {
    let mut keys = Vec::new();
    let mut stack = vec![tree];
    while let Some(node) = stack.pop() {
        keys.push(node.key);
        stack.extend(node.left.as_deref());
        stack.extend(node.right.as_deref());
    }
    keys
}

#[test]
fn plain_fields_come_back_and_links_stay() {
    let nodes = if cfg!(miri) { 60 } else { 100_000 };
    for crew in CREWS {
        let mut tree = tree(&mut Random::new(5), nodes).expect("a tree");
        let before = keys(&tree);
        let mut linked = linked_mut(&mut *tree);
        // SAFETY: there is no image, so nothing is written.
        assert!(!unsafe { linked.write_back(crew) });
        linked.image(Target::Words, u64::MAX, crew).expect("an image");
        add_one(&mut linked, nodes);
        // SAFETY: keys are numbers.
        assert!(unsafe { linked.write_back(crew) });
        assert!(keys(linked.get()).iter().zip(&before).all(|(now, before)| *now == before.wrapping_add(1)));
        // The second image is the first one again, with what the nodes have now.
        linked.image(Target::Words, u64::MAX, crew).expect("an image");
        add_one(&mut linked, nodes);
        // SAFETY: as above.
        unsafe { linked.write_back(crew) };
        assert!(keys(linked.get()).iter().zip(&before).all(|(now, before)| *now == before.wrapping_add(2)));
        // Who changes links gets a new image.
        let removed = linked.get_mut().left.take().map_or(0, |left| keys(&left).len());
        let image = linked.image(Target::Words, u64::MAX, crew).expect("an image");
        assert_eq!(image.node_count(), Some(nodes - removed));
        drop(linked);
        assert!(tree.left.is_none());
    }
}

#[derive(KernelType)]
struct Shared {
    value: u32,
}

#[derive(KernelType)]
struct Owner<'a> {
    value: u32,
    hits: AtomicU32,
    far: AtomicI64,
    numbers: Vec<u32>,
    children: Vec<Owner<'a>>,
    arc: Arc<Shared>,
    reference: &'a Shared,
    boxed: Box<Shared>,
}

/// Every byte of a node's copy that is not a link becomes `0x11`: numbers are all that there is besides links.
#[test]
fn what_is_shared_and_what_owns_is_left_alone() {
    let outside = Shared { value: 1 };
    let arc = Arc::new(Shared { value: 2 });
    let owner = |value, children| Owner {
        value,
        hits: AtomicU32::new(value),
        far: AtomicI64::new(-1),
        numbers: vec![3; 3],
        children,
        arc: arc.clone(),
        reference: &outside,
        boxed: Box::new(Shared { value: 4 }),
    };
    let mut root = owner(5, vec![owner(6, Vec::new()), owner(7, Vec::new())]);
    let place = Root { data: std::ptr::from_mut(&mut root).cast(), count: 1, exclusive: true };
    // SAFETY: `root` is borrowed exclusively: it is next used when the image is gone. All bytes are valid in numbers.
    unsafe {
        let how = How { keep: true, ..How::new(Target::Words) };
        let mut image = flatten(map_of::<Owner<'_>>(), place, how).expect("an image");
        image.bytes_mut().fill(std::mem::MaybeUninit::new(0x11));
        assert!(image.write_back(CREWS[0]));
    }
    const NEW: u32 = 0x1111_1111;
    for node in std::iter::once(&root).chain(&root.children) {
        assert_eq!(node.far.load(Ordering::Relaxed), 0x1111_1111_1111_1111);
        assert_eq!((node.value, node.hits.load(Ordering::Relaxed), node.boxed.value), (NEW, NEW, NEW));
        assert_eq!(node.numbers, [NEW; 3]);
        assert!(Arc::ptr_eq(&node.arc, &arc) && std::ptr::eq(node.reference, &outside));
    }
    assert_eq!((root.children.len(), arc.value, outside.value), (2, 2, 1));
}
