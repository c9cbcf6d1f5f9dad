//! One suite for every device: the host, memory nodes, the reference interpreter, each adapter of wgpu, and the first CUDA card.
//!
//! Each case is a function from a device to an answer; what it answers on a device has to be what the user's functions
//! answer when rustc compiles them and a plain loop calls them. Integers agree bit for bit, and floats where the language
//! promises it; elsewhere within a stated bound.
//!
//! Without an adapter the wgpu half prints `skipped:` and why; with `LANDBRIDGE_REQUIRE_WGPU=1` that is a failure.
//! Without a card the cuda half does the same (`LANDBRIDGE_REQUIRE_CUDA=1`); `LANDBRIDGE_LIBCUDA=/path/to/libfake_cuda.so` gives it one that
//! is no GPU (backends/fake-cuda).
//! `LANDBRIDGE_TEST_ADAPTER=part of a name` takes one adapter of several.
#![deny(unsafe_code)]
#![allow(
    clippy::manual_swap,
    clippy::manual_is_multiple_of,
    clippy::never_loop,
    clippy::needless_late_init,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::needless_range_loop,
    reason = "the cases write the language in all its forms"
)]

extern crate landbridge_core as landbridge;

#[path = "conformance/mod.rs"]
mod suite;
