//! The ready-made operations on matrices, grids and graphs, and models, against plain Rust. Whole numbers where the order differs.

use landbridge::{Device, Result};
use landbridge_kernels::bodies::{Body, nbody};
use landbridge_kernels::finance::{Contract, Price, black_scholes};
use landbridge_kernels::sparse::{Csr, UNREACHED, bfs};
use landbridge_kernels::{histogram, matrix, stencil};

use super::answer::Answer;
use super::primitives::{is_reference, words};

fn whole(count: usize, offset: u32) -> Vec<f32> {
    words(count).into_iter().map(|w| (w.wrapping_add(offset) % 17) as f32 - 8.0).collect()
}

const SHAPES: [[usize; 3]; 6] = [[0, 3, 2], [1, 1, 1], [2, 0, 3], [5, 7, 8], [9, 4, 13], [33, 35, 34]];

pub(crate) fn matrices(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for [rows, inner, columns] in SHAPES {
        let (a, b) = (whole(rows * inner, 3), whole(inner * columns, 5));
        let (mut c, mut turned) = (vec![9.0; rows * columns], vec![9.0; rows * inner]);
        if is_reference(device) {
            for y in 0..rows {
                (0..columns).for_each(|x| {
                    c[y * columns + x] = (0..inner).map(|k| a[y * inner + k] * b[k * columns + x]).sum::<f32>() + 0.0;
                });
                (0..inner).for_each(|x| turned[x * rows + y] = a[y * inner + x]);
            }
        } else {
            matrix::matmul(device, [rows, inner, columns], &a, &b, &mut c)?;
            c.iter_mut().for_each(|x| *x += 0.0); // no negative zeros
            matrix::transpose(device, [rows, inner], &a, &mut turned)?;
        }
        answer = answer.exact("product", &c).exact("transpose", &turned);
    }
    Ok(answer)
}

fn clamped(at: usize, k: usize, middle: usize, length: usize) -> usize {
    (at as isize + k as isize - middle as isize).clamp(0, length as isize - 1) as usize
}

/// In any dimension up to three, as three.
fn stencil_plainly(shape: [usize; 3], weights: &[i32], extent: [usize; 3], from: &[i32], to: &mut [i32]) {
    let number = |[z, y, x]: [usize; 3]| (z * extent[1] + y) * extent[2] + x;
    for place in 0..to.len() {
        let at = [place / extent[2] / extent[1], place / extent[2] % extent[1], place % extent[2]];
        to[place] = 0;
        for k in 0..weights.len() {
            let by = [k / shape[2] / shape[1], k / shape[2] % shape[1], k % shape[2]];
            let there = std::array::from_fn(|d| clamped(at[d], by[d], shape[d] / 2, extent[d]));
            to[place] += weights[k] * from[number(there)];
        }
    }
}

pub(crate) fn stencils(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    let numbers = |count| whole(count, 1).into_iter().map(|x| x as i32).collect::<Vec<i32>>();
    for (shape, extent) in [
        ([1, 1, 5], [1, 1, 0]),
        ([1, 1, 5], [1, 1, 2]),
        ([1, 1, 3], [1, 1, 301]),
        ([1, 3, 3], [1, 11, 7]),
        ([1, 5, 1], [1, 1, 9]),
        ([3, 3, 3], [4, 5, 6]),
        ([1, 1, 1], [2, 1, 3]),
    ] {
        let (weights, from) = (numbers(shape.iter().product()), numbers(extent.iter().product()));
        let mut to = vec![99; from.len()];
        if is_reference(device) {
            stencil_plainly(shape, &weights, extent, &from, &mut to);
        } else if extent[0] > 1 {
            stencil::stencil3(device, shape, &weights, extent, &from, &mut to)?;
        } else if extent[1] > 1 || shape[1] > 1 {
            stencil::stencil2(device, [shape[1], shape[2]], &weights, [extent[1], extent[2]], &from, &mut to)?;
        } else {
            stencil::stencil1(device, &weights, &from, &mut to)?;
        }
        answer = answer.exact("weighted sums", &to);
    }
    Ok(answer)
}

