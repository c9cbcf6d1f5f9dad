//! A node whose compiler-made layout may differ from its view's has to say `repr(C)`.

extern crate landbridge_core as landbridge;
use landbridge::*;

/// A link of another layout than its view: nothing but the test's own words say so.
#[derive(KernelType)]
#[kernel_type(crate = crate::wide, view = NodeMut)]
struct Node {
    value: f32,
    next: Option<Box<Node>>,
}

mod wide {
    pub mod in_kernels {
        pub use landbridge::in_kernels::*;

        pub struct Seal<'v>(pub u64, std::marker::PhantomData<&'v ()>);
    }
}

fn main() {}
