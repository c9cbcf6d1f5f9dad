//! Structures of boxes as regions, and back.

extern crate landbridge_core as landbridge;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use landbridge::region::{FromLinks, FromNode, Region, ToLinks, ToNode, Unboxable};
use landbridge::{KernelType, Shared};

#[derive(Debug, PartialEq)]
struct List {
    value: u32,
    next: Option<Box<List>>,
}

/// Without recursion, however long.
impl Drop for List {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut node) = next {
            next = node.next.take();
        }
    }
}

#[derive(KernelType, Clone, Copy, Debug)]
struct Flat {
    value: u32,
    next: Option<Shared<Flat>>,
}

impl ToNode for List {
    type Node = Flat;
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> Flat {
        assert!(self.value != u32::MAX, "not this one");
        Flat { value: self.value, next: links.maybe(self.next.as_deref()) }
    }
}

impl FromNode for List {
    type Node = Flat;
    fn from_node(node: &Flat, links: &mut FromLinks<'_>) -> Result<List, Unboxable> {
        Ok(List { value: node.value, next: links.maybe(node.next)? })
    }
}

fn list(values: impl DoubleEndedIterator<Item = u32>) -> List {
    let all = values.rev().fold(None, |next, value| Some(Box::new(List { value, next })));
    *all.expect("a value at least")
}

fn values(mut node: &List) -> Vec<u32> {
    let mut all = vec![node.value];
    while let Some(next) = &node.next {
        node = next;
        all.push(node.value);
    }
    all
}

#[test]
fn long_lists_there_and_back() {
    let long = list(0..500_000);
    let (region, root) = Region::from_boxed(&long);
    assert_eq!(region.count::<Flat>(), 500_000);
    let mut next = Some(root);
    for value in 0..500_000 {
        let node = region[next.expect("as long")];
        assert_eq!(node.value, value);
        next = node.next;
    }
    let again: List = region.to_boxed(root).unwrap();
    assert_eq!(values(&again), values(&long));
}

/// Two types that lead to each other, slices of nodes and of values.
#[derive(Debug, PartialEq)]
struct Folder {
    name: Vec<u8>,
    folders: Vec<Folder>,
    first: Option<Box<File>>,
}

#[derive(Debug, PartialEq)]
struct File {
    bytes: u64,
    next: Option<Box<File>>,
    link: Option<Box<Folder>>,
}

#[derive(KernelType, Clone, Copy)]
struct FolderNode {
    name: Shared<[u8]>,
    folders: Shared<[FolderNode]>,
    first: Option<Shared<FileNode>>,
}

#[derive(KernelType, Clone, Copy)]
struct FileNode {
    bytes: u64,
    links: (Option<Shared<FileNode>>, [Option<Shared<FolderNode>>; 1]),
}

impl ToNode for Folder {
    type Node = FolderNode;
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> FolderNode {
        let (name, folders) = (links.slice(&self.name), links.nodes(&self.folders));
        FolderNode { name, folders, first: links.maybe(self.first.as_deref()) }
    }
}

impl ToNode for File {
    type Node = FileNode;
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> FileNode {
        let links = (links.maybe(self.next.as_deref()), [links.maybe(self.link.as_deref())]);
        FileNode { bytes: self.bytes, links }
    }
}

impl FromNode for Folder {
    type Node = FolderNode;
    fn from_node(node: &FolderNode, links: &mut FromLinks<'_>) -> Result<Folder, Unboxable> {
        let name = links.slice(node.name)?.to_vec();
        Ok(Folder { name, folders: links.vec(node.folders)?, first: links.maybe(node.first)? })
    }
}

impl FromNode for File {
    type Node = FileNode;
    fn from_node(node: &FileNode, links: &mut FromLinks<'_>) -> Result<File, Unboxable> {
        let (next, [link]) = node.links;
        Ok(File { bytes: node.bytes, next: links.maybe(next)?, link: links.maybe(link)? })
    }
}

fn folder(depth: u8, files: u64) -> Folder {
    let folders = (0..depth % 4).map(|k| folder(depth - 1 - k, files + 1)).collect();
    let file = |next, bytes| {
        let link = (bytes == 1).then(|| Box::new(Folder { name: vec![depth], folders: vec![], first: None }));
        Some(Box::new(File { bytes, next, link }))
    };
    Folder { name: vec![depth; usize::from(depth)], folders, first: (0..files).fold(None, file) }
}

#[test]
fn several_types_with_slices() {
    let all = folder(7, 0);
    let (region, root) = Region::from_boxed(&all);
    assert_eq!(region[region[root].name], [7; 7]);
    let again: Folder = region.to_boxed(root).unwrap();
    assert_eq!(again, all);
}

/// Types that take turns, deeper than any stack.
struct Odd(Option<Box<Even>>);
struct Even(Option<Box<Odd>>);

#[derive(KernelType, Clone, Copy)]
struct OddNode {
    next: Option<Shared<EvenNode>>,
}

