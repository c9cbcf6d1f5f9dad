//! The kernels of the examples and benches: saxpy, n-body, mandelbrot, histogram, stencil, ...

use landbridge::{Index, Index2, KernelType, kernel, kernel_fn};
use num_traits::Float;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use crate::support::same;

#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

#[test]
fn saxpy_runs() {
    let x: Vec<f32> = (0..100).map(|k| k as f32 * 0.3).collect();
    let y = same(|d| {
        let mut y = vec![1.5_f32; 100];
        d.run(saxpy(0.1, &x, &mut y))?;
        Ok(y)
    });
    assert_eq!(y[10], 0.1 * x[10] + 1.5);
}

#[kernel]
fn axpy<T: Float + KernelType>(a: T, x: &T, y: &mut T) {
    *y = a * *x + (*y).sqrt();
}

#[test]
fn generic_kernels_are_instances() {
    same(|d| {
        let (mut y, mut z) = (vec![2.0_f32, 3.0], vec![2.0_f64, 3.0]);
        d.run(axpy(0.5, &[0.1_f32, 7.0], &mut y))?;
        d.run(axpy(0.5, &[0.1_f64, 7.0], &mut z))?;
        Ok((y, z))
    });
}

#[derive(Clone, Copy, KernelType, Debug, PartialEq)]
struct Body {
    pos: [f32; 3],
    vel: [f32; 3],
    mass: f32,
}
const SOFTENING: f32 = 1e-3;
static GRAVITY: f32 = 6.5;

#[kernel_fn]
fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[kernel_fn]
fn dot_n<T: Float + KernelType, const N: usize>(a: [T; N], b: [T; N]) -> T {
    let mut s = T::zero();
    for k in 0..N {
        s = s + a[k] * b[k];
    }
    s
}

#[kernel]
fn nbody(dt: f32, all: &[Body], i: Index, out: &mut Body) {
    let me = all[i];
    if me.mass < 0.0 {
        return;
    }
    let mut acc = [0.0; 3];
    for j in 0..all.len() {
        if j == i {
            continue;
        }
        let o = &all[j];
        let mut d = [0.0f32; 3];
        for k in 0..3 {
            d[k] = o.pos[k] - me.pos[k];
        }
        let r2 = dot(d, d) + SOFTENING.powi(2);
        if r2 > 1.0e6 {
            break;
        }
        let inv = 1.0 / r2.sqrt().max(1e-6);
        let s = GRAVITY * o.mass * inv.powi(3) * if j % 2 == 0 { 1.0 } else { 0.5 };
        for k in 0..3 {
            acc[k] += s * d[k];
        }
    }
    let n = all.len() as f32;
    let mut b = me;
    for k in 0..3 {
        b.vel[k] += dt * acc[k] / n.min(1000.0);
        b.pos[k] += dt * b.vel[k];
    }
    b.mass = if dot_n(b.vel, b.vel) > 1e9 { -1.0 } else { me.mass };
    *out = Body { pos: b.pos, ..b };
}

#[test]
fn nbody_runs() {
    let all: Vec<Body> = (0..13)
        .map(|k| {
            let x = k as f32;
            Body { pos: [x * 0.7, (x * 3.1).sin(), x * x * 0.1], vel: [0.1, -0.2, x], mass: x - 1.0 }
        })
        .collect();
    let moved = same(|d| {
        let mut out = all.clone();
        d.run(nbody(0.01, &all, &mut out))?;
        Ok(out)
    });
    assert_eq!(moved[0], all[0]);
    assert_ne!(moved[5], all[5]);
}

#[kernel]
fn mandelbrot(size: [usize; 2], limit: u32, i: Index2) -> u32 {
    let cx = (i.x as f32 / size[1] as f32) * 3.5 - 2.5;
    let cy = (i.y as f32 / size[0] as f32) * 2.0 - 1.0;
    let (mut x, mut y) = (0.0, 0.0);
    let mut n = 0;
    while x * x + y * y <= 4.0 && n < limit {
        (x, y) = (x * x - y * y + cx, 2.0 * x * y + cy);
        n += 1;
    }
    n
}

