//! Matrices, grids, graphs, counts and prices.
#![allow(unsafe_code)]

use landbridge::kernels::finance::{Contract, Price, black_scholes, normal};
use landbridge::kernels::sparse::{Csr, bfs};
use landbridge::kernels::{histogram, matrix, random, stencil};
use rayon::prelude::*;

use crate::Bench;
use crate::slices::HOST;

struct Square {
    side: usize,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
}

fn numbers(items: usize, seed: u64) -> Vec<f32> {
    let mut all = vec![0.0; items];
    random::fill_units(&HOST, seed, &mut all).expect("the host");
    all
}

fn square(items: usize) -> Square {
    let side = items.isqrt();
    let (a, b) = (numbers(side * side, 1), numbers(side * side, 2));
    Square { side, a, b, c: vec![0.0; side * side] }
}

fn alike(a: &Square, b: &Square) -> bool {
    a.c.iter().zip(&b.c).all(|(a, b)| (a - b).abs() <= 1e-4 * a.abs().max(1.0))
}

struct Sparse {
    matrix: Csr<f32>,
    x: Vec<f32>,
    y: Vec<f32>,
    levels: Vec<u32>,
}

/// Eight entries a row on average.
fn sparse(items: usize) -> Sparse {
    let rows = (items / 8) as u32;
    let mut words = vec![0; 2 * items];
    random::fill_words(&HOST, 3, &mut words).expect("the host");
    let entries: Vec<_> = words.chunks_exact(2).map(|w| (w[0] % rows, w[1] % rows, 0.5)).collect();
    let matrix = Csr::from_triplets(rows as usize, rows as usize, &entries).expect("valid entries");
    Sparse { matrix, x: numbers(rows as usize, 4), y: vec![0.0; rows as usize], levels: vec![] }
}

struct Counted {
    numbers: Vec<u32>,
    counts: Vec<u32>,
}

struct Market {
    contracts: Vec<Contract>,
    prices: Vec<Price>,
}

fn market(items: usize) -> Market {
    let contract = |k: &f32| Contract { spot: 5.0 + 25.0 * k, strike: 1.0 + 99.0 * k, years: 0.25 + 10.0 * k };
    Market { contracts: numbers(items, 6).iter().map(contract).collect(), prices: vec![Price::default(); items] }
}

/// Measures these with so many items, entries or elements of a matrix.
pub(crate) fn cases(bench: &mut Bench, items: usize) {
    if items <= 1_000_000 {
        multiply(bench, items);
    }
    bench.case(
        &format!("transpose/{items}"),
        || square(items),
        alike,
        |d: &mut Square| {
            matrix::transpose(&HOST, [d.side; 2], &d.a, &mut d.c).expect("the host");
        },
        &[
            ("plain loop", |d: &mut Square| {
                for (x, column) in d.c.chunks_exact_mut(d.side).enumerate() {
                    column.iter_mut().enumerate().for_each(|(y, to)| *to = d.a[y * d.side + x]);
                }
            }),
            ("rayon", |d: &mut Square| {
                d.c.par_chunks_exact_mut(d.side).enumerate().for_each(|(x, column)| {
                    column.iter_mut().enumerate().for_each(|(y, to)| *to = d.a[y * d.side + x]);
                });
            }),
        ],
    );
    bench.case(
        &format!("stencil/{items}"),
        || square(items),
        alike,
        |d: &mut Square| {
            stencil::stencil1(&HOST, &WEIGHTS, &d.a, &mut d.c).expect("the host");
        },
        &[
            ("plain loop", |d: &mut Square| {
                let last = d.a.len() - 1;
                (0..=last).for_each(|i| d.c[i] = around(&d.a, i, last));
            }),
            ("rayon", |d: &mut Square| {
                let last = d.a.len() - 1;
                d.c.par_iter_mut().enumerate().for_each(|(i, to)| *to = around(&d.a, i, last));
            }),
        ],
    );
    bench.case(
        &format!("spmv/{items}"),
        || sparse(items),
        |a, b| a.y == b.y,
        |d: &mut Sparse| {
            d.matrix.multiply(&HOST, &d.x, &mut d.y).expect("the host");
        },
        &[
            ("plain loop", |d: &mut Sparse| {
                (0..d.y.len()).for_each(|row| d.y[row] = product(&d.matrix, &d.x, row));
            }),
            ("rayon", |d: &mut Sparse| {
                d.y.par_iter_mut().enumerate().for_each(|(row, y)| *y = product(&d.matrix, &d.x, row))
            }),
        ],
    );
    bench.case(
        &format!("bfs/{items}"),
        || sparse(items),
        |a, b| a.levels == b.levels,
        |d: &mut Sparse| {
            d.levels = bfs(&HOST, d.matrix.offsets(), d.matrix.indices(), 0).expect("the host");
        },
        &[("plain queue", |d: &mut Sparse| {
            let (offsets, targets) = (d.matrix.offsets(), d.matrix.indices());
            let mut levels = vec![u32::MAX; offsets.len() - 1];
            let mut queue = std::collections::VecDeque::from([0_usize]);
            levels[0] = 0;
            while let Some(v) = queue.pop_front() {
                for &t in &targets[offsets[v] as usize..offsets[v + 1] as usize] {
                    if levels[t as usize] == u32::MAX {
                        levels[t as usize] = levels[v] + 1;
                        queue.push_back(t as usize);
                    }
                }
            }
            d.levels = levels;
        })],
    );
    let counted =
        || Counted { numbers: numbers(items, 7).iter().map(|x| (x * 256.0) as u32).collect(), counts: vec![] };
    bench.case(
        &format!("histogram/{items}"),
        counted,
        |a, b| a.counts == b.counts,
        |d: &mut Counted| {
            d.counts = histogram::histogram(&HOST, &d.numbers, 256).expect("the host");
        },
        &[
            ("plain loop", |d: &mut Counted| d.counts = table(&d.numbers)),
            ("rayon", |d: &mut Counted| {
                let per = d.numbers.len().div_ceil(rayon::current_num_threads());
                d.counts = d.numbers.par_chunks(per).map(table).reduce(
                    || vec![0; 256],
                    |mut a, b| {
                        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                        a
                    },
                );
            }),
        ],
    );
    bench.case(
        &format!("black_scholes/{items}"),
        || market(items),
        |a, b| a.prices == b.prices,
        |d: &mut Market| {
            let _ = HOST.run(black_scholes(0.02, 0.3, &d.contracts, &mut d.prices)).expect("the host");
        },
        &[
            ("plain loop", |d: &mut Market| d.prices.iter_mut().zip(&d.contracts).for_each(|(p, c)| *p = price(c))),
            ("rayon", |d: &mut Market| {
                d.prices.par_iter_mut().zip(&d.contracts).for_each(|(p, c)| *p = price(c));
            }),
        ],
    );
}

