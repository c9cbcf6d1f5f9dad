//! Random structures of every kind of link.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use landbridge_core::KernelType;
use landbridge_core::linked::{Alone, How, LinkMap, Root, flatten, pages};
use proptest::prelude::*;

use crate::reader::{compare, compared};
use crate::{CREWS, TARGETS, image, map_of, root_of};

#[derive(KernelType)]
pub(crate) struct Leaf {
    pub(crate) weight: f32,
}
compared!(Leaf { weight });

#[derive(KernelType)]
pub(crate) struct Inner {
    flag: u8,
    next: Option<Box<Mixed>>,
}
compared!(Inner { flag next });

#[derive(KernelType)]
pub(crate) struct Shared {
    value: f64,
    more: Vec<Arc<Shared>>,
}
compared!(Shared { value more });

#[derive(KernelType)]
#[repr(align(32))]
pub(crate) struct Wide {
    bytes: [u8; 3],
    leaf: Option<Box<Leaf>>,
}
compared!(Wide { bytes leaf });

/// No bytes at all.
#[derive(KernelType)]
pub(crate) struct Empty {}
compared!(Empty {});

/// Every kind of link, and padding.
#[derive(KernelType)]
pub(crate) struct Mixed {
    id: u16,
    inner: Inner,
    pair: (u8, Option<Box<Leaf>>),
    wide: [Option<Box<Leaf>>; 20],
    both: [Inner; 2],
    many: Vec<Mixed>,
    leaf: Box<Leaf>,
    numbers: Vec<f32>,
    bytes: Box<[u8]>,
    aligned: Box<[Wide]>,
    shared: Option<Arc<Shared>>,
    atomics: Arc<[AtomicU32; 2]>,
    nothing: Vec<Empty>,
    empty: Box<Empty>,
    hits: AtomicU32,
}
compared!(Mixed { id inner pair wide both many leaf numbers bytes aligned shared atomics nothing empty hits });

/// Numbers that follow from a seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Makes random values; Arcs come from a pool.
pub(crate) struct Maker {
    random: Random,
    /// Nodes that may still be made.
    left: u32,
    pool: Vec<Arc<Shared>>,
    counters: Arc<[AtomicU32; 2]>,
}

impl Maker {
    pub(crate) fn new(seed: u64, nodes: u32) -> Self {
        let counters = Arc::new([AtomicU32::new(7), AtomicU32::new(seed as u32)]);
        Maker { random: Random::new(seed), left: nodes, pool: Vec::new(), counters }
    }

    fn leaf(&mut self) -> Leaf {
        Leaf { weight: self.random.next() as f32 }
    }

    fn maybe_leaf(&mut self) -> Option<Box<Leaf>> {
        (self.random.below(3) == 0).then(|| Box::new(self.leaf()))
    }

    fn shared(&mut self) -> Option<Arc<Shared>> {
        let pick = self.random.below(self.pool.len() as u64 + 2) as usize;
        if pick < self.pool.len() {
            return Some(self.pool[pick].clone());
        }
        let more = (0..self.random.below(3)).filter_map(|_| self.pool.last().cloned()).collect();
        let made = Arc::new(Shared { value: self.random.next() as f64, more });
        self.pool.push(made.clone());
        (pick > self.pool.len() - 1).then_some(made)
    }

    fn inner(&mut self) -> Inner {
        let next = (self.left > 0 && self.random.below(3) == 0).then(|| Box::new(self.mixed()));
        Inner { flag: self.random.next() as u8, next }
    }

    fn wide(&mut self) -> Wide {
        Wide { bytes: [1, 2, self.random.next() as u8], leaf: self.maybe_leaf() }
    }