#[test]
fn mandelbrot_runs() {
    let size = [12, 20];
    let counts = same(|d| d.collect(mandelbrot(size, 60, size)));
    assert!(counts.contains(&60) && counts.contains(&1));
}

#[kernel]
fn histogram(h: &[AtomicU32], x: &u32) {
    let bin = (*x as usize) % h.len();
    h[bin].fetch_add(1, Ordering::Relaxed);
}

#[test]
fn histogram_runs() {
    let x: Vec<u32> = (0..1000_u32).map(|k| k.wrapping_mul(2654435761) >> 7).collect();
    let h = same(|d| {
        let mut h = vec![0_u32; 17];
        d.run(histogram(&mut h, &x))?;
        Ok(h)
    });
    assert_eq!(h.iter().sum::<u32>(), 1000);
}

#[kernel]
fn extremes(out: &[AtomicI32], x: &i32) {
    out[0].fetch_min(*x, Ordering::Relaxed);
    out[1].fetch_max(*x, Ordering::AcqRel);
    if *x > 1_000_000 {
        out[2].store(1, Ordering::SeqCst);
    }
    out[3].fetch_xor(*x, Ordering::Relaxed);
    out[4].fetch_or(x & 7, Ordering::Relaxed);
    out[5].fetch_sub(1, Ordering::Relaxed);
}

#[test]
fn atomics_of_all_kinds() {
    let x: Vec<i32> = (0..50).map(|k: i32| k.wrapping_mul(123_456_789)).collect();
    same(|d| {
        let mut out = vec![0_i32; 6];
        d.run(extremes(&mut out, &x))?;
        Ok(out)
    });
}

#[kernel]
fn stencil(width: usize, height: usize, src: &[f32], i: Index, dst: &mut f32) {
    let (x, y) = (i % width, i / width);
    if x == 0 || y == 0 || x + 1 == width || y + 1 == height {
        *dst = src[i];
        return;
    }
    let around = src[i - 1] + src[i + 1] + src[i - width] + src[i + width];
    *dst = src[i] + 0.2 * (around - 4.0 * src[i]);
}

#[test]
fn stencil_runs() {
    let src: Vec<f32> = (0..63).map(|k| (k as f32 * 0.7).sin()).collect();
    same(|d| {
        let mut dst = vec![0.0_f32; 63];
        d.run(stencil(9, 7, &src, &mut dst))?;
        Ok(dst)
    });
}

#[kernel_fn]
fn normal_cdf(x: f32) -> f32 {
    let k = 1.0 / (1.0 + 0.2316419 * x.abs());
    let poly = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))));
    let w = 1.0 - (-x * x / 2.0).exp() / (2.0 * std::f32::consts::PI).sqrt() * poly;
    if x < 0.0 { 1.0 - w } else { w }
}

#[kernel]
fn black_scholes(rate: f32, volatility: f32, price: &f32, strike: &f32, years: &f32, call: &mut f32, put: &mut f32) {
    let root = years.sqrt();
    let d1 = ((price / strike).ln() + (rate + 0.5 * volatility * volatility) * years) / (volatility * root);
    let d2 = d1 - volatility * root;
    let discount = strike * (-rate * years).exp();
    *call = price * normal_cdf(d1) - discount * normal_cdf(d2);
    *put = discount * normal_cdf(-d2) - price * normal_cdf(-d1);
}

