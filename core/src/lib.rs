//! landbridge-core: kernels as typed IR, launches, and the contracts between calls and devices. No driver, no pool.
#![deny(unsafe_code)]

pub mod ast;
pub mod ir;
pub mod types;
