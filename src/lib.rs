//! landbridge
#![deny(unsafe_code)]

pub use landbridge_core::*;
