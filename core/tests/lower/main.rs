//! Trees as the macros emit them, lowered, verified and interpreted, beside what the same Rust code gives.

mod support;

mod control;
mod data;
mod errors;
mod generated;
mod methods;
mod numbers;
