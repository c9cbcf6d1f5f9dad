extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn add(by: u32, y: &mut u32) {
    *y += by;
}

// What is attached lives until the scope ends, not until the closure does.
fn inside(device: &Device) -> Result<()> {
    device.scope(|s| {
        let mut x = vec![1_u32; 4];
        let mut x = s.attach_mut(&mut x);
        s.launch(add(1, &mut x))
    })
}

fn main() {}
