//! One suite of scopes for every device: what launches leave behind is the same whether data stays on a device between them
//! or is used in place, and so is what happens when something goes wrong.
//!
//! Without an adapter the wgpu half prints `skipped:` and why; with `LANDBRIDGE_REQUIRE_WGPU=1` that is a failure.
//! `LANDBRIDGE_TEST_ADAPTER=part of a name` takes one adapter of several.
#![deny(unsafe_code)]

extern crate landbridge_core as landbridge;

#[cfg(feature = "wgpu")]
#[path = "scopes/choosing.rs"]
mod choosing;
#[path = "scopes/devices.rs"]
mod devices;
#[path = "scopes/failures.rs"]
mod failures;
#[cfg(all(feature = "numa", target_os = "linux"))]
#[path = "forced/mod.rs"]
mod forced;
#[path = "scopes/kernels.rs"]
mod kernels;
#[cfg(feature = "wgpu")]
#[path = "scopes/limits.rs"]
mod limits;
#[path = "scopes/linked.rs"]
mod linked;
#[path = "scopes/parts.rs"]
mod parts;
#[path = "scopes/plain.rs"]
mod plain;
#[path = "scopes/regions.rs"]
mod regions;

/// Stamps out one test for each case and kind of device.
macro_rules! scopes {
    ($($family:ident: $($case:ident)*;)*) => {
        mod host {
            $($(#[test] fn $case() { super::devices::on_host(super::$family::$case); })*)*
        }
        #[cfg(all(feature = "numa", target_os = "linux"))]
        mod node {
            $($(#[test] fn $case() { super::devices::on_nodes(stringify!($case), super::$family::$case); })*)*
        }
        #[cfg(feature = "wgpu")]
        mod auto {
            $($(#[test] fn $case() { super::devices::on_auto(stringify!($case), super::$family::$case); })*)*
        }
        #[cfg(feature = "wgpu")]
        mod wgpu {
            $($(#[test] fn $case() { super::devices::on_adapters(stringify!($case), super::$family::$case); })*)*
        }
    };
}

scopes! {
    plain: ping_pong heat_equation reads_see_the_latest reads_of_all_kinds results_need_no_upload collect_and_reduce
        rows_and_atomics closures handles_leaked two_scopes_nested swapped_handles calls_made_ahead nothing_attached
        slices_beside_handles written_slices_beside_handles runs_inside_a_scope indices_beyond_32_bits;
    parts: zero_lengths unaligned_slices parts_of_an_array writes_of_odd_bytes detached_early many_small_arrays
        arrays_that_overlap structs_with_padding;
    failures: closure_returns_an_error closure_panics launch_fails_midway launch_fails_among_many found_by_a_later_launch
        collected_panic launch_on_the_host;
    linked: lists_in_several_launches atomics_of_a_list lists_that_change nodes_in_several_launches;
    regions: regions_are_sent_once regions_are_updated shared_atomics_are_refused;
}
