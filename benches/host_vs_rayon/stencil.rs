//! The 5-point stencil: a cell becomes the mean of itself and its four neighbours; the border stays.

use landbridge::{Index, kernel, rows_mut};
use rayon::prelude::*;

use crate::case::{Case, Class, host};

/// About this many cells a task.
const GRAIN: usize = 16 << 10;

pub(crate) struct Stencil {
    side: usize,
    from: Vec<f32>,
    to: Vec<f32>,
}

#[kernel]
#[allow(clippy::manual_memcpy, reason = "kernels have no copy_from_slice yet")]
fn relax(row: Index, from: &[f32], #[rows] to: &mut [f32]) {
    let side = to.len();
    let here = &from[row * side..(row + 1) * side];
    if row == 0 || row == side - 1 {
        for i in 0..side {
            to[i] = here[i];
        }
        return;
    }
    let inner = side - 2;
    let (left, middle, right) = (&here[..inner], &here[1..side - 1], &here[2..]);
    let above = &from[(row - 1) * side + 1..row * side - 1];
    let below = &from[(row + 1) * side + 1..(row + 2) * side - 1];
    to[0] = here[0];
    to[side - 1] = here[side - 1];
    let to = &mut to[1..side - 1];
    for i in 0..inner {
        to[i] = 0.2 * (middle[i] + left[i] + right[i] + above[i] + below[i]);
    }
}

impl Case for Stencil {
    const NAME: &'static str = "stencil";
    const SIZES: &'static [(Class, usize)] = &[
        (Class::Tiny, 10 * 10),
        (Class::Small, 100 * 100),
        (Class::Medium, 400 * 400),
        (Class::Large, 1_000 * 1_000),
        (Class::Huge, 3_200 * 3_200),
    ];

    fn new(items: usize) -> Self {
        Self { side: items.isqrt(), from: (0..items).map(|i| (i * 31 % 101) as f32).collect(), to: vec![0.0; items] }
    }

    fn plain(&mut self) {
        for (row, to) in self.to.chunks_exact_mut(self.side).enumerate() {
            relax_row(row, &self.from, to);
        }
    }

    fn par_iter(&mut self) {
        let Self { side, from, to } = self;
        let side = *side;
        to.par_iter_mut().enumerate().for_each(|(i, to)| {
            let (row, column) = (i / side, i % side);
            let border = row == 0 || column == 0 || row == side - 1 || column == side - 1;
            *to = if border {
                from[i]
            } else {
                0.2 * (from[i] + from[i - 1] + from[i + 1] + from[i - side] + from[i + side])
            };
        });
    }

    fn chunks(&mut self) {
        let Self { side, from, to } = self;
        let rows = (GRAIN / *side).max(1);
        to.par_chunks_mut(rows * *side).enumerate().for_each(|(block, to)| {
            for (row, to) in to.chunks_exact_mut(*side).enumerate() {
                relax_row(block * rows + row, from, to);
            }
        });
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        let _ = host().run(relax(&case.from, rows_mut(&mut case.to, case.side))).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.to == other.to
    }
}

/// One row, in slices of equal length so that nothing is checked in the loop.
fn relax_row(row: usize, from: &[f32], to: &mut [f32]) {
    let side = to.len();
    let here = &from[row * side..][..side];
    if row == 0 || row == side - 1 {
        to.copy_from_slice(here);
        return;
    }
    let inner = side - 2;
    let (left, middle, right) = (&here[..inner], &here[1..][..inner], &here[2..][..inner]);
    let above = &from[(row - 1) * side + 1..][..inner];
    let below = &from[(row + 1) * side + 1..][..inner];
    to[0] = here[0];
    to[side - 1] = here[side - 1];
    for (i, to) in to[1..][..inner].iter_mut().enumerate() {
        *to = 0.2 * (middle[i] + left[i] + right[i] + above[i] + below[i]);
    }
}
