//! A method `into` of the user's comes before the one of `From`.

extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy, KernelType)]
struct Celsius {
    degrees: f32,
}

#[derive(Clone, Copy, KernelType)]
struct Kelvin {
    degrees: f32,
}

#[kernel_fn]
impl From<Celsius> for Kelvin {
    fn from(t: Celsius) -> Kelvin {
        Kelvin { degrees: t.degrees + 273.15 }
    }
}

impl Celsius {
    fn into(self) -> Kelvin {
        Kelvin { degrees: self.degrees }
    }
}

#[kernel]
fn warm(x: &Celsius, y: &mut Kelvin) {
    *y = (*x).into();
}

fn main() {}
