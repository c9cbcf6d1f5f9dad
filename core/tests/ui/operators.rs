extern crate landbridge_core as landbridge;
use landbridge::*;

use std::ops::Add;

#[derive(Clone, Copy, KernelType)]
struct Unlisted(f32);

#[kernel_fn]
impl Add for Unlisted {
    type Output = Unlisted;
    fn add(self, o: Unlisted) -> Unlisted {
        Unlisted(self.0 + o.0)
    }
}

#[derive(Clone, Copy, KernelType)]
#[kernel(Add)]
struct Unmarked(f32);

impl Add for Unmarked {
    type Output = Unmarked;
    fn add(self, o: Unmarked) -> Unmarked {
        Unmarked(self.0 + o.0)
    }
}

#[kernel_fn]
impl PartialOrd for Unmarked {
    fn partial_cmp(&self, _: &Unmarked) -> Option<std::cmp::Ordering> {
        None
    }
}

impl PartialEq for Unmarked {
    fn eq(&self, _: &Unmarked) -> bool {
        false
    }
}

fn main() {}
