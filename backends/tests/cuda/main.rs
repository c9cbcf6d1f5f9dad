//! What the CUDA backend does beyond answering right (that is the conformance suite's): reports, errors, pieces, mapped and direct memory,
//! scopes. Each test runs in a process of its own, whose driver is the one of backends/fake-cuda, with failures on demand.
#![cfg(all(feature = "cuda", target_os = "linux"))]

extern crate landbridge_core as landbridge;

mod absent;
mod again;
mod beside;
mod errors;
mod launches;
mod memory;
mod migrate;
mod scopes;
mod support;
