//! The CUDA driver's functions over an interpreter of PTX; ../../README.md says what it does and how tests use it.
//!
//! device (what cards there are) -> state (contexts, handles) -> memory, stream, module -> exports (the C functions, by family).
#![deny(unsafe_code)]

mod code;
mod context;
mod device;
mod exports;
mod injection;
mod memory;
mod module;
mod pointer;
mod state;
mod stream;