pub(crate) fn sparse_products(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for (rows, columns, entries) in [(0, 4, 0), (3, 2, 0), (1, 1, 1), (40, 30, 200)] {
        let places = words(2 * entries);
        let entry = |k: usize| (places[2 * k] % rows as u32, places[2 * k + 1] % columns as u32, (k % 9) as f32 - 4.0);
        let entries: Vec<(u32, u32, f32)> = (0..entries).map(entry).collect();
        let x = whole(columns, 2);
        let mut y = vec![9.0; rows];
        if is_reference(device) {
            y.fill(0.0);
            entries.iter().for_each(|(row, column, value)| y[*row as usize] += value * x[*column as usize]);
        } else {
            Csr::from_triplets(rows, columns, &entries)?.multiply(device, &x, &mut y)?;
        }
        y.iter_mut().for_each(|y| *y += 0.0); // no negative zeros
        answer = answer.exact("product", &y);
    }
    Ok(answer)
}

/// A ring with some chords, and vertices that nothing leads to.
pub(crate) fn graph_levels(device: &Device) -> Result<Answer> {
    let (ring, alone) = (60_u32, 5);
    let mut offsets = vec![0];
    let mut targets = vec![];
    for v in 0..ring + alone {
        targets.push(if v < ring { (v + 1) % ring } else { v });
        if v % 11 == 3 && v < ring {
            targets.push(v * 7 % ring);
        }
        offsets.push(targets.len() as u32);
    }
    let levels = if is_reference(device) {
        let mut levels = vec![UNREACHED; (ring + alone) as usize];
        levels[4] = 0;
        for _ in 0..levels.len() {
            for v in 0..levels.len() {
                for target in &targets[offsets[v] as usize..offsets[v + 1] as usize] {
                    levels[*target as usize] = levels[*target as usize].min(levels[v].saturating_add(1));
                }
            }
        }
        levels
    } else {
        bfs(device, &offsets, &targets, 4)?
    };
    let lonely = if is_reference(device) { vec![0] } else { bfs(device, &[0, 0], &[], 0)? };
    Ok(Answer::new().exact("levels", &levels).exact("one vertex", &lonely))
}

pub(crate) fn counted_numbers(device: &Device) -> Result<Answer> {
    let mut answer = Answer::new();
    for (count, bins) in [(0, 3), (1, 9), (1000, 1), (1000, 57)] {
        let numbers: Vec<u32> = words(count).into_iter().map(|w| w % bins as u32).collect();
        let counts = if is_reference(device) {
            (0..bins as u32).map(|bin| numbers.iter().filter(|x| **x == bin).count() as u32).collect()
        } else {
            histogram::histogram(device, &numbers, bins)?
        };
        answer = answer.exact("counts", &counts);
    }
    Ok(answer)
}

/// Prices of a table: Hull, "Options, Futures, and Other Derivatives", example 15.6: a call of 4.76 and a put of 0.81.
pub(crate) fn prices_of_options(device: &Device) -> Result<Answer> {
    let contract = |k: u32| Contract { spot: 42.0, strike: 40.0 + k as f32, years: 0.5 + k as f32 / 8.0 };
    let contracts: Vec<Contract> = (0..50).map(contract).collect();
    let mut prices = vec![Price::default(); 50];
    let _ = device.run(black_scholes(0.1, 0.2, &contracts, &mut prices))?;
    assert!((prices[0].call - 4.76).abs() < 0.005 && (prices[0].put - 0.81).abs() < 0.005, "{:?}", prices[0]);
    let cents: Vec<[bool; 2]> = contracts
        .iter()
        .zip(&prices)
        // what both rights together are worth is known (put-call parity)
        .map(|(c, p)| [(p.call - p.put - (c.spot - c.strike * (-0.1 * c.years).exp())).abs() < 1e-3, p.call > 0.0])
        .collect();
    assert!(cents.iter().all(|c| *c == [true, true]));
    Ok(Answer::new().exact("parity", &cents))
}

/// Two bodies of one mass, on a circle about their middle: their distance stays.
pub(crate) fn two_bodies(device: &Device) -> Result<Answer> {
    let body = |side: f32| Body { place: [side, 0.0, 0.0], speed: [0.0, 0.5 * side, 0.0], mass: 1.0 };
    let mut answer = Answer::new();
    for steps in [0, 1, 100, 101] {
        let mut bodies = [body(1.0), body(-1.0)];
        nbody(device, 1e-2, 1e-12, steps, &mut bodies)?;
        let [a, b] = bodies.map(|body| body.place);
        let distance = (0..3).map(|k| (a[k] - b[k]) * (a[k] - b[k])).sum::<f32>().sqrt();
        assert!((distance - 2.0).abs() < 2e-2, "{distance} after {steps} steps");
        let still = bodies[0].place[0] == 1.0;
        answer = answer.exact("as it was", &[still]);
    }
    nbody(device, 1e-2, 1e-2, 3, &mut [])?;
    Ok(answer)
}
