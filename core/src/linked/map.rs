//! Where the links of a type are: what a walk needs of a type, and nothing else.

use crate::types::Ty;

/// Number of a kind of node in its [`LinkMap`].
pub(crate) type Kind = usize;

/// Where the links of a structure's types are. Made once per type; see [`LinkMap::of`].
pub struct LinkMap {
    pub(crate) kinds: Vec<NodeMap>,
}

/// One type of node.
pub(crate) struct NodeMap {
    /// Its description, if it was made from one.
    pub(crate) ty: Option<Ty>,
    /// In bytes.
    pub(crate) size: usize,
    /// In bytes.
    pub(crate) align: usize,
    /// Links and atomics, by ascending offset.
    pub(crate) steps: Vec<Step>,
    /// Whether one such node may be reached by several ways, so that its address is remembered.
    pub(crate) tracked: bool,
    /// Fields held in place that are of a tracked type: offset and kind.
    pub(crate) parts: Vec<(usize, Kind)>,
    /// `Arc`s that every such node has: offset, what they lead to, and where that is in its block.
    pub(crate) counted: Vec<(usize, Kind, usize)>,
    /// How nodes of this type are walked.
    pub(crate) shape: Shape,
}

/// How nodes are walked.
pub(crate) enum Shape {
    /// No links, no atomics: bytes.
    Plain,
    /// Nothing but boxes of one kind, at these offsets: the fast loop.
    Uniform {
        /// Of the pointers, in bytes.
        offsets: Vec<usize>,
        /// What they lead to.
        target: Kind,
    },
    /// Anything else.
    General,
}

/// A part of a node that is not plain bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// A link or an atomic.
    Hole(usize, Hole),
    /// An array: offset, stride, count, steps of an element.
    Repeat(usize, usize, usize, Vec<Step>),
    /// An enum with data.
    Choice(Choice),
}

/// An enum with data: which steps hold depends on its tag.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    /// Of the tag, in bytes.
    pub(crate) offset: usize,
    /// Bytes of the tag: 1, 2, 4 or 8.
    pub(crate) width: usize,
    /// By tag, as an unsigned number of `width` bytes; offsets count from the enum's holder, as the tag's does.
    pub(crate) variants: Vec<(u64, Vec<Step>)>,
}

/// What is not plain bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Hole {
    /// A pointer to a value that is owned alone; or null.
    Boxed(Kind),
    /// A pointer to a value that others may point to; or null.
    Reference(Kind),
    /// A pointer to an `Arc`'s block; or null.
    Counted {
        /// What the block holds.
        target: Kind,
        /// Of the value in its block, in bytes.
        value: usize,
    },
    /// Header of elements owned alone, one after the other.
    Array {
        /// What the elements are.
        target: Kind,
        /// Of the pointer in the header.
        data: usize,
        /// Of the length in the header.
        length: usize,
        /// Bytes of the header.
        size: usize,
    },
    /// An atomic of 4 or 8 bytes.
    Atomic(usize),
    /// Tag of an enum that has links: of this many bytes.
    Tag(usize),
}

impl Hole {
    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        match *self {
            Hole::Boxed(_) | Hole::Reference(_) | Hole::Counted { .. } => 8,
            Hole::Array { size, .. } => size,
            Hole::Atomic(width) | Hole::Tag(width) => width,
        }
    }
}

impl NodeMap {
    /// Distance between boxed nodes of this type in an image: a multiple of 8 and of the alignment.
    pub(crate) fn stride(&self) -> usize {
        self.size.next_multiple_of(self.align.max(8))
    }

    /// Whether a run of such elements is just bytes: nothing to follow, nothing to remember.
    pub(crate) fn is_bytes(&self) -> bool {
        matches!(self.shape, Shape::Plain) && !self.tracked && self.parts.is_empty()
    }
}

