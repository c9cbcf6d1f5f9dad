//! `y += a * x`: two streams read, one written, nothing computed.

use landbridge::kernel;
use rayon::prelude::*;

use crate::case::{Case, Class, host};

const A: f32 = 0.25;

/// 64 KiB of each operand: small enough to balance, large enough to hide what a task costs.
const GRAIN: usize = 16 << 10;

pub(crate) struct Saxpy {
    x: Vec<f32>,
    y: Vec<f32>,
}

#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

impl Case for Saxpy {
    const NAME: &'static str = "saxpy";
    const SIZES: &'static [(Class, usize)] = &[
        (Class::Tiny, 100),
        (Class::Small, 20_000),
        (Class::Medium, 200_000),
        (Class::Large, 1_000_000),
        (Class::Huge, 10_000_000),
    ];

    fn new(items: usize) -> Self {
        Self { x: (0..items).map(|i| (i % 1000) as f32).collect(), y: vec![1.0; items] }
    }

    fn plain(&mut self) {
        for (y, x) in self.y.iter_mut().zip(&self.x) {
            *y += A * x;
        }
    }

    fn par_iter(&mut self) {
        self.y.par_iter_mut().zip(&self.x).for_each(|(y, x)| *y += A * x);
    }

    fn chunks(&mut self) {
        let pairs = self.y.par_chunks_mut(GRAIN).zip(self.x.par_chunks(GRAIN));
        pairs.for_each(|(y, x)| {
            for (y, x) in y.iter_mut().zip(x) {
                *y += A * x;
            }
        });
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        let _ = host().run(saxpy(A, &case.x, &mut case.y)).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.y == other.y
    }
}
