//! The CUDA driver's functions, over an interpreter of PTX.
#![deny(unsafe_code)]
