extern crate landbridge_core as landbridge;
use landbridge::*;

#[derive(KernelType)]
struct Field {
    v: f32,
    name: String,
}

#[derive(KernelType)]
struct Cell {
    v: std::cell::Cell<f32>,
}

#[derive(KernelType)]
struct Pointer(*const f32);

#[derive(KernelType)]
enum E {
    A,
}

#[derive(KernelType)]
union U {
    a: f32,
}

#[derive(KernelType)]
#[repr(C, packed)]
struct Packed {
    a: u8,
    b: f32,
}

#[derive(KernelType)]
struct Lifetime<'a> {
    a: &'a f32,
}

#[derive(KernelType)]
struct Dropped(f32);

impl Drop for Dropped {
    fn drop(&mut self) {}
}

#[derive(KernelType)]
#[kernel(Display)]
struct NoOperator(f32);

fn main() {}
