extern crate landbridge_core as landbridge;
use landbridge::*;

#[kernel]
fn add(by: u32, y: &mut u32) {
    *y += by;
}

// Launches of a scope are in order, so they come from one thread.
fn other_thread(device: &Device) -> Result<()> {
    let mut x = vec![1_u32; 4];
    device.scope(|s| {
        let mut x = s.attach_mut(&mut x);
        std::thread::scope(|threads| {
            threads.spawn(|| s.launch(add(1, &mut x)));
        });
        Ok(())
    })
}

fn main() {}
