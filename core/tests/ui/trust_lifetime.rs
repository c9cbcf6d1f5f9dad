//! The builder of a kernel may be called at any time, so nothing that ends may be in it.
#![forbid(unsafe_code)]

use landbridge_core::in_kernels::{FunctionTree, builder};

// A proof that is good for as long as `'a`.
#[derive(Clone, Copy)]
struct Brand<'a>(std::marker::PhantomData<&'a ()>);

fn short(brand: Brand<'_>) -> fn() -> FunctionTree {
    builder(move || {
        let _held = &brand;
        unreachable!()
    })
}

fn main() {}
