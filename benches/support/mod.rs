//! What the benches share: options, interleaved measuring, the table and its JSON file.
//!
//! Benches have `harness = false` and take this module by `#[path = "../support/mod.rs"] mod support;`.

#![allow(dead_code, reason = "each bench uses its part")]

mod measure;
#[cfg(target_os = "linux")]
mod memory;
mod options;
mod report;

#[cfg(target_os = "linux")]
#[allow(unused_imports, reason = "each bench uses its part")]
pub(crate) use memory::{Memory, Pages, peak};
#[allow(unused_imports, reason = "each bench uses its part")]
pub(crate) use {
    measure::{Contestant, Samples, measure},
    options::Options,
    report::{Entry, Report, geometric_mean, results_folder, seconds},
};
