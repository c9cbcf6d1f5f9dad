//! Ready-made kernels for landbridge. They run on every device, as the user's own do: `device.run(axpy(2.0, &x, &mut y))`.
//!
//! Each is generic over the element types that it makes sense for.
#![deny(unsafe_code)]

extern crate landbridge_core as landbridge;

pub mod bodies;
pub mod finance;
pub mod gather;
pub mod histogram;
mod host;
pub mod linked;
pub mod matrix;
mod methods;
pub mod operator;
pub mod random;
pub mod reduce;
pub mod region;
pub mod scan;
pub mod select;
pub mod sort;
pub mod sparse;
pub mod stencil;
pub mod vector;

pub use methods::{Primitives, ScopePrimitives};
