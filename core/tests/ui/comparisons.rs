extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(Clone, Copy, Debug, KernelType, PartialEq, PartialOrd)]
struct Derived {
    x: f32,
}

#[derive(Clone, Copy, KernelType)]
struct Written(f32);

impl PartialEq for Written {
    fn eq(&self, other: &Written) -> bool {
        self.0 == other.0
    }
}

#[derive(Clone, Copy, KernelType)]
#[kernel(PartialEq)]
struct Marked(f32);

#[kernel_fn]
impl PartialEq for Marked {
    fn eq(&self, other: &Marked) -> bool {
        self.0 == other.0
    }
    fn ne(&self, other: &Marked) -> bool {
        self.0 == other.0
    }
}

#[kernel]
fn equal(a: &Derived, b: &Written) -> bool {
    *a == Derived { x: 1.0 } && b != b
}

#[kernel]
fn inside(a: &[Derived], b: &Written) -> bool {
    let pair = (1, [*b; 2]);
    a[..2] == a[2..] || pair == pair
}

#[kernel]
fn ordered(a: &Derived, b: &Derived) -> bool {
    a < b && (1, *a) >= (2, *b)
}

#[kernel]
fn asserted(a: &Derived, b: &Derived) {
    assert_eq!(a, b);
}

fn main() {
    let _ = each!(|a: &Derived, y: &mut bool| *y = *a == *a);
}
