//! How a hierarchy is divided: the same for boxes and for regions.

use super::shapes::{Bounds, Shape};
use super::{LEAF, Numbered};

/// What a node is made of: two nodes of type `L` below it, or the shapes of a leaf.
pub(crate) struct Parts<'a, S, L> {
    pub(crate) bounds: Bounds,
    pub(crate) below: Option<(L, L)>,
    pub(crate) shapes: &'a [Numbered<S>],
}

/// A hierarchy of nodes that `node` makes, from the leaves up: shapes are halved at the median of their middles along the
/// axis in which the middles spread most. n log n steps.
pub(crate) fn halved<S: Shape, L>(shapes: &[S], node: &mut impl FnMut(Parts<'_, S, L>) -> L) -> Option<L> {
    let numbered = |(index, shape): (usize, &S)| {
        let index = u32::try_from(index).expect("fewer shapes than a u32 counts");
        Numbered { shape: *shape, index }
    };
    let mut shapes: Vec<Numbered<S>> = shapes.iter().enumerate().map(numbered).collect();
    if shapes.is_empty() { None } else { Some(divided(&mut shapes, node)) }
}

fn divided<S: Shape, L>(shapes: &mut [Numbered<S>], node: &mut impl FnMut(Parts<'_, S, L>) -> L) -> L {
    let bounds = around(shapes.iter().map(|numbered| numbered.shape.bounds()));
    if shapes.len() <= LEAF {
        return node(Parts { bounds, below: None, shapes });
    }
    let spread = around(shapes.iter().map(|numbered| point(middle(&numbered.shape))));
    let widths = [0, 1, 2].map(|k| spread.high[k] - spread.low[k]);
    let axis = (0..3).fold(0, |widest, k| if widths[k] > widths[widest] { k } else { widest });
    let (half, key) = (shapes.len() / 2, |numbered: &Numbered<S>| middle(&numbered.shape)[axis]);
    shapes.select_nth_unstable_by(half, |a, b| key(a).total_cmp(&key(b)));
    let (low, high) = shapes.split_at_mut(half);
    let (left, right) = (divided(low, node), divided(high, node));
    node(Parts { bounds, below: Some((left, right)), shapes: &[] })
}

/// The middle of a shape's box.
fn middle(shape: &impl Shape) -> [f32; 3] {
    let Bounds { low, high } = shape.bounds();
    [0, 1, 2].map(|k| low[k].midpoint(high[k]))
}

fn point(place: [f32; 3]) -> Bounds {
    Bounds { low: place, high: place }
}

/// The smallest box around some, at least one.
fn around(all: impl Iterator<Item = Bounds>) -> Bounds {
    let empty = Bounds { low: [f32::INFINITY; 3], high: [f32::NEG_INFINITY; 3] };
    all.fold(empty, |a, b| Bounds {
        low: [0, 1, 2].map(|k| a.low[k].min(b.low[k])),
        high: [0, 1, 2].map(|k| a.high[k].max(b.high[k])),
    })
}
