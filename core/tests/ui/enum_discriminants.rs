//! The discriminants of an enum are evaluated again beside names of the derive's own.

extern crate landbridge_core as landbridge;

use landbridge::KernelType;

const __SIGNED: u8 = 5;

macro_rules! signed {
    () => {
        __SIGNED as isize
    };
}

#[derive(KernelType)]
#[repr(C)]
enum Named {
    A = __SIGNED as isize,
}

#[derive(KernelType)]
#[repr(C)]
enum ByMacro {
    A = (1 + signed!()),
}

fn main() {}
