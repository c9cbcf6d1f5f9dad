//! How an octree is divided: the same for boxes and for regions.

use super::DEPTH;

/// What a cell weighs, and how wide it is.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) centre: [f32; 3],
    pub(crate) mass: f32,
    pub(crate) width: f32,
}

/// Makes nodes.
pub(crate) trait Nodes {
    /// What leads to a node.
    type Link;

    /// A node with the first of those in it and the one behind it.
    fn node(&mut self, cell: Cell, child: Option<Self::Link>, next: Option<Self::Link>) -> Self::Link;

    /// What is behind the last node in another one, behind which `next` is.
    fn behind_last(next: &Option<Self::Link>) -> Option<Self::Link>;
}

/// A body, by where it is and its mass.
type Body = ([f32; 3], f32);

/// A cube by its middle and half of its edge.
#[derive(Clone, Copy)]
struct Cube {
    middle: [f32; 3],
    half: f32,
}

/// The octree of these bodies.
pub(crate) fn tree<N: Nodes>(places: &[[f32; 3]], masses: &[f32], nodes: &mut N) -> Option<N::Link> {
    assert_eq!(places.len(), masses.len(), "each body has a place and a mass");
    assert!(places.as_flattened().iter().all(|c| c.is_finite()), "places are finite");
    let mut bodies: Vec<Body> = places.iter().copied().zip(masses.iter().copied()).collect();
    let edge = |k: usize, pick: fn(f32, f32) -> f32| places.iter().map(|p| p[k]).reduce(pick).unwrap_or(0.0);
    let (low, high) = ([0, 1, 2].map(|k| edge(k, f32::min)), [0, 1, 2].map(|k| edge(k, f32::max)));
    let half = (0..3).map(|k| 0.5 * high[k] - 0.5 * low[k]).fold(0.0, f32::max);
    let cube = Cube { middle: [0, 1, 2].map(|k| low[k].midpoint(high[k])), half };
    if bodies.is_empty() { None } else { Some(divided(&mut bodies, cube, DEPTH, None, nodes)) }
}

/// A node of at least one body, and at most so many levels.
fn divided<N: Nodes>(bodies: &mut [Body], cube: Cube, levels: usize, next: Option<N::Link>, nodes: &mut N) -> N::Link {
    let cell = weighed(bodies, 2.0 * cube.half);
    let together = bodies.iter().all(|body| body.0 == bodies[0].0);
    if together || levels == 0 {
        return nodes.node(Cell { width: 0.0, ..cell }, None, next);
    }
    bodies.sort_by_key(|body| octant(body, cube.middle));
    let mut child = N::behind_last(&next);
    for number in (0..8).rev() {
        let first = bodies.partition_point(|body| octant(body, cube.middle) < number);
        let behind = bodies.partition_point(|body| octant(body, cube.middle) <= number);
        if first < behind {
            let eighth = cube.eighth(number);
            child = Some(divided(&mut bodies[first..behind], eighth, levels - 1, child, nodes));
        }
    }
    nodes.node(cell, child, next)
}

/// Which eighth of a cube a body is in: bit k says whether it lies in the upper half along axis k.
fn octant(body: &Body, middle: [f32; 3]) -> u32 {
    (0..3).map(|k| u32::from(body.0[k] >= middle[k]) << k).sum()
}

impl Cube {
    fn eighth(self, number: u32) -> Self {
        let half = 0.5 * self.half;
        let side = |k: usize| if number >> k & 1 == 1 { half } else { -half };
        Self { middle: [0, 1, 2].map(|k| self.middle[k] + side(k)), half }
    }
}

/// The mass and its centre, summed up in `f64`; the mean place where there is no mass.
fn weighed(bodies: &[Body], width: f32) -> Cell {
    let mass: f64 = bodies.iter().map(|body| f64::from(body.1)).sum();
    let weight = |body: &Body| if mass == 0.0 { 1.0 / bodies.len() as f64 } else { f64::from(body.1) / mass };
    let centre = [0, 1, 2].map(|k| bodies.iter().map(|body| weight(body) * f64::from(body.0[k])).sum::<f64>() as f32);
    Cell { centre, mass: mass as f32, width }
}
