//! What replaces `::core` cannot make plain data of links: `Deref` has to be what `*` follows.
#![forbid(unsafe_code)]
extern crate landbridge_core as landbridge;
extern crate self as core;

use landbridge::KernelType;

pub mod ops {
    pub trait Deref {
        type Target;
    }
    impl<T> Deref for &T {
        type Target = u64;
    }
}
pub mod mem {
    pub use std::mem::needs_drop;
}
pub use std::assert;

#[derive(KernelType)]
struct Node {
    next: Option<Box<Node>>,
}

fn main() {}
