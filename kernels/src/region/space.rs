//! A k-d tree of points in space, in a region.

use landbridge::{KernelType, Region, Shared, kernel};

pub use crate::linked::space::{DEPTH, Found};
use crate::linked::space::{Point, balanced};

/// A tree: this point and those below it; otherwise as [`linked::space::Node`](crate::linked::space::Node).
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Node {
    /// Where the point is.
    pub place: [f32; 3],
    /// Its number among the points.
    pub index: u32,
    /// The axis that it divides: 0, 1 or 2.
    pub axis: u32,
    /// The points that are nearer to the axis's low end.
    pub left: Option<Shared<Node>>,
    /// The points that are nearer to its high end.
    pub right: Option<Shared<Node>>,
}

/// A tree in a [`Region`], plain data itself.
#[derive(KernelType, Clone, Copy, Debug)]
pub struct Tree {
    /// Where searches begin.
    pub root: Option<Shared<Node>>,
}

impl Tree {
    /// A balanced tree of points, numbered in their order. n log n steps.
    ///
    /// # Panics
    /// If there are more points than a `u32` counts, or the region is full.
    pub fn new(region: &mut Region, points: &[[f32; 3]]) -> Self {
        let mut node =
            |Point { place, index }, axis, left, right| region.push(Node { place, index, axis, left, right });
        Self { root: balanced(points, &mut node) }
    }
}

/// The point that is nearest to this item's `place`: as [`linked::space::nearest`](crate::linked::space::nearest).
#[kernel]
pub fn nearest(region: &Region, tree: Tree, place: &[f32; 3]) -> Found {
    let mut stack: [Option<Shared<Node>>; DEPTH] = [None; DEPTH];
    // the squares of the distances to the planes behind which they lie
    let mut behind = [0.0_f32; DEPTH];
    let mut waiting = 0;
    let mut best = Found { index: u32::MAX, distance: f32::INFINITY };
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
        let d = [place[0] - node.place[0], place[1] - node.place[1], place[2] - node.place[2]];
        let distance = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        if distance < best.distance || distance == best.distance && node.index < best.index {
            best = Found { index: node.index, distance };
        }
        let plane = d[node.axis as usize];
        behind[waiting] = plane * plane;
        if plane < 0.0 {
            stack[waiting] = node.right;
            at = node.left;
        } else {
            stack[waiting] = node.left;
            at = node.right;
        }
        waiting += 1;
    }
    best
}