    pub(crate) fn mixed(&mut self) -> Mixed {
        self.left = self.left.saturating_sub(1);
        let count = self.random.below(4);
        Mixed {
            id: self.random.next() as u16,
            inner: self.inner(),
            pair: (self.random.next() as u8, self.maybe_leaf()),
            wide: std::array::from_fn(|_| self.maybe_leaf()),
            both: [self.inner(), self.inner()],
            many: (0..count.min(u64::from(self.left))).map(|_| self.mixed()).collect(),
            leaf: Box::new(self.leaf()),
            numbers: (0..self.random.below(5)).map(|x| x as f32).collect(),
            bytes: (0..self.random.below(9)).map(|x| x as u8).collect(),
            aligned: (0..self.random.below(3)).map(|_| self.wide()).collect(),
            shared: self.shared(),
            atomics: self.counters.clone(),
            nothing: (0..self.random.below(3)).map(|_| Empty {}).collect(),
            empty: Box::new(Empty {}),
            hits: AtomicU32::new(self.random.next() as u32),
        }
    }
}

const CASES: u32 = if cfg!(miri) { 4 } else { 256 };

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn images_are_what_they_were_made_of(seed: u64, nodes in 0_u32..if cfg!(miri) { 8 } else { 200 }, count in 0_u64..4) {
        let mut maker = Maker::new(seed, nodes);
        let values: Vec<Mixed> = (0..count).map(|_| maker.mixed()).collect();
        for target in TARGETS {
            for keep in [false, true] {
                compare(&values, &image(&values, How { keep, ..How::new(target) }));
            }
        }
    }

    #[test]
    fn the_limit_is_the_size(seed: u64) {
        let values = [Maker::new(seed, if cfg!(miri) { 4 } else { 50 }).mixed()];
        let size = image(&values, How::new(TARGETS[0])).bytes().len() as u64;
        compare(&values, &image(&values, How { limit: size, ..How::new(TARGETS[0]) }));
        // SAFETY: as in `image`.
        let refused = unsafe { flatten(map_of::<Mixed>(), root_of(&values), How { limit: size - 1, ..How::new(TARGETS[0]) }) };
        prop_assert!(refused.is_err());
    }

    #[test]
    fn pages_hold_all_nodes_and_nothing_else(seed: u64) {
        let values = [Maker::new(seed, if cfg!(miri) { 4 } else { 50 }).mixed()];
        let kept = image(&values, How { keep: true, ..How::new(TARGETS[0]) });
        for page in [64, 4096] {
            // SAFETY: as in `image`.
            let ranges = unsafe { pages(map_of::<Mixed>(), root_of(&values), page, &Alone) }.expect("pages");
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end < pair[1].start));
            for node in kept.nodes() {
                let at = node.host.addr();
                prop_assert!(ranges.iter().any(|range| range.contains(&at)), "{node:?}");
            }
            let numbers = values[0].numbers.as_ptr().addr();
            prop_assert!(values[0].numbers.is_empty() || ranges.iter().any(|range| range.contains(&numbers)));
        }
    }
}

#[derive(KernelType)]
struct Stop {
    name: u32,
    fare: Leaf,
}
compared!(Stop { name fare });

#[derive(KernelType)]
struct Line {
    stops: Vec<Stop>,
    first: Box<Stop>,
    rest: Option<Box<Line>>,
}
compared!(Line { stops first rest });

