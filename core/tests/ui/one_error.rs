// One mistake is one error, where it was made, also where the kernel is launched and where it is made of several.
extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy)]
struct Parameter(f32);

#[kernel]
fn parameter(p: Parameter, x: &f32, y: &mut f32) {
    *y = p.0 * x;
}

#[derive(Clone, Copy)]
struct Element {
    a: f32,
}

#[kernel]
fn element(x: &f32, es: &[Element], y: &mut f32) {
    *y = es[0].a + es[1].a * x;
}

#[derive(Clone, Copy)]
struct Local {
    a: f32,
}

#[kernel]
fn local(x: &f32, y: &mut f32) {
    let made = Local { a: *x };
    let again = made;
    *y = again.a;
}

#[derive(Clone, Copy)]
struct Given(f32);

#[kernel_fn]
fn helper(given: Given) -> f32 {
    given.0
}

#[kernel]
fn misspelt(x: &f32, y: &mut f32) {
    let total = *x;
    *y = totl + 1.0;
}

#[kernel]
fn shown(x: &f32, y: &mut f32) {
    assert!(*x > 0.0, "{x} and {z}");
    *y = *x;
}

#[kernel]
async fn waits(y: &mut f32) {
    *y = 1.0;
}

#[kernel]
extern "C" fn called(y: &mut f32) {
    *y = 1.0;
}

#[kernel]
fn slice(y: &mut [f32]) {
    y[0] = 1.0;
}

fn launches(device: &Device, y: &mut [f32]) {
    let _ = device.run(waits(y));
    let _ = device.run(called(y));
    let _ = device.run(slice(y));
}

fn main() {}
