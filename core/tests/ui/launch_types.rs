extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * *x;
}

#[kernel]
fn count(h: &[std::sync::atomic::AtomicU32], x: &u32) {
    h[*x as usize].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}

fn main_types() {
    let x = vec![0_f32; 4];
    let mut y = vec![0_f64; 4];
    let _ = saxpy(2.0, &x, &mut y);
    let h = vec![0_u32; 4];
    let _ = count(&h, &[1_u32]);
}

fn main() {}