/// References first, so that they are met before what owns their targets.
#[derive(KernelType)]
#[repr(C)]
struct City<'a> {
    fare: &'a Leaf,
    favourite: Option<&'a Stop>,
    later: Option<&'a Line>,
    again: Option<&'a Stop>,
    lines: &'a Line,
    none: Option<&'a Line>,
}
compared!(City<'a> { fare favourite later again lines none });

#[test]
fn references_lead_to_where_their_targets_are_owned() {
    let stop = |name| Stop { name, fare: Leaf { weight: name as f32 / 2.0 } };
    let last = Line { stops: vec![stop(1), stop(2)], first: Box::new(stop(3)), rest: None };
    let lines = Line { stops: vec![stop(4)], first: Box::new(stop(5)), rest: Some(Box::new(last)) };
    let later = lines.rest.as_deref();
    let favourite = later.map(|line| &line.stops[1]);
    let alone = stop(6);
    for (fare, again) in
        [(&lines.first.fare, favourite), (&lines.stops[0].fare, Some(&alone)), (&alone.fare, Some(&*lines.first))]
    {
        let city = [City { fare, favourite, later, again, lines: &lines, none: None }];
        for target in TARGETS {
            // The reader finds two copies of one stop or fare as two things at one address.
            compare(&city, &image(&city, How::new(target)));
        }
    }
}

#[test]
fn nothing_and_little_are_images_too() {
    let none: [Mixed; 0] = [];
    let empty = image(&none, How::new(TARGETS[0]));
    assert_eq!((empty.root(), empty.bytes().len()), (8, 16));
    compare(&[1.5_f32, 2.5], &image(&[1.5_f32, 2.5], How::new(TARGETS[0])));
    let links: [Option<Box<Leaf>>; 3] = [None, Some(Box::new(Leaf { weight: 3.0 })), None];
    for target in TARGETS {
        compare(&links, &image(&links, How { keep: true, ..How::new(target) }));
    }
    assert!(map_of::<Mixed>().has_links() && !map_of::<Leaf>().has_links());
}

/// A tree whose shape a seed decides: wide, so that threads have something to share.
#[derive(KernelType)]
pub(crate) struct Tree {
    pub(crate) key: u64,
    pub(crate) left: Option<Box<Tree>>,
    pub(crate) right: Option<Box<Tree>>,
}
compared!(Tree { key left right });

pub(crate) fn tree(random: &mut Random, nodes: usize) -> Option<Box<Tree>> {
    let mut root = None;
    for _ in 0..nodes {
        let key = random.next();
        let mut at = &mut root;
        while let Some(node) = at {
            let node: &mut Box<Tree> = node;
            at = if key < node.key { &mut node.left } else { &mut node.right };
        }
        *at = Some(Box::new(Tree { key, left: None, right: None }));
    }
    root
}

#[test]
fn threads_make_the_same_image() {
    let nodes = if cfg!(miri) { 100 } else { 200_000 };
    let tree = tree(&mut Random::new(11), nodes);
    let values = std::slice::from_ref(tree.as_deref().expect("a tree"));
    for target in TARGETS {
        for keep in [false, true] {
            let [one, many @ ..] = CREWS.map(|crew| image(values, How { keep, crew, ..How::new(target) }));
            assert_eq!(one.bytes().len(), 16 + nodes * size_of::<Tree>());
            for more in many {
                assert_eq!(one.node_count(), more.node_count());
                for at in (0..one.bytes().len()).step_by(8) {
                    let word = |image: &landbridge_core::linked::Image<'_>| {
                        // SAFETY: a tree's nodes have no padding, and stand side by side from byte 16 on.
                        unsafe { image.bytes().as_ptr().add(at).cast::<u64>().read() }
                    };
                    assert_eq!(word(&one), word(&more), "at {at}");
                }
                assert!(one.nodes().zip(more.nodes()).all(|(a, b)| a.host == b.host && a.place == b.place));
            }
        }
    }
}

#[test]
fn maps_are_made_once() {
    let first: *const LinkMap = map_of::<Mixed>();
    assert!(std::ptr::eq(first, map_of::<Mixed>()));
    assert!(!std::ptr::eq(first, map_of::<Tree>()));
}

#[test]
fn a_root_of_no_values_is_never_read() {
    let root = Root { data: std::ptr::without_provenance_mut(8), count: 0, exclusive: false };
    // SAFETY: there are no values.
    let image = unsafe { flatten(map_of::<Tree>(), root, How::new(TARGETS[1])) }.expect("an image");
    assert_eq!(image.bytes().len(), 16);
}
