//! What was taken from a handle goes into one argument of a call of the handle's scope, and nowhere else.
#![forbid(unsafe_code)]

use landbridge_core::argument::Taken;
use landbridge_core::convert::{SliceArg, SliceMutArg};
use landbridge_core::launch::Definition;
use landbridge_core::{Call, Device, Result};

static COPY: Definition = Definition::new("copy", file!(), line!(), &["x", "y"], || unreachable!());

// One handle as what is read and as what is written.
fn twice(device: &Device, y: &mut [u32]) -> Result<()> {
    device.scope(|s| {
        let mut y = s.attach_mut(y);
        let (read, written) = (y.into_elements(), y.into_elements_mut());
        s.launch(Call::new(&COPY, (read.item(), written.item()), |x: &u32, y: &mut u32| *y = *x))
    })
}

fn twice_written(device: &Device, y: &mut [u32]) -> Result<()> {
    device.scope(|s| {
        let mut y = s.attach_mut(y);
        let first = (&mut y).into_elements_mut();
        let second = (&mut y).into_elements_mut();
        s.launch(Call::new(&COPY, (first.item(), second.item()), |x: &mut u32, y: &mut u32| *y = *x))
    })
}

// Taken out of its scope.
fn anywhere<'k, 's, A: SliceArg<'k, 's, u32>>(x: A) -> Call<'static, (landbridge_core::argument::Item<'k, u32>,), fn(&u32)> {
    Call::new(&COPY, (x.into_elements().item(),), |_| ())
}

// The role itself.
fn opened<'s, D>(taken: Taken<'s, D, u32>) -> u32 {
    taken.value
}

fn main() {}
