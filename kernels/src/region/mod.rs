//! The walks of [`linked`](crate::linked) over structures in a [`Region`](landbridge::Region).
//!
//! The kernels take the region and where to begin, and follow handles of 32 bits: `region[p]` instead of `&**p`. A region
//! goes to a device whole and as it is, so there is nothing to rebuild for a launch. Each use of a handle is checked: one
//! that leads nowhere is a panic of the launch.

pub mod bvh;
pub mod hash;
pub mod list;
pub mod map;
pub mod octree;
pub mod rank;
pub mod space;
