extern crate landbridge_core as landbridge;
use landbridge::{KernelType, kernel, kernel_fn};

#[derive(Clone, Copy, KernelType)]
struct Fault(u32);

#[derive(Clone, Copy, KernelType)]
struct Other(u32);

impl From<Fault> for Other {
    fn from(fault: Fault) -> Other {
        Other(fault.0)
    }
}

#[kernel_fn]
fn checked(x: u32) -> Result<u32, Fault> {
    if x > 9 { Err(Fault(x)) } else { Ok(x) }
}

#[kernel_fn]
fn converted(x: u32) -> Result<u32, Other> {
    Ok(checked(x)? + 1)
}

impl Default for Other {
    fn default() -> Other {
        Other(7)
    }
}

#[kernel]
fn defaulted(x: &u32, y: &mut u32) {
    let found: Result<Other, u32> = Err(*x);
    *y = found.unwrap_or_default().0;
}

#[kernel]
fn from_memory(x: &Result<u32, Box<u32>>, y: &mut u32) {
    *y = x.is_ok() as u32;
}

#[kernel]
fn shown(x: &u32, y: &mut u32) {
    *y = checked(*x).iter().count() as u32;
}

fn main() {}
