//! Linear algebra.

use landbridge::{Index2, Result, Sum, kernel, kernel_fn, rows};

use crate::Way;
use crate::answer::Answer;
use crate::data::{below, floats};

#[kernel]
fn axpy_kernel(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

pub(crate) fn axpy(way: Way<'_>) -> Result<Answer> {
    let (x, mut y) = (floats(100, 1), floats(100, 2));
    match way {
        Way::Kernel(device) => device.run(axpy_kernel(1.5, &x, &mut y)).map(drop)?,
        Way::Plain => y.iter_mut().zip(&x).for_each(|(y, x)| *y += 1.5 * x),
    }
    Ok(Answer::new().within(1, "y", &y))
}

#[kernel]
fn dot_kernel(x: &i32, y: &i32) -> i64 {
    i64::from(*x) * i64::from(*y)
}

pub(crate) fn dot(way: Way<'_>) -> Result<Answer> {
    let numbers = |seed| below(500, seed, 60_000).into_iter().map(|v| v as i32 - 30_000).collect::<Vec<_>>();
    let (x, y) = (numbers(3), numbers(4));
    let sum = match way {
        Way::Kernel(device) => device.reduce(dot_kernel(&x, &y), Sum)?,
        Way::Plain => x.iter().zip(&y).map(|(x, y)| i64::from(*x) * i64::from(*y)).sum(),
    };
    Ok(Answer::new().exact("sum", &[sum]))
}

#[kernel]
fn matrix_vector_kernel(#[rows] row: &[f32], x: &[f32], y: &mut f32) {
    *y = row.iter().zip(x).map(|(a, b)| a * b).sum();
}

pub(crate) fn matrix_vector(way: Way<'_>) -> Result<Answer> {
    let (a, x, mut y) = (floats(12 * 20, 5), floats(20, 6), vec![0.0; 12]);
    match way {
        Way::Kernel(device) => device.run(matrix_vector_kernel(rows(&a, 20), &x, &mut y)).map(drop)?,
        Way::Plain => {
            for (row, y) in a.chunks_exact(20).zip(&mut y) {
                *y = row.iter().zip(&x).map(|(a, b)| a * b).sum();
            }
        }
    }
    Ok(Answer::new().within(64, "y", &y))
}

#[kernel]
fn matrix_product_kernel(at: Index2, k: usize, n: usize, a: &[f32], b: &[f32], c: &mut f32) {
    let row = &a[at.y * k..(at.y + 1) * k];
    let column = b.iter().skip(at.x).step_by(n);
    *c = row.iter().zip(column).map(|(x, y)| x * y).sum();
}

pub(crate) fn matrix_product(way: Way<'_>) -> Result<Answer> {
    let (m, k, n) = (7, 9, 5);
    let (a, b, mut c) = (floats(m * k, 7), floats(k * n, 8), vec![0.0; m * n]);
    match way {
        Way::Kernel(device) => device.run(matrix_product_kernel([m, n], k, n, &a, &b, &mut c)).map(drop)?,
        Way::Plain => {
            for y in 0..m {
                for x in 0..n {
                    c[y * n + x] = (0..k).map(|i| a[y * k + i] * b[i * n + x]).sum();
                }
            }
        }
    }
    Ok(Answer::new().within(64, "c", &c))
}

#[kernel]
fn transposed_kernel(at: Index2, height: usize, width: usize, old: &[u32], new: &mut u32) {
    assert_eq!(old.len(), height * width);
    *new = old[at.x * width + at.y];
}

pub(crate) fn transposed(way: Way<'_>) -> Result<Answer> {
    let (height, width) = (6, 11);
    let (old, mut new) = (below(height * width, 9, 1000), vec![0; height * width]);
    match way {
        Way::Kernel(device) => {
            device.run(transposed_kernel([width, height], height, width, &old, &mut new)).map(drop)?;
        }
        Way::Plain => (0..width * height).for_each(|i| new[i] = old[i % height * width + i / height]),
    }
    Ok(Answer::new().exact("new", &new))
}

#[kernel]
fn sparse_kernel(start: &u32, end: &u32, columns: &[u32], values: &[f32], x: &[f32], y: &mut f32) {
    let range = *start as usize..*end as usize;
    *y = columns[range.clone()].iter().zip(&values[range]).map(|(&column, value)| value * x[column as usize]).sum();
}

pub(crate) fn sparse_matrix_vector(way: Way<'_>) -> Result<Answer> {
    let lengths = below(30, 10, 6);
    let starts: Vec<u32> = lengths
        .iter()
        .scan(0, |sum, n| {
            *sum += n;
            Some(*sum - n)
        })
        .collect();
    let ends: Vec<u32> = starts.iter().zip(&lengths).map(|(s, n)| s + n).collect();
    let count = ends[29] as usize;
    let (columns, values, x, mut y) = (below(count, 11, 40), floats(count, 12), floats(40, 13), vec![0.0; 30]);
    match way {
        Way::Kernel(device) => {
            device.run(sparse_kernel(&starts, &ends, &columns, &values, &x, &mut y)).map(drop)?;
        }
        Way::Plain => {
            for (row, y) in y.iter_mut().enumerate() {
                for i in starts[row] as usize..ends[row] as usize {
                    *y += values[i] * x[columns[i] as usize];
                }
            }
        }
    }
    Ok(Answer::new().within(64, "y", &y))
}

#[kernel]
fn jacobi_kernel(i: landbridge::Index, n: usize, a: &[f32], b: &f32, old: &[f32], new: &mut f32) {
    let row = &a[i * n..][..n];
    let sum: f32 = row.iter().zip(old).enumerate().filter(|&(j, _)| j != i).map(|(_, (a, x))| a * x).sum();
    *new = (b - sum) / row[i];
}

pub(crate) fn jacobi(way: Way<'_>) -> Result<Answer> {
    let n = 8;
    let mut a = floats(n * n, 14);
    (0..n).for_each(|i| a[i * n + i] += 10.0);
    let (b, old, mut new) = (floats(n, 15), floats(n, 16), vec![0.0; n]);
    match way {
        Way::Kernel(device) => device.run(jacobi_kernel(n, &a, &b, &old, &mut new)).map(drop)?,
        Way::Plain => {
            for i in 0..n {
                let sum: f32 = (0..n).filter(|j| *j != i).map(|j| a[i * n + j] * old[j]).sum();
                new[i] = (b[i] - sum) / a[i * n + i];
            }
        }
    }
    Ok(Answer::new().within(64, "new", &new))
}

#[kernel_fn]
fn determinant([[a, b, c], [d, e, f], [g, h, i]]: [[f32; 3]; 3]) -> f32 {
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

#[kernel]
fn inverse_kernel(m: &[[f32; 3]; 3], out: &mut [[f32; 3]; 3]) {
    let det = determinant(*m);
    if det.abs() < 1e-6 {
        *out = [[0.0; 3]; 3];
        return;
    }
    for (i, row) in out.iter_mut().enumerate() {
        for (j, value) in row.iter_mut().enumerate() {
            let (r1, r2) = ((j + 1) % 3, (j + 2) % 3);
            let (c1, c2) = ((i + 1) % 3, (i + 2) % 3);
            *value = (m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]) / det;
        }
    }
}

pub(crate) fn inverse_3x3(way: Way<'_>) -> Result<Answer> {
    let numbers: Vec<f32> = below(90, 17, 19).into_iter().map(|v| v as f32 - 9.0).collect();
    let mut m: Vec<[[f32; 3]; 3]> =
        numbers.chunks_exact(9).map(|c| [[c[0], c[1], c[2]], [c[3], c[4], c[5]], [c[6], c[7], c[8]]]).collect();
    m[3][2] = m[3][0];
    let mut out = vec![[[0.0_f32; 3]; 3]; m.len()];
    match way {
        Way::Kernel(device) => device.run(inverse_kernel(m.as_flattened(), out.as_flattened_mut())).map(drop)?,
        Way::Plain => {
            for (m, out) in m.iter().zip(&mut out) {
                let minor = |i: usize, j: usize| {
                    let rest = |k: usize| [(k + 1) % 3, (k + 2) % 3];
                    let ([a, b], [c, d]) = (rest(i), rest(j));
                    m[a][c] * m[b][d] - m[a][d] * m[b][c]
                };
                let det: f32 = (0..3).map(|j| m[0][j] * minor(0, j)).sum();
                if det != 0.0 {
                    (0..9).for_each(|k| out[k / 3][k % 3] = minor(k % 3, k / 3) / det);
                }
            }
        }
    }
    Ok(Answer::new().within(4, "out", &out))
}

/// Gauss with partial pivoting.
///
#[kernel]
fn lu_solve_kernel(a: &[[f32; 4]; 4], b: &[f32; 4], x: &mut [f32; 4]) {
    let mut a = *a;
    let mut b = *b;
    for k in 0..4 {
        let pivot = (k..4).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in k + 1..4 {
            let factor = a[i][k] / a[k][k];
            for j in k..4 {
                a[i][j] -= factor * a[k][j];
            }
            b[i] -= factor * b[k];
        }
    }
    for k in (0..4).rev() {
        let sum: f32 = (k + 1..4).map(|j| a[k][j] * x[j]).sum();
        x[k] = (b[k] - sum) / a[k][k];
    }
}

pub(crate) fn lu_solve_4x4(way: Way<'_>) -> Result<Answer> {
    let (a, b) = (floats(16 * 9, 18), floats(4 * 9, 19));
    let a: Vec<[[f32; 4]; 4]> =
        a.chunks_exact(16).map(|c| std::array::from_fn(|i| std::array::from_fn(|j| c[i * 4 + j]))).collect();
    let mut x = vec![0.0; 36];
    let right: Vec<[f32; 4]> = b.chunks_exact(4).map(|c| c.try_into().expect("four")).collect();
    match way {
        Way::Kernel(device) => device.run(lu_solve_kernel(a.as_flattened(), &b, &mut x)).map(drop)?,
        Way::Plain => {
            for ((a, b), x) in a.iter().zip(&right).zip(x.chunks_exact_mut(4)) {
                solve(*a, *b, x);
            }
        }
    }
    Ok(Answer::new().within(4096, "x", &x))
}

fn solve(mut a: [[f32; 4]; 4], mut b: [f32; 4], x: &mut [f32]) {
    for k in 0..4 {
        let mut pivot = k;
        for i in k..4 {
            if a[i][k].abs() >= a[pivot][k].abs() {
                pivot = i;
            }
        }
        (a[k], a[pivot]) = (a[pivot], a[k]);
        (b[k], b[pivot]) = (b[pivot], b[k]);
        let (row, own) = (a[k], b[k]);
        for i in k + 1..4 {
            let factor = a[i][k] / row[k];
            a[i].iter_mut().zip(row).skip(k).for_each(|(v, r)| *v -= factor * r);
            b[i] -= factor * own;
        }
    }
    for k in (0..4).rev() {
        let sum: f32 = a[k].iter().zip(x.iter()).skip(k + 1).map(|(a, x)| a * x).sum();
        x[k] = (b[k] - sum) / a[k][k];
    }
}
