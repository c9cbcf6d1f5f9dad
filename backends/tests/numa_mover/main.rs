//! The mover: what it promises on any machine, and, where there is a second memory node, every trap of moving to it.
//! `scripts/vm-test` runs these in a virtual machine that has more nodes.
#![cfg(all(feature = "numa", target_os = "linux"))]

mod edges;
mod remap;
mod support;
mod two_nodes;