fn multiply(bench: &mut Bench, items: usize) {
    bench.case(
        &format!("matmul/{items}"),
        || square(items),
        alike,
        |d: &mut Square| {
            matrix::matmul(&HOST, [d.side; 3], &d.a, &d.b, &mut d.c).expect("the host");
        },
        &[("matrixmultiply", |d: &mut Square| {
            let (n, across) = (d.side, d.side as isize);
            let (a, b, c) = (d.a.as_ptr(), d.b.as_ptr(), d.c.as_mut_ptr());
            // SAFETY: three matrices of `n` rows and columns in row-major order, the last of them exclusive.
            unsafe { matrixmultiply::sgemm(n, n, n, 1.0, a, across, 1, b, across, 1, 0.0, c, across, 1) };
        })],
    );
}

const WEIGHTS: [f32; 5] = [0.1, 0.2, 0.4, 0.2, 0.1];

fn around(from: &[f32], i: usize, last: usize) -> f32 {
    let at = |k: usize| from[(i + k).saturating_sub(2).min(last)];
    (1..5).fold(WEIGHTS[0] * at(0), |sum, k| sum + WEIGHTS[k] * at(k))
}

fn product(matrix: &Csr<f32>, x: &[f32], row: usize) -> f32 {
    let entries = matrix.offsets()[row] as usize..matrix.offsets()[row + 1] as usize;
    let (columns, values) = (&matrix.indices()[entries.clone()], &matrix.values()[entries]);
    columns.iter().zip(values).fold(0.0, |sum, (column, value)| sum + value * x[*column as usize])
}

fn table(numbers: &[u32]) -> Vec<u32> {
    let mut counts = vec![0; 256];
    numbers.iter().for_each(|x| counts[*x as usize] += 1);
    counts
}

fn price(c: &Contract) -> Price {
    let (rate, volatility) = (0.02_f32, 0.3_f32);
    let spread = volatility * c.years.sqrt();
    let growth = (rate + 0.5 * volatility * volatility) * c.years;
    let d1 = ((c.spot / c.strike).ln() + growth) / spread;
    let d2 = d1 - spread;
    let later = c.strike * (-rate * c.years).exp();
    let (n1, n2) = (normal(d1), normal(d2));
    Price { call: c.spot * n1 - later * n2, put: later * (1.0 - n2) - c.spot * (1.0 - n1) }
}
