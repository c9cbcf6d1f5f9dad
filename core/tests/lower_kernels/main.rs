//! Kernels as users write them, run natively and by the interpreter on what they are lowered to, with the same answers.
#![allow(unsafe_code)]
#![allow(clippy::all, reason = "kernels here are odd on purpose")]

extern crate landbridge_core as landbridge;

mod support;

mod arithmetic;
mod chains;
mod control;
mod corners;
mod enums;
mod front;
mod groups;
mod links;
mod odds;
mod operators;
mod own_macros;
mod panics;
mod random_links;
mod regions;
mod samples;
mod users;
