//! Launches on a wgpu device: each strategy, each shape of argument, each way to fail.
//!
//! Skipped with a printed reason where there is no adapter; `LANDBRIDGE_REQUIRE_WGPU=1` makes that a failure.
#![cfg(feature = "wgpu")]

extern crate landbridge_core as landbridge;

mod again;
mod endless;
mod failures;
mod kept;
mod kernels;
mod mapping;
mod packed;
mod pairing;
mod parts;
mod pieces;
mod regions;
mod results;
mod uniforms;

use std::sync::Arc;

use landbridge_backends::webgpu::{AdapterLimits, WgpuBackend, adapters};
use landbridge_core::argument::{Item, ItemMut, Uniform};
use landbridge_core::launch::Call;
use landbridge_core::{Device, Report, Result, Strategy};

/// The first adapter, freshly opened for one test, or a printed skip.
fn backend() -> Option<Arc<WgpuBackend>> {
    if adapters().is_empty() {
        let required = std::env::var_os("LANDBRIDGE_REQUIRE_WGPU").is_some_and(|value| value == "1");
        assert!(!required, "LANDBRIDGE_REQUIRE_WGPU=1, but there is no adapter");
        println!("skipped: no adapter");
        return None;
    }
    Some(Arc::new(WgpuBackend::open(0).expect("the adapter opens")))
}

/// A device without fallback: what it cannot do is an error.
fn device(backend: &Arc<WgpuBackend>) -> Device {
    Device::from_backend(backend.clone(), None)
}

fn saxpy(device: &Device, a: f32, x: &[f32], y: &mut [f32], strategy: Strategy) -> Result<Report> {
    let arguments = (Uniform(a), Item::new(x), ItemMut::new(y));
    let call = Call::new(&kernels::SAXPY, arguments, |a: f32, x: &f32, y: &mut f32| *y += a * *x);
    device.run(call.strategy(strategy))
}

fn increment(device: &Device, y: &mut [u8], strategy: Strategy) -> Result<Report> {
    let call = Call::new(&kernels::INCREMENT, (ItemMut::new(y),), |y: &mut u8| *y = y.wrapping_add(1));
    device.run(call.strategy(strategy))
}