#[derive(KernelType, Clone, Copy)]
struct EvenNode {
    next: Option<Shared<OddNode>>,
}

impl FromNode for Odd {
    type Node = OddNode;
    fn from_node(node: &OddNode, links: &mut FromLinks<'_>) -> Result<Odd, Unboxable> {
        Ok(Odd(links.maybe(node.next)?))
    }
}

impl FromNode for Even {
    type Node = EvenNode;
    fn from_node(node: &EvenNode, links: &mut FromLinks<'_>) -> Result<Even, Unboxable> {
        Ok(Even(links.maybe(node.next)?))
    }
}

#[test]
fn types_that_take_turns() {
    let mut region = Region::new();
    let mut odd = None;
    for _ in 0..300_000 {
        let even = region.push(EvenNode { next: odd });
        odd = Some(region.push(OddNode { next: Some(even) }));
    }
    let mut made: Odd = region.to_boxed(odd.unwrap()).unwrap();
    let mut count = 0;
    while let Some(mut even) = made.0.take() {
        count += 1;
        match even.0.take() {
            Some(odd) => made = *odd,
            None => break,
        }
    }
    assert_eq!(count, 300_000);
}

struct Graph {
    value: u32,
    to: [Option<Arc<Graph>>; 2],
}

#[derive(KernelType, Clone, Copy)]
struct GraphNode {
    value: u32,
    to: [Option<Shared<GraphNode>>; 2],
}

impl ToNode for Graph {
    type Node = GraphNode;
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> GraphNode {
        let to = self.to.each_ref().map(|to| to.as_deref().map(|to| links.shared(to)));
        GraphNode { value: self.value, to }
    }
}

impl FromNode for Graph {
    type Node = GraphNode;
    fn from_node(node: &GraphNode, links: &mut FromLinks<'_>) -> Result<Graph, Unboxable> {
        let [a, b] = node.to.map(|to| to.map(|to| links.shared(to)).transpose());
        Ok(Graph { value: node.value, to: [a?, b?] })
    }
}

#[test]
fn shared_nodes_stay_shared() {
    // 2^60 paths, 61 nodes
    let mut node = Arc::new(Graph { value: 0, to: [None, None] });
    for value in 1..=60 {
        node = Arc::new(Graph { value, to: [Some(node.clone()), Some(node)] });
    }
    let (region, root) = Region::from_boxed(&*node);
    assert_eq!(region.len(), 61);
    let again: Graph = region.to_boxed(root).unwrap();
    let mut at = &again;
    while let [Some(a), Some(b)] = &at.to {
        assert!(Arc::ptr_eq(a, b));
        assert_eq!(a.value + 1, at.value);
        at = a;
    }
    assert_eq!(at.value, 0);
}

/// A node that has another as its first field, at the same address.
struct Outer<'a> {
    inner: Inner,
    both: [&'a Inner; 2],
}

struct Inner {
    value: u32,
}

impl ToNode for Inner {
    type Node = GraphNode;
    fn to_node<'a>(&'a self, _: &mut ToLinks<'a, '_>) -> GraphNode {
        GraphNode { value: self.value, to: [None, None] }
    }
}

impl ToNode for Outer<'_> {
    type Node = GraphNode;
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> GraphNode {
        let own = links.shared(&self.inner);
        let [a, b] = self.both.map(|inner| links.shared(inner));
        assert!(a == b && a != own);
        GraphNode { value: 9, to: [Some(own), Some(a)] }
    }
}

#[test]
fn references_and_first_fields() {
    let other = Inner { value: 2 };
    let outer = Outer { inner: Inner { value: 1 }, both: [&other; 2] };
    let (region, root) = Region::from_boxed(&outer);
    let [Some(own), Some(both)] = region[root].to else { panic!("two links") };
    assert_eq!((region[root].value, region[own].value, region[both].value, region.len()), (9, 1, 2, 3));
}

#[test]
fn what_boxes_cannot_be_is_an_error() {
    let mut region = Region::new();
    let leaf = region.push(GraphNode { value: 1, to: [None, None] });
    let root = region.push(GraphNode { value: 2, to: [Some(leaf), Some(leaf)] });
    struct Owned {
        to: [Option<Box<Owned>>; 2],
    }
    impl FromNode for Owned {
        type Node = GraphNode;
        fn from_node(node: &GraphNode, links: &mut FromLinks<'_>) -> Result<Owned, Unboxable> {
            Ok(Owned { to: [links.maybe(node.to[0])?, links.maybe(node.to[1])?] })
        }
    }
    let shared = region.to_boxed::<Owned>(root).map(|_| ());
    assert_eq!(shared, Err(Unboxable::Shared { number: leaf.number().get() }));
    let twice = region.to_boxed::<Owned>(leaf).unwrap();
    assert!(twice.to.iter().all(Option::is_none));
    region[leaf].to[1] = Some(root);
    let cycle = region.to_boxed::<Graph>(root).map(|_| ());
    assert!(matches!(cycle, Err(Unboxable::Cycle { .. })), "{cycle:?}");
    region.remove(leaf).unwrap();
    assert!(matches!(region.to_boxed::<Graph>(root), Err(Unboxable::Bad(_))));
    assert!(matches!(region.to_boxed::<Graph>(leaf), Err(Unboxable::Bad(_))));
    let other = Region::new();
    assert!(matches!(other.to_boxed::<Graph>(root), Err(Unboxable::Bad(_))));
}

