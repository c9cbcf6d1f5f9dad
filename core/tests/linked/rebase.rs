//! Images for addresses that are known only later, as devices have them.

use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use landbridge_core::KernelType;
use landbridge_core::linked::{Alone, How, Image, Root, Target, flatten, linked};
use proptest::prelude::*;

use crate::reader::{Compare, compare, compare_bytes};
use crate::structures::{Maker, Mixed, Random, Tree, tree};
use crate::{CREWS, image, map_of};

/// For an address that is not known yet.
const UNKNOWN: Target = Target::Address(0);
const BASE: u64 = 0x7f12_3456_7000;

/// The image's bytes in chunks, each copied on its own.
fn in_chunks(image: &Image<'_>, base: u64, chunk: usize) -> Vec<MaybeUninit<u8>> {
    let mut bytes = vec![MaybeUninit::uninit(); image.bytes().len()];
    for (number, to) in bytes.chunks_mut(chunk).enumerate() {
        assert!(image.copy_based(base, (number * chunk) as u64, to, &Alone));
    }
    bytes
}

/// Copies for an address, in chunks and whole, and the image itself moved there and on.
fn check<T: Compare + landbridge_core::KernelNode>(values: &[T]) {
    let mut image = image(values, How { keep: true, ..How::new(UNKNOWN) });
    assert!(image.bytes().len().is_multiple_of(8));
    for chunk in [8, 40, 4096, 1 << 30] {
        compare_bytes(values, &in_chunks(&image, BASE, chunk), image.root(), Target::Address(BASE));
    }
    compare(values, &image);
    for base in [BASE, 64, 0, BASE] {
        assert!(image.rebase(base, &Alone));
        assert_eq!(image.target(), Target::Address(base));
        compare(values, &image);
    }
    compare_bytes(values, &in_chunks(&image, 128, 4096), image.root(), Target::Address(128));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 128 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pointers_lead_to_the_same_nodes_at_every_address(seed: u64, nodes in 0_u32..if cfg!(miri) { 6 } else { 100 }, count in 0_u64..4) {
        let mut maker = Maker::new(seed, nodes);
        let values: Vec<Mixed> = (0..count).map(|_| maker.mixed()).collect();
        check(&values);
    }
}

#[derive(KernelType)]
#[repr(C, u8)]
enum Part {
    Number(u64),
    One(u32, Box<Item>),
    Many { items: Vec<Item> },
    Other(Option<Arc<Item>>, u16),
}

#[derive(KernelType)]
struct Item {
    value: u32,
    parts: [Option<Box<Holder>>; 2],
}

#[derive(KernelType)]
struct Holder {
    part: Part,
    next: Option<Box<Holder>>,
}

/// What holds an enum is compared by Rust's own code: see [`as_the_structure_itself`].
fn holders(count: u32) -> Option<Box<Holder>> {
    let item = |value| Item { value, parts: [None, None] };
    let shared = Arc::new(item(99));
    (0..count).fold(None, |next, number| {
        let part = match number % 4 {
            0 => Part::Number(u64::from(number) << 33),
            1 => Part::One(number, Box::new(item(number + 1))),
            2 => Part::Many { items: (0..number % 7).map(item).collect() },
            _ => Part::Other((number % 8 == 3).then(|| shared.clone()), number as u16),
        };
        Some(Box::new(Holder { part, next }))
    })
}

fn sum(mut at: Option<&Holder>) -> u64 {
    let mut sum = 0_u64;
    while let Some(holder) = at {
        sum = sum.wrapping_mul(31).wrapping_add(match &holder.part {
            Part::Number(number) => *number,
            Part::One(number, item) => u64::from(*number) + u64::from(item.value),
            Part::Many { items } => items.iter().map(|item| u64::from(item.value) + 5).sum(),
            Part::Other(item, number) => u64::from(*number) + item.as_ref().map_or(7, |item| u64::from(item.value)),
        });
        at = holder.next.as_deref();
    }
    sum
}

/// Memory as a device has it: somewhere else, aligned.
struct Device {
    bytes: Vec<MaybeUninit<u8>>,
    start: usize,
}

impl Device {
    fn new(len: usize, align: usize) -> Self {
        let bytes = vec![MaybeUninit::uninit(); len + align];
        let start = bytes.as_ptr().addr().next_multiple_of(align) - bytes.as_ptr().addr();
        Device { bytes, start }
    }

    fn memory(&mut self, len: usize) -> &mut [MaybeUninit<u8>] {
        &mut self.bytes[self.start..self.start + len]
    }

    fn base(&mut self) -> u64 {
        self.memory(0).as_mut_ptr().expose_provenance() as u64
    }
}

/// In the host's memory an image for its own address is the structure once more: Rust itself walks it.
#[test]
fn as_the_structure_itself() {
    let holders = holders(if cfg!(miri) { 20 } else { 5_000 }).expect("some");
    let borrowed = linked(&*holders);
    let image = borrowed.image(UNKNOWN, u64::MAX).expect("an image");
    let len = image.bytes().len();
    let mut device = Device::new(len, image.align());
    let base = device.base();
    for (number, chunk) in device.memory(len).chunks_mut(1 << 10).enumerate() {
        assert!(image.copy_based(base, (number << 10) as u64, chunk, &Alone));
    }
    let root = std::ptr::with_exposed_provenance::<Holder>((base + image.root()) as usize);
    // SAFETY: the image is aligned and complete; its layout is the host's, its pointers lead into it, nothing is dropped.
    assert_eq!(sum(Some(unsafe { &*root })), sum(Some(&holders)));
    assert!(Arc::ptr_eq(&image, &borrowed.image(UNKNOWN, u64::MAX).expect("an image")), "it stayed as it was");
}

