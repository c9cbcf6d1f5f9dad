//! Regions in files: what comes back, and what damage does.
#![allow(unsafe_code)] // `map_file`

extern crate landbridge_core as landbridge;

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::region::{FileError, List, Tree};
use landbridge::{KernelType, Region, Shared};
use proptest::prelude::*;

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
struct Leaf {
    heavy: bool,
    colour: Colour,
    weight: f64,
}

#[derive(KernelType, Clone, Copy, Debug, PartialEq)]
#[repr(i16)]
enum Colour {
    Red = -2,
    Green = 500,
    Blue,
}

const COLOURS: [Colour; 3] = [Colour::Red, Colour::Green, Colour::Blue];

#[derive(KernelType, Clone, Copy, Debug)]
#[repr(u8)]
enum Kind {
    Empty,
    Sized { wide: bool, size: u32 },
    Leading(Option<Shared<Leaf>>, [Colour; 2]),
    Nested(Inner) = 9,
}

#[derive(KernelType, Clone, Copy, Debug)]
#[repr(C)]
enum Inner {
    Named(Shared<[u8]>),
    Number(u64),
}

#[derive(KernelType, Debug)]
struct Node {
    tag: u8,
    hits: AtomicU32,
    leaves: [Option<Shared<Leaf>>; 2],
    name: Shared<[u8]>,
    next: Option<Shared<Node>>,
    flags: (bool, u16),
    kinds: [Kind; 2],
}

#[derive(KernelType, Clone, Copy, Debug)]
struct Root {
    first: Shared<Node>,
    numbers: Tree<u32, u16>,
    all: List<Shared<Leaf>>,
    proud: bool,
}

fn sample(count: u8) -> (Region, Root) {
    let mut region = Region::new();
    let (mut all, mut next, mut numbers) = (List::new(), None, Tree::new());
    for k in 0..count {
        let leaf = region.push(Leaf { heavy: k % 3 == 0, colour: COLOURS[k as usize % 3], weight: f64::from(k) });
        all.push_back(&mut region, leaf);
        let name = region.push_slice(format!("node {k}").as_bytes());
        numbers.insert(&mut region, u32::from(k) * 7 % 11, u16::from(k));
        let leaves = [Some(leaf), None];
        let hits = AtomicU32::new(u32::from(k));
        let of = |k: u8| match k % 5 {
            0 => Kind::Empty,
            1 => Kind::Sized { wide: true, size: u32::from(k) },
            2 => Kind::Leading(Some(leaf), [Colour::Blue, Colour::Red]),
            3 => Kind::Nested(Inner::Named(name)),
            _ => Kind::Nested(Inner::Number(u64::MAX)),
        };
        let kinds = [of(k), of(k / 2)];
        next = Some(region.push(Node { tag: k, hits, leaves, name, next, flags: (k % 2 == 0, 3), kinds }));
    }
    let gone = region.push(Leaf { heavy: false, colour: Colour::Red, weight: 0.0 });
    region.remove(gone).unwrap();
    (region, Root { first: next.unwrap(), numbers, all, proud: true })
}

/// All that can be read from the root.
fn story(region: &Region, root: &Root) -> String {
    let mut text = format!("{}", root.proud);
    let mut next = Some(root.first);
    for _ in 0..1000 {
        let Some(node) = next else { break };
        let node = &region[node];
        text += &format!("{} {:?} {:?}", node.tag, node.hits.load(Ordering::Relaxed), node.flags);
        text += &format!("{:?} {:?}", node.leaves[0].map(|leaf| region[leaf]), &region[node.name]);
        for kind in node.kinds {
            text += &match kind {
                Kind::Leading(leaf, colours) => format!("{:?} {colours:?}", leaf.map(|leaf| region[leaf])),
                Kind::Nested(Inner::Named(name)) => format!("{:?}", &region[name]),
                Kind::Nested(Inner::Number(number)) => format!("{number}"),
                Kind::Empty | Kind::Sized { .. } => format!("{kind:?}"),
            };
        }
        next = node.next;
    }
    text += &format!("{:?}", root.numbers.iter(region).collect::<Vec<_>>());
    text + &format!("{:?}", root.all.iter(region).map(|&leaf| region[leaf]).collect::<Vec<_>>())
}

fn bytes(region: &Region, root: &Root) -> Vec<u8> {
    region.write_to(vec![], root).unwrap()
}

