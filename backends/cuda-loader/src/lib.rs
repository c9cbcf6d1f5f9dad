//! The driver API of CUDA as `cust_raw` declares it, forwarded to `libcuda.so.1`, which is opened on first use. A program that links
//! this crate builds without a toolkit, starts without a driver, and learns from [`probe`] why there is none.
//!
//! What is never undefined behaviour: an answer that `cust_raw`'s `enum` does not know (it becomes 999), a missing function
//! (it answers 500), a missing driver (303, and 3 for all but `cuInit`). [`last_failure`] knows what really happened.
//!
//! Linux only: elsewhere the crate is empty.
#![deny(unsafe_code)]
#![cfg(target_os = "linux")]

mod failure;
mod forward;
mod library;
mod text;

pub use failure::{Failure, NOT_FOUND, NOT_INITIALIZED, SHARED_OBJECT_INIT_FAILED, UNKNOWN, last_failure};
pub use forward::{SYMBOLS, missing};
pub use library::{LoadError, VARIABLE, library, probe};
pub use text::{device_attribute, error_name, error_text};
