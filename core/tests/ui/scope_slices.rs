extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn copy(x: &u32, y: &mut u32) {
    *y = *x;
}

// Slices beside handles outlive the scope.
fn short_slice(device: &Device) -> Result<()> {
    let mut y = vec![1_u32; 4];
    device.scope(|s| {
        let mut y = s.attach_mut(&mut y);
        let x = vec![2_u32; 4];
        s.launch(copy(&x, &mut y))
    })
}

// So do slices alone.
fn no_handle(device: &Device) -> Result<()> {
    device.scope(|s| {
        let (x, mut y) = (vec![2_u32; 4], vec![1_u32; 4]);
        s.launch(copy(&x, &mut y))
    })
}

// What was passed to be written is the scope's until it ends.
fn looked_at(device: &Device) -> Result<()> {
    let (x, mut y) = (vec![2_u32; 4], vec![1_u32; 4]);
    device.scope(|s| {
        s.launch(copy(&x, &mut y))?;
        println!("{}", y[0]);
        Ok(())
    })
}

fn main() {}
