//! Devices for the unit tests of this module.

use std::sync::Arc;

use super::adapters::{self, Adapter};
use super::device::Gpu;

/// The first adapter, or a printed skip; a failure where `LANDBRIDGE_REQUIRE_WGPU=1` promises one.
pub(crate) fn adapter() -> Option<&'static Adapter> {
    let found = adapters::adapters().first();
    if found.is_none() {
        skipped(adapters::INSTALL_HINT);
    }
    found
}

/// Says why a test did not run.
pub(crate) fn skipped(why: &str) {
    let required = std::env::var_os("LANDBRIDGE_REQUIRE_WGPU").is_some_and(|v| v == "1");
    assert!(!required, "LANDBRIDGE_REQUIRE_WGPU=1, but: {why}");
    println!("skipped: {why}");
}

/// A freshly opened device of its own.
pub(crate) fn gpu() -> Option<Arc<Gpu>> {
    Some(Gpu::open(adapter()?).expect("the adapter opens"))
}
