extern crate landbridge_core as landbridge;
use landbridge::*;

fn helper(a: f32) -> f32 {
    a + 1.0
}

fn generic<T: Copy, U: Copy>(a: T, _: U) -> T {
    a
}

mod tools {
    pub fn deep(a: f32) -> f32 {
        a
    }
}

#[kernel]
fn k(x: &f32, y: &mut f32) {
    *y = helper(*x);
    *y += tools::deep(*x);
}

#[kernel]
fn with_type_arguments(x: &f32, y: &mut f32) {
    *y = generic::<f32, u32>(*x, 1) + generic(*x, 2_i32);
}

fn each_too(device: &Device, y: &mut [f32]) -> Result<()> {
    let factor = |x: f32| 2.0 * x;
    device.run(each!(|y: &mut f32| *y = helper(*y))(&mut *y))?;
    device.run(each!(|y: &mut f32| *y = factor(*y))(y)).map(drop)
}

#[kernel]
fn misspelt(x: &f32, y: &mut f32) {
    *y = helpr(*x);
}

fn main() {}
