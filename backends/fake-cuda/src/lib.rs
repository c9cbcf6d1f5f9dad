//! PTX, read and run on the CPU.
#![deny(unsafe_code)]
