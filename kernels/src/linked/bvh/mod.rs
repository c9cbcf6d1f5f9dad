//! A hierarchy of boxes around shapes (a bounding volume hierarchy): what a ray hits first, and what lies in a box.
//!
//! Rubin and Whitted, "A 3-Dimensional Representation for Fast Rendering of Complex Scenes" (1980). Coordinates are in any
//! unit, the same for shapes, rays and boxes; none of them may be NaN.

mod build;
mod shapes;

use landbridge::{KernelType, kernel};

pub(crate) use build::{Parts, halved};
pub use shapes::{Bounds, Hit, Ray, Shape, Triangle};
pub(crate) use shapes::{before, overlap};

/// A shape and its number among the shapes.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Numbered<S> {
    /// The shape.
    pub shape: S,
    /// Its number.
    pub index: u32,
}

/// A hierarchy: this node, and those below it or the shapes in it. That of no shapes is a `None`.
#[derive(KernelType)]
pub struct Node<S> {
    /// Around everything below.
    pub bounds: Bounds,
    /// One half of what is below; none in leaves.
    pub left: Option<Box<Node<S>>>,
    /// The other half.
    pub right: Option<Box<Node<S>>>,
    /// The shapes of a leaf.
    pub shapes: Vec<Numbered<S>>,
}

/// Shapes in a leaf at most.
pub const LEAF: usize = 4;

/// Nodes above one another that a walk remembers at most: enough for any hierarchy that [`Node::new`] makes.
pub const DEPTH: usize = 32;

impl<S: Shape> Node<S> {
    /// A hierarchy of shapes, numbered in their order: halved at their median until at most [`LEAF`] are left. n log n steps.
    ///
    /// # Panics
    /// If there are more shapes than a `u32` counts.
    pub fn new(shapes: &[S]) -> Option<Box<Self>> {
        halved(shapes, &mut |Parts { bounds, below, shapes }| {
            let (left, right) = below.unzip();
            Box::new(Node { bounds, left, right, shapes: shapes.to_vec() })
        })
    }
}

/// What this item's ray hits first: the nearer half first, and then the other one unless it is farther than a hit, by a
/// stack of the item's own. About log n steps where shapes hardly overlap.
///
/// Exact but for the roundings of [`Shape::distance`]: of hits that differ by those alone any may be the first.
///
/// # Errors
/// The launch fails with an index out of bounds where more than [`DEPTH`] nodes wait: never in what [`Node::new`] makes.
#[kernel]
pub fn first_hit<S: Shape>(root: Option<&Node<S>>, ray: &Ray) -> Hit {
    let mut stack: [Option<&Node<S>>; DEPTH] = [None; DEPTH];
    // how far their boxes are
    let mut behind = [0.0_f32; DEPTH];
    let mut waiting = 0;
    let mut best = Hit { index: u32::MAX, distance: f32::INFINITY };
    let mut at = root;
    loop {
        let Some(node) = at else {
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            if behind[waiting] <= best.distance {
                at = stack[waiting];
            }
            continue;
        };
        for numbered in &node.shapes {
            let distance = numbered.shape.distance(ray);
            let hit = Hit { index: numbered.index, distance };
            if before(hit, best) {
                best = hit;
            }
        }
        at = None;
        if let (Some(left), Some(right)) = (node.left.as_deref(), node.right.as_deref()) {
            let (to_left, to_right) = (left.bounds.distance(ray), right.bounds.distance(ray));
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

/// How many shapes have boxes that overlap this item's `query`, touching included; the numbers of the first of them, in the
/// order of the hierarchy, go to this item's row of `found`, as many as there is room for.
///
/// # Errors
/// The launch fails with an index out of bounds where more than [`DEPTH`] nodes wait: never in what [`Node::new`] makes.
#[kernel]
pub fn overlapping<S: Shape>(root: Option<&Node<S>>, query: &Bounds, #[rows] found: &mut [u32]) -> u32 {
    let mut stack: [Option<&Node<S>>; DEPTH] = [None; DEPTH];
    let mut waiting = 0;
    let mut count = 0;
    let mut at = root;
    loop {
        let Some(node) = at else {
            if waiting == 0 {
                break;
            }
            waiting -= 1;
            at = stack[waiting];
            continue;
        };
        at = None;
        if overlap(&node.bounds, query) {
            for numbered in &node.shapes {
                if overlap(&numbered.shape.bounds(), query) {
                    if count < found.len() {
                        found[count] = numbered.index;
                    }
                    count += 1;
                }
            }
            if node.left.is_some() {
                stack[waiting] = node.right.as_deref();
                waiting += 1;
                at = node.left.as_deref();
            }
        }
    }
    count as u32
}
