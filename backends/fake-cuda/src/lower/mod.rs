//! From statements to a program: names become slots, every instruction is checked against its types and forms.
//!
//! One file a family of instructions. A family gets the instruction's name, modifiers and operands, takes what it knows and
//! refuses the rest.

mod arithmetic;
mod calls;
mod comparison;
mod conversion;
mod function;
mod logic;
mod memory;
mod modifiers;
mod module;
mod moves;
mod operands;
mod synchronisation;

pub(crate) use module::lower;
