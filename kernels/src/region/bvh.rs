//! A hierarchy of boxes around shapes, in a region: as [`linked::bvh`](crate::linked::bvh).

use landbridge::{KernelType, Region, Shared, kernel};

pub use crate::linked::bvh::{Bounds, DEPTH, Hit, LEAF, Numbered, Ray, Shape, Triangle};
use crate::linked::bvh::{Parts, before, halved, overlap};

/// A hierarchy: this node, and those below it or the shapes in it.
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Node<S> {
    /// Around everything below.
    pub bounds: Bounds,
    /// One half of what is below; none in leaves.
    pub left: Option<Shared<Node<S>>>,
    /// The other half.
    pub right: Option<Shared<Node<S>>>,
    /// The shapes of a leaf.
    pub shapes: Option<Shared<[Numbered<S>]>>,
}

/// A hierarchy in a [`Region`], plain data itself.
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Tree<S> {
    /// Where queries begin.
    pub root: Option<Shared<Node<S>>>,
}

impl<S: Shape> Tree<S> {
    /// A hierarchy of shapes, numbered in their order: halved at their median until at most [`LEAF`] are left. n log n steps.
    ///
    /// # Panics
    /// If there are more shapes than a `u32` counts, or the region is full.
    pub fn new(region: &mut Region, shapes: &[S]) -> Self {
        let root = halved(shapes, &mut |Parts { bounds, below, shapes }| {
            let (left, right) = below.unzip();
            let shapes = (!shapes.is_empty()).then(|| region.push_slice(shapes));
            region.push(Node { bounds, left, right, shapes })
        });
        Self { root }
    }
}

/// What this item's ray hits first: as [`linked::bvh::first_hit`](crate::linked::bvh::first_hit).
#[kernel]
pub fn first_hit<S: Shape>(region: &Region, tree: Tree<S>, ray: &Ray) -> Hit {
    let mut stack: [Option<Shared<Node<S>>>; DEPTH] = [None; DEPTH];
    // how far their boxes are
    let mut behind = [0.0_f32; DEPTH];
    let mut waiting = 0;
    let mut best = Hit { index: u32::MAX, distance: f32::INFINITY };
    let mut at = tree.root;
    loop {
        let Some(p) = at else {
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            if behind[waiting] <= best.distance {
                at = stack[waiting];
            }
            continue;
        };
        let node = &region[p];
        if let Some(shapes) = node.shapes {
            for numbered in &region[shapes] {
                let hit = Hit { index: numbered.index, distance: numbered.shape.distance(ray) };
                if before(hit, best) {
                    best = hit;
                }
            }
        }
        at = None;
        if let (Some(left), Some(right)) = (node.left, node.right) {
            let (to_left, to_right) = (region[left].bounds.distance(ray), region[right].bounds.distance(ray));
            let left_first = to_left <= to_right;
            let (nearer, farther) = if left_first { (left, right) } else { (right, left) };
            if to_left.max(to_right) < f32::INFINITY {
                stack[waiting] = Some(farther);
                behind[waiting] = to_left.max(to_right);
                waiting += 1;
            }
            if to_left.min(to_right) < f32::INFINITY {
                at = Some(nearer);
            }
        }
    }
    best
}

/// How many shapes have boxes that overlap this item's `query`, and the first of them: as
/// [`linked::bvh::overlapping`](crate::linked::bvh::overlapping).
#[kernel]
pub fn overlapping<S: Shape>(region: &Region, tree: Tree<S>, query: &Bounds, #[rows] found: &mut [u32]) -> u32 {
    let mut stack: [Option<Shared<Node<S>>>; DEPTH] = [None; DEPTH];
    let mut waiting = 0;
    let mut count = 0;
    let mut at = tree.root;
    loop {
        let Some(p) = at else {
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            at = stack[waiting];
            continue;
        };
        let node = &region[p];
        at = None;
        if overlap(&node.bounds, query) {
            if let Some(shapes) = node.shapes {
                for numbered in &region[shapes] {
                    if overlap(&numbered.shape.bounds(), query) {
                        if count < found.len() {
                            found[count] = numbered.index;
                        }
                        count += 1;
                    }
                }
            }
            if node.left.is_some() {
                stack[waiting] = node.right;
                waiting += 1;
                at = node.left;
            }
        }
    }
    count as u32
}
