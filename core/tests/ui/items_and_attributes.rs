extern crate landbridge_core as landbridge;
use landbridge::*;
use std::sync::atomic::AtomicU32;

#[kernel]
fn k(x: &f32, y: &mut f32) {
    fn inner(a: f32) -> f32 {
        a
    }
    struct S;
    static mut COUNT: u32 = 0;
    static CALLS: AtomicU32 = AtomicU32::new(0);
    fn allocates(n: usize) -> usize {
        Vec::<u8>::with_capacity(n).capacity()
    }
    CALLS.store(1, std::sync::atomic::Ordering::Relaxed);
    #[cfg(feature = "double")]
    let z = 2.0;
    *y = inner(*x) + allocates(3) as f32;
}

fn main() {}
