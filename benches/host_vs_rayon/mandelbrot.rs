//! The Mandelbrot set: how long a pixel takes varies by a factor of hundreds, so balancing matters.

use landbridge::{Index2, kernel, kernel_fn};
use rayon::prelude::*;

use crate::case::{Case, Class, host};

const MOST_STEPS: u32 = 200;

pub(crate) struct Mandelbrot {
    side: usize,
    steps: Vec<u32>,
}

#[kernel]
fn draw(side: usize, pixel: Index2, steps: &mut u32) {
    *steps = escape(side, pixel.y, pixel.x);
}

impl Case for Mandelbrot {
    const NAME: &'static str = "mandelbrot";
    const SIZES: &'static [(Class, usize)] =
        &[(Class::Tiny, 10 * 10), (Class::Small, 32 * 32), (Class::Medium, 160 * 160), (Class::Large, 1_000 * 1_000)];

    fn new(items: usize) -> Self {
        Self { side: items.isqrt(), steps: vec![0; items] }
    }

    fn plain(&mut self) {
        for (row, steps) in self.steps.chunks_exact_mut(self.side).enumerate() {
            draw_row(row, steps);
        }
    }

    fn par_iter(&mut self) {
        let side = self.side;
        let pixels = self.steps.par_iter_mut().enumerate();
        pixels.for_each(|(i, steps)| *steps = escape(side, i / side, i % side));
    }

    fn chunks(&mut self) {
        let rows = self.steps.par_chunks_mut(self.side).enumerate();
        rows.for_each(|(row, steps)| draw_row(row, steps));
    }

    const OURS: Option<fn(&mut Self)> = Some(|case| {
        let _ = host().run(draw(case.side, [case.side; 2], &mut case.steps)).unwrap();
    });

    fn same(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

fn draw_row(row: usize, steps: &mut [u32]) {
    let side = steps.len();
    for (column, steps) in steps.iter_mut().enumerate() {
        *steps = escape(side, row, column);
    }
}

/// The steps until the point leaves the circle of radius 2.
#[kernel_fn]
fn escape(side: usize, row: usize, column: usize) -> u32 {
    let cx = column as f32 / side as f32 * 3.0 - 2.0;
    let cy = row as f32 / side as f32 * 3.0 - 1.5;
    let (mut x, mut y) = (0.0_f32, 0.0_f32);
    for step in 0..MOST_STEPS {
        if x * x + y * y > 4.0 {
            return step;
        }
        (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
    }
    MOST_STEPS
}
