extern crate landbridge_core as landbridge;
use landbridge::*;

const WHY: &str = "why";

#[kernel]
fn no_literal(y: &mut f32) {
    assert!(*y > 0.0, WHY);
}

#[kernel]
fn made_by_a_macro(y: &mut f32) {
    assert!(*y > 0.0, concat!("a", "b"));
}

#[kernel]
fn malformed(y: &mut f32) {
    assert!(*y > 0.0, "it is {y");
}

#[kernel]
fn unused(y: &mut f32) {
    assert!(*y > 0.0, "it is", y);
}

#[kernel]
fn missing(y: &mut f32) {
    assert!(*y > 0.0, "it is {} {}", y);
}

#[kernel]
fn one_operand(y: &mut f32) {
    assert_eq!(*y);
}

#[kernel]
fn no_condition(_x: &f32) {
    assert!();
}

fn main() {}
