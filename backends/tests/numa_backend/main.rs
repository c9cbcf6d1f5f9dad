//! Memory nodes as devices: where kernels run, what errors say, what is listed.
#![cfg(all(feature = "numa", target_os = "linux"))]

extern crate landbridge_core as landbridge;

mod arena;
mod choice;
mod copy;
mod cpus;
mod links;
mod migrate;
mod names;
#[path = "../numa_support/mod.rs"]
mod numa_support;
mod odd_memory;
mod probes;
mod scopes;
