extern crate landbridge_core as landbridge;
use landbridge::{KernelType, kernel};

#[derive(Clone, Copy, PartialEq, KernelType)]
struct Unseen(u32);

#[derive(Clone, Copy, KernelType)]
#[kernel_type(PartialEq)]
struct Outer {
    inner: Unseen,
}

#[derive(Clone, Copy, KernelType)]
#[kernel_type(PartialEq, Hash)]
struct Misspelled(u32);

#[derive(Clone, Copy, KernelType)]
#[kernel_type(PartialEq)]
struct Unordered(u32);

#[kernel]
fn ordered(a: &Unordered, b: &Unordered, y: &mut bool) {
    *y = Some(*a) == Some(*b) && a < b;
}

#[kernel]
fn compared(a: &Unseen, b: &Unseen, y: &mut bool) {
    *y = Some(*a) == Some(*b);
}

fn main() {}
