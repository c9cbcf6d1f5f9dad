extern crate landbridge_core as landbridge;
use landbridge::*;

// A handle does not leave its scope.
fn returned(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    let handle = device.scope(|s| Ok(s.attach_mut(&mut x)))?;
    drop(handle);
    Ok(())
}

fn main() {}
