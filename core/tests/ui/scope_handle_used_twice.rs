extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn copy(x: &u32, y: &mut u32) {
    *y = *x;
}

#[kernel]
fn row_sum(#[rows] m: &[u32], y: &mut u32) {
    *y = m[0];
}

// A kernel cannot read and write one array.
fn aliased(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let mut x = s.attach_mut(&mut x);
        s.launch(copy(&x, &mut x))?;
        s.launch(row_sum(rows(&x, 1), &mut x))?;
        s.launch(each!(|x: &u32, y: &mut u32| *y = *x)(&x, &mut x))
    })
}

// The borrow lasts as long as the call.
fn while_a_call_has_it(device: &Device) -> Result<()> {
    let (mut x, mut y) = (vec![1_u32; 4], vec![1_u32; 4]);
    device.scope(|s| {
        let (x, mut y) = (s.attach_mut(&mut x), s.attach_mut(&mut y));
        let call = copy(&x, &mut y);
        s.write(&mut y, 0, &[1])?;
        s.launch(call)
    })
}

// Nor is a handle a slice, and there is one of each.
fn no_slice(device: &Device) -> Result<()> {
    let x = vec![1_u32; 4];
    device.scope(|s| {
        let x = s.attach(&x);
        let first = x[0];
        let all: &[u32] = &x;
        let other = x.clone();
        Ok(())
    })
}

// What is attached shared is not written.
fn shared(device: &Device) -> Result<()> {
    let (x, y) = (vec![1_u32; 4], vec![1_u32; 4]);
    device.scope(|s| {
        let (x, mut y) = (s.attach(&x), s.attach(&y));
        s.write(&mut y, 0, &[1])?;
        s.launch(copy(&x, &mut y))
    })
}

fn main() {}
