extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &f32, t: &[f32], y: &mut f32) {
    let range = 0..3;
    let q = 1.0;
    let late = async |a: f32| a;
    let sub = |a: f32| a - *x; // SAFETY: the `unsafe` below is refused, so it never compiles, let alone runs.
    let n = *x as _;
    let b = async { 1.0 };
    let p = unsafe { *(x as *const f32) };
    let c = const { 1.0 };
    let v = t.get(0)?;
    let s: f32 = t.iter().sum();
    let m = t.iter().map(|x| x + 1.0).fold(0.0, |a, b| a + b);
    let first = (|a: f32| a)(1.0);
}

fn main() {}
