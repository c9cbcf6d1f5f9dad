//! The kernels of the golden files; each shows one thing.
#![allow(clippy::needless_range_loop, clippy::assign_op_pattern, reason = "how it is written is what is shown")]

use std::sync::atomic::{AtomicU32, Ordering};

use landbridge::{Index, Index2, KernelType, kernel, kernel_fn};

/// The plainest: no check, no temporary.
#[kernel]
pub(crate) fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

/// The same with parameters in a buffer.
#[kernel]
pub(crate) fn saxpy_poor(a: f32, x: &f32, y: &mut f32) {
    *y += a * x;
}

/// An index from memory: one check.
#[kernel]
pub(crate) fn gather(from: &u32, table: &[f32], out: &mut f32) {
    *out = table[*from as usize];
}

/// A loop below a slice's length: no check for that slice, one for the other.
#[kernel]
pub(crate) fn sums(x: &[f32], #[rows] out: &mut [f32]) {
    for k in 0..x.len() {
        out[0] += x[k];
    }
}

#[derive(Clone, Copy, Default, KernelType)]
pub(crate) struct View {
    left: f32,
    top: f32,
    pixel: f32,
    limit: u32,
}

/// A struct as a uniform, two dimensions, results that are bytes.
#[kernel]
pub(crate) fn mandelbrot(at: Index2, view: View) -> [u8; 3] {
    let c = [view.left + at.x as f32 * view.pixel, view.top + at.y as f32 * view.pixel];
    let mut z = [0.0_f32; 2];
    let mut n = 0;
    while n < view.limit && z[0] * z[0] + z[1] * z[1] <= 4.0 {
        z = [z[0] * z[0] - z[1] * z[1] + c[0], 2.0 * z[0] * z[1] + c[1]];
        n += 1;
    }
    [n as u8, (n >> 8) as u8, 255]
}

#[derive(Clone, Copy, Default, KernelType)]
pub(crate) struct Body {
    place: [f32; 3],
    speed: [f32; 3],
    mass: f32,
}

#[kernel_fn]
fn pull(me: &Body, other: &Body) -> [f32; 3] {
    let d = [other.place[0] - me.place[0], other.place[1] - me.place[1], other.place[2] - me.place[2]];
    let r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] + 1e-2;
    let strength = other.mass / (r2 * r2.sqrt());
    [strength * d[0], strength * d[1], strength * d[2]]
}

/// Structs of one scalar type are bound as an array of it; helper functions are inlined.
#[kernel]
pub(crate) fn nbody(all: &[Body], next: &mut Body, dt: f32) {
    let mut sum = [0.0_f32; 3];
    for other in all {
        let d = pull(next, other);
        sum = [sum[0] + d[0], sum[1] + d[1], sum[2] + d[2]];
    }
    for k in 0..3 {
        next.speed[k] += dt * sum[k];
        next.place[k] += dt * next.speed[k];
    }
}

#[derive(Clone, Copy, Default, KernelType)]
pub(crate) struct Padded {
    small: u8,
    wide: f64,
    pair: (u16, bool),
}

/// Fields at rustc's offsets, out of words; a struct in whole.
#[kernel]
pub(crate) fn padded(from: &Padded, to: &mut Padded) {
    *to = *from;
    to.small = from.small.wrapping_add(1);
    to.pair.1 = from.wide > 0.5;
}

/// Atomics.
#[kernel]
pub(crate) fn histogram(counts: &[AtomicU32], x: &u8) {
    counts[*x as usize].fetch_add(1, Ordering::Relaxed);
}

/// Items share words: a store flips only its own byte.
#[kernel]
pub(crate) fn bytes(x: &u8, y: &mut u8) {
    *y = x / 2 + *y % 3;
}

/// A reduction.
#[kernel]
pub(crate) fn dot(a: &f32, b: &f32) -> f32 {
    a * b
}

/// Guards that make indices provable.
#[kernel]
pub(crate) fn stencil(at: Index2, grid: &[f32], width: usize) -> f32 {
    let here = at.y * width + at.x;
    if here > 0 && here + 1 < grid.len() { 0.5 * grid[here] + 0.25 * (grid[here - 1] + grid[here + 1]) } else { 0.0 }
}

/// Rows.
#[kernel]
pub(crate) fn matmul(#[rows] row: &[f32], other: &[f32], #[rows] out: &mut [f32]) {
    let columns = out.len();
    for j in 0..columns {
        let mut sum = 0.0;
        for k in 0..row.len() {
            sum += row[k] * other[k * columns + j];
        }
        out[j] = sum;
    }
}

