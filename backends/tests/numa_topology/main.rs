//! The topology, read from folders that look like machines, and from the machine itself.
#![cfg(feature = "numa")]

mod machines;
#[path = "../numa_support/mod.rs"]
mod numa_support;
mod odd;
mod planner;
mod this_machine;
mod tree;
