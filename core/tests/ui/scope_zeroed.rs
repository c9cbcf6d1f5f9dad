extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy, KernelType)]
struct Particle {
    place: f32,
}

// Zeros are a value only of types that say so.
fn zeroed(device: &Device) -> Result<()> {
    let mut x = vec![Particle { place: 1.0 }; 4];
    device.scope(|s| {
        s.attach_zeroed(&mut x);
        Ok(())
    })
}

fn main() {}
