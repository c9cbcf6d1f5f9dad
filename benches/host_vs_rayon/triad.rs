//! `a = b + s * c`: the STREAM triad, which measures bandwidth.

use landbridge::kernel;
use rayon::prelude::*;

use crate::case::{Case, Class, host};

const S: f32 = 3.0;

/// 64 KiB of each operand.
const GRAIN: usize = 16 << 10;

pub(crate) struct Triad {
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
}

#[kernel]
fn triad(s: f32, a: &mut f32, b: &f32, c: &f32) {
    *a = b + s * c;
}

impl Case for Triad {
    const NAME: &'static str = "triad";
    const SIZES: &'static [(Class, usize)] = &[
        (Class::Tiny, 100),
        (Class::Small, 20_000),
        (Class::Medium, 200_000),
        (Class::Large, 1_000_000),
        (Class::Huge, 10_000_000),
    ];

    fn new(items: usize) -> Self {
        Self {
            a: vec![0.0; items],
            b: (0..items).map(|i| (i % 1000) as f32).collect(),
            c: (0..items).map(|i| (i % 77) as f32).collect(),
        }
    }

    fn plain(&mut self) {
        for ((a, b), c) in self.a.iter_mut().zip(&self.b).zip(&self.c) {
            *a = b + S * c;
        }
    }

    fn par_iter(&mut self) {
        let items = self.a.par_iter_mut().zip(&self.b).zip(&self.c);
        items.for_each(|((a, b), c)| *a = b + S * c);
    }

    fn chunks(&mut self) {
        let operands = self.b.par_chunks(GRAIN).zip(self.c.par_chunks(GRAIN));
        self.a.par_chunks_mut(GRAIN).zip(operands).for_each(|(a, (b, c))| {
            for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                *a = b + S * c;
            }
        });
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        let _ = host().run(triad(S, &mut case.a, &case.b, &case.c)).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.a == other.a
    }
}
