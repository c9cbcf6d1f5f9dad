//! Regions: against a model, and what bad handles do.

extern crate landbridge_core as landbridge;

use std::collections::HashMap;
use std::num::NonZeroU32;

use landbridge::region::{BadHandle, RegionOptions};
use landbridge::{KernelType, Region, Shared};
use proptest::prelude::*;

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Node {
    value: u16,
    next: Option<Shared<Node>>,
    name: Option<Shared<[u8]>>,
}

/// Looks like a node, and is not one.
#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Other {
    value: u16,
    next: Option<Shared<Node>>,
    name: Option<Shared<[u8]>>,
}

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
struct Line {
    numbers: [u32; 3],
}

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Nothing;

fn node(value: u16) -> Node {
    Node { value, next: None, name: None }
}

#[test]
fn handles_are_small() {
    assert_eq!(size_of::<Shared<Node>>(), 4);
    assert_eq!(size_of::<Option<Shared<Node>>>(), 4);
    assert_eq!(size_of::<Option<Shared<[Node]>>>(), 4);
}

#[test]
fn foreign_handles_are_refused() {
    let (mut a, mut b) = (Region::new(), Region::new());
    let of_a: Vec<_> = (0..1000).map(|k| a.push(node(k))).collect();
    let of_b: Vec<_> = (0..1000).map(|k| b.push(node(k))).collect();
    assert!(of_a.iter().all(|&p| matches!(b.get(p), Err(BadHandle::Foreign { .. })) && !b.contains(p)));
    assert!(of_b.iter().all(|&p| matches!(a.get_mut(p), Err(BadHandle::Foreign { .. }))));
    assert!(b.remove(of_a[0]).is_err());
    assert_eq!(b.len(), 1000);
}

#[test]
fn handles_of_many_regions_lead_nowhere_in_each_other() {
    let mut regions: Vec<_> = (0..if cfg!(miri) { 10 } else { 100 }).map(|_| Region::with_limit(1 << 20)).collect();
    let handles: Vec<Vec<_>> = regions.iter_mut().map(|r| (0..100).map(|k| r.push(k as u32)).collect()).collect();
    for (i, region) in regions.iter().enumerate() {
        for (j, handles) in handles.iter().enumerate() {
            assert!(handles.iter().all(|&p| region.contains(p) == (i == j)));
        }
    }
}

#[test]
fn other_types_are_refused() {
    let mut region = Region::new();
    let p = region.push(node(1));
    let as_other: Shared<Other> = Shared::from_number(p.number());
    assert!(region.get(as_other).is_err(), "this region never had a type `Other`");
    region.push(Other { value: 1, next: None, name: None });
    let error = region.get(as_other).unwrap_err();
    assert!(matches!(error, BadHandle::OtherType { .. }), "{error:?}");
    assert!(error.to_string().contains("Node") && error.to_string().contains("Other"), "{error}");
    // a node is not a slice of one node
    let as_slice: Shared<[Node]> = Shared::from_number(p.number());
    assert!(region.get(as_slice).is_err());
}

#[test]
fn what_was_removed_is_refused_until_its_room_is_reused() {
    let mut region = Region::new();
    let p = region.push(node(1));
    region.push(node(2));
    assert_eq!(region.remove(p), Ok(node(1)));
    assert!(matches!(region.get(p), Err(BadHandle::Removed { .. })));
    assert!(region.remove(p).is_err());
    let bytes = region.bytes();
    region.push(Other { value: 3, next: None, name: None });
    assert!(region.get(p).is_err(), "the room of a `Node` goes to a `Node` only");
    assert!(region.bytes() > bytes);
    let bytes = region.bytes();
    let q = region.push(node(4));
    assert_eq!((region.bytes(), region[q]), (bytes, node(4)));
}

#[test]
#[should_panic(expected = "leads to no node of its type in this region")]
fn indexing_with_a_foreign_handle_panics() {
    let p = Region::new().push(1_u8);
    let _ = Region::new()[p];
}

#[test]
fn a_full_region_keeps_what_it_holds() {
    let mut region = Region::with_limit(1 << 16);
    let first = region.push(Line { numbers: [1, 2, 3] });
    let mut more = vec![];
    let full = loop {
        match region.try_push(Line { numbers: [4; 3] }) {
            Ok(handle) => more.push(handle),
            Err(full) => break full,
        }
    };
    assert!(more.len() > 100);
    assert_eq!((full.limit, full.refused, full.used), (region.limit(), false, region.bytes()));
    assert!(full.to_string().contains("with_limit"), "{full}");
    assert!(region.try_push_slice(&[0_u8; 1 << 20]).is_err());
    assert!(region.try_push_with(usize::MAX, |_| 0_u64).is_err());
    assert_eq!(region.count::<Line>(), 1 + more.len());
    assert_eq!(region[first].numbers, [1, 2, 3]);
    assert!(more.iter().all(|&p| region[p].numbers == [4; 3]));
    region.remove(more[0]).unwrap();
    assert!(region.try_push(Line { numbers: [5; 3] }).is_ok());
}

#[test]
fn nodes_are_aligned_and_never_move() {
    for huge in [false, true] {
        aligned_and_unmoved(RegionOptions::new().limit(64 << 20).huge_pages(huge).node(0).build().unwrap());
    }
}

