//! Walks of lists, trees and tables that are made of ordinary boxes.
//!
//! The structures are plain Rust: build them, change them and read them as any other. A kernel follows their links where
//! they are, and on a device with memory of its own in a copy that landbridge makes for the launch.
//! [`region`](crate::region) has the same walks over a region, which moves as it is.

pub mod bvh;
pub mod hash;
pub mod list;
pub mod map;
pub mod octree;
pub mod rank;
pub mod space;
pub(crate) mod vectors3;
