//! Memory nodes: what the machine has ([`topology()`]), and what runs and moves on them. Linux; elsewhere the topology has
//! one node, and there is nothing to move.

#[cfg(target_os = "linux")]
pub mod backend;
#[cfg(target_os = "linux")]
pub mod mover;
#[cfg(target_os = "linux")]
mod pool;
pub mod topology;

pub use topology::{read, topology};
