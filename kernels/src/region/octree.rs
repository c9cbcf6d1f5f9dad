//! An octree of bodies that attract each other, in a region: as [`linked::octree`](crate::linked::octree), but that handles may
//! lead to a node from several sides, so that a walk needs no stack.

use landbridge::{KernelType, Region, Shared, kernel};

pub use crate::linked::octree::DEPTH;
use crate::linked::octree::{Cell, Nodes, add_pull, tree};
use crate::linked::vectors3::{dot, minus};

/// A cell with bodies, and where a walk goes on from there.
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Node {
    /// The centre of mass of the bodies in it.
    pub centre: [f32; 3],
    /// Their mass, all together.
    pub mass: f32,
    /// The cell's edge; 0 where there is nothing to be opened: one body, or several in one place.
    pub width: f32,
    /// The first of the cells in it.
    pub child: Option<Shared<Node>>,
    /// What comes after it and all in it: the next cell of the same parent, or what comes after the parent.
    pub next: Option<Shared<Node>>,
}

/// An octree in a [`Region`], plain data itself.
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Tree {
    /// Where walks begin.
    pub root: Option<Shared<Node>>,
}

impl Tree {
    /// The octree of bodies at these places, with these masses: as
    /// [`linked::octree::Node::new`](crate::linked::octree::Node::new).
    ///
    /// # Panics
    /// If there are not as many masses as places, a coordinate is not finite, or the region is full.
    pub fn new(region: &mut Region, places: &[[f32; 3]], masses: &[f32]) -> Self {
        Self { root: tree(places, masses, &mut InRegion(region)) }
    }
}

struct InRegion<'r>(&'r mut Region);

impl Nodes for InRegion<'_> {
    type Link = Shared<Node>;

    fn node(&mut self, cell: Cell, child: Option<Shared<Node>>, next: Option<Shared<Node>>) -> Shared<Node> {
        let Cell { centre, mass, width } = cell;
        self.0.push(Node { centre, mass, width, child, next })
    }

    fn behind_last(next: &Option<Shared<Node>>) -> Option<Shared<Node>> {
        *next
    }
}

/// The pull of all bodies on one of mass 1 at this item's `place`: as [`linked::octree::pull`](crate::linked::octree::pull),
/// in the same order and so with the same result.
#[kernel]
pub fn pull(region: &Region, tree: Tree, theta: f32, softening: f32, place: &[f32; 3]) -> [f32; 3] {
    let mut sum = [0.0_f32; 3];
    let mut at = tree.root;
    while let Some(p) = at {
        let node = &region[p];
        let d = minus(node.centre, *place);
        let distance = dot(d, d);
        if node.width * node.width <= theta * theta * distance || node.child.is_none() {
            add_pull(&mut sum, d, distance + softening * softening, node.mass);
            at = node.next;
        } else {
            at = node.child;
        }
    }
    sum
}
