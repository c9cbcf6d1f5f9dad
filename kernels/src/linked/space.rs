//! A k-d tree of points in space: Bentley, "Multidimensional binary search trees used for associative searching" (1975).

use landbridge::{KernelType, kernel};

/// A tree: this point and those below it. The empty tree is a `None`.
///
/// Along the node's axis the points on its left are at most as far as it, those on its right at least.
#[derive(KernelType)]
pub struct Node {
    /// Where the point is.
    pub place: [f32; 3],
    /// Its number among the points.
    pub index: u32,
    /// The axis that it divides: 0, 1 or 2.
    pub axis: u32,
    /// The points that are nearer to the axis's low end.
    pub left: Option<Box<Node>>,
    /// The points that are nearer to its high end.
    pub right: Option<Box<Node>>,
}

/// Nodes above one another that a search remembers at most: enough for any tree that [`Node::tree`] makes.
pub const DEPTH: usize = 40;

/// What [`nearest`] finds.
#[derive(Clone, Copy, Debug, PartialEq, KernelType)]
pub struct Found {
    /// The number of the nearest point; of several that are equally near the smallest one, of none `u32::MAX`.
    pub index: u32,
    /// The square of its distance; infinite where there are no points.
    pub distance: f32,
}

/// A point and its number among the points.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    pub(crate) place: [f32; 3],
    pub(crate) index: u32,
}

impl Node {
    /// A balanced tree of points, numbered in their order: each node halves its points along the axis of its depth.
    /// n log n steps.
    ///
    /// # Panics
    /// If there are more points than a `u32` counts.
    pub fn tree(points: &[[f32; 3]]) -> Option<Box<Self>> {
        balanced(points, &mut |Point { place, index }, axis, left, right| {
            Box::new(Node { place, index, axis, left, right })
        })
    }
}

/// A balanced tree of nodes that `node` makes of a point, its axis and what is below, from the leaves up.
pub(crate) fn balanced<L>(
    points: &[[f32; 3]],
    node: &mut impl FnMut(Point, u32, Option<L>, Option<L>) -> L,
) -> Option<L> {
    let point = |(index, place): (usize, &[f32; 3])| {
        let index = u32::try_from(index).expect("fewer points than a u32 counts");
        Point { place: *place, index }
    };
    let mut points: Vec<Point> = points.iter().enumerate().map(point).collect();
    halved(&mut points, 0, node)
}

fn halved<L>(
    points: &mut [Point],
    axis: usize,
    node: &mut impl FnMut(Point, u32, Option<L>, Option<L>) -> L,
) -> Option<L> {
    if points.is_empty() {
        return None;
    }
    let middle = points.len() / 2;
    points.select_nth_unstable_by(middle, |a, b| a.place[axis].total_cmp(&b.place[axis]));
    let point = points[middle];
    let (left, right) = points.split_at_mut(middle);
    let below = (axis + 1) % 3;
    let (left, right) = (halved(left, below, node), halved(&mut right[1..], below, node));
    Some(node(point, axis as u32, left, right))
}

/// The point that is nearest to this item's `place` (three coordinates of a slice: `places.as_flattened()` of a `Vec<[f32; 3]>`):
/// down the side where the item lies first, then back to the other sides that are near enough, by a stack of the item's own.
/// About log n steps for points that are spread evenly.
///
/// # Errors
/// The launch fails with an index out of bounds where the tree is so lopsided that more than [`DEPTH`] nodes wait.
#[kernel]
pub fn nearest(root: Option<&Node>, place: &[f32; 3]) -> Found {
    let mut stack: [Option<&Node>; DEPTH] = [None; DEPTH];
    // the squares of the distances to the planes behind which they lie
    let mut behind = [0.0_f32; DEPTH];
    let mut waiting = 0;
    let mut best = Found { index: u32::MAX, distance: f32::INFINITY };
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
        let d = [place[0] - node.place[0], place[1] - node.place[1], place[2] - node.place[2]];
        let distance = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        if distance < best.distance || distance == best.distance && node.index < best.index {
            best = Found { index: node.index, distance };
        }
        let plane = d[node.axis as usize];
        behind[waiting] = plane * plane;
        if plane < 0.0 {
            stack[waiting] = node.right.as_deref();
            at = node.left.as_deref();
        } else {
            stack[waiting] = node.left.as_deref();
            at = node.right.as_deref();
        }
        waiting += 1;
    }
    best
}
