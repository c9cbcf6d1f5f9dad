extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel_fn]
fn apply(f: impl Fn(f32) -> f32, x: f32) -> f32 {
    f(x)
}

#[kernel_fn]
fn keeps(f: impl Fn(f32) -> f32, x: f32) -> f32 {
    let pair = (f, x);
    pair.1
}

#[kernel_fn]
fn makes(x: f32) -> impl Fn(f32) -> f32 {
    move |y| x + y
}

fn unmarked(x: f32) -> f32 {
    x
}

#[kernel]
fn takes(f: impl Fn(f32) -> f32, y: &mut f32) {
    *y = f(*y);
}

#[kernel]
fn stores(x: &f32, y: &mut f32) {
    let table = [|a: f32| a];
    *y = *x;
}

#[kernel]
fn passes(x: &f32, y: &mut f32) {
    *y = apply(unmarked, *x);
}

#[kernel]
fn moves(x: &f32, y: &mut f32) {
    let mut n = 0;
    let mut count = move |a: f32| {
        n += 1;
        a + n as f32
    };
    *y += [1.0_f32, 2.0].iter().copied().map(count).sum::<f32>();
    let twice = move |a: f32| count(a);
}

fn main() {}