#[test]
fn a_region_comes_back() {
    let (region, root) = sample(20);
    let path = std::env::temp_dir().join(format!("landbridge-region-{}", std::process::id()));
    region.save(&path, &root).unwrap();
    // SAFETY: nobody else knows the file.
    let mapped = unsafe { Region::map_file::<Root>(&path) }.unwrap();
    for (mut again, root_again) in [Region::load::<Root>(&path).unwrap(), mapped] {
        assert_eq!(story(&region, &root), story(&again, &root_again));
        assert_eq!((again.len(), again.count::<Leaf>()), (region.len(), region.count::<Leaf>()));
        assert_eq!(again.iter::<Node>().count(), 20);
        assert_eq!(again[root.first].tag, 19, "handles are what they were");
        for k in 0..10_000 {
            let p = again.push(Leaf { heavy: true, colour: Colour::Green, weight: f64::from(k) });
            assert_eq!(again[p].weight, f64::from(k));
        }
        again[root.first].tag = 77;
        assert_eq!(again.count::<Leaf>(), region.count::<Leaf>() + 10_000);
        let second = bytes(&again, &root_again);
        let (third, root) = Region::read_from::<Root>(&second[..]).unwrap();
        assert_eq!(third[root.first].tag, 77);
    }
    let (last, _) = Region::load::<Root>(&path).unwrap();
    assert_eq!(last[root.first].tag, 19, "what a mapped region changes does not reach the file");
    assert_eq!(bytes(&last, &root), bytes(&region, &root), "the same region makes the same file");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn an_empty_region_comes_back() {
    let path = std::env::temp_dir().join(format!("landbridge-empty-{}", std::process::id()));
    Region::new().save(&path, &List::<u32>::new()).unwrap();
    // SAFETY: nobody else knows the file.
    let mapped = unsafe { Region::map_file::<List<u32>>(&path) }.unwrap();
    for (mut region, mut list) in [Region::load(&path).unwrap(), mapped] {
        assert!(region.is_empty());
        list.push_back(&mut region, 1);
        assert!(list.iter(&region).eq(&[1]));
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn what_cannot_be_saved_is_refused() {
    let (mut region, root) = sample(2);
    let unsaveable = |region: &Region| match region.write_to(vec![], &root) {
        Err(FileError::Unsaveable(what)) => what,
        other => panic!("{other:?}"),
    };
    let stray = region.push(1.0_f32);
    assert!(unsaveable(&region).contains("f32"));
    region.remove(stray).unwrap();
    assert!(region.write_to(vec![], &root).is_ok());
    let name = region[root.first].name;
    region.remove_slice(name).unwrap();
    assert!(unsaveable(&region).contains("a handle leads to no node"));
}

#[test]
fn other_files_are_refused() {
    let (region, root) = sample(3);
    let good = bytes(&region, &root);
    assert!(matches!(Region::read_from::<Root>(&b""[..]), Err(FileError::Io(_))));
    assert!(matches!(Region::read_from::<Root>(&[7_u8; 5000][..]), Err(FileError::Foreign(_))));
    assert!(matches!(Region::read_from::<List<u32>>(&good[..]), Err(FileError::Types(_))));
    let mut longer = good.clone();
    longer.push(0);
    assert!(matches!(Region::read_from::<Root>(&longer[..]), Err(FileError::Corrupt(_))));
    for length in (0..good.len()).step_by(97) {
        assert!(Region::read_from::<Root>(&good[..length]).is_err());
    }
}

/// The checksum as a stranger would make it: what passes it must still do no harm.
fn with_checksum(mut file: Vec<u8>) -> Vec<u8> {
    let body = file.len() - 8;
    let step = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let words = file[..body].as_chunks::<8>().0.iter().map(|&word| u64::from_le_bytes(word));
    let mut rest = [0; 8];
    let tail = file[..body].as_chunks::<8>().1;
    rest[..tail.len()].copy_from_slice(tail);
    let sum = words.chain([u64::from_le_bytes(rest)]).fold(0x6c61_6e64_6272_6964, step);
    file[body..].copy_from_slice(&sum.to_ne_bytes());
    file
}

#[test]
fn the_checksum_is_as_the_test_makes_it() {
    let (region, root) = sample(3);
    let good = bytes(&region, &root);
    assert_eq!(with_checksum(good.clone()), good);
}

/// The parts of a file that are not long runs of zeros: flips there matter most.
fn place(file: &[u8], k: usize) -> usize {
    let full: Vec<usize> =
        (0..file.len()).filter(|&at| file[at.saturating_sub(8)..file.len().min(at + 8)] != [0; 16]).collect();
    full[k % full.len()]
}

/// Editing what somebody made up may panic, saying that it is no tree or that a handle is bad, and does nothing worse.
fn edit(mut region: Region, root: Root) {
    let edits: [fn(&mut Region, Root); 3] = [
        |region, mut root| (0..12).for_each(|key| _ = root.numbers.insert(region, key, 1)),
        |region, mut root| (0..12).for_each(|key| _ = root.numbers.remove(region, &key)),
        |region, mut root| {
            root.all.push_front(region, Shared::from_number(std::num::NonZeroU32::MIN));
            while root.all.pop_back(region).is_some() {}
        },
    ];
    for edit in edits {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| edit(&mut region, root)));
        if let Err(panic) = done {
            let text = panic.downcast::<String>().map(|text| *text).unwrap_or_else(|other| {
                other.downcast::<&str>().map_or_else(|_| String::new(), |text| (*text).to_owned())
            });
            let known = text.contains("linked to no balanced tree") || text.contains("leads to no");
            assert!(known, "{text}");
        }
    }
}

/// Tags that no variant has, in the root, in nodes, in slices.
#[test]
fn an_enum_that_is_none_of_its_variants_is_refused() {
    let mut region = Region::new();
    let colours = region.push_slice(&COLOURS);
    let file = region.write_to(vec![], &(Kind::Empty, colours)).unwrap();
    let good = |file: &[u8]| Region::read_from::<(Kind, Shared<[Colour]>)>(&with_checksum(file.to_vec())[..]);
    let (again, (kind, colours)) = good(&file).expect("as it was written");
    assert!(matches!(kind, Kind::Empty) && again[colours] == COLOURS);
    let mut refused = 0;
    for at in 0..file.len() - 8 {
        let mut file = file.clone();
        file[at] ^= 0x40;
        if let Err(FileError::Corrupt(what)) = good(&file) {
            refused += usize::from(what == "an enum is none of its variants");
        }
    }
    // The root's tag, and six bytes of three colours.
    assert_eq!(refused, 7);
}

/// Each number in turn is the largest, such as a tree's height, which would overflow.
#[test]
fn largest_numbers_do_no_harm() {
    let (region, root) = sample(4);
    let file = bytes(&region, &root);
    let mut accepted = 0;
    for at in (0..file.len() - 8).step_by(4).filter(|&at| file[at.saturating_sub(8)..at + 8] != [0; 16]) {
        let mut file = file.clone();
        file[at..at + 4].fill(0xff);
        if let Ok((region, root)) = Region::read_from::<Root>(&with_checksum(file)[..]) {
            edit(region, root);
            accepted += 1;
        }
    }
    assert!(accepted > 10, "numbers are any numbers: {accepted}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 8 } else { 1000 }))]
    #[test]
    fn a_flipped_byte_is_an_error(at in any::<usize>(), near in any::<bool>(), flip in 1..=255_u8) {
        let (region, root) = sample(4);
        let mut file = bytes(&region, &root);
        let at = if near { place(&file, at) } else { at % file.len() };
        file[at] ^= flip;
        prop_assert!(Region::read_from::<Root>(&file[..]).is_err());
        let path = std::env::temp_dir().join(format!("landbridge-flipped-{}", std::process::id()));
        std::fs::write(&path, &file).unwrap();
        // SAFETY: nobody else knows the file.
        let mapped = unsafe { Region::map_file::<Root>(&path) };
        prop_assert!(mapped.is_err());
    }

    #[test]
    fn made_up_files_do_no_harm(flips in prop::collection::vec((any::<usize>(), 1..=255_u8), 1..4)) {
        let (region, root) = sample(4);
        let mut file = bytes(&region, &root);
        for (at, flip) in flips {
            let at = place(&file, at);
            file[at] ^= flip;
        }
        let path = std::env::temp_dir().join(format!("landbridge-flip-{}", std::process::id()));
        std::fs::write(&path, with_checksum(file.clone())).unwrap();
        // SAFETY: nobody else knows the file.
        let mapped = unsafe { Region::map_file::<Root>(&path) };
        let loaded = Region::read_from::<Root>(&with_checksum(file)[..]);
        prop_assert_eq!(mapped.is_ok(), loaded.is_ok());
        if let (Ok((mapped, a)), Ok((loaded, b))) = (mapped, loaded) {
            // A tree with edited links may be refused by a panic, but nothing worse happens.
            let stories = std::panic::catch_unwind(|| (story(&mapped, &a), story(&loaded, &b)));
            if let Ok((a, b)) = stories {
                prop_assert_eq!(a, b);
            }
            edit(loaded, b);
            prop_assert_eq!(mapped.len(), mapped.iter::<Leaf>().len() + mapped.iter::<Node>().count()
                + mapped.iter::<[u8]>().count() + mapped.iter::<landbridge::region::Branch<u32, u16>>().count()
                + mapped.iter::<landbridge::region::Link<Shared<Leaf>>>().count());
        }
        std::fs::remove_file(path).unwrap();
    }
}
