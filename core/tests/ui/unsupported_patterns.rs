extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &u32, y: &mut u32) {
    match (*x, 1) {
        (a, const { 3 }) => *y = a,
        _ => {}
    }
    match [*x, 1, 2] {
        [a, const { 3 }, rest @ ..] => *y = a + rest[0],
        _ => {}
    }
    if let Some(z) = x.checked_add(1) {
        *y = z;
    }
}

#[kernel]
fn rest_by_exclusive_reference(y: &mut [u32; 4]) {
    let [first, rest @ ..] = y;
    *first = rest[0];
}

#[kernel]
fn two_rests(y: &mut [u32; 4]) {
    let [.., a, ..] = *y;
    y[0] = a;
}

fn main() {}
