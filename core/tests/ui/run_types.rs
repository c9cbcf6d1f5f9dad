extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn saxpy(a: f32, x: &f32, y: &mut f32) {
    *y += a * *x;
}

fn wrong_element(device: &Device) -> Result<()> {
    let (x, mut y) = (vec![0_f32; 4], vec![0_f64; 4]);
    device.run(saxpy(2.0, &x, &mut y)).map(drop)
}


fn not_exclusive(device: &Device, x: &[f32], y: &[f32]) -> Result<()> {
    device.run(saxpy(2.0, x, y)).map(drop)
}

fn main() {}
