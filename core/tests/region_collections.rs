//! Lists and trees in a region, against those of the standard library.

extern crate landbridge_core as landbridge;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use landbridge::Region;
use landbridge::region::{List, Tree};
use proptest::prelude::*;

/// What a step does, with which key or place, and with which value.
fn steps(kinds: u8) -> impl Strategy<Value = Vec<(u8, u8, u32)>> {
    prop::collection::vec((0..kinds, any::<u8>(), any::<u32>()), 0..if cfg!(miri) { 30 } else { 400 })
}

fn cases() -> ProptestConfig {
    ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 128 })
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn a_list_is_a_deque(steps in steps(6)) {
        let (mut region, mut list, mut model) = (Region::with_limit(1 << 16), List::new(), VecDeque::new());
        for (step, place, value) in steps {
            let place = place as usize % (model.len() + 1);
            match step {
                0 => { list.push_back(&mut region, value); model.push_back(value); }
                1 => { list.push_front(&mut region, value); model.push_front(value); }
                2 => prop_assert_eq!(list.pop_back(&mut region), model.pop_back()),
                3 => prop_assert_eq!(list.pop_front(&mut region), model.pop_front()),
                4 if place < model.len() => {
                    let link = list.links(&region).nth(place).unwrap();
                    list.insert_after(&mut region, link, value);
                    model.insert(place + 1, value);
                }
                5 if place < model.len() => {
                    let link = list.links(&region).nth(place).unwrap();
                    prop_assert_eq!(list.remove(&mut region, link).ok(), model.remove(place));
                }
                _ => {}
            }
            prop_assert_eq!(list.len(), model.len());
            prop_assert_eq!(region.len(), model.len());
        }
        prop_assert!(list.iter(&region).eq(&model));
        list.for_each_mut(&mut region, |x| *x = !*x);
        prop_assert!(list.iter(&region).copied().eq(model.iter().map(|x| !x)));
        let mut back = vec![];
        let mut link = list.last;
        while let Some(at) = link {
            back.push(!region[at].value);
            link = region[at].previous;
        }
        prop_assert!(back.iter().rev().eq(&model));
    }

    #[test]
    fn a_tree_is_a_btree(steps in steps(5), from in any::<u8>(), to in any::<u8>()) {
        let (mut region, mut tree, mut model) = (Region::with_limit(1 << 17), Tree::new(), BTreeMap::new());
        for (step, key, value) in steps {
            match step {
                0..3 => prop_assert_eq!(tree.insert(&mut region, key, value), model.insert(key, value)),
                3 => prop_assert_eq!(tree.remove(&mut region, &key), model.remove(&key)),
                _ => prop_assert_eq!(tree.get(&region, &key), model.get(&key)),
            }
            prop_assert_eq!(tree.len(), model.len());
            prop_assert_eq!(region.len(), model.len());
        }
        prop_assert!(tree.iter(&region).eq(&model));
        balanced(&region, &tree);
        let (from, to) = (from.min(to), from.max(to));
        prop_assert!(tree.range(&region, from..to).eq(model.range(from..to)));
        prop_assert!(tree.range(&region, ..=to).eq(model.range(..=to)));
        if from < to {
            let open = (Bound::Excluded(from), Bound::Included(to));
            prop_assert!(tree.range(&region, open).eq(model.range(open)));
        }
        tree.for_each_mut(&mut region, |&key, value| *value = u32::from(key));
        prop_assert!(tree.iter(&region).all(|(&key, &value)| value == u32::from(key)));
    }
}

/// Checks that no way down is more than 1.44 times as long as it would be in a full tree.
fn balanced(region: &Region, tree: &Tree<u8, u32>) {
    let mut waiting: Vec<_> = tree.root.map(|root| (root, 1)).into_iter().collect();
    let mut deepest = 0;
    while let Some((entry, depth)) = waiting.pop() {
        deepest = deepest.max(depth);
        let branch = &region[entry];
        waiting.extend([branch.left, branch.right].into_iter().flatten().map(|child| (child, depth + 1)));
    }
    assert_eq!(deepest, tree.height(region));
    assert!(deepest as f64 <= 1.4405 * ((tree.len() + 2) as f64).log2(), "{deepest} levels, {} entries", tree.len());
}

#[test]
fn sorted_entries_make_a_tree() {
    for count in [0, 1, 2, 3, 100, 1000] {
        let mut region = Region::new();
        let mut tree = Tree::from_sorted(&mut region, (0..count).map(|k| (k, 2 * k)));
        assert!(tree.iter(&region).map(|(&k, &v)| (k, v)).eq((0..count).map(|k| (k, 2 * k))));
        assert!(tree.height(&region) <= (count as f64 + 1.0).log2().ceil() as usize);
        tree.insert(&mut region, count, 0);
        assert_eq!(tree.len(), count as usize + 1);
    }
}

#[test]
#[should_panic(expected = "ascend")]
fn unsorted_entries_are_refused() {
    Tree::from_sorted(&mut Region::new(), [(1, ()), (1, ())].map(|(k, ())| (k, 0_u8)));
}

#[test]
#[should_panic(expected = "leads to no node of its type in this region")]
fn a_tree_of_another_region_is_refused() {
    let mut tree = Tree::new();
    tree.insert(&mut Region::new(), 1, 1);
    tree.insert(&mut Region::new(), 2, 2);
}

#[test]
fn walks_over_edited_links_end() {
    let mut region = Region::new();
    let list = List::from_iter(&mut region, 0..10_u32);
    let (first, last) = (list.first.unwrap(), list.last.unwrap());
    region[last].next = Some(first);
    region[first].next = Some(first);
    assert_eq!(list.iter(&region).count(), 10);
    let mut calls = 0;
    list.for_each_mut(&mut region, |_| calls += 1);
    assert_eq!(calls, 10);
}