fn aligned_and_unmoved(mut region: Region) {
    let first = region.push(Line { numbers: [7; 3] });
    let address = std::ptr::from_ref(&region[first]);
    let handles: Vec<_> = (0..5000_u32)
        .map(|k| {
            region.push(k as u8);
            region.push(Nothing);
            region.push(Line { numbers: [k; 3] })
        })
        .collect();
    assert_eq!(address, std::ptr::from_ref(&region[first]));
    for (k, &p) in handles.iter().enumerate() {
        assert_eq!(std::ptr::from_ref(&region[p]).addr() % 64, 0);
        assert_eq!(region[p].numbers[2], k as u32);
    }
    assert_eq!(region.count::<Nothing>(), 5000);
    assert_eq!(region.iter::<Nothing>().count(), 5000);
}

#[test]
fn many_at_once_are_different_ones() {
    let mut region = Region::new();
    let (a, b) = (region.push(node(1)), region.push(node(2)));
    let letters = region.push_slice(b"abc");
    assert_eq!(region.get_many_mut([a, b, a]).unwrap_err(), BadHandle::Twice { number: a.number().get() });
    let (x, name, y) = region.get_many_mut((a, letters, b)).unwrap();
    std::mem::swap(x, y);
    name[1] = b'x';
    assert_eq!((region[a].value, region[b].value, &region[letters]), (2, 1, &b"axc"[..]));
    let as_slice: Shared<[Node]> = Shared::from_number(a.number());
    assert!(region.get_many_mut((a, as_slice)).is_err());
    let many: [_; 40] = std::array::from_fn(|k| region.push(k as u32));
    let sum: u32 = region.get_many_mut(many).unwrap().into_iter().map(|x| *x).sum();
    assert_eq!(sum, 780);
    let mut repeated = many;
    repeated[39] = repeated[3];
    assert!(matches!(region.get_many_mut(repeated), Err(BadHandle::Twice { .. })));
}

#[test]
fn a_panic_while_a_slice_is_made_leaves_no_slice() {
    let mut region = Region::new();
    let p = region.push(1_u32);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        region.try_push_with(8, |k| if k < 5 { k as u32 } else { panic!("five") })
    }));
    assert!(result.is_err());
    assert_eq!((region.len(), region.count::<[u32]>(), region.iter::<[u32]>().count()), (1, 0, 0));
    assert_eq!(region[p], 1);
}

#[test]
fn a_region_is_shared_among_threads() {
    let mut region = Region::new();
    let handles: Vec<_> = (0..100_u64).map(|k| region.push(k)).collect();
    let region = &region;
    std::thread::scope(|s| {
        for part in handles.chunks(25) {
            s.spawn(move || part.iter().for_each(|&p| assert_eq!(region[p] % 25, region[p] - region[part[0]])));
        }
    });
}

#[derive(Clone, Debug)]
enum Step {
    Node(u16, usize),
    Slice(Vec<u8>),
    Remove(usize),
    RemoveSlice(usize),
    Edit(usize, u16),
    Any(u32),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<u16>(), any::<usize>()).prop_map(|(v, k)| Step::Node(v, k)),
        4 => prop::collection::vec(any::<u8>(), 0..20).prop_map(Step::Slice),
        4 => any::<usize>().prop_map(Step::Remove),
        2 => any::<usize>().prop_map(Step::RemoveSlice),
        4 => (any::<usize>(), any::<u16>()).prop_map(|(k, v)| Step::Edit(k, v)),
        2 => any::<u32>().prop_map(Step::Any),
        1 => Just(Step::Clear),
    ]
}

fn pick<K: Copy + Ord, V>(map: &HashMap<K, V>, k: usize) -> Option<K> {
    let mut keys: Vec<K> = map.keys().copied().collect();
    keys.sort();
    (!keys.is_empty()).then(|| keys[k % keys.len()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]
    #[test]
    fn a_region_is_a_map(steps in prop::collection::vec(step(), 0..if cfg!(miri) { 20 } else { 200 })) {
        let mut region = Region::with_limit(1 << 16);
        let (mut nodes, mut slices) = (HashMap::new(), HashMap::new());
        for step in steps {
            match step {
                Step::Node(value, k) => {
                    let node = Node { value, next: pick(&nodes, k), name: pick(&slices, k) };
                    prop_assert!(nodes.insert(region.push(node), node).is_none());
                }
                Step::Slice(bytes) => {
                    prop_assert!(slices.insert(region.push_slice(&bytes), bytes).is_none());
                }
                Step::Remove(k) => if let Some(p) = pick(&nodes, k) {
                    prop_assert_eq!(region.remove(p).ok(), nodes.remove(&p));
                    prop_assert!(!region.contains(p));
                },
                Step::RemoveSlice(k) => if let Some(p) = pick(&slices, k) {
                    slices.remove(&p);
                    prop_assert!(region.remove_slice(p).is_ok());
                    prop_assert!(!region.contains(p));
                },
                Step::Edit(k, value) => if let Some(p) = pick(&nodes, k) {
                    region[p].value = value;
                    nodes.get_mut(&p).unwrap().value = value;
                },
                Step::Any(number) => if let Some(number) = NonZeroU32::new(number) {
                    let p = Shared::<Node>::from_number(number);
                    prop_assert_eq!(region.get(p).ok(), nodes.get(&p));
                },
                Step::Clear => {
                    region.clear();
                    prop_assert!(nodes.keys().all(|&p| !region.contains(p)));
                    nodes.clear();
                    slices.clear();
                }
            }
            prop_assert_eq!(region.len(), nodes.len() + slices.len());
        }
        let found: HashMap<_, _> = region.iter::<Node>().map(|(p, node)| (p, *node)).collect();
        prop_assert_eq!(&found, &nodes);
        let found: HashMap<_, _> = region.iter_mut::<[u8]>().map(|(p, slice)| (p, slice.to_vec())).collect();
        prop_assert_eq!(&found, &slices);
        for (&p, node) in &nodes {
            prop_assert_eq!(&region[p], node);
        }
    }
}
