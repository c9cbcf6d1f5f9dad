//! Borrows that keep images.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use landbridge_core::KernelType;
use landbridge_core::linked::{FlattenError, Target, linked};

use crate::reader::{compare, compared};
use crate::structures::{Random, tree};

#[derive(KernelType)]
struct Counted {
    hits: AtomicU32,
    all: AtomicU64,
    next: Option<Box<Counted>>,
}
compared!(Counted { hits all next });

#[test]
fn a_second_image_of_a_borrowed_structure_is_the_first() {
    let tree = tree(&mut Random::new(3), 100).expect("a tree");
    let tree = linked(&*tree);
    let first = tree.image(Target::Words, u64::MAX).expect("an image");
    assert!(Arc::ptr_eq(&first, &tree.image(Target::Words, u64::MAX).expect("an image")));
    let other = tree.image(Target::Address(64), u64::MAX).expect("an image");
    assert!(!Arc::ptr_eq(&first, &other));
    assert!(Arc::ptr_eq(&other, &tree.image(Target::Address(64), u64::MAX).expect("an image")));
    assert!(matches!(tree.image(Target::Words, 100), Err(FlattenError::TooLarge { limit: 100, .. })));
    assert!(!tree.pages(4096).expect("pages").is_empty());
    assert!(tree.key > 0);
}

fn counted(hits: u32, next: Option<Box<Counted>>) -> Counted {
    Counted { hits: AtomicU32::new(hits), all: AtomicU64::new(u64::MAX - 7), next }
}

#[test]
fn atomics_are_read_again() {
    let list = counted(1, Some(Box::new(counted(2, None))));
    let borrowed = linked(&list);
    let held = borrowed.image(Target::Words, u64::MAX).expect("an image");
    compare(std::slice::from_ref(&list), &held);
    list.hits.store(10, Ordering::Relaxed);
    list.all.store(1 << 40, Ordering::Relaxed);
    let second = borrowed.image(Target::Words, u64::MAX).expect("an image");
    assert!(!Arc::ptr_eq(&held, &second), "the one that is held cannot change");
    compare(std::slice::from_ref(&list), &second);
    drop((held, second));
    list.next.as_ref().expect("two nodes").hits.store(20, Ordering::Relaxed);
    compare(std::slice::from_ref(&list), &borrowed.image(Target::Words, u64::MAX).expect("an image"));
}
