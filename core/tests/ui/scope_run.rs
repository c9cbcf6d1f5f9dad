extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn add(by: u32, y: &mut u32) {
    *y += by;
}

// Only its scope launches a handle: `run` would see the host's bytes.
fn run(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let mut x = s.attach_mut(&mut x);
        device.run(add(1, &mut x)).map(drop)
    })
}

fn main() {}
