extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn k(x: &u32, y: &mut u32) {
    match [*x, 1] {
        [a, b] => *y = a + b,
    }
    match (*x, 1) {
        (1, a) | (a, 1) => *y = a,
        (.., 2) => {}
        (a, const { 3 }) => *y = a,
        _ => {}
    }
    if let Some(z) = x.checked_add(1) {
        *y = z;
    }
}

fn main() {}
