extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn add(by: u32, y: &mut u32) {
    *y += by;
}

// A handle belongs to its scope, not to one around or inside it.
fn of_another_scope(device: &Device) -> Result<()> {
    let (mut x, mut y) = (vec![1_u32; 4], vec![1_u32; 4]);
    device.scope(|outer| {
        let mut x = outer.attach_mut(&mut x);
        device.scope(|inner| {
            inner.launch(add(1, &mut x))?;
            let mut y = inner.attach_mut(&mut y);
            outer.launch(add(1, &mut y))
        })
    })
}

fn main() {}
