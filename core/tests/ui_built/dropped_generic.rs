//! Plain data has no `Drop`, whatever it is generic over.
extern crate landbridge_core as landbridge;
use landbridge::{KernelType, kernel};

#[derive(KernelType)]
struct Counted<T> {
    value: T,
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {}
}

#[kernel]
fn reset(counted: &mut Counted<f32>) {
    counted.value = 0.0;
}

fn main() {
    let mut all = [Counted { value: 1.0 }];
    let _ = reset(&mut all);
}