#[derive(KernelType)]
struct Cell<'a> {
    value: u64,
    hits: AtomicU32,
    constant: &'a Tree,
    shared: Arc<Tree>,
    next: Option<Box<Cell<'a>>>,
    row: Vec<Cell<'a>>,
}

/// There and back as a device does: rebased, sent, changed there, fetched, written back.
#[test]
fn what_changed_at_an_address_comes_back() {
    let count = if cfg!(miri) { 8 } else { 3_000 };
    let constant = tree(&mut Random::new(2), 20).expect("a tree");
    let shared: Arc<Tree> = Arc::from(tree(&mut Random::new(3), 20).expect("a tree"));
    let cell = |value, next, row| Cell {
        value,
        hits: AtomicU32::new(value as u32),
        constant: &constant,
        shared: shared.clone(),
        next,
        row,
    };
    let mut head = (0..count).fold(None, |next, number| {
        let row = (0..number % 3).map(|k| cell(number * 100 + k, None, Vec::new())).collect();
        Some(Box::new(cell(number, next, row)))
    });
    let root = head.as_deref_mut().expect("some");
    let place = Root { data: std::ptr::from_mut(root).cast(), count: 1, exclusive: true };
    // SAFETY: the root is borrowed exclusively until the image is gone; what is written into it are numbers.
    unsafe {
        let mut image =
            flatten(map_of::<Cell<'_>>(), place, How { keep: true, ..How::new(UNKNOWN) }).expect("an image");
        let len = image.bytes().len();
        let mut device = Device::new(len, image.align());
        let base = device.base();
        assert!(image.rebase(base, CREWS[1]));
        device.memory(len).copy_from_slice(image.bytes());
        let mut at = std::ptr::with_exposed_provenance_mut::<Cell<'_>>((base + image.root()) as usize);
        // What a kernel does; it follows the links that it finds.
        loop {
            let cell = &mut *at;
            assert_eq!((cell.constant.key, cell.shared.key), (constant.key, shared.key));
            cell.value += 1_000_000;
            cell.hits.fetch_add(5, Ordering::Relaxed);
            for inner in &mut cell.row {
                inner.value += 2_000_000;
            }
            match &mut cell.next {
                Some(next) => at = &raw mut **next,
                None => break,
            }
        }
        image.bytes_mut().copy_from_slice(device.memory(len));
        assert!(image.write_back(CREWS[1]));
    }
    let (mut at, mut number) = (head.as_deref(), count);
    while let Some(cell) = at {
        number -= 1;
        assert_eq!((cell.value, cell.hits.load(Ordering::Relaxed)), (number + 1_000_000, number as u32 + 5));
        assert!(cell.row.iter().zip(0..).all(|(inner, k)| inner.value == number * 100 + k + 2_000_000));
        assert!(Arc::ptr_eq(&cell.shared, &shared) && std::ptr::eq(cell.constant, &*constant));
        at = cell.next.as_deref();
    }
    assert_eq!(number, 0);
}

#[test]
fn threads_move_the_same_pointers() {
    let nodes = if cfg!(miri) { 100 } else { 200_000 };
    let tree = tree(&mut Random::new(11), nodes).expect("a tree");
    let values = std::slice::from_ref(&*tree);
    let expected = image(values, How::new(Target::Address(BASE)));
    // A tree's nodes have no padding.
    let words = |bytes: &[MaybeUninit<u8>]| -> Vec<u64> {
        // SAFETY: initialised words.
        bytes.chunks_exact(8).map(|word| unsafe { word.as_ptr().cast::<u64>().read_unaligned() }).collect()
    };
    for crew in CREWS {
        let mut moved = image(values, How { keep: true, crew, ..How::new(UNKNOWN) });
        let mut copy = vec![MaybeUninit::uninit(); moved.bytes().len()];
        assert!(moved.copy_based(BASE, 0, &mut copy, crew));
        assert!(words(&copy) == words(expected.bytes()));
        assert!(moved.rebase(BASE, crew));
        assert!(words(moved.bytes()) == words(expected.bytes()));
    }
}

#[test]
fn what_cannot_be_moved_says_so() {
    let tree = tree(&mut Random::new(1), 10).expect("a tree");
    let values = std::slice::from_ref(&*tree);
    let mut copy = [MaybeUninit::uninit(); 16];
    for how in [How { keep: true, ..How::new(Target::Words) }, How::new(UNKNOWN)] {
        let mut image = image(values, how);
        assert!(!image.rebase(BASE, &Alone));
        assert!(!image.copy_based(BASE, 0, &mut copy, &Alone));
        compare(values, &image);
    }
    let mut image = image(values, How { keep: true, ..How::new(UNKNOWN) });
    let len = image.bytes().len() as u64;
    for place in [4, len - 8, len, u64::MAX - 7] {
        assert!(
            catch_unwind(AssertUnwindSafe(|| image.copy_based(BASE, place, &mut copy, &Alone))).is_err(),
            "{place}"
        );
    }
    assert!(catch_unwind(AssertUnwindSafe(|| image.copy_based(BASE, 0, &mut copy[..12], &Alone))).is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| image.rebase(u64::MAX - len + 1, &Alone))).is_err());
    assert!(image.rebase(u64::MAX - len - 63, &Alone));
    compare(values, &image);
}
