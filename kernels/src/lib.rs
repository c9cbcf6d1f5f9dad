//! Ready-made kernels for landbridge. They run on every device, as the user's own do: `device.run(axpy(2.0, &x, &mut y))`.
//!
//! Each is generic over the element types that it makes sense for.
#![deny(unsafe_code)]

extern crate landbridge_core as landbridge;

pub mod histogram;
pub mod linked;
pub mod matrix;
pub mod region;
pub mod vector;