impl LinkMap {
    /// Decides what is tracked and how each kind is walked. Kind 0 is the root's.
    pub(crate) fn settle(mut kinds: Vec<NodeMap>) -> LinkMap {
        let mut tracked = vec![false; kinds.len()];
        for kind in &kinds {
            each(&kind.steps, 0, &mut |_, hole| match *hole {
                Hole::Reference(target) | Hole::Counted { target, .. } => tracked[target] = true,
                Hole::Boxed(_) | Hole::Array { .. } | Hole::Atomic(_) | Hole::Tag(_) => {}
            });
        }
        for (kind, &tracked_itself) in kinds.iter_mut().zip(&tracked) {
            kind.tracked = tracked_itself;
            kind.parts.retain(|&(_, part)| tracked[part]);
            kind.counted = counted(&kind.steps);
        }
        let shapes: Vec<Shape> = kinds.iter().map(|kind| shape(kind, &kinds)).collect();
        for (kind, shape) in kinds.iter_mut().zip(shapes) {
            kind.shape = shape;
        }
        LinkMap { kinds }
    }

    /// Whether a node may hold an atomic, which changes although the structure is borrowed.
    pub(crate) fn has_atomics(&self) -> bool {
        self.has(|hole| matches!(hole, Hole::Atomic(_)))
    }

    /// Whether an atomic may lie in what nodes do not own alone: behind an `Arc` or a reference.
    pub(crate) fn shares_atomics(&self) -> bool {
        let mut open: Vec<Kind> = (0..self.kinds.len()).filter(|&kind| self.kinds[kind].tracked).collect();
        let mut shared = vec![false; self.kinds.len()];
        let mut atomics = false;
        while let Some(kind) = open.pop() {
            if std::mem::replace(&mut shared[kind], true) {
                continue;
            }
            each(&self.kinds[kind].steps, 0, &mut |_, hole| match *hole {
                Hole::Boxed(target)
                | Hole::Reference(target)
                | Hole::Counted { target, .. }
                | Hole::Array { target, .. } => open.push(target),
                Hole::Atomic(_) => atomics = true,
                Hole::Tag(_) => {}
            });
        }
        atomics
    }

    /// Whether a node may refer to what it does not own.
    pub(crate) fn has_references(&self) -> bool {
        self.has(|hole| matches!(hole, Hole::Reference(_)))
    }

    fn has(&self, wanted: impl Fn(&Hole) -> bool) -> bool {
        let mut has = false;
        for kind in &self.kinds {
            each(&kind.steps, 0, &mut |_, hole| has |= wanted(hole));
        }
        has
    }

    /// Whether anything is to follow at all.
    pub fn has_links(&self) -> bool {
        let mut links = false;
        each(&self.kinds[0].steps, 0, &mut |_, hole| links |= !matches!(hole, Hole::Atomic(_) | Hole::Tag(_)));
        links
    }
}

/// The `Arc`s that do not depend on a tag, and that are not in a long array.
fn counted(steps: &[Step]) -> Vec<(usize, Kind, usize)> {
    let arc = |step: &Step| match *step {
        Step::Hole(offset, Hole::Counted { target, value }) => Some((offset, target, value)),
        _ => None,
    };
    steps.iter().filter_map(arc).collect()
}

/// How nodes of a kind are walked.
fn shape(kind: &NodeMap, kinds: &[NodeMap]) -> Shape {
    if kind.steps.is_empty() {
        return Shape::Plain;
    }
    let mut offsets = Vec::new();
    let mut targets = Vec::new();
    for step in &kind.steps {
        let Step::Hole(offset, Hole::Boxed(target)) = *step else { return Shape::General };
        offsets.push(offset);
        targets.push(target);
    }
    let target = targets[0];
    let simple = !kinds[target].tracked && kinds[target].parts.is_empty() && kinds[target].size > 0;
    match simple && targets.iter().all(|&other| other == target) {
        true => Shape::Uniform { offsets, target },
        false => Shape::General,
    }
}

/// Calls `found` with each hole that a value may have, whatever its tags say.
pub(crate) fn each(steps: &[Step], base: usize, found: &mut impl FnMut(usize, &Hole)) {
    for step in steps {
        match step {
            Step::Hole(offset, hole) => found(base + offset, hole),
            Step::Repeat(offset, _, _, steps) => each(steps, base + offset, found),
            Step::Choice(choice) => {
                for (_, steps) in &choice.variants {
                    each(steps, base, found);
                }
            }
        }
    }
}
