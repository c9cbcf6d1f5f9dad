extern crate landbridge_core as landbridge;
use landbridge::*;

use std::sync::atomic::{AtomicU32, Ordering};

static COUNTER: AtomicU32 = AtomicU32::new(0);
const NAME: &str = "name";

#[kernel]
fn counter(x: &u32, y: &mut u32) {
    *y = COUNTER.fetch_add(*x, Ordering::Relaxed);
}

#[kernel]
fn text(y: &mut usize) {
    *y = NAME.len();
}

fn main() {}
