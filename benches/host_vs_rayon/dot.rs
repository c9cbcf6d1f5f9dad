//! The dot product: a float reduction, which a compiler may not reorder and an expert does.

use landbridge::{Sum, kernel};
use rayon::prelude::*;

use crate::case::{Case, Class, host};

/// 64 KiB of each operand.
const GRAIN: usize = 16 << 10;

/// Independent sums: enough to hide the latency of an addition in vectors of four.
const LANES: usize = 32;

pub(crate) struct Dot {
    x: Vec<f32>,
    y: Vec<f32>,
    sum: f32,
}

#[kernel]
fn dot(x: &f32, y: &f32) -> f32 {
    x * y
}

impl Case for Dot {
    const NAME: &'static str = "dot";
    const SIZES: &'static [(Class, usize)] = &[
        (Class::Tiny, 100),
        (Class::Small, 20_000),
        (Class::Medium, 200_000),
        (Class::Large, 1_000_000),
        (Class::Huge, 10_000_000),
    ];

    /// Small whole numbers: every order of adding gives the same sum.
    fn new(items: usize) -> Self {
        Self {
            x: (0..items).map(|i| (i % 5) as f32 - 2.0).collect(),
            y: (0..items).map(|i| (i % 3) as f32 - 1.0).collect(),
            sum: 0.0,
        }
    }

    fn plain(&mut self) {
        self.sum = self.x.iter().zip(&self.y).map(|(x, y)| x * y).sum();
    }

    fn par_iter(&mut self) {
        self.sum = self.x.par_iter().zip(&self.y).map(|(x, y)| x * y).sum();
    }

    fn chunks(&mut self) {
        self.sum = if self.x.len() <= 2 * GRAIN {
            lanes(&self.x, &self.y) // not worth waking anybody
        } else {
            let pairs = self.x.par_chunks(GRAIN).zip(self.y.par_chunks(GRAIN));
            pairs.map(|(x, y)| lanes(x, y)).sum()
        };
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        case.sum = host().reduce(dot(&case.x, &case.y), Sum).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.sum == other.sum
    }
}

fn lanes(x: &[f32], y: &[f32]) -> f32 {
    let (x_blocks, x_rest) = x.as_chunks::<LANES>();
    let (y_blocks, y_rest) = y.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (x, y) in x_blocks.iter().zip(y_blocks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}
