extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn text(name: &str, y: &mut f32) {
    *y = 1.0;
}

#[kernel]
fn text_too(name: &'static str, y: &mut f32) {
    *y = 1.0;
}

#[kernel]
fn wide(c: u128, x: &i128, y: &mut f32) {
    *y = 1.0;
}

fn main() {}