#[test]
fn a_region_that_is_full_is_as_it_was() {
    let mut region = Region::with_limit(64 << 10);
    let first = region.push(Flat { value: 7, next: None });
    let freed = region.push(Flat { value: 8, next: None });
    region.remove(freed).unwrap();
    let nodes = region.len();
    let too_long = list(0..100_000);
    for _ in 0..3 {
        assert!(region.try_push_boxed(&too_long).is_err());
        assert_eq!((region.len(), region[first].value), (nodes, 7));
        assert!(region.iter::<Flat>().map(|(p, _)| p).eq([first]));
    }
    // what was given back is used again
    let fits = list(0..2000);
    let root = region.push_boxed(&fits);
    assert_eq!(values(&region.to_boxed::<List>(root).unwrap()), values(&fits));
}

#[test]
fn a_panic_leaves_nothing_behind() {
    let mut region = Region::new();
    let bad = list([1, 2, u32::MAX, 3].into_iter());
    let failed = catch_unwind(AssertUnwindSafe(|| region.push_boxed(&bad)));
    assert!(failed.is_err() && region.is_empty());
    let root = region.push_boxed(&list([1, 2].into_iter()));
    assert_eq!(region.len(), 2);
    assert_eq!(region[root].value, 1);
    thread_local!(static SEEN: Cell<u32> = const { Cell::new(0) });
    struct Panics;
    impl FromNode for Panics {
        type Node = Flat;
        fn from_node(node: &Flat, _: &mut FromLinks<'_>) -> Result<Panics, Unboxable> {
            SEEN.set(SEEN.get() + node.value);
            panic!("not me")
        }
    }
    assert!(catch_unwind(AssertUnwindSafe(|| region.to_boxed::<Panics>(root))).is_err());
    assert_eq!(SEEN.get(), 2);
}

/// An expression, whose kinds lead to different things.
#[derive(Debug, PartialEq)]
enum Term {
    Number(i32),
    Negated(Box<Term>),
    Sum { left: Box<Term>, right: Box<Term>, name: Vec<u8> },
}

#[derive(KernelType, Clone, Copy)]
#[repr(u8)]
enum TermNode {
    Number(i32),
    Negated(Shared<TermNode>),
    Sum { name: Shared<[u8]>, left: Shared<TermNode>, right: Shared<TermNode> } = 7,
}

impl ToNode for Term {
    type Node = TermNode;
    fn to_node<'a>(&'a self, links: &mut ToLinks<'a, '_>) -> TermNode {
        match self {
            Term::Number(number) => TermNode::Number(*number),
            Term::Negated(term) => TermNode::Negated(links.to(&**term)),
            Term::Sum { left, right, name } => {
                let (left, right) = (links.to(&**left), links.to(&**right));
                TermNode::Sum { name: links.slice(name), left, right }
            }
        }
    }
}

impl FromNode for Term {
    type Node = TermNode;
    fn from_node(node: &TermNode, links: &mut FromLinks<'_>) -> Result<Term, Unboxable> {
        Ok(match *node {
            TermNode::Number(number) => Term::Number(number),
            TermNode::Negated(term) => Term::Negated(links.boxed(term)?),
            TermNode::Sum { name, left, right } => {
                let (left, right) = (links.boxed(left)?, links.boxed(right)?);
                Term::Sum { left, right, name: links.slice(name)?.to_vec() }
            }
        })
    }
}

/// Depth 200_000: where handles lie in an enum is known before it is made, so that nothing recurses. (The boxes are taken
/// apart, since dropping them would.)
#[test]
fn enums_there_and_back() {
    let mut term = Term::Number(-1);
    for k in 0..200_000_i32 {
        term = match k % 3 {
            0 => Term::Negated(Box::new(term)),
            _ => Term::Sum { left: Box::new(Term::Number(k)), right: Box::new(term), name: k.to_string().into_bytes() },
        };
    }
    let (region, root) = Region::from_boxed(&term);
    let mut again: Term = region.to_boxed(root).expect("a tree");
    loop {
        (term, again) = match (term, again) {
            (Term::Negated(one), Term::Negated(other)) => (*one, *other),
            (Term::Sum { left: l, right: one, name: n }, Term::Sum { left, right: other, name }) => {
                assert_eq!((l, n), (left, name));
                (*one, *other)
            }
            (one, other) => {
                assert_eq!(one, other);
                break;
            }
        };
    }
}