/// `while` with two borders, `?`-free early return.
#[kernel]
pub(crate) fn searched(x: &u32, sorted: &[u32]) -> u32 {
    let (mut low, mut high) = (0, sorted.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if sorted[middle] < *x {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low as u32
}

/// Panics whose messages show numbers: two fit any report, more are written where they are made.
#[kernel]
pub(crate) fn told(x: &i32, pair: &(u8, f32), limit: u32) {
    assert_eq!(*x, 3);
    assert!(*x < limit as i32, "{x} of {pair:?}, below {limit}");
}

/// References that point to one of several places.
#[kernel]
pub(crate) fn references(a: &mut [f32; 4], b: &[f32], which: bool) {
    let copy = *a;
    let from: &[f32] = if which { &copy } else { b };
    let mut last = &from[0];
    for x in from {
        if *x > *last {
            last = x;
        }
    }
    a[0] = *last;
}

/// Labels that leave two loops, and a loop that is continued from an inner one.
#[kernel]
pub(crate) fn labels(x: &u32, y: &mut u32) {
    let mut sum = 0;
    'outer: for i in 0..*x {
        for j in 0..i {
            if i * j == 77 {
                continue 'outer;
            }
            if i + j > 100 {
                break 'outer;
            }
            sum += j;
        }
        sum += i;
    }
    *y = sum;
}

/// f64, natively and beside another type.
#[kernel]
pub(crate) fn doubles(x: &f64, y: &mut (u32, f64)) {
    y.1 = (x * x + 1.0).sqrt().max(y.1);
    y.0 = y.1 as u32;
}

/// `usize` in memory, on a device without 64-bit integers.
#[kernel]
pub(crate) fn narrow(x: &usize, y: &mut usize) {
    *y = x * 3 + *y;
}

/// `usize` that plainly needs 64 bits.
#[kernel]
pub(crate) fn hash(x: &u32, y: &mut u32) {
    let h = (*x as usize).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    *y = (h >> 32) as u32;
}

/// Functions from the library.
#[kernel]
pub(crate) fn functions(x: &f32, y: &mut f32) {
    *y = x.abs().powf(0.3) + x.round() + x.min(*y) % 0.7;
}

const WEIGHTS: [f32; 5] = [0.1, 0.2, 0.4, 0.2, 0.1];

/// Constant memory.
#[kernel]
pub(crate) fn table_of_constants(x: &u32, y: &mut f32) {
    *y = WEIGHTS[*x as usize];
}

/// A work-item's number.
#[kernel]
pub(crate) fn numbers(i: Index, y: &mut u32) {
    *y = i as u32;
}

/// Atomics whose old value is used.
#[kernel]
pub(crate) fn exchanges(counts: &[AtomicU32], x: &u32) {
    let old = counts[*x as usize].load(Ordering::Relaxed);
    counts[0].store(old, Ordering::Relaxed);
    let before = counts[1].swap(7, Ordering::Relaxed);
    counts[2].fetch_max(before, Ordering::Relaxed);
}

/// Arguments of many layouts.
#[kernel]
pub(crate) fn mixed(x: &f32, n: &i32, pair: &mut (u32, u16), small: &mut u8) {
    pair.0 = (*x as u32).wrapping_add(*n as u32);
    pair.1 = *n as u16;
    *small = pair.1 as u8;
}

/// Literal indices that may be out of bounds of a variable or a constant, and one that is for certain.
#[kernel]
pub(crate) fn beyond(n: usize, y: &mut u32) {
    let a = [*y, 2, 3];
    let first = &a[..n];
    let rest = &a[3..];
    let table = &WEIGHTS[..n];
    *y = first[5] + rest[0] + rest[4_294_967_295] + table[7] as u32;
}

/// A tree of sums in the group's memory.
#[kernel(group = 64)]
pub fn block_sum(g: &landbridge::Group<64>, x: &[f32; 64], out: &mut f32) {
    let mut s = g.shared::<f32, 64>(0.0);
    g.each(&mut s, |i, s| *s = x[i]);
    let mut half = 32;
    while half > 0 {
        let (low, high) = s.split_at_mut(half);
        g.each(low, |i, s| *s += high[i]);
        half /= 2;
    }
    *out = s[0];
}
