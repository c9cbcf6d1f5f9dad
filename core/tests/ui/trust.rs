//! What generated code relies on cannot be made by hand without `unsafe`.
#![forbid(unsafe_code)]

use landbridge_core::in_kernels::{Adding, FunctionTree, builder};
use landbridge_core::backend::{Backend, DeviceInfo};
use landbridge_core::launch::{Definition, Launch};
use landbridge_core::{Plan, Report, Result};
use std::sync::Arc;

// A device that says it has filled the results.
struct Liar;
impl Backend for Liar {
    fn info(&self) -> &Arc<DeviceInfo> {
        unreachable!()
    }
    fn plan(&self, _: &dyn Launch) -> Result<Plan> {
        unreachable!()
    }
    fn prepare(&self, _: &'static Definition) -> Result<()> {
        unreachable!()
    }
    fn launch(&self, _: &dyn Launch) -> Result<Report> {
        unreachable!()
    }
}

// A proof that is good on one thread alone.
#[derive(Clone, Copy)]
struct Here(std::marker::PhantomData<*const ()>);

fn elsewhere(here: Here) -> fn() -> FunctionTree {
    builder(move || {
        let _held = &here;
        unreachable!()
    })
}

fn main() {
    let _ = Adding::of_one_function((), ());
}
