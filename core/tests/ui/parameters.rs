extern crate landbridge_core as landbridge;
use landbridge::*;

use std::sync::atomic::AtomicU32;

#[kernel]
fn shared(y: &mut [f32]) {
    y[0] = 1.0;
}

#[kernel]
fn option(p: Option<Box<f32>>, y: &mut f32) {
    *y = 1.0;
}

#[kernel]
fn not_rows(#[rows] m: &f32, y: &mut f32) {
    *y = *m;
}

#[kernel]
fn uniform_reference(#[uniform] m: &f32, y: &mut f32) {
    *y = *m;
}

#[kernel]
fn one_atomic(a: &AtomicU32) {
    a.store(1, std::sync::atomic::Ordering::Relaxed);
}

#[kernel]
fn no_extent(a: f32, t: &[f32]) -> f32 {
    t[0] * a
}

#[kernel]
fn reference(x: &f32) -> &f32 {
    x
}

#[kernel]
fn anonymous(f: impl Fn(f32) -> f32, y: &mut f32) {
    *y = f(1.0);
}

#[kernel]
fn seventeen(
    a: f32, b: f32, c: f32, d: f32, e: f32, f: f32, g: f32, h: f32, i: f32, j: f32, k: f32, l: f32, m: f32, n: f32,
    o: f32, p: f32, y: &mut f32,
) {
    *y = a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p;
}

#[kernel]
async fn later(y: &mut f32) {
    *y = 1.0;
}

#[kernel]
struct NotAFunction;

#[kernel(path = landbridge)]
fn misspelt(y: &mut f32) {
    *y = 1.0;
}

fn main() {}
