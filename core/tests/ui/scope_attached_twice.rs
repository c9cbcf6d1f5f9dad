extern crate landbridge_core as landbridge;
use landbridge::*;

fn twice(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let _a = s.attach_mut(&mut x);
        let _b = s.attach_mut(&mut x);
        Ok(())
    })
}

fn shared_and_exclusive(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let _a = s.attach(&x);
        let _b = s.attach_mut(&mut x);
        Ok(())
    })
}

fn looked_at(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let _a = s.attach_mut(&mut x);
        println!("{}", x[0]);
        Ok(())
    })
}

fn main() {}
