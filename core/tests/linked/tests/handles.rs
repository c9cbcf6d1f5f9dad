//! Borrows that keep images.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use landbridge_core::KernelType;
use landbridge_core::linked::{FlattenError, Target, linked};

use crate::reader::{compare, compared};
use crate::structures::{Random, tree};

#[derive(KernelType)]
struct Counted {
    hits: AtomicU32,
    next: Option<Box<Counted>>,
}
compared!(Counted { hits next });

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

#[test]
fn atomics_are_read_again() {
    let list =
        Counted { hits: AtomicU32::new(1), next: Some(Box::new(Counted { hits: AtomicU32::new(2), next: None })) };
    let borrowed = linked(&list);
    let held = borrowed.image(Target::Words, u64::MAX).expect("an image");
    compare(std::slice::from_ref(&list), &held);
    list.hits.store(10, Ordering::Relaxed);
    let second = borrowed.image(Target::Words, u64::MAX).expect("an image");
    assert!(!Arc::ptr_eq(&held, &second), "the one that is held cannot change");
    compare(std::slice::from_ref(&list), &second);
    drop((held, second));
    list.next.as_ref().expect("two nodes").hits.store(20, Ordering::Relaxed);
    compare(std::slice::from_ref(&list), &borrowed.image(Target::Words, u64::MAX).expect("an image"));
}
