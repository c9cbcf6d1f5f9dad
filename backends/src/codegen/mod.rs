//! Code generators: a verified [`landbridge_core::ir::Module`] in, text out. Pure: no driver, no clock, no environment;
//! the same module and target give the same bytes.

pub mod ptx;
pub mod wgsl;
