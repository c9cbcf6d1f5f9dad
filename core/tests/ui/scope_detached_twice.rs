extern crate landbridge_core as landbridge;
use landbridge::*;

fn twice(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let x = s.attach_mut(&mut x);
        s.detach(x)?;
        s.detach(x)
    })
}

// A detached array is home, but the program has it back only when the scope ends.
fn looked_at(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let handle = s.attach_mut(&mut x);
        s.detach(handle)?;
        println!("{}", x[0]);
        Ok(())
    })
}

fn main() {}
