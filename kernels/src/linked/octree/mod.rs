//! An octree of bodies that attract each other, and their pull by the method of Barnes and Hut.
//!
//! Barnes and Hut, "A hierarchical O(N log N) force-calculation algorithm", Nature 324 (1986). A cell that looks small from
//! where a pull is asked for, its width over its distance below `theta`, pulls as one body at its centre of mass; other
//! cells are opened. For `theta` 0.5 pulls are within about 1 % of the sum over all bodies; 0 opens every cell.
//!
//! Units are the program's: with lengths, masses and times in which the constant of gravitation is 1, pulls are
//! accelerations.

mod build;

use landbridge::{KernelType, kernel, kernel_fn};

use super::vectors3::{dot, minus};
pub(crate) use build::{Cell, Nodes, tree};

/// A cell with bodies, and the cells beside it: bodies are found by way of `child`, the next cell of the same parent by way
/// of `next`. The tree of no bodies is a `None`.
#[derive(KernelType)]
pub struct Node {
    /// The centre of mass of the bodies in it.
    pub centre: [f32; 3],
    /// Their mass, all together.
    pub mass: f32,
    /// The cell's edge; 0 where there is nothing to be opened: one body, or several in one place.
    pub width: f32,
    /// The first of the cells in it.
    pub child: Option<Box<Node>>,
    /// The next cell of the same parent.
    pub next: Option<Box<Node>>,
}

/// Cells inside one another at most; bodies that are still in one cell count as one.
pub const DEPTH: usize = 32;

impl Node {
    /// The octree of bodies at these places, with these masses: cells of eight halves, in the order of their bodies'
    /// coordinates (z, y, x), as deep as it takes to have bodies apart. About n log n steps.
    ///
    /// # Panics
    /// If there are not as many masses as places, or a coordinate is not finite.
    pub fn new(places: &[[f32; 3]], masses: &[f32]) -> Option<Box<Self>> {
        tree(places, masses, &mut Boxes)
    }
}

struct Boxes;

impl Nodes for Boxes {
    type Link = Box<Node>;

    fn node(&mut self, cell: Cell, child: Option<Box<Node>>, next: Option<Box<Node>>) -> Box<Node> {
        let Cell { centre, mass, width } = cell;
        Box::new(Node { centre, mass, width, child, next })
    }

    fn behind_last(_: &Option<Box<Node>>) -> Option<Box<Node>> {
        None
    }
}

/// The pull of all bodies on one of mass 1 at this item's `place` (three coordinates of a slice: `places.as_flattened()` of a
/// `Vec<[f32; 3]>`): the sum of m d / (|d|² + softening²)^(3/2) over bodies, or cells that look small, of mass m in
/// direction and distance d. `softening` is a length that keeps close encounters finite (Plummer's); a body right here
/// does not pull.
///
/// Depth-first, with a stack of the item's own: cells are summed up in the order of the tree, so that results are the same in
/// every run. About log n / theta³ steps.
///
/// # Errors
/// The launch fails with an index out of bounds where more than [`DEPTH`] cells are open: never in what [`Node::new`] makes.
#[kernel]
pub fn pull(root: Option<&Node>, theta: f32, softening: f32, place: &[f32; 3]) -> [f32; 3] {
    let mut stack: [Option<&Node>; DEPTH] = [None; DEPTH];
    let mut waiting = 0;
    let mut sum = [0.0_f32; 3];
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
        let d = minus(node.centre, *place);
        let distance = dot(d, d);
        if node.width * node.width <= theta * theta * distance || node.child.is_none() {
            add_pull(&mut sum, d, distance + softening * softening, node.mass);
            at = node.next.as_deref();
        } else {
            stack[waiting] = node.next.as_deref();
            waiting += 1;
            at = node.child.as_deref();
        }
    }
    sum
}

/// Adds the pull of a mass, of which the square of the distance is known.
#[kernel_fn]
pub(crate) fn add_pull(sum: &mut [f32; 3], d: [f32; 3], square: f32, mass: f32) {
    if square > 0.0 {
        let strength = mass / (square * square.sqrt());
        for k in 0..3 {
            sum[k] += strength * d[k];
        }
    }
}