#[test]
fn black_scholes_runs() {
    let price: Vec<f32> = (1..20).map(|k| k as f32 * 7.0).collect();
    let strike: Vec<f32> = (1..20).map(|k| 140.0 - k as f32 * 5.0).collect();
    let years: Vec<f32> = (1..20).map(|k| k as f32 * 0.25).collect();
    same(|d| {
        let (mut call, mut put) = (vec![0.0_f32; 19], vec![0.0_f32; 19]);
        d.run(black_scholes(0.02, 0.3, &price, &strike, &years, &mut call, &mut put))?;
        Ok((call, put))
    });
}

#[kernel]
fn matmul(n: usize, a: &[f64], b: &[f64], i: Index2) -> f64 {
    let mut sum = 0.0;
    for k in 0..n {
        sum += a[i.y * n + k] * b[k * n + i.x];
    }
    sum
}

#[test]
fn matmul_runs() {
    let n = 5;
    let a: Vec<f64> = (0..n * n).map(|k| k as f64 * 0.1).collect();
    let b: Vec<f64> = (0..n * n).map(|k| 3.0 - k as f64).collect();
    same(|d| d.collect(matmul(n, &a, &b, [n, n])));
}

#[kernel]
fn rgb_to_grey(rgb: &[u8; 3], grey: &mut u8) {
    let (r, g, b) = (rgb[0] as u32, rgb[1] as u32, rgb[2] as u32);
    *grey = ((r * 299 + g * 587 + b * 114 + 500) / 1000) as u8;
}

#[kernel]
fn reverse_rows(#[rows] m: &mut [u16], i: Index) {
    let n = m.len();
    for k in 0..n / 2 {
        m.swap(k, n - 1 - k);
    }
    if n > 0 {
        m[0] += i as u16;
    }
}

#[test]
fn chunks_and_rows() {
    let rgb: Vec<u8> = (0..30).map(|k| (k * 83 % 256) as u8).collect();
    same(|d| {
        let mut grey = vec![0_u8; 10];
        d.run(rgb_to_grey(&rgb, &mut grey))?;
        let mut m: Vec<u16> = (0..20).collect();
        d.run(reverse_rows(landbridge::rows_mut(&mut m, 5)))?;
        Ok((grey, m))
    });
}

#[kernel]
fn hash(seed: u64, x: &u32) -> u64 {
    let mut h = seed ^ 0xcbf2_9ce4_8422_2325;
    for shift in (0..32).step_by(8) {
        h ^= ((x >> shift) & 0xff) as u64;
        h = h.wrapping_mul(0x0000_0100_0000_01b3);
    }
    h.rotate_left(17) ^ (h >> 31)
}

#[test]
fn hashes_wrap() {
    let x: Vec<u32> = (0..40).map(|k| k * 77_777).collect();
    same(|d| d.collect(hash(42, &x)));
}

#[kernel]
fn spmv(starts: &[u32], columns: &[u32], values: &[f32], x: &[f32], i: Index, y: &mut f32) {
    let (from, to) = (starts[i] as usize, starts[i + 1] as usize);
    let mut sum = 0.0;
    for k in from..to {
        sum += values[k] * x[columns[k] as usize];
    }
    *y = sum;
}

#[test]
fn spmv_runs() {
    let (starts, columns) = ([0_u32, 2, 2, 5], [0_u32, 2, 0, 1, 2]);
    same(|d| {
        let mut y = [9.0_f32; 3];
        d.run(spmv(&starts, &columns, &[1.0_f32, 2.0, 3.0, 4.0, 5.0], &[0.5_f32, 0.25, 2.0], &mut y))?;
        Ok(y)
    });
}

#[kernel]
fn binary_search(sorted: &[i64], x: &i64) -> usize {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if sorted[middle] < *x { low = middle + 1 } else { high = middle }
    }
    low
}

#[test]
fn binary_search_runs() {
    let sorted = [-5_i64, 0, 3, 3, 9, i64::MAX];
    let found = same(|d| d.collect(binary_search(&sorted, &[i64::MIN, 3, 4, 9, i64::MAX])));
    assert_eq!(found, [0, 2, 4, 4, 5]);
}
